"""The moves one by one: what each step shows, and what its timer needs to know."""

from datetime import date

from msgspec import Struct

from service.portal.schemas import AskedFor, FeltForm, PlanItem, PlanStage, SafetyNotice
from service.portal.schemas.answers import Choice, SetBox


class Pace(Struct, frozen=True):
    """Seconds, but for `sets` and `reps`. `relax` lies between two holds of a set, `rest` between sets; `rep` is how
    long the moving of one rep lasts."""

    sets: int
    reps: int
    hold: int
    rest: int
    relax: int
    rep: int


class Step(Struct, frozen=True, kw_only=True):
    """`place` counts from 1; `told` is done, skipped or nothing yet. `legs` is empty where both do it at once. `loop`
    is the picture that moves. `problem` is about one of `amounts`."""

    place: int
    item: PlanItem
    pace: Pace
    amounts: list[SetBox]
    legs: list[Choice] = []
    loop: str | None = None
    told: str | None = None
    problem: str | None = None
    is_changed: bool = False


class MovesView(Struct, frozen=True, kw_only=True):
    """`at` is the step to show; one more than there are is the end. Without steps there is nothing to do, and `stage`
    says why. `keep` names what the browser keeps of this person's day."""

    clinic_name: str
    day: date
    stage: PlanStage
    steps: list[Step]
    at: int = 1
    stop_rule: str = ""
    keep: str = ""
    stage_day: date | None = None
    safety: SafetyNotice | None = None
    questions: AskedFor | None = None
    problem: str | None = None
    url: str = "/today/moves"

    @property
    def asks_first(self) -> bool:
        return self.questions in ("words", "pain")

    @property
    def is_over(self) -> bool:
        return self.at > len(self.steps)

    @property
    def done(self) -> int:
        return sum(step.told == "done" for step in self.steps)


class FeltView(Struct, frozen=True, kw_only=True):
    """After the last move. `done` of the moves that were `asked`."""

    clinic_name: str
    felt: FeltForm
    done: int
    asked: int
    is_all: bool
    keep: str = ""
    is_saved: bool = False
    problem: str | None = None
    url: str = "/today/moves/felt"
