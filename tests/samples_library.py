"""Believable view models of the clinic's library, for its staff."""

from service.catalogue.rules.media import TAKES, Kind
from service.catalogue.views import Shown
from service.review.schemas import exercises as library
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


def library_pages() -> dict[str, tuple[str, object]]:
    return {
        "exercises": ("review/exercises.html", exercises_view()),
        "exercise": ("review/exercise.html", exercise_view()),
        "exercise_new": ("review/exercise.html", new_view()),
    }
