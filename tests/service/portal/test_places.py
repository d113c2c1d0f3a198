"""Where it hurts: the boxes of the form, the words for it, and the drawing that ticks the boxes."""

from hypothesis import given
from hypothesis import strategies as st

from service.body_map import HEIGHT, ON_THE_MAP, WIDTH, figures, outline
from service.catalogue.library import shipped
from service.portal.rules.places import LEGS, Place, boxes_of, places_of, where_words, worst_of

SITES = [site.id for site in shipped().sites]
BOXES = [f"{side}:{site}" for side in ("", *LEGS) for site in ("", *SITES) if side or site]
BELOW_THE_KNEE = {"calf", "heel_foot"}


@given(st.lists(st.sampled_from(BOXES), unique=True), st.sampled_from(["", *BOXES]))
def test_what_is_ticked_is_what_is_kept_and_the_worst_comes_first(ticked: list[str], worst: str) -> None:
    kept = places_of(ticked, worst)
    assert set(boxes_of(kept)) == {*ticked, *([worst] if worst else [])}
    assert len(kept) == len(set(kept))
    if worst:
        assert boxes_of(kept)[0] == worst
        assert places_of(boxes_of(kept), worst_of(kept)) == kept


def test_boxes_by_hand() -> None:
    rows: list[tuple[list[str], str, list[Place]]] = [
        ([], "", []),
        (["right:calf"], "", [("calf", "right")]),
        (["left:calf", "right:calf"], "", [("calf", "both")]),
        (["left:calf", "right:calf"], "right:calf", [("calf", "right"), ("calf", "left")]),
        (["left:", "right:"], "", [(None, "both")]),
        (["left:low_back", ":calf"], ":calf", [("calf", None), ("low_back", "left")]),
        (
            ["left:calf", "left:low_back", "right:calf"],
            "left:low_back",
            [("low_back", "left"), ("calf", "both")],
        ),
    ]
    for ticked, worst, places in rows:
        assert places_of(ticked, worst) == places, ticked


def test_one_side_is_said_once_and_different_sides_beside_their_places() -> None:
    outer, back = "Outer hip, over the bony point", "Low back"
    rows: list[tuple[list[Place], list[str]]] = [
        ([("lateral_hip", "right"), ("low_back", "right")], ["right side", outer, back, "car"]),
        ([("lateral_hip", "right"), ("low_back", None)], ["right side", outer, back, "car"]),
        (
            [("lateral_hip", "right"), ("low_back", "both"), (None, "left")],
            [f"{outer} (right side)", f"{back} (both sides)", "left side", "car"],
        ),
        ([(None, "left"), (None, "right")], ["left side", "right side", "car"]),
        ([], ["car"]),
    ]
    for places, words in rows:
        assert [str(part) for part in where_words(places, ["car"])] == words, places


def test_every_place_above_the_calf_is_on_the_drawing_once_a_side_and_view() -> None:
    assert set(SITES) - ON_THE_MAP == BELOW_THE_KNEE
    for figure in figures():
        boxes = [region.box for region in figure.regions]
        assert len(boxes) == len(set(boxes))
        assert {box.partition(":")[0] for box in boxes} == set(LEGS)
        for region in figure.regions:
            across, down = region.middle
            at_the_left = region.box.startswith("left:") == figure.left_first
            assert (across < WIDTH / 2) == at_the_left, region.box
            assert 0 < down < HEIGHT
    assert outline().endswith("z")
