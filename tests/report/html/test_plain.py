"""Values as JSON, and JSON inside a page."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest

from cryptobench.report.html.plain import json_text, plain, safe
from tests.report.html_run import HOSTILE


def test_values_without_a_json_form_are_marked() -> None:
    """NaN is a gap, infinities are words, NumPy's numbers are numbers."""
    values = (float("nan"), None, math.inf, -math.inf, np.float64(0.1), np.int64(3), pd.NaT)
    assert [plain(value) for value in values] == [None, None, "Infinity", "-Infinity", 0.1, 3, None]
    with pytest.raises(ValueError, match="JSON compliant"):
        json_text(math.nan)


def test_escaped_json_holds_no_markup() -> None:
    """Nothing in escaped JSON opens or closes an element, and it reads back the same."""
    text = safe(json_text({"a": HOSTILE}))
    assert not set("<>&") & set(text)
    assert json.loads(text) == {"a": HOSTILE}
