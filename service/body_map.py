"""The drawing of where it hurts, from the waist to the knee: on a phone of 360 pixels every place takes a finger."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

WIDTH, HEIGHT, MIDDLE = 284, 340, 142

Point = tuple[int, int]

# Half of the body; the other half is its mirror. The ends lie beyond the picture, which cuts them off.
_OUTLINE: Sequence[Point] = (
    (142, -20),
    (214, -20),
    (219, 22),
    (236, 62),
    (266, 100),
    (282, 142),
    (282, 190),
    (272, 245),
    (262, 300),
    (258, 380),
    (168, 380),
    (164, 310),
    (156, 246),
    (148, 194),
    (142, 172),
)
_OUTER: dict[str, Sequence[Point]] = {
    "lateral_hip": ((220, 54), (284, 54), (284, 180), (220, 180)),
    "lateral_thigh": ((220, 180), (284, 180), (284, 262), (212, 262)),
    "lateral_knee": ((212, 262), (284, 262), (284, 340), (207, 340)),
}
_FRONT: dict[str, Sequence[Point]] = {
    "groin_pelvic": ((142, 28), (220, 28), (220, 76), (142, 120)),
    "groin_front": ((142, 120), (220, 76), (220, 172), (142, 172)),
    **_OUTER,
    "front_thigh_knee": ((142, 172), (220, 172), (220, 180), (212, 262), (207, 340), (142, 340)),
}
_BACK: dict[str, Sequence[Point]] = {
    "low_back": ((142, 0), (240, 0), (240, 54), (142, 54)),
    "si_upper_buttock": ((142, 54), (220, 54), (220, 110), (142, 110)),
    "deep_buttock": ((142, 110), (220, 110), (220, 160), (142, 160)),
    **_OUTER,
    "sit_bone": ((142, 160), (220, 160), (220, 180), (217, 212), (142, 212)),
    "posterior_thigh": ((142, 212), (217, 212), (212, 262), (207, 340), (142, 340)),
}

ON_THE_MAP = {*_FRONT, *_BACK}
"""What is below the knee is only in the list."""


@dataclass(frozen=True, slots=True)
class Region:
    """`box` is the one of the list that it ticks; `middle` is where its tick is drawn."""

    box: str
    points: Sequence[Point]

    @property
    def path(self) -> str:
        return " ".join(f"{x},{y}" for x, y in self.points)

    @property
    def middle(self) -> Point:
        across, down = zip(*self.points, strict=True)
        # Of what is left of the outer regions inside the body.
        inside = [min(max(x, WIDTH - 266), 266) for x in across]
        return (min(inside) + max(inside)) // 2, (min(down) + max(down)) // 2


@dataclass(frozen=True, slots=True)
class Figure:
    """Seen from the front the person's right is at the left of the picture."""

    view: Literal["front", "back"]
    regions: Sequence[Region]

    @property
    def left_first(self) -> bool:
        return self.view == "back"


@cache
def outline() -> str:
    """A smooth path through the middles of the lines between the points."""
    whole = [*_OUTLINE, *_mirrored(reversed(_OUTLINE[:-1]))]
    ends = [((x + u) / 2, (y + v) / 2) for (x, y), (u, v) in zip(whole, [*whole[1:], whole[0]], strict=True)]
    turns = [
        f"Q{x} {y} {u:g} {v:g}" for (x, y), (u, v) in zip([*whole[1:], whole[0]], [*ends[1:], ends[0]], strict=True)
    ]
    return f"M{ends[0][0]:g} {ends[0][1]:g}{''.join(turns)}z"


@cache
def figures() -> Sequence[Figure]:
    return Figure("front", _regions(_FRONT, "left")), Figure("back", _regions(_BACK, "right"))


def _regions(half: dict[str, Sequence[Point]], at_the_right: str) -> list[Region]:
    other = "right" if at_the_right == "left" else "left"
    drawn = [Region(f"{at_the_right}:{site}", points) for site, points in half.items()]
    return drawn + [Region(f"{other}:{site}", list(_mirrored(points))) for site, points in half.items()]


def _mirrored(points: Iterable[Point]) -> list[Point]:
    return [(2 * MIDDLE - x, y) for x, y in points]
