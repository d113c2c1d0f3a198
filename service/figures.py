"""Exercises as line figures: a body of straight parts, drawn at its start and at its end.

Poses are data (`figures.json`, by the code of the exercise): where the hip is and which way each part points. Lengths
are units of which a standing person has about a hundred; x grows to the right and y upwards from the floor, which is
at 0. Angles are degrees, 0 points to the right and 90 up. A point is a complex number.
"""

import cmath
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

Bend = Literal[-1, 1]
"""Which way a knee or an elbow points, seen from the joint above it: 1 to the left of the line, -1 to the right."""

# Parts of a grown-up's height, rounded: trunk and thigh are a little under and over a quarter of it.
TRUNK, NECK, HEAD = 30.0, 10.5, 6.3
UPPER_ARM, FOREARM = 15.0, 15.0
THIGH, SHIN, FOOT = 25.0, 24.0, 8.0
HALF_HIPS, HALF_SHOULDERS = 5.5, 8.0
MARGIN = 5.0
GAP = 10.0
LEAST_WIDTH = 44.0
PRESS = 13.0
SHOWN_WAY = 3.0
"""A joint that moves less than this has no arrow."""


class Reach(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A leg or an arm that ends at a point, or at a joint that is named."""

    at: tuple[float, float] | str
    bend: Bend = 1
    foot: float = 0.0


Limb = list[float] | Reach
"""The angles of its parts from the body outwards, or where it ends."""


class Prop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something beside the body. `ends`: joints or points, as many as the kind has."""

    kind: Literal["line", "block", "band", "strap", "stick", "pillow", "weight", "press"]
    ends: list[tuple[float, float] | str]
    angle: float = 0.0


class Pose(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`near` is the side towards the one who looks. `tilt`: degrees by which the hips lean, in a front view."""

    hip: tuple[float, float]
    trunk: float = 90.0
    head: float | None = None
    tilt: float = 0.0
    near_leg: Limb
    far_leg: Limb
    near_arm: Limb
    far_arm: Limb


class Figure(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`works`: which side is at work as it is drawn; mirrored, it is the other. A hold has one pose. `moves`: the joint
    that the arrow follows, where it is not the one that goes farthest. From above, as from the front, but no floor."""

    view: Literal["side", "front", "above"] = "side"
    moves: str | None = None
    works: Literal["left", "right", "both"] = "both"
    start: Pose
    end: dict[str, Any] | None = None
    props: list[Prop] = []

    @property
    def poses(self) -> list[Pose]:
        """The second one is written down as what differs from the first."""
        if self.end is None:
            return [self.start]
        return [self.start, msgspec.convert(msgspec.to_builtins(self.start) | self.end, Pose)]


Joints = Mapping[str, complex]


def turned(length: float, degrees: float) -> complex:
    return cmath.rect(length, math.radians(degrees))


def joints_of(pose: Pose, view: str) -> dict[str, complex]:
    """Every joint by its name: `knee_near`. In a side view both hips are one point, and both shoulders."""
    hip = complex(*pose.hip)
    shoulder = hip + turned(TRUNK, pose.trunk)
    wide = view != "side"
    across = turned(1, pose.trunk - 90)
    hips, shoulders = (across * HALF_HIPS, across * HALF_SHOULDERS) if wide else (0, 0)
    lean = turned(1, pose.tilt)
    found = {
        "hip": hip,
        "shoulder": shoulder,
        "head": shoulder + turned(NECK, pose.trunk if pose.head is None else pose.head),
        # Along the spine, behind it.
        "back_low": hip + turned(7, pose.trunk + 90),
        "back_high": shoulder + turned(NECK + HEAD, pose.trunk) + turned(7, pose.trunk + 90),
        "hip_near": hip + hips * lean,
        "hip_far": hip - hips * lean,
        "shoulder_near": shoulder + shoulders,
        "shoulder_far": shoulder - shoulders,
    }
    for side, leg in (("near", pose.near_leg), ("far", pose.far_leg)):
        _add_limb(found, leg, f"hip_{side}", (f"knee_{side}", f"ankle_{side}"), (THIGH, SHIN))
        foot = leg.foot if isinstance(leg, Reach) else leg[2]
        found[f"toe_{side}"] = found[f"ankle_{side}"] + turned(FOOT, foot)
    # Arms last: a hand may hold a leg.
    for side, arm in (("near", pose.near_arm), ("far", pose.far_arm)):
        _add_limb(found, arm, f"shoulder_{side}", (f"elbow_{side}", f"hand_{side}"), (UPPER_ARM, FOREARM))
    return found


def _add_limb(
    found: dict[str, complex], limb: Limb, root: str, names: tuple[str, str], lengths: tuple[float, float]
) -> None:
    start = found[root]
    if isinstance(limb, Reach):
        middle, end = _reached(start, _point(limb.at, found), lengths, limb.bend)
    else:
        middle = start + turned(lengths[0], limb[0])
        end = middle + turned(lengths[1], limb[1])
    found[names[0]], found[names[1]] = middle, end


def _point(where: tuple[float, float] | str, joints: Joints) -> complex:
    return joints[where] if isinstance(where, str) else complex(*where)


def _reached(start: complex, goal: complex, lengths: tuple[float, float], bend: int) -> tuple[complex, complex]:
    """The joint between and the end; an end too far away is as near as the limb goes (law of cosines)."""
    upper, lower = lengths
    away = goal - start
    distance = min(max(abs(away), abs(upper - lower) + 0.01), upper + lower - 0.01)
    cosine = (upper**2 + distance**2 - lower**2) / (2 * upper * distance)
    along = cmath.phase(away) + bend * math.acos(min(max(cosine, -1), 1))
    middle = start + cmath.rect(upper, along)
    return middle, start + cmath.rect(distance, cmath.phase(away))


_MOVED: Final = ("knee_near", "ankle_near", "knee_far", "ankle_far", "hip", "hand_near", "hand_far", "head")


def _way(start: Joints, end: Joints, joint: str | None) -> tuple[complex, complex] | None:
    """From where to where the joint goes that is named, or moves most; None when nothing moves far."""
    moved = joint or max(_MOVED, key=lambda name: abs(end[name] - start[name]))
    return (start[moved], end[moved]) if abs(end[moved] - start[moved]) >= SHOWN_WAY else None


_BY_DAY: Final = {"n": "#17525f", "f": "#97b8bd", "p": "#dccbb0", "b": "#b4530a"}
STYLE: Final = (
    "svg{" + ";".join(f"--{tone}:{colour}" for tone, colour in _BY_DAY.items()) + "}"
    "@media(prefers-color-scheme:dark){svg{--n:#9bd5dc;--f:#4b7178;--p:#5d5344;--b:#f0a35e}}"
    "polyline{fill:none;stroke-linecap:round;stroke-linejoin:round}"
    + "".join(f"polyline.{tone}{{stroke:var(--{tone})}}.{tone}:not(polyline){{fill:var(--{tone})}}" for tone in "nfpb")
)


def svg_of(figure: Figure, *, mirrored: bool = False) -> str:
    """A picture of its own: the start, and beside it the end with an arrow for what moves. Mirrored, it faces the
    other way, and works the other side."""
    poses = [joints_of(pose, figure.view) for pose in figure.poses]
    left, right, top = box_of(poses, figure.props)
    width, height = right - left, top + 2 * MARGIN
    turn = turn_of(left, right, top, mirrored=mirrored)
    panels = []
    for number, joints in enumerate(poses):
        way = _way(poses[0], joints, figure.moves) if number else None
        parts = "".join(panel_of(figure, joints, way, left, right))
        panels.append(f'<g transform="translate({num(number * (width + GAP))} 0) {turn}">{parts}</g>')
    whole = len(poses) * (width + GAP) - GAP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {num(whole)} {num(height)}" '
        f'width="{num(whole * 2)}" height="{num(height * 2)}"><style>{STYLE}</style>{"".join(panels)}</svg>'
    )


def on_paper(svg: str) -> str:
    """The same without a style sheet, which what prints it does not read."""
    drawn = re.sub(r"<style>.*?</style>", "", svg)
    for tone, colour in _BY_DAY.items():
        line = f'fill="none" stroke-linecap="round" stroke-linejoin="round" stroke="{colour}"'
        drawn = drawn.replace(f'<polyline class="{tone}"', f"<polyline {line}")
        drawn = drawn.replace(f'class="{tone}"', f'fill="{colour}"')
    return drawn


def turn_of(left: float, right: float, top: float, *, mirrored: bool) -> str:
    """Puts a body whose floor is at 0 and which grows upwards into a picture."""
    return f"translate({num(right if mirrored else -left)} {num(top + MARGIN)}) scale({-1 if mirrored else 1} -1)"


def box_of(poses: Sequence[Joints], props: Sequence[Prop]) -> tuple[float, float, float]:
    """Left, right and top of all that is drawn in any pose."""
    points = [point for joints in poses for name, point in joints.items() if not name.startswith("back_")]
    points += [_point(end, poses[0]) for prop in props for end in prop.ends]
    points += [_point(prop.ends[0], poses[0]) + turned(PRESS, prop.angle) for prop in props if prop.kind == "press"]
    left, right = min(p.real for p in points) - HEAD - MARGIN, max(p.real for p in points) + HEAD + MARGIN
    spare = max(LEAST_WIDTH - (right - left), 0) / 2
    return left - spare, right + spare, max(p.imag for p in points) + HEAD


def panel_of(
    figure: Figure, joints: Joints, way: tuple[complex, complex] | None, left: float, right: float
) -> Iterator[str]:
    if figure.view != "above":
        yield _line("p", 1.6, [complex(left + 2, -1.5), complex(right - 2, -1.5)])
    behind = [prop for prop in figure.props if prop.kind in ("block", "pillow", "line")]
    for prop in behind:
        yield _prop(prop, joints)
    yield from _limbs("f", "far", joints)
    # A body seen from the front has its breadth.
    if figure.view != "side":
        corners = [joints[name] for name in ("hip_near", "hip_far", "shoulder_far", "shoulder_near")]
        yield _line("n", 6, [*corners, corners[0]])
    yield _line("n", 10, [joints["hip"], joints["shoulder"]])
    yield _line("n", 5, [joints["shoulder"], joints["head"]])
    head = joints["head"]
    yield f'<circle class="n" cx="{num(head.real)}" cy="{num(head.imag)}" r="{HEAD}"/>'
    yield from _limbs("n", "near", joints)
    for prop in figure.props:
        if prop not in behind:
            yield _prop(prop, joints)
    if way is not None:
        yield _arrow(*way)


def _limbs(tone: str, side: str, joints: Joints) -> Iterator[str]:
    yield _line(tone, 7, [joints[f"{name}_{side}"] for name in ("hip", "knee", "ankle")])
    yield _line(tone, 5, [joints[f"{name}_{side}"] for name in ("ankle", "toe")])
    yield _line(tone, 4.5, [joints[f"{name}_{side}"] for name in ("shoulder", "elbow", "hand")])


def _prop(prop: Prop, joints: Joints) -> str:
    points = [_point(end, joints) for end in prop.ends]
    match prop.kind:
        case "line":
            return _line("p", 3, points)
        case "block":
            one, other = points
            x, y = min(one.real, other.real), min(one.imag, other.imag)
            wide, high = abs(one.real - other.real), abs(one.imag - other.imag)
            return f'<rect class="p" x="{num(x)}" y="{num(y)}" width="{num(wide)}" height="{num(high)}" rx="1.5"/>'
        case "pillow":
            return _line("p", 9, points)
        case "band" | "strap":
            return _line("b", 2.2, points)
        case "stick":
            return _line("b", 1.8, points)
        case "weight":
            (at,) = points
            return f'<circle class="b" cx="{num(at.real)}" cy="{num(at.imag)}" r="4"/>'
        case "press":
            (at,) = points
            return _arrow(at + turned(3, prop.angle), at + turned(PRESS, prop.angle))


def _arrow(start: complex, end: complex) -> str:
    back = cmath.phase(start - end)
    barbs = [end + cmath.rect(4.5, back + turn) for turn in (0.55, -0.55)]
    return _line("b", 1.6, [start, end]) + _line("b", 1.6, [barbs[0], end, barbs[1]])


def _line(tone: str, thick: float, points: Iterable[complex]) -> str:
    listed = " ".join(f"{num(point.real)},{num(point.imag)}" for point in points)
    return f'<polyline class="{tone}" stroke-width="{thick}" points="{listed}"/>'


def num(value: float) -> str:
    """A tenth of a unit is less than anybody sees."""
    return f"{round(value, 1):g}"


@cache
def figures() -> dict[str, Figure]:
    """By the code of the exercise."""
    raw = Path(__file__).with_suffix(".json").read_bytes()
    return msgspec.json.decode(raw, type=dict[str, Figure])
