"""Questions about warning signs, and what is told after a yes."""

from msgspec import Struct

from service.portal.schemas import Choice, SafetyNotice


class QuestionGroup(Struct, frozen=True):
    title: str
    questions: list[Choice]


class QuestionsView(Struct, frozen=True, kw_only=True):
    """Questions about warning signs. `entry` is the id their answers are kept under: sent twice, they are one."""

    clinic_name: str
    safety: SafetyNotice
    groups: list[QuestionGroup]
    entry: str
    why: str
    wording: int
    url: str = "/questions"
    by_link: bool = False
    status: str | None = None
    problem: str | None = None


class OnHoldView(Struct, frozen=True, kw_only=True):
    """What to do after a yes. `more` stands below the notice."""

    clinic_name: str
    safety: SafetyNotice
    more: list[str]
    help_phone: str | None = None
    by_link: bool = False
