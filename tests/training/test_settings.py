"""Recipe settings from the command line."""

import pytest

from cryptobench.primitives.learned.training import TrainingError
from cryptobench.training.settings import with_settings
from tests.primitives.learned.tiny import pair_recipe


def test_values_get_the_type_of_the_setting():
    """An integer will do for a number; booleans are true and false; steps come apart."""
    recipe = with_settings(pair_recipe(5), ["variation_weight=2", "width = 12", "norm=true"], 7)
    assert (recipe.variation_weight, recipe.width, recipe.norm, recipe.steps) == (2.0, 12, True, 7)
    assert type(recipe.variation_weight) is float
    assert with_settings(pair_recipe(5), []) == pair_recipe(5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("variation_wieght=1", "did you mean 'variation_weight'"),
        ("zzz=1", "known: steps, encryption_weight"),
        ("width", "wanted name=value"),
        ("width=wide", "wanted a value like 8"),
        ("width=1.5", "wanted a value like 8"),
        ("norm=1", "wanted a value like false"),
        ("steps=9", "use --steps"),
    ],
)
def test_mistakes_are_named(text, said):
    """An unknown name, no value, another type: one line with the text that was given."""
    with pytest.raises(TrainingError, match=said) as raised:
        with_settings(pair_recipe(5), [text])
    assert text in str(raised.value)
