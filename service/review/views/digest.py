"""When somebody hears by mail who needs them first, as the page and the API show it, and as a form brings it."""

from collections.abc import Sequence
from datetime import time
from zoneinfo import ZoneInfo

from msgspec import UNSET

from service.accounts import queries as accounts
from service.accounts.guards import Caller
from service.accounts.rules import zone_names
from service.database.tenancy import ClinicSession
from service.errors import GONE, FieldProblem, Refused
from service.plans.rules import WEEKDAYS
from service.reminders.schemas import EVERY_DAY, Weekday
from service.review.actions.digests import Wish
from service.review.guards import Typed, bar_of
from service.review.queries import digests
from service.review.rules.digest import SENT_AND_CAME_BACK, WORKING_WEEK, reason_words
from service.review.schemas.digest import DigestIn, DigestMailOut, DigestOut, DigestView
from service.review.schemas.forms import Field, Option
from service.review.tables import DigestMail, DigestWish
from service.words import translator

SHOWN = 14
USUAL_TIME = time(7, 30)
_HINT = "Use a local time such as 08:00."


def mask_of(days: Sequence[str]) -> int:
    return sum(1 << bit for bit, day in enumerate(EVERY_DAY) if day in days)


def _days(mask: int) -> list[Weekday]:
    return [day for bit, day in enumerate(EVERY_DAY) if mask >> bit & 1]


async def wish_in(session: ClinicSession, data: DigestIn) -> Wish:
    zone = (await accounts.clinic(session)).zone if data.zone is UNSET else data.zone
    return Wish(time.fromisoformat(data.local_time), zone, mask_of(data.weekdays))


async def digest_out(session: ClinicSession, staff: Caller) -> DigestOut:
    wish = await digests.wish_of(session, staff.person.id)
    last = await digests.last_mails(session, staff.person.id, SHOWN)
    back = await digests.came_back(session, [mail.id for mail in last])
    mails = [_mail_out(mail, staff, came_back=mail.id in back) for mail in last]
    if wish is None:
        return DigestOut(False, mails)
    return DigestOut(
        wish.next_at is not None,
        mails,
        f"{wish.local_time:%H:%M}",
        _days(wish.weekdays),
        wish.zone,
        UNSET if wish.next_at is None else wish.next_at,
    )


def _mail_out(mail: DigestMail, staff: Caller, *, came_back: bool) -> DigestMailOut:
    said = SENT_AND_CAME_BACK if came_back else reason_words(mail.state, mail.reason)
    words = translator(staff.person.locale).gettext(said)
    return DigestMailOut(mail.day, mail.due_at, mail.state, words, mail.reason or UNSET)  # type: ignore[arg-type]


def read(form: Typed) -> Wish:
    """Raises Refused for a time that is none; what else cannot be is refused when it is set."""
    try:
        wall = time.fromisoformat(form.one("local_time"))
    except ValueError:
        wall = None
    if wall is None or wall.tzinfo is not None:
        raise Refused.one("/local_time", "time", _HINT)
    if not set(form.each("weekdays")) <= set(EVERY_DAY):
        raise Refused.one("/weekdays", "unknown", GONE)
    return Wish(wall, form.one("zone"), mask_of(form.each("weekdays")))


async def digest_view(
    session: ClinicSession, staff: Caller, form: Typed | None = None, problems: Sequence[FieldProblem] = ()
) -> DigestView:
    say = translator(staff.person.locale).gettext
    wish = await digests.wish_of(session, staff.person.id)
    clinic = await accounts.clinic(session)
    wrong = {problem.pointer: say(problem.message) for problem in problems}
    typed = _typed(wish, clinic.zone) if form is None else form
    days = typed.each("weekdays")
    found = await digest_out(session, staff)
    return DigestView(
        bar=await bar_of(session, staff),
        wanted=found.wanted,
        email=(await accounts.staff(session, staff.person.id)).email,
        local_time=Field(typed.one("local_time"), wrong.get("/local_time")),
        zone=Field(typed.one("zone"), wrong.get("/zone")),
        zones=zone_names(),
        weekdays=[Option(d, say(n), d in days) for d, n in zip(EVERY_DAY, WEEKDAYS, strict=True)],
        mails=[(mail.day, mail.reason) for mail in found.mails],
        next_at=wish.next_at.astimezone(ZoneInfo(wish.zone)) if wish and wish.next_at else None,
        days_problem=wrong.get("/weekdays"),
    )


def _typed(wish: DigestWish | None, zone: str) -> Typed:
    wall, mask = (wish.local_time, wish.weekdays) if wish else (USUAL_TIME, WORKING_WEEK)
    days = [("weekdays", day) for day in _days(mask)]
    return Typed([("local_time", f"{wall:%H:%M}"), ("zone", wish.zone if wish else zone), *days])
