"""How a picture file stores its samples, and what of them reading it as 8-bit grey or RGB would lose or change."""

from __future__ import annotations

import json
import re
import shlex
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptobench.images.errors import ImageError

if TYPE_CHECKING:
    from PIL import Image as Pillow

__all__ = ["compression_with_loss", "require_eight_bits", "require_no_dicom", "require_plain_tiff", "tiff_tags"]

# TIFF tags by their numbers in the TIFF 6.0 specification (Adobe 1992) and, from 32997 on, by SGI.
_SUBFILE, _BITS, _COMPRESSION, _PHOTOMETRIC, _SAMPLES, _PLANES, _EXTRA, _FORMAT, _DEPTH = (
    254, 258, 259, 262, 277, 284, 338, 339, 32997,
)  # fmt: skip
_COLOUR_SAMPLES = {0: 1, 1: 1, 2: 3, 3: 1, 4: 1, 5: 4, 6: 3, 8: 3}  # by PhotometricInterpretation
_PALETTE = 256  # colours
_ALPHA = (1, 2)  # ExtraSamples: associated and unassociated
_UNSIGNED, _SIGNED, _FLOAT, _COMPLEX = 1, 2, 3, (5, 6)  # SampleFormat
_LOSSY_TIFF = {6: "JPEG", 7: "JPEG", 34892: "JPEG", 50001: "WebP"}  # Compression
_OWN_RANGE = "(a - a.min()) / max(np.ptp(a), 1e-300) * 255"


def require_no_dicom(path: Path) -> None:
    """`ImageError` with the line that converts it if ``path`` is a DICOM file, with its preamble or without."""
    with path.open("rb") as file:
        start = file.read(132)
    whole, bare = start[128:] == b"DICM", start[:2] in (b"\2\0", b"\10\0") and re.fullmatch(b"[A-Z]{2}", start[4:6])
    if whole or bare or path.suffix.lower() in (".dcm", ".dicom"):
        read = f"pydicom.dcmread({_text(path)}{'' if whole else ', force=True'})"
        line = _line(path, "np, pydicom", f"{read}.pixel_array.astype(float)", _OWN_RANGE)
        raise ImageError(
            f"{path} is a DICOM file, wanted 8 bits a sample; convert it to 8 bits first, this line makes its smallest "
            f"value 0 and its largest 255 (pip install pydicom): {line}"
        )


def tiff_tags(path: Path) -> Mapping[int, tuple[Any, ...]]:
    """The values of those tags of a TIFF's first picture that say how samples are stored; none for any other file."""
    from PIL.TiffImagePlugin import PREFIXES, ImageFileDirectory_v2

    with warnings.catch_warnings(), path.open("rb") as file:
        header = file.read(8)
        if header[:4] not in PREFIXES:
            return {}
        try:
            warnings.simplefilter("ignore")
            header += file.read(8) if 43 in header[2:4] else b""  # BigTIFF
            directory = ImageFileDirectory_v2(header)
            file.seek(directory.next)
            directory.load(file)
            known = (_SUBFILE, _BITS, _COMPRESSION, _PHOTOMETRIC, _SAMPLES, _PLANES, _EXTRA, _FORMAT, _DEPTH)
            values = {tag: directory[tag] for tag in known if tag in directory}
        except Exception:  # a damaged file: decoding it says what is wrong
            return {}
    return {tag: value if isinstance(value, tuple) else (value,) for tag, value in values.items()}


def require_plain_tiff(path: Path) -> None:
    """`ImageError`, naming the tag, if ``path`` is a TIFF of which decoders drop or reinterpret samples without a word.

    Grey and RGB of unsigned samples are plain, with or without an alpha channel (ExtraSamples 1 or 2, or, for a fourth
    sample of RGB, none). Depths of more than 8 bits are left to `require_eight_bits` where Pillow can open the file.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if start == b"MM\0+":  # Pillow knows the header, and cannot read what follows
        kept = f"a = tifffile.imread({_text(path)}); tifffile.imwrite({_text(_beside(path, 'little', '.tif'))}, a, "
        line = _program(f'import tifffile; {kept}photometric="rgb" if a.ndim == 3 else "minisblack")')
        raise ImageError(f"{path} is a big-endian BigTIFF, wanted another TIFF; this line saves it as one: {line}")
    tags = tiff_tags(path)
    if not tags:
        return
    formats, samples = set(tags.get(_FORMAT, (_UNSIGNED,))), int(tags.get(_SAMPLES, (1,))[0])
    extra, colours = tags.get(_EXTRA, ()), _COLOUR_SAMPLES.get(int(tags.get(_PHOTOMETRIC, (1,))[0]), samples)
    deep = max(tags.get(_BITS, (1,))) > 8
    array = f"tifffile.imread({_text(path)})"
    if tags.get(_PLANES) == (2,) and samples > 1:
        array = f"np.moveaxis({array}, 0, -1)"
    if tags.get(_SUBFILE, (0,))[0] & 1:
        raise ImageError(
            f"{path} begins with a reduced picture (TIFF tag NewSubfileType {tags[_SUBFILE][0]}), as camera raw files "
            "do; wanted the picture itself: develop it and save it as 8-bit RGB"
        )
    if tags.get(_DEPTH, (1,))[0] > 1:
        raise ImageError(
            f"{path} holds a volume of {tags[_DEPTH][0]} slices (TIFF tag ImageDepth), wanted one picture; "
            "save one of them on its own"
        )
    alpha = samples == colours + 1 and (extra[0] in _ALPHA if extra else samples == 4)
    if samples > colours and not alpha:
        kept, photometric = ("[..., :3]", "rgb") if samples > 2 else ("[..., 0]", "minisblack")
        given = f"ExtraSamples {' '.join(map(str, extra))}" if extra else "no ExtraSamples"
        line = _program(
            f"import numpy as np, tifffile; tifffile.imwrite({_text(_beside(path, photometric, '.tif'))}, "
            f'{array}{kept}, photometric="{photometric}")'
        )
        what = "the first three, as RGB" if samples > 2 else "the first, as grey"
        raise ImageError(
            f"{path} holds {samples} samples a pixel, of which {colours} are its colour (TIFF tags SamplesPerPixel "
            f"{samples}, {given}), wanted grey, RGB or RGBA; this line keeps {what}: {line}"
        )
    if formats & set(_COMPLEX):
        raise ImageError(
            f"{path} holds complex numbers (TIFF tag SampleFormat {max(formats)}), wanted 8-bit grey or RGB; "
            "save its absolute values as such"
        )
    if formats == {_SIGNED} and not deep:
        line = _line(path, "np, tifffile", f"{array}.astype(float)", "a + 128")
        raise ImageError(
            f"{path} holds signed samples (TIFF tag SampleFormat 2), wanted unsigned ones; this line maps -128 to 127 "
            f"to 0 to 255: {line}"
        )
    if formats != {_UNSIGNED} and (deep or len(formats) > 1) and not _opens(path):
        line = _line(path, "np, tifffile", f"{array}.astype(float)", _OWN_RANGE)
        raise ImageError(
            f"{path} has {max(tags[_BITS])} bits a sample (TIFF tag SampleFormat {max(formats)}), wanted 8; convert it "
            f"to 8 bits first, this line makes its smallest value 0 and its largest 255: {line}"
        )


def require_eight_bits(picture: Pillow.Image, path: Path) -> None:
    """`ImageError` with the line that converts it if an opened, not yet decoded picture has more than 8 bits a sample.

    Pillow reduces 16-bit RGB to 8 bits without a word, so the stored depth is looked up before decoding.
    """
    raw = list(_flattened(getattr(picture, "tile", [])))
    tags: Any = getattr(picture, "tag_v2", {})
    bits = max(tags.get(_BITS, (1,)))
    deep = (
        picture.mode.startswith(("I", "F"))
        or any(isinstance(item, str) and ";16" in item and not item.startswith("BGR;16") for item in raw)
        or (picture.format == "PPM" and any(isinstance(item, int) and item > 255 for item in raw))
        or bits > 8
    )
    if not deep:
        return
    bits = bits if bits > 8 else 16
    opened = f"Image.open({_text(path)})"
    if not picture.mode.startswith(("I", "F")):  # Pillow reduces it while it decodes
        grey = '.convert("LA")' if "LA;16B" in raw else ""
        done = _program(f"from PIL import Image; {opened}{grey}.save({_text(_beside(path, '8bit', '.png'))})")
        says = "keeps the upper 8 of them"
    elif picture.mode == "F" or bits > 16 or tags.get(_FORMAT, (_UNSIGNED,))[0] != _UNSIGNED:
        done = _line(path, "np", f"np.asarray({opened}).astype(float)", _OWN_RANGE)
        says = "makes its smallest value 0 and its largest 255"
    else:
        done = _line(path, "np", f"np.asarray({opened})", f"a / {2**bits - 1} * 255")
        says = f"maps 0 to {2**bits - 1} to 0 to 255"
    raise ImageError(f"{path} has {bits} bits a sample, wanted 8; convert it to 8 bits first, this line {says}: {done}")


def compression_with_loss(path: Path) -> str:
    """What a picture file lost when it was saved ("JPEG", "WebP", "256-colour"), by its content; "" if nothing.

    Of a full palette of colours nobody knows whether there were more before; no ciphertext of that size has so few.
    """
    with path.open("rb") as file:
        start = file.read(12)
        if start[:3] == b"\xff\xd8\xff":
            return "JPEG"
        if start[:4] == b"RIFF" and start[8:] == b"WEBP":
            return "WebP" if "VP8 " in _webp_chunks(file.read()) else ""
    kind = {b"GIF8": "GIF", b"\x89PNG": "PNG"}.get(start[:4])
    if kind and _has_a_full_palette(path, kind):
        return "256-colour"
    return _LOSSY_TIFF.get(int(tiff_tags(path).get(_COMPRESSION, (1,))[0]), "")


def _has_a_full_palette(path: Path, kind: str) -> bool:
    """Whether a picture uses nearly all of 256 colours, which are no greys, on more pixels than that.

    ``kind`` is its format, "GIF" or "PNG": Pillow loads no reader of another one.
    """
    from PIL import Image

    try:
        with Image.open(path, formats=(kind,)) as picture:
            if picture.mode != "P" or picture.width * picture.height <= _PALETTE:
                return False
            colours: list[Any] = picture.convert("RGB").getcolors(_PALETTE) or []
    except Exception:  # reading it says what is wrong
        return False
    return len(colours) > _PALETTE - 32 and any(len(set(colour)) > 1 for _, colour in colours)


def _webp_chunks(data: bytes) -> Iterator[str]:
    """The kinds of the chunks of a WebP file, and of those inside its frames."""
    place = 0
    while place + 8 <= len(data):
        kind, size = data[place : place + 4], int.from_bytes(data[place + 4 : place + 8], "little")
        yield kind.decode("latin-1")
        place += 24 if kind == b"ANMF" else 8 + size + size % 2


def _opens(path: Path) -> bool:
    from PIL import Image, UnidentifiedImageError

    try:
        Image.open(path, formats=("TIFF",)).close()
    except UnidentifiedImageError:
        return False
    return True


def _line(path: Path, modules: str, array: str, scaled: str) -> str:
    """The command that saves an array, scaled to 0 to 255, as a PNG beside the file."""
    imports = modules.replace("np", "numpy as np")
    return _program(
        f"import {imports}; from PIL import Image; a = {array}; "
        f'Image.fromarray(({scaled} + 0.5).astype("uint8")).save({_text(_beside(path, "8bit", ".png"))})'
    )


def _program(text: str) -> str:
    return f"python -c {shlex.quote(text)}"


def _beside(path: Path, mark: str, suffix: str) -> Path:
    return path.with_name(f"{path.stem}-{mark}{suffix}")


def _text(path: Path) -> str:
    return json.dumps(str(path), ensure_ascii=False)


def _flattened(tiles: list[Any]) -> Iterator[Any]:
    for tile in tiles:
        arguments = tile[3]
        yield from arguments if isinstance(arguments, tuple | list) else (arguments,)
