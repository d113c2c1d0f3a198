"""The plan on the Today page: where it stands, what is to do, how the week goes, and what the therapist says of it."""

from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

from service.catalogue.queries import entry_of
from service.catalogue.queries.media import Media
from service.catalogue.rules import Sentence, dose_default, minutes
from service.catalogue.views import shown
from service.diary.rules import DayState, Outcome
from service.plans.queries import Content, Item
from service.plans.queries.codes import in_routines
from service.portal import rules
from service.portal.pages.set_rows import set_rows
from service.portal.queries import Record
from service.portal.rules import Reader, Unsaved
from service.portal.schemas import Banner, PlanCard, PlanItem, PlanNote, PlanStage, SetRow, WeekDay
from service.terms import ROUTINES, SKIP_REASONS

NEWS = timedelta(days=7)
NOTE_STAYS = timedelta(days=14)


def stage(record: Record) -> tuple[PlanStage, date | None]:
    """Where the plan stands, and the day that goes with it."""
    if record.content is None:
        if record.to_come:
            return "to_come", record.to_come.version.starts_on
        return ("ended", record.ended_on) if record.ended_on else ("none", None)
    if record.is_paused:
        return "paused", record.resumes_on
    return ("runs" if record.content.items else "no_moves"), None


def plan_card(record: Record, reader: Reader, unsaved: Unsaved | None, own: Media, most_pain: int) -> PlanCard | None:
    """What is to do today; of a plan to come, all of it. `own` are the clinic's pictures and videos, `most_pain` is its
    limit while exercising."""
    content = record.content or record.to_come
    if content is None:
        return None
    items = record.items_shown
    ticks = _ticks(record, unsaved)
    return PlanCard(
        minutes(*(item.dose for item in items)),
        [
            plan_item(item, ticks.get(item.row.id), set_rows(record, item, reader, unsaved), reader, own)
            for item in in_routines(items)
        ],
        reader.read(rules.stop_rule(content.pain_limit(most_pain))) if items else None,
        content.version.id,
    )


def _ticks(record: Record, unsaved: Unsaved | None) -> dict[UUID, bool]:
    if unsaved and unsaved.place == "session":
        return dict.fromkeys(unsaved.form.ids_after("item_") or [], True)
    if record.session and record.session.results:
        return {r.plan_item_id: r.done for r in record.session.results}
    # Most of a plan is done when some of it was: what was not is less to tap. On a rest day nothing was asked.
    return dict.fromkeys((item.row.id for item in record.due_items(record.day)), True)


def session_words(record: Record, reader: Reader) -> str | None:
    session, reason = record.session, reason_of(record)
    if reason:
        return reader.label(SKIP_REASONS[reason])
    if session is None or session.row.outcome != Outcome.PARTLY or not session.results:
        return None
    asked = {item.row.id for item in record.items_to_do}
    done = sum(result.done for result in session.results if result.plan_item_id in asked)
    return reader.count("%(done)s of %(num)s move", "%(done)s of %(num)s moves", len(asked), done=done)


def reason_of(record: Record) -> str | None:
    return record.session.row.reason if record.session else None


def week_of(record: Record) -> list[WeekDay]:
    monday = record.day - timedelta(days=record.day.weekday())
    days = [monday + timedelta(days=n) for n in range(7)]
    return [WeekDay(d, bool(record.due_items(d)), record.state(d) if d <= record.day else None) for d in days]


def week_words(record: Record, week: list[WeekDay], reader: Reader) -> str | None:
    """In whole days: one that was partly done is a day, and is named. None when the week holds no plan."""
    if record.content is None and record.to_come:
        return None
    states = [day.state for day in week if day.planned]
    partly = states.count(DayState.PARTLY)
    done = states.count(DayState.DONE) + partly
    if not states:
        return reader.say("No plan days this week.") if record.content else None
    if not done and record.began_on and record.began_on >= week[0].day:
        return reader.say("Your plan has just begun.")
    one, many = "%(done)s of %(num)s day so far", "%(done)s of %(num)s days so far"
    words = reader.count(one, many, len(states), done=done)
    if not partly:
        return words
    return reader.say("%(days)s, %(partly)s of them in part") % {"days": words, "partly": partly}


def aim_words(days: int, reader: Reader) -> str:
    return reader.read(Sentence("Your aim for this week: %(count)s days.", {"count": days}))


def news(record: Record, names: Mapping[UUID, str], reader: Reader) -> list[Banner]:
    """A change of the last seven days, today among them; the first version of a plan is no change."""
    content = record.content
    if content is None or content.version.number == 1 or record.day - content.version.starts_on >= NEWS:
        return []
    name = {"name": names[content.version.created_by]}
    lines = [reader.read(Sentence.from_stored(line)) for line in content.version.change_lines]
    if not lines:
        return [Banner(reader.say("%(name)s made a change to your plan.") % name)]
    changes = {"changes": "; ".join(lines)}
    return [Banner(reader.say("%(name)s made a change to your plan: %(changes)s.") % (name | changes))]


def plan_note(record: Record, names: Mapping[UUID, str], reader: Reader) -> PlanNote | None:
    """What came with the version made last, for its first two weeks."""
    newest = record.newest
    if newest is None or not newest.version.note or record.day - _known_since(newest, reader) >= NOTE_STAYS:
        return None
    version = newest.version
    changes_later = record.content is not None and version.starts_on > record.day
    return PlanNote(
        author=names[version.created_by],
        text=version.note or "",
        at=reader.local(version.created_at),
        starts_on=version.starts_on if changes_later else None,
    )


def _known_since(content: Content, reader: Reader) -> date:
    """A version may be written before its first day, and after it."""
    return max(content.version.starts_on, reader.local(content.version.created_at).date())


def plan_item(item: Item, done: bool | None, sets: list[SetRow], reader: Reader, own: Media) -> PlanItem:
    entry = entry_of(item.exercise)
    side = rules.side_words(item.dose, entry.sides)
    return PlanItem(
        id=item.row.id,
        name=reader.say(item.exercise.name),
        dose=reader.read(rules.dose_words(item.dose, item.row.times_per_day)),
        finer=" ".join(map(reader.read, rules.finer_words(item.dose, dose_default(entry)))),
        cue=reader.say(item.row.cue or next(iter(entry.cues), "")),
        routine=reader.say(ROUTINES.get(item.row.routine, item.row.routine)),
        side=reader.read(side) if side else None,
        shown=shown(item.exercise, item.dose.side, own.get(item.exercise.id, {})),
        done=done,
        sets=sets,
    )
