"""A figure drawn once, as PDF and as pixels: text is laid out and artists are walked one time, not two."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.backends import backend_pdf
from matplotlib.figure import Figure
from matplotlib.transforms import Affine2D, Bbox, Transform, TransformedPath
from numpy.typing import NDArray
from PIL import Image

from cryptobench.layout.fonts import common_subsets
from cryptobench.layout.png import packed
from cryptobench.layout.texts import Page, Pixels, known_layouts

__all__ = ["as_pdf", "as_pdf_and_pixels"]

_PDF: Any = backend_pdf  # without types
_POINTS = 72  # in an inch, the unit of PDF
_LINE = 75  # characters on a line of a PDF file, at most
_ABOUT = {"Creator": "cryptobench", "CreationDate": None}


def as_pdf(figure: Figure, image_dpi: float) -> bytes:
    """The figure as PDF with embedded fonts; equal figures give equal bytes."""
    return _drawn(figure, image_dpi, None)


def as_pdf_and_pixels(figure: Figure, image_dpi: float, dpi: float) -> tuple[bytes, NDArray[np.uint8]]:
    """The figure as `as_pdf` gives it, and as (H, W, 4) uint8 of ``dpi`` pixels an inch."""
    width, height = (int(round(inches * dpi, 6)) for inches in figure.get_size_inches())
    pixels = Pixels(width, height, dpi)
    pdf = _drawn(figure, image_dpi, pixels)
    return pdf, np.array(pixels.buffer_rgba())


def _drawn(figure: Figure, image_dpi: float, pixels: Any) -> bytes:
    width, height = figure.get_size_inches()
    content = io.BytesIO()
    kept = figure.dpi
    new: Any = _File
    file = new(content, metadata=_ABOUT)
    try:
        figure.dpi = _POINTS
        file.newPage(width, height)
        pdf = Page(file, image_dpi, height, width)
        with mpl.rc_context({"text.hinting": "no_hinting"}), common_subsets(), known_layouts():
            figure.draw(pdf if pixels is None else _Twice(pdf, pixels, figure))
            pdf.finalize()
            file.finalize()
    finally:
        figure.dpi = kept
        file.close()
    return content.getvalue()


class _File(backend_pdf.PdfFile):
    """A PDF file, the same as matplotlib's but for its pictures, which are compressed as `cryptobench.layout.png` does.

    What a page says is compressed at once when it ends, not stroke by stroke.
    """

    currentstream: Any

    def __init__(self, *given: Any, **options: Any) -> None:
        self._pieces: list[bytes] = []
        self._ending = False
        other: Any = super()
        other.__init__(*given, **options)

    def output(self, *data: Any) -> None:
        parts = [_written(one) for one in data]
        line = b" ".join(parts)
        self.write((line if len(line) < _LINE else _PDF._fill(parts)) + b"\n")

    def write(self, data: bytes) -> None:
        if self.currentstream is None:
            self.fh.write(data)
        elif self._ending:  # how long the stream is, behind it
            self.currentstream.write(data)
        else:
            self._pieces.append(data)

    def endStream(self) -> None:
        if self._pieces:
            self.currentstream.write(b"".join(self._pieces))
            self._pieces.clear()
        self._ending = True
        other: Any = super()
        other.endStream()
        self._ending = False

    def _writePng(self, img: Image.Image) -> tuple[bytes, int | None, bytes | None]:
        if img.mode not in ("L", "RGB"):
            other: Any = super()
            given: tuple[bytes, int | None, bytes | None] = other._writePng(img)
            return given
        pixels = np.asarray(img)
        return packed(pixels.reshape(*pixels.shape[:2], -1)), 8, None


def _written(one: Any) -> bytes:
    """A number, a name or an operator as PDF has it; what a page has most of comes first."""
    kind = type(one)
    if kind is float or kind is np.float64:
        if one - one != 0:
            raise ValueError("Can only output finite numbers in PDF")
        return (b"%.10f" % one).rstrip(b"0").rstrip(b".")
    if kind is _PDF.Op:
        operator: bytes = one._value_
        return operator
    if kind is list:
        parts = [b"[", *map(_written, one), b"]"]
        line = b" ".join(parts)
        return line if len(line) < _LINE else bytes(_PDF._fill(parts))
    return bytes(_PDF.pdfRepr(one))


class _Twice(RendererBase):
    """Draws on a PDF page, in points, and the same on a raster. Whatever artists ask, the PDF page answers.

    So letters are placed as in print, and those of the raster are not moved onto whole pixels.
    """

    def __init__(self, pdf: Any, pixels: Any, figure: Figure) -> None:
        super().__init__()
        self._pdf, self._pixels = pdf, pixels
        self._times = pixels.dpi / _POINTS
        self._scale = np.diag([self._times, self._times, 1.0])
        self._pictures: dict[bytes, NDArray[np.uint8]] = {}
        self.width, self.height, self.dpi = pdf.width, pdf.height, figure.dpi

    def draw_path(self, gc: Any, path: Any, transform: Any, rgbFace: Any = None) -> None:
        self._pdf.draw_path(gc, path, transform, rgbFace)
        self._pixels.draw_path(self._context(gc), path, self._scaled(transform), rgbFace)

    def draw_markers(
        self, gc: Any, marker_path: Any, marker_trans: Any, path: Any, trans: Any, rgbFace: Any = None
    ) -> None:  # fmt: skip
        self._pdf.draw_markers(gc, marker_path, marker_trans, path, trans, rgbFace)
        self._pixels.draw_markers(
            self._context(gc), marker_path, self._scaled(marker_trans), path, self._scaled(trans), rgbFace
        )

    def draw_path_collection(
        self, gc: Any, master_transform: Any, paths: Any, all_transforms: Any, offsets: Any, offset_trans: Any,
        *rest: Any, **options: Any,
    ) -> None:  # fmt: skip
        self._pdf.draw_path_collection(
            gc, master_transform, paths, all_transforms, offsets, offset_trans, *rest, **options
        )
        self._pixels.draw_path_collection(
            self._context(gc), self._scaled(master_transform), paths, all_transforms, offsets,
            self._scaled(offset_trans), *rest, **options,
        )  # fmt: skip

    def draw_quad_mesh(self, gc: Any, master_transform: Any, *rest: Any, **options: Any) -> None:
        self._pdf.draw_quad_mesh(gc, master_transform, *rest, **options)
        self._pixels.draw_quad_mesh(self._context(gc), self._scaled(master_transform), *rest, **options)

    def draw_image(self, gc: Any, x: float, y: float, im: Any, transform: Any = None) -> None:
        key = hashlib.sha256(repr(im.shape).encode() + im.tobytes()).digest()
        im = self._pictures.setdefault(key, im)  # one that is shown again is kept once in the file
        self._pdf.draw_image(gc, x, y, im, transform)
        if transform is None:
            size = _POINTS / self._pdf.image_dpi
            transform = Affine2D().scale(im.shape[1] * size, im.shape[0] * size)
        placed = Affine2D(self._scale @ Affine2D().translate(x, y).get_matrix() @ transform.get_matrix())
        sampled = _sampled(im, placed)
        if sampled is not None:
            shown, left, bottom = sampled
            self._pixels.draw_image(self._context(gc), left, bottom, shown)

    def draw_text(
        self, gc: Any, x: float, y: float, s: str, prop: Any, angle: float, ismath: Any = False, mtext: Any = None
    ) -> None:
        self._pdf.draw_text(gc, x, y, s, prop, angle, ismath=ismath, mtext=mtext)
        height = self._pixels.height - y * self._times
        plain = mtext is None or not (mtext.get_fontfeatures() or mtext.get_language())
        self._pixels.draw_text(
            self._context(gc), x * self._times, height, s, prop, angle, ismath=ismath, mtext=mtext,
            font=self._pdf._get_font_ttf(prop) if plain else None,
        )  # fmt: skip

    def get_text_width_height_descent(self, s: str, prop: Any, ismath: Any) -> tuple[float, float, float]:
        found: tuple[float, float, float] = self._pdf.get_text_width_height_descent(s, prop, ismath)
        return found

    def _get_font_height_metrics(self, prop: Any) -> tuple[float | None, float | None, float | None]:
        found: tuple[float | None, float | None, float | None] = self._pdf._get_font_height_metrics(prop)
        return found

    def get_canvas_width_height(self) -> tuple[float, float]:
        return float(self._pdf.width * _POINTS), float(self._pdf.height * _POINTS)

    def new_gc(self) -> GraphicsContextBase:
        context: GraphicsContextBase = self._pdf.new_gc()
        return context

    def points_to_pixels(self, points: Any) -> Any:
        return points

    def flipy(self) -> bool:
        return False

    def option_scale_image(self) -> bool:
        return True

    def option_image_nocomposite(self) -> bool:
        return bool(self._pdf.option_image_nocomposite())

    def get_image_magnification(self) -> float:
        return float(self._pdf.get_image_magnification())

    def _scaled(self, transform: Transform) -> Affine2D:
        return Affine2D(self._scale @ transform.get_matrix())

    def _context(self, gc: Any) -> GraphicsContextBase:
        """The same state on the raster."""
        context: GraphicsContextBase = self._pixels.new_gc()
        context.copy_properties(gc)
        box = gc.get_clip_rectangle()
        if box is not None:
            context.set_clip_rectangle(Bbox(box.get_points() * self._times))
        path, affine = gc.get_clip_path()
        if path is not None:
            context.set_clip_path(TransformedPath(path, self._scaled(affine)))
        return context


def _sampled(image: NDArray[np.uint8], placed: Affine2D) -> tuple[NDArray[np.uint8], float, float] | None:
    """An (H, W, 4) picture, row 0 at the bottom, of which ``placed`` takes the unit square to an upright rectangle of
    pixels: each pixel gets the sample under its middle. With it, where its lower left corner lies; None for no pixel.
    """
    matrix = placed.get_matrix()
    x0, x1 = (int(np.floor(edge + 0.5 + 1e-8)) for edge in sorted((matrix[0, 2], matrix[0, 0] + matrix[0, 2])))
    y0, y1 = (int(np.ceil(edge - 0.5 - 1e-8)) for edge in sorted((matrix[1, 2], matrix[1, 1] + matrix[1, 2])))
    if x1 <= x0 or y1 <= y0:
        return None
    height, width = image.shape[:2]
    columns = (np.arange(x0, x1) + 0.5 - matrix[0, 2]) / matrix[0, 0] * width
    rows = (np.arange(y0, y1) + 0.5 - matrix[1, 2]) / matrix[1, 1] * height
    words = np.ascontiguousarray(image).view(np.uint32)[..., 0]
    kept = words[_inside(rows, height)[:, None], _inside(columns, width)]
    return kept[..., None].view(np.uint8), float(x0), float(y0)


def _inside(places: NDArray[np.float64], length: int) -> NDArray[np.intp]:
    """The samples at these places; on the border of two, where the last digit would decide, the later one."""
    return np.clip(np.floor(places + 1e-6).astype(np.intp), 0, length - 1)
