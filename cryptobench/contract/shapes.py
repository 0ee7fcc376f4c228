"""Whether a cipher takes every ordinary image that its card allows, and which limit the card lacks if not."""

from __future__ import annotations

from collections.abc import Iterator

from cryptobench.blame import users_line
from cryptobench.cipher import NONCE_BYTES, Card, CipherError, UnsupportedImage
from cryptobench.contract.examined import Breach, Examined, Message, fixed_bytes, size, texture

__all__ = ["examine_home", "examine_other_shapes", "home_shapes"]

_SIDES = (32, 64, 128, 256)
_WIDER = 16
_KEYS = 16  # of which one must be taken: a scheme may refuse some
_IF = "in the card if the scheme takes no others"


def examine_home(examined: Examined) -> None:
    """Some ordinary image is encrypted and decrypted; UnsupportedImage if none of those tried is taken."""
    trouble, shapes = "", home_shapes(examined.card)
    for shape in shapes:
        try:
            examined.first = _sent(examined, shape)
        except UnsupportedImage:
            continue
        except (Breach, CipherError) as error:
            trouble = trouble or (str(error) if isinstance(error, Breach) else _line(examined, error, shape))
            if getattr(error.__cause__, "hangs", False):
                break
            continue
        if not trouble:
            return
        channels = shape[2] if len(shape) == 3 else 1
        limit = f"channels=({channels},)" if shape[0] == shapes[0][0] else f"min_side={shape[0]}"
        raise Breach(f"{trouble}; declare {limit} {_IF}")
    if trouble:
        raise Breach(trouble)
    raise UnsupportedImage(f"{examined.card.name}: no image that was tried is taken")


def examine_other_shapes(examined: Examined) -> None:
    """Images of other shapes that the card allows are taken too, or refused by UnsupportedImage."""
    trouble, limits = "", list[str]()
    for limit, shape in _shapes_besides(examined.card, examined.first.image.shape):
        if text := _trouble(examined, shape):
            trouble = trouble or text
            limits.append(limit or f"sides_multiple_of={_multiple(examined)}")
    if trouble:
        raise Breach(f"{trouble}; declare {', '.join(limits)} {_IF}")


def home_shapes(card: Card) -> list[tuple[int, ...]]:
    """Square shapes within the card's limits, the most ordinary first; the later ones are for schemes that take few."""
    channels = (1, 3) if card.channels is None else sorted(card.channels)
    sides = dict.fromkeys(_within(card, side) for side in _SIDES)
    return [(side, side) if count == 1 else (side, side, count) for side in sides for count in channels]


def _within(card: Card, side: int) -> int:
    side = max(side, card.min_side)
    side += -side % card.sides_multiple_of
    return side if card.max_side is None else min(side, card.max_side - card.max_side % card.sides_multiple_of)


def _shapes_besides(card: Card, home: tuple[int, ...]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Other shapes, each with the limit that would rule it out; "" for a multiple that both sides must have."""
    side, channels, step = home[0], home[2:], card.sides_multiple_of
    wider = side + step * -(-_WIDER // step)
    if step == 1 and (card.max_side is None or side < card.max_side):
        yield "", (side + 1, side + 1, *channels)
    if not card.square and (card.max_side is None or wider <= card.max_side):
        yield "square=True", (side, wider, *channels)
    if not channels and (card.channels is None or 3 in card.channels):
        yield "channels=(1,)", (side, side, 3)


def _multiple(examined: Examined) -> int:
    """What sides must be a multiple of, by which others are taken: a power of two."""
    side, *_ = shape = examined.first.image.shape
    multiples = (multiple for multiple in (2, 4, 8) if not _trouble(examined, (side + multiple,) * 2 + shape[2:]))
    return next(multiples, 16)


def _sent(examined: Examined, shape: tuple[int, ...]) -> Message:
    """A message under the first of a few keys that is not refused; CipherError if all are."""
    nonce, refusal = fixed_bytes("nonce", NONCE_BYTES), CipherError()
    for number in range(_KEYS):
        try:
            message = examined.encrypt(texture(shape), fixed_bytes(f"key {number}", examined.card.key_bytes), nonce)
        except UnsupportedImage:
            raise
        except CipherError as error:
            refusal = error
            continue
        examined.decrypt(message)
        return message
    raise refusal


def _trouble(examined: Examined, shape: tuple[int, ...]) -> str:
    """What goes wrong with an image of this shape; empty if nothing does."""
    try:
        examined.decrypt(examined.encrypt(texture(shape), examined.first.key, examined.first.nonce))
    except UnsupportedImage:
        return ""
    except (Breach, CipherError) as error:
        return _line(examined, error, shape)
    return ""


def _line(examined: Examined, error: Breach | CipherError, shape: tuple[int, ...]) -> str:
    if isinstance(error, Breach):
        return f"{error}, for an image of {size(shape)}"
    reason = " ".join(str(error).split())
    return (
        f"{examined.card.name}: encrypt refuses an ordinary image, {size(shape)}: {reason}; raise UnsupportedImage, or "
        f"declare the limit in the card{users_line(error, examined.cipher)}"
    )
