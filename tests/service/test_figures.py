"""Every exercise has a picture, drawn from joint angles: parts keep their lengths, a mirror image works the
other side."""

import re
from xml.etree import ElementTree

import msgspec
import pytest
from httpx import AsyncClient

from service.catalogue.library import shipped
from service.figures import (
    FOREARM,
    SHIN,
    THIGH,
    TRUNK,
    UPPER_ARM,
    Figure,
    Pose,
    Reach,
    figures,
    joints_of,
    svg_of,
)
from service.pictures import name_of, pictures

STANDING = Pose(
    hip=(0, 50), near_leg=[-90, -90, 0], far_leg=[-90, -90, 0], near_arm=[-90, -90], far_arm=Reach(at=(40, 70))
)


def numbers(svg: str) -> list[float]:
    return [float(one) for points in re.findall(r'points="([^"]+)"', svg) for one in re.split("[ ,]", points)]


def test_every_exercise_of_the_catalogue_has_a_picture_and_no_picture_is_of_nothing() -> None:
    assert set(figures()) == {exercise.id for exercise in shipped().exercises}


def test_what_works_is_a_side_that_the_exercise_can_be_done_on() -> None:
    for exercise in shipped().exercises:
        assert figures()[exercise.id].works in exercise.sides, exercise.id


def test_a_standing_body_is_where_its_angles_put_it() -> None:
    """By hand: 50 - 25 is the knee, 25 - 24 the ankle; the shoulder 30 above the hip, the hand 30 below it."""
    joints = joints_of(STANDING, "side")
    where = {name: (round(joints[name].real, 6), round(joints[name].imag, 6)) for name in joints}
    assert where["knee_near"] == (0, 25)
    assert where["ankle_near"] == (0, 1)
    assert where["toe_near"] == (8, 1)
    assert where["shoulder"] == (0, 80)
    assert where["hand_near"] == (0, 50)
    # 40 to the side and 10 down is farther than an arm of 30: it points there as far as it goes.
    assert abs(joints["hand_far"] - joints["shoulder"]) == pytest.approx(30, abs=0.02)


def test_the_parts_of_every_body_keep_their_lengths_and_nobody_sinks_into_the_floor() -> None:
    lengths = {
        ("hip", "shoulder"): TRUNK,
        **{(f"hip_{side}", f"knee_{side}"): THIGH for side in ("near", "far")},
        **{(f"knee_{side}", f"ankle_{side}"): SHIN for side in ("near", "far")},
        **{(f"shoulder_{side}", f"elbow_{side}"): UPPER_ARM for side in ("near", "far")},
        **{(f"elbow_{side}", f"hand_{side}"): FOREARM for side in ("near", "far")},
    }
    for code, figure in figures().items():
        for pose in figure.poses:
            joints = joints_of(pose, figure.view)
            for (one, other), length in lengths.items():
                assert abs(joints[one] - joints[other]) == pytest.approx(length), (code, one, other)
            if figure.view != "above":
                assert min(at.imag for name, at in joints.items() if not name.startswith("back_")) > -4, code


def test_pictures_are_well_formed_small_and_inside_their_frame() -> None:
    for name, svg in pictures().items():
        if "<animate" in svg:
            continue
        frame = ElementTree.fromstring(svg).attrib["viewBox"]
        wide, high = (float(one) for one in frame.split()[2:])
        moves = re.findall(
            r'translate\(([-\d.]+) 0\) translate\(([-\d.]+) ([-\d.]+)\) scale\((-?1) -1\)">(.*?)</g>', svg
        )
        assert len(moves) in (1, 2), name
        for across, left, top, turn, parts in moves:
            found = numbers(parts)
            xs = [float(across) + float(left) + int(turn) * x for x in found[::2]]
            ys = [float(top) - y for y in found[1::2]]
            assert (min(xs) >= 0, max(xs) <= wide, min(ys) >= 0, max(ys) <= high) == (True,) * 4, name
        assert len(svg) < 6000, name


def test_the_other_side_is_the_mirror_image() -> None:
    clam = figures()["glu-clam"]
    plain, mirrored = svg_of(clam), svg_of(clam, mirrored=True)
    assert numbers(plain) == numbers(mirrored)
    assert ("scale(1 -1)" in plain, "scale(-1 -1)" in mirrored) == (True, True)
    assert clam.works == "left"
    assert pictures()[name_of("glu-clam", "left") or ""] == plain
    assert pictures()[name_of("glu-clam", "right") or ""] == mirrored
    # Nobody says which: as it is drawn.
    assert name_of("glu-clam", "both") == name_of("glu-clam", None) == name_of("glu-clam", "left")


def test_a_pose_with_an_unknown_part_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="tail"):
        msgspec.convert({"start": msgspec.to_builtins(STANDING) | {"tail": 3}}, Figure)


@pytest.mark.anyio
async def test_a_picture_is_served_to_anybody_for_ever_and_its_name_tells_nothing(api: AsyncClient) -> None:
    name = name_of("ham-strap", "right")
    assert name is not None
    assert re.fullmatch(r"[0-9a-f]{16}\.svg", name)
    answer = await api.get(f"/pictures/{name}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.text == pictures()[name]
    assert (await api.get("/pictures/0123456789abcdef.svg")).status_code == 404


def test_a_clinics_own_exercise_has_none() -> None:
    assert name_of("our-own-move", "left") is None
