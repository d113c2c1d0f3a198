"""What somebody told us of a week, in words. A day of which nothing was told is not counted as one on which nothing
was done."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from service.diary.rules import DayState
from service.portal.rules import Reader
from service.progress.rules import DayRecord, plain


@dataclass(frozen=True, slots=True)
class Week:
    """Days: of those `due`, on which the plan was done, done in part, let go, and not told of; `extra` were done
    unasked. `checked_in`, `habits`: days with a score, and with a habit ticked or answered. A week that `is_open` still
    has days to come, which are due and not silent."""

    due: int = 0
    done: int = 0
    partly: int = 0
    let_go: int = 0
    not_told: int = 0
    extra: int = 0
    checked_in: int = 0
    habits: int = 0
    is_open: bool = False

    @property
    def moved(self) -> int:
        return self.done + self.partly

    @property
    def was_hard(self) -> bool:
        """Something was done, and less than half of what was planned."""
        return not self.is_open and 0 < self.moved * 2 < self.due

    @property
    def is_empty(self) -> bool:
        return not (self.done or self.partly or self.let_go or self.extra or self.checked_in or self.habits)


def week_of(
    days: Sequence[DayRecord], checked_in: Collection[date], habits: Collection[date], today: date | None = None
) -> Week:
    """With `today` in it the week is open; the days after it are in `days` when something is due on them."""
    due = [day.state for day in days if day.due]
    unasked = [day for day in days if not day.due and day.state in (DayState.DONE, DayState.PARTLY)]
    silent = [day for day in days if day.due and day.state is DayState.NO_ENTRY]
    return Week(
        due=len(due),
        done=due.count(DayState.DONE),
        partly=due.count(DayState.PARTLY),
        let_go=due.count(DayState.SKIPPED),
        not_told=sum(today is None or day.day < today for day in silent),
        extra=len(unasked),
        checked_in=len(set(checked_in)),
        habits=len(set(habits)),
        is_open=today is not None,
    )


def week_words(week: Week, reader: Reader) -> list[str]:
    """What was done comes first. Nothing here names what it is done for: a link may show it."""
    if week.is_empty and week.is_open:
        return [reader.say("You have not told us about this week yet.")]
    if week.is_empty:
        return [reader.say("We heard nothing about this week. That is fine: it does not count as a no.")]
    return list(_sentences(week, reader))


_DID = ("You did your plan on %(done)s of %(num)s day.", "You did your plan on %(done)s of %(num)s days.")
_SO_FAR = (
    "You did your plan on %(done)s of %(num)s day so far.",
    "You did your plan on %(done)s of %(num)s days so far.",
)


def _sentences(week: Week, reader: Reader) -> Iterator[str]:
    if week.moved:
        yield reader.count(*(_SO_FAR if week.is_open else _DID), week.due, done=week.moved)
    if week.was_hard:
        yield reader.say("You moved some. That counts.")
    if week.partly:
        yield reader.say("On %(count)s of them, a part of it.") % {"count": week.partly}
    if week.extra:
        one, many = "And on %(num)s day when none was asked.", "And on %(num)s days when none was asked."
        yield reader.count(one, many, week.extra)
    if week.let_go:
        one, many = "You let it go on %(num)s day, and told us.", "You let it go on %(num)s days, and told us."
        yield reader.count(one, many, week.let_go)
    if week.checked_in:
        yield reader.count("You checked in on %(num)s day.", "You checked in on %(num)s days.", week.checked_in)
    if week.habits:
        one, many = "You told us about your habits on %(num)s day.", "You told us about your habits on %(num)s days."
        yield reader.count(one, many, week.habits)
    if week.not_told:
        one = "We heard nothing about %(num)s plan day. It does not count as a no."
        many = "We heard nothing about %(num)s plan days. They do not count as a no."
        yield reader.count(one, many, week.not_told)


def trend_words(now: float | None, before: float | None, reader: Reader, *, is_open: bool = False) -> str:
    """For whoever is signed in only. A mean is of seven days, and None with fewer than four answered ones."""
    if now is None or before is None:
        return reader.say("We need a few more days before we can show a trend.")
    words = reader.say(
        "Your pain was about %(now)s in the last 7 days. It was about %(before)s in the 7 days before."
        if is_open
        else "Your pain was about %(now)s this week. It was about %(before)s the week before."
    )
    return words % {"now": plain(now), "before": plain(before)}
