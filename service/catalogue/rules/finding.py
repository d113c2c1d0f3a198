"""By what a therapist looks for an exercise: what it is for, how the body lies or stands, and what it needs."""

from collections.abc import Iterator, Mapping

from service.catalogue.rules import Exercise, WorkingSide

GOALS: Mapping[str, str] = {"strength": "Strength", "range": "Range", "balance": "Balance"}
POSITIONS: Mapping[str, str] = {
    "lying": "Lying",
    "sitting": "Sitting",
    "kneeling": "On hands or knees",
    "standing": "Standing",
}
GEAR: Mapping[str, str] = {
    "none": "Nothing",
    "band": "A band",
    "strap": "A strap",
    "chair": "A chair or bench",
    "step": "A step",
    "weight": "A weight",
    "other": "Something else",
}

_LENGTHENS = ("static", "active", "pnf", "nerve")
_AT_HAND = ("mat", "pillow", "wall", "doorway", "clear_floor", "support_nearby")
"""What any home has: nothing to be bought or looked for."""

_NEEDS = {"band": "band", "strap": "strap", "chair": "chair", "bench": "chair", "step": "step", "dumbbell": "weight"}
_WORDS: Mapping[str, tuple[str, ...]] = {
    "kneeling": ("hands and knees", "one knee down", "plank on forearms", "elbow and bent knee"),
    "sitting": ("sitting", "chair", "sit to stand", "on the floor"),
    "standing": ("standing", "stance", "stride", "step", "squat", "leg lift, band"),
}
"""In the order in which they are looked for; who does none of them lies."""


def goals_of(entry: Exercise) -> list[str]:
    """Where somebody stands and the leg that stands is trained, it is for balance too."""
    found = ["range" if entry.stage in _LENGTHENS else "strength"]
    on_one_leg = entry.working_side is WorkingSide.STANCE and position_of(entry) == "standing"
    return [*found, "balance"] if on_one_leg else found


def position_of(entry: Exercise) -> str:
    """Told from its words; a clinic's own without any has none."""
    words = entry.position.casefold()
    if not words:
        return ""
    if words.startswith(("lying", "on the back")):
        return "lying"
    return next((place for place, known in _WORDS.items() if any(word in words for word in known)), "lying")


def gear_of(entry: Exercise) -> list[str]:
    """What is only an option is not needed."""
    return list(dict.fromkeys(_needed(entry))) or ["none"]


def _needed(entry: Exercise) -> Iterator[str]:
    for thing in entry.equipment:
        if thing not in _AT_HAND and not thing.endswith("_optional"):
            yield next((gear for word, gear in _NEEDS.items() if word in thing), "other")
