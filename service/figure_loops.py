"""The move of an exercise as a gentle loop: the body goes from its start to its end, and back.

The picture moves by itself (SMIL), without script or style of the page. Whoever asks for less motion is not offered it:
that is for the page to see to, for a picture cannot be relied on to know.
"""

import math
import re
from collections.abc import Sequence
from functools import cache

from service.figures import (
    MARGIN,
    STYLE,
    Figure,
    Joints,
    Limb,
    Pose,
    Reach,
    box_of,
    joints_of,
    num,
    panel_of,
    turn_of,
)

STEPS = 6
"""Joints turn: straight ways between two poses that are far apart would shorten the limbs."""
GO_S, STAY_S = 1.8, 0.8
_CHANGES = re.compile(r'(points|cx|cy)="([^"]*)"')
_ENDS = {"near_leg": "ankle_near", "far_leg": "ankle_far", "near_arm": "hand_near", "far_arm": "hand_far"}


def on_the_way(figure: Figure, share: float) -> Pose:
    """Between the start (0) and the end (1)."""
    start, end = figure.poses
    ends = joints_of(start, figure.view), joints_of(end, figure.view)
    x, y = (_mean(one, other, share) for one, other in zip(start.hip, end.hip, strict=True))
    limbs = {
        name: _limb((getattr(start, name), getattr(end, name)), (ends[0][joint], ends[1][joint]), share)
        for name, joint in _ENDS.items()
    }
    return Pose(
        hip=(x, y),
        trunk=_turned(start.trunk, end.trunk, share),
        head=_turned(_head(start), _head(end), share),
        tilt=_turned(start.tilt, end.tilt, share),
        **limbs,
    )


def _limb(limbs: tuple[Limb, Limb], tips: tuple[complex, complex], share: float) -> Limb:
    """Two that are written as angles turn; else its tip goes straight from place to place, and the joint between
    follows."""
    one, other = limbs
    if isinstance(one, list) and isinstance(other, list):
        return [_turned(a, b, share) for a, b in zip(one, other, strict=True)]
    bend = next(limb.bend for limb in (other, one) if isinstance(limb, Reach))
    foot = _turned(_foot(one), _foot(other), share)
    if isinstance(one, Reach) and isinstance(other, Reach) and isinstance(one.at, str) and one.at == other.at:
        return Reach(one.at, bend, foot)
    tip = tips[0] + (tips[1] - tips[0]) * share
    return Reach((tip.real, tip.imag), bend, foot)


def _foot(limb: Limb) -> float:
    if isinstance(limb, Reach):
        return limb.foot
    return limb[2] if len(limb) > 2 else 0.0


def _head(pose: Pose) -> float:
    return pose.trunk if pose.head is None else pose.head


def _mean(start: float, end: float, share: float) -> float:
    return start + (end - start) * share


def _turned(start: float, end: float, share: float) -> float:
    """The shorter way round."""
    return start + ((end - start + 180) % 360 - 180) * share


def loop_svg(figure: Figure, *, mirrored: bool = False) -> str:
    """One body that moves; as wide as one pose of the still picture, or wider where it swings out on its way."""
    shares = [(1 - math.cos(math.pi * step / STEPS)) / 2 for step in range(STEPS + 1)]
    poses = [joints_of(on_the_way(figure, share), figure.view) for share in shares]
    left, right, top = box_of(poses, figure.props)
    width, height = right - left, top + 2 * MARGIN
    turn = turn_of(left, right, top, mirrored=mirrored)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {num(width)} {num(height)}" '
        f'width="{num(width * 2)}" height="{num(height * 2)}"><style>{STYLE}</style>'
        f'<g transform="{turn}">{"".join(_parts(figure, poses, left, right))}</g></svg>'
    )


def _parts(figure: Figure, poses: Sequence[Joints], left: float, right: float) -> list[str]:
    """Each part of the body once, with the places it goes through where it moves."""
    panels = [list(panel_of(figure, joints, None, left, right)) for joints in poses]
    return [_moving(drawn) for drawn in zip(*panels, strict=True)]


def _moving(drawn: Sequence[str]) -> str:
    changes = {name: [dict(_CHANGES.findall(one))[name] for one in drawn] for name in dict(_CHANGES.findall(drawn[0]))}
    moves = "".join(_animate(name, places) for name, places in changes.items() if len(set(places)) > 1)
    if not moves:
        return drawn[0]
    tag = drawn[0][1 : drawn[0].index(" ")]
    return f"{drawn[0].removesuffix('/>')}>{moves}</{tag}>"


def _animate(name: str, places: list[str]) -> str:
    times = _times()
    there_and_back = [places[0], *places, *reversed(places)]
    return (
        f'<animate attributeName="{name}" dur="{times[-1]:g}s" repeatCount="indefinite" '
        f'values="{";".join(there_and_back)}" keyTimes="{";".join(f"{at / times[-1]:.3g}" for at in times)}"/>'
    )


@cache
def _times() -> list[float]:
    """When each place is reached: it stays at the start and at the end."""
    there = [STAY_S + GO_S * step / STEPS for step in range(STEPS + 1)]
    back = [there[-1] + STAY_S + GO_S * step / STEPS for step in range(STEPS + 1)]
    return [0.0, *there, *back]
