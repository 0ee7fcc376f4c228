"""Axes with many ticks, drawn faster than matplotlib's: further ticks are copies of the first, not made anew."""

from __future__ import annotations

import inspect
from typing import Any

from matplotlib import axis as _module
from matplotlib.artist import Artist, allow_rasterization
from matplotlib.axes import Axes
from matplotlib.cbook import CallbackRegistry

__all__ = ["Panel"]

_AXIS: Any = _module  # its types lack what is used here
_PARTS = ("tick1line", "tick2line", "gridline", "label1", "label2")
_RASTERIZED: Any = allow_rasterization
_WANTED = ["self", "numticks"]
_ORIGINALS = [getattr(_AXIS.Axis, name, None) for name in ("get_major_ticks", "get_minor_ticks")]
_FITS = all(one and list(inspect.signature(one).parameters) == _WANTED for one in _ORIGINALS)
_FITS = _FITS and all(hasattr(_AXIS.Axis, name) for name in ("_get_tick", "_update_label_position", "_tick_class"))


class _Tick:
    """What draws a tick: the parts that are visible, in matplotlib's order."""

    def draw(self, renderer: Any) -> None:
        some: Any = self
        if some.get_visible():
            for part in (some.gridline, some.tick1line, some.tick2line, some.label1, some.label2):
                if part._visible:
                    part.draw(renderer)
        some.stale = False


class _XTick(_Tick, _AXIS.XTick):  # type: ignore[misc]
    pass


class _YTick(_Tick, _AXIS.YTick):  # type: ignore[misc]
    pass


class _Axis:
    """An axis that copies its first tick where matplotlib makes each tick from the settings and then copies these."""

    majorTicks: list[Any]
    minorTicks: list[Any]

    def _draw(self, renderer: Any) -> None:
        """As matplotlib draws it, but labels are not measured to place an offset that is empty."""
        some: Any = self
        if not some.get_visible():
            return
        renderer.open_group(_AXIS.__name__, gid=some.get_gid())
        ticks = some._update_ticks()
        offset = some.major.formatter.get_offset()
        boxes = some._get_ticklabel_bboxes(ticks, renderer) if offset else ([], [])
        for tick in ticks:
            tick.draw(renderer)
        some._update_label_position(renderer)
        some.label.draw(renderer)
        some._update_offset_text_position(*boxes)
        some.offsetText.set_text(offset)
        some.offsetText.draw(renderer)
        renderer.close_group(_AXIS.__name__)
        some.stale = False

    draw = _RASTERIZED(_draw)

    def get_major_ticks(self, numticks: int | None = None) -> list[Any]:
        some: Any = self
        return _as_many(self.majorTicks, len(some.get_majorticklocs()) if numticks is None else numticks)

    def get_minor_ticks(self, numticks: int | None = None) -> list[Any]:
        some: Any = self
        return _as_many(self.minorTicks, len(some.get_minorticklocs()) if numticks is None else numticks)

    def _update_label_position(self, renderer: Any) -> None:
        some: Any = self
        if some.label.get_text():  # else all ticks would be measured to place nothing
            other: Any = super()
            other._update_label_position(renderer)


class _XAxis(_Axis, _AXIS.XAxis):  # type: ignore[misc]
    _tick_class = _XTick


class _YAxis(_Axis, _AXIS.YAxis):  # type: ignore[misc]
    _tick_class = _YTick


class Panel(Axes):
    """matplotlib's axes, which look the same; where its ticks are made otherwise than in version 3.11, they are its."""

    def _init_axis(self) -> None:
        other: Any = super()
        other._init_axis()
        if _FITS:
            self.xaxis.__class__, self.yaxis.__class__ = _XAxis, _YAxis


def _as_many(ticks: list[Any], count: int) -> list[Any]:
    ticks += [_copied(ticks[0]) for _ in range(count - len(ticks))]
    return ticks[:count]


def _copied(tick: Any) -> Any:
    """A tick that looks and stands as another one, and shares with it nothing that either changes."""
    copy = _alike(tick)
    for part in _PARTS:
        setattr(copy, part, _alike(getattr(tick, part)))
    return copy


def _alike(artist: Artist) -> Any:
    copy: Any = artist.__class__.__new__(artist.__class__)
    copy.__dict__.update(artist.__dict__)
    copy._callbacks = CallbackRegistry(signals=["pchanged"])
    for name in ("_fontproperties", "_path_effects"):
        own = copy.__dict__.get(name)
        if own is not None:
            setattr(copy, name, own.copy())
    if "_invalidx" in copy.__dict__:  # a line: its points are worked out anew
        copy._invalidx = copy._invalidy = True
        copy._transformed_path = None
    return copy
