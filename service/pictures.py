"""The pictures of exercises by the names they are served under.

A name is made from what the picture shows: it says nothing about the exercise, and a changed picture has another name.
"""

import hashlib
from functools import cache

from service.figure_loops import loop_svg
from service.figures import Figure, figures, on_paper, svg_of


@cache
def name_of(code: str, side: str | None) -> str | None:
    """What the picture of an exercise is called when this side does it; None for one that has none."""
    figure = figures().get(code)
    return _named(svg_of(figure, mirrored=_is_mirrored(figure, side))) if figure else None


@cache
def loop_of(code: str, side: str | None) -> str | None:
    """The one that moves; None where nothing does."""
    figure = figures().get(code)
    if figure is None or figure.end is None:
        return None
    return _named(loop_svg(figure, mirrored=_is_mirrored(figure, side)))


def _is_mirrored(figure: Figure, side: str | None) -> bool:
    """As it is drawn, where nobody says which side."""
    return figure.works != "both" and side in ("left", "right") and side != figure.works


@cache
def pictures() -> dict[str, str]:
    """Every picture by its name."""
    both = (False, True)
    still = [svg_of(figure, mirrored=mirrored) for figure in figures().values() for mirrored in both]
    moving = [
        loop_svg(one, mirrored=mirrored) for one in figures().values() if one.end is not None for mirrored in both
    ]
    return {_named(svg): svg for svg in [*still, *moving]}


def printed(name: str) -> str:
    """As it goes on paper. KeyError: there is no picture of this name."""
    return on_paper(pictures()[name])


def _named(svg: str) -> str:
    return f"{hashlib.sha256(svg.encode()).hexdigest()[:16]}.svg"
