from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from service.remedies import whole

Low = Annotated[int, Meta(ge=0, le=900)]
Line = Annotated[str, Meta(max_length=200, description="Use at most 200 characters.")]
Range = Annotated[tuple[Low, Low], Meta(description="Use the lowest and the highest, such as [2, 3].")]


class MediaOut(Struct):
    """The clinic's own picture or video. `url` is another one for another file, and takes byte ranges."""

    kind: Literal["picture", "video"]
    url: str
    alt: str
    content_type: str
    width: int
    height: int


class ExerciseOut(Struct):
    code: str
    name: str
    group: str
    origin: Literal["shipped", "clinic"]
    entry: dict[str, Any]
    """The whole entry: dose ranges, sides, cues, mistakes, easier and harder ones, sources."""
    media: list[MediaOut] = []


class ExerciseList(Struct):
    data: list[ExerciseOut]


class HabitOut(Struct):
    code: str
    prompt: str
    kind: str
    cadence: str
    origin: Literal["shipped", "clinic"]
    entry: dict[str, Any]


class HabitList(Struct):
    data: list[HabitOut]


class ShippedList(Struct):
    data: list[dict[str, Any]]


Code = Annotated[
    str, Meta(pattern=whole("[a-z0-9-]{3,60}"), description="Use 3 to 60 small letters, digits and dashes.")
]


class NewGood(Struct, forbid_unknown_fields=True):
    """Which answers meet a habit. `yes_no`: `equals` with true or false. `choice`: `any_of` with `values`, some of the
    options. Else `max` or `min` with a number, or `max_from_plan` or `min_from_plan`: each plan sets its own number."""

    rule: Literal["equals", "any_of", "max", "min", "max_from_plan", "min_from_plan"]
    value: Annotated[bool | float, Meta(description="Use true or false, or a number.")] = 0
    values: list[str] = []


class NewHabit(Struct, forbid_unknown_fields=True):
    """A clinic's own habit. `options` are the answers of a `choice`, each begun with a capital letter, and `not_sure`,
    which says nothing either way; `unit` is what a `count` or a `number` counts."""

    code: Code
    prompt: Annotated[str, Meta(min_length=1, max_length=160, description="Use 1 to 160 characters.")]
    kind: Literal["yes_no", "count", "minutes", "number", "choice"]
    good: NewGood
    cadence: Literal["daily", "weekly", "monthly"] = "daily"
    why: Line = ""
    unit: Annotated[str, Meta(max_length=20, description="Use at most 20 characters.")] = ""
    options: list[Line] = []


class NewExercise(Struct, forbid_unknown_fields=True):
    """A clinic's own exercise. Ranges are lowest and highest; what is prescribed must lie inside."""

    code: Code
    name: Annotated[str, Meta(min_length=1, max_length=120, description="Use 1 to 120 characters.")]
    group: Literal["glute", "hamstring", "nerve"]
    sides: Annotated[list[Literal["left", "right", "both"]], Meta(min_length=1)]
    working_side: Literal["moving", "stance", "both"]
    sets: Range
    reps: Range
    hold_seconds: Range = (0, 0)
    rest_seconds: Range = (30, 90)
    per_day: Range = (1, 1)
    days_per_week: Range = (2, 7)
    effort: Literal["light", "somewhat_hard", "hard"] = "somewhat_hard"
    tempo: str = "slow"
    stage: Literal["isometric", "isotonic", "functional", "loaded", "static", "active", "pnf", "nerve"] = "functional"
    """What is warned of at prescribing goes by it: `static`, `active` and `pnf` stretch, `loaded` rests a day."""
    cues: list[Line] = []
    position: Line = ""
    equipment: list[Line] = []
