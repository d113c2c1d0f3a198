"""Believable view models of the clinic's library, for its staff."""

from service.catalogue.rules.media import TAKES, Kind
from service.catalogue.views import Shown
from service.review.schemas import exercises as library
from service.review.schemas import habits
from service.review.schemas.forms import Field
from tests.samples import drawn, sample_id
from tests.samples_caseload import BAR
from tests.samples_tools import option

FILMED = Shown(
    picture="/media/0192.jpg",
    alt="A woman lies on her side, her top knee open",
    video="/media/0193.mp4",
    video_alt="She opens and closes her top knee",
    width=640,
    height=360,
)


def row(number: int, name: str, position: str, shown: Shown, **more: bool) -> library.ExerciseRow:
    flags = {"is_own": False, "is_hidden": False, **more}
    return library.ExerciseRow(id=sample_id(number), name=name, position=position, shown=shown, **flags)


def exercises_view() -> library.ExercisesView:
    squeeze = drawn("glu-squeeze")
    return library.ExercisesView(
        bar=BAR,
        groups=[
            library.ExerciseGroup(
                "Glute strength",
                [
                    row(1, "Clamshell", "lying on the side, hips and knees bent", FILMED),
                    row(2, "Glute squeeze", "lying face up or face down, or standing", squeeze, is_hidden=True),
                    row(3, "Wall sit", "back to the wall", Shown(), is_own=True),
                ],
            )
        ],
        words="",
        which=[option("", "All of them", True), option("own", "Our own")],
        found=3,
        total=59,
        status=None,
    )


def own_form() -> library.OwnForm:
    return library.OwnForm(
        name=Field("", "Use 1 to 120 characters."),
        groups=[option("glute", "Glute strength", True), option("nerve", "Nerve glides")],
        stages=[option("isometric", "Hold without movement", True)],
        position=Field("back to the wall"),
        equipment=Field("wall, shoes"),
        sides=[option("both", "Both sides at once", True)],
        working_sides=[option("both", "Both legs", True)],
        ranges=[
            library.RangeField("sets", "Sets", "2", "4"),
            library.RangeField("reps", "Reps", "5", "1", "Use 1 to 200, the lowest first."),
            library.RangeField("hold_seconds", "Hold, s", "10", "45"),
        ],
        cues=Field("Slide down\nKnees over toes"),
    )


def exercise_view() -> library.ExerciseView:
    return library.ExerciseView(
        bar=BAR,
        id=sample_id(1),
        name="Clamshell",
        shown=FILMED,
        cues=["Feet stay together", "Open the knee without rolling back"],
        facts=[("Position", "lying on the side, hips and knees bent"), ("Sets", "2–3"), ("Reps", "8–15")],
        own=None,
        media=[
            library.MediaForm(
                kind="picture",
                takes=TAKES[Kind.PICTURE],
                alt=Field("A woman lies on her side, her top knee open"),
                has_one=True,
                facts="1600 × 1200 · 0.4 MB",
                problem="Use a JPEG, PNG or WebP picture.",
            ),
            library.MediaForm(kind="video", takes=TAKES[Kind.VIDEO], alt=Field(), has_one=False),
        ],
    )


def new_view() -> library.ExerciseView:
    return library.ExerciseView(
        bar=BAR,
        id=None,
        name="New exercise",
        shown=Shown(),
        cues=[],
        facts=[],
        own=own_form(),
        media=[],
        problem="Nothing was saved yet. Please look at the fields marked below.",
    )


def habits_view() -> habits.HabitsView:
    legs = "How many times did you catch yourself sitting with legs crossed today?"
    row = habits.HabitRow(
        id=sample_id(1), prompt=legs, facts="How many times · At most 0", is_own=False, is_hidden=True
    )
    seat, answers = "Which seat did you use most?", "One of a few answers"
    own = habits.HabitRow(id=sample_id(2), prompt=seat, facts=answers, is_own=True, is_hidden=False)
    return habits.HabitsView(
        bar=BAR,
        groups=[("Every day", [row]), ("Once a week", [own])],
        words="",
        which=[option("", "All of them", True), option("own", "Our own")],
        found=2,
        total=21,
    )


def habit_view() -> habits.HabitView:
    return habits.HabitView(
        bar=BAR,
        id=sample_id(2),
        prompt="Which seat did you use most?",
        facts=[("How it is answered", "One of a few answers"), ("What is good", "Office chair")],
        form=habits.OwnHabitForm(
            kind="choice",
            prompt=Field("Which seat did you use most?"),
            why=Field(""),
            answers=[
                habits.AnswerField("Office chair", is_good=True),
                *[habits.AnswerField("", is_good=False) for _ in range(5)],
            ],
            has_not_sure=True,
            problems={"answers": "Use 2 to 6 answers."},
        ),
        problem="Nothing was saved yet. Please look at the fields marked below.",
    )


def new_habit_view(kind: str | None) -> habits.HabitView:
    """Before how it is answered is chosen, and after."""
    form = habits.OwnHabitForm(
        kind="count",
        prompt=Field("", "Use 1 to 160 characters."),
        why=Field(""),
        cadences=[option("daily", "Every day", True), option("weekly", "Once a week")],
        aims=[option("least", "At least", True), option("most", "At most")],
        goal=Field("many", "Use a whole number from 0 to 999."),
        unit=Field("glasses"),
    )
    return habits.HabitView(
        bar=BAR,
        id=None,
        prompt="New habit",
        facts=[("How it is answered", "How many times")] if kind else [],
        kinds=[] if kind else [("yes_no", "Yes or no", "Did you take the stairs one step at a time?")],
        form=form if kind else None,
    )


def library_pages() -> dict[str, tuple[str, object]]:
    return {
        "exercises": ("review/exercises.html", exercises_view()),
        "exercise": ("review/exercise.html", exercise_view()),
        "exercise_new": ("review/exercise.html", new_view()),
        "habits": ("review/habits.html", habits_view()),
        "habit": ("review/habit.html", habit_view()),
        "habit_kinds": ("review/habit.html", new_habit_view(None)),
        "habit_new": ("review/habit.html", new_habit_view("count")),
    }
