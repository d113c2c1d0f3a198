"""A move as a loop: the body keeps its lengths on the way, begins and ends where the still picture does, and comes
back."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from service.figure_loops import loop_svg, on_the_way
from service.figures import FOREARM, SHIN, THIGH, TRUNK, UPPER_ARM, Figure, Pose, Reach, figures, joints_of
from service.pictures import loop_of, name_of, pictures

MOVING = {code: figure for code, figure in figures().items() if figure.end is not None}
LENGTHS = {
    ("hip", "shoulder"): TRUNK,
    **{(f"hip_{side}", f"knee_{side}"): THIGH for side in ("near", "far")},
    **{(f"knee_{side}", f"ankle_{side}"): SHIN for side in ("near", "far")},
    **{(f"shoulder_{side}", f"elbow_{side}"): UPPER_ARM for side in ("near", "far")},
    **{(f"elbow_{side}", f"hand_{side}"): FOREARM for side in ("near", "far")},
}


def test_a_leg_swings_the_shorter_way_round() -> None:
    """By hand: from straight down (-90) to level behind (184 is -176) is 86 degrees back, not 274 forward."""
    leg = Pose(hip=(0, 50), near_leg=[-90, -90, 0], far_leg=[-90, -90, 0], near_arm=[-90, -90], far_arm=[-90, -90])
    swing = Figure(start=leg, end={"near_leg": [184, 184, 94]})
    assert on_the_way(swing, 0.5).near_leg == [-133, -133, 47]


def test_a_foot_that_stands_stays_where_it_is_while_the_hip_goes_down() -> None:
    """Standing it is written as angles, and in the squat as the place of the foot: 1 above the floor at 0."""
    standing = Pose(hip=(0, 50), near_leg=[-90, -90, 0], far_leg=[-90, -90, 0], near_arm=[-90, -90], far_arm=[-90, -90])
    squat = Figure(start=standing, end={"hip": [-8, 36], "near_leg": {"at": [0, 1], "bend": 1}})
    way = on_the_way(squat, 0.5)
    assert way.hip == (-4, 43)
    assert isinstance(way.near_leg, Reach)
    ankle = joints_of(way, "side")["ankle_near"]
    assert abs(ankle - 1j) < 0.05


def test_on_its_way_every_body_keeps_its_lengths_and_begins_and_ends_as_in_its_picture() -> None:
    for code, figure in MOVING.items():
        for share in (0, 0.25, 0.5, 0.75, 1):
            joints = joints_of(on_the_way(figure, share), figure.view)
            for (one, other), length in LENGTHS.items():
                assert abs(joints[one] - joints[other]) == pytest.approx(length), (code, one, other)
        for share, pose in zip((0, 1), figure.poses, strict=True):
            drawn, still = joints_of(on_the_way(figure, share), figure.view), joints_of(pose, figure.view)
            assert max(abs(drawn[name] - still[name]) for name in still) < 0.5, (code, share)


def test_a_loop_comes_back_to_where_it_began_in_small_steps_and_never_flashes() -> None:
    for code, figure in MOVING.items():
        svg = loop_svg(figure)
        ElementTree.fromstring(svg)
        assert len(svg) < 8000, code
        moves = re.findall(r'dur="([\d.]+)s" repeatCount="indefinite" values="([^"]+)" keyTimes="([^"]+)"', svg)
        assert moves, code
        for lasts, values, times in moves:
            places, at = values.split(";"), [float(time) for time in times.split(";")]
            assert (places[0], len(places), at[0], at[-1]) == (places[-1], len(at), 0, 1), code
            assert all(one < other for one, other in pairwise(at)), code
            assert float(lasts) >= 4, code


def test_the_other_side_moves_in_a_mirror_and_a_hold_does_not_move() -> None:
    left, right = loop_of("glu-clam", "left"), loop_of("glu-clam", "right")
    assert left is not None
    assert right is not None
    assert pictures()[left] == loop_svg(figures()["glu-clam"])
    assert pictures()[right] == loop_svg(figures()["glu-clam"], mirrored=True)
    assert left != name_of("glu-clam", "left")
    assert loop_of("glu-squeeze", "both") is None
    assert loop_of("our-own-move", "left") is None
