"""One-off fixes as rows: to be done, or to be looked at again. Silence is never taken for done."""

from service.charts import week_day
from service.diary.tables import FixReport
from service.plans.fixes import FixAnswer, FixState, Standing, answers_to, standing, told_as
from service.plans.tables import PlanFix
from service.portal.queries import Record
from service.portal.rules import NOT_YET, Reader, Unsaved
from service.portal.schemas import Choice, Habit
from service.terms import FIX_ANSWERS


def fix_row(
    record: Record,
    fix: PlanFix,
    told: FixReport | None,
    reader: Reader,
    url: str,
    prompt: str,
    failed: Unsaved | None = None,
) -> Habit:
    """`told` is the answer of the day, as far as it may be shown; with it, it can be changed and taken back."""
    before = standing_before(record, fix)
    answer = told_as(told) if told else None
    offered = list(dict.fromkeys([*answers_to(before.state), *([answer] if answer else [])]))
    chips = [Choice(one.value, reader.label(FIX_ANSWERS[one]), one is answer) for one in offered]
    if answer is FixAnswer.DONE:
        chips.append(Choice(NOT_YET, reader.label("not yet")))
    return Habit(
        id=fix.id,
        prompt=prompt,
        url=url,
        chips=chips,
        cue=_cue(before, fix, reader),
        answer=answer.value if answer else None,
        problem=failed.message if failed else None,
    )


def standing_before(record: Record, fix: PlanFix) -> Standing:
    """As it was before anything was told that day: what is asked then."""
    earlier = [one for one in record.told_of(fix) if one.day < record.day]
    return standing(fix.recheck_days, earlier, record.day)


def _cue(before: Standing, fix: PlanFix, reader: Reader) -> str:
    if before.state is FixState.RECHECK_DUE:
        return reader.say("Is it still in place?")
    if before.state is FixState.NOT_ANY_MORE:
        return reader.say("When you can.")
    return reader.say("By %(day)s.") % {"day": week_day(fix.due_on, reader.locale)}
