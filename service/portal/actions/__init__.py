"""Keeps what a page or a link tells, through the same diary actions as app and text. Each takes the client's number
first, which waits for whoever else writes: what is read after it is not stale."""

from datetime import date, datetime
from uuid import UUID

from service.accounts.actions import next_seq, opt_out
from service.accounts.queries import clinic as find_clinic
from service.accounts.queries import contact_points
from service.accounts.rules import LinkPurpose
from service.accounts.sign_in import start_session, use_link
from service.accounts.tables import Client, Link
from service.catalogue.rules import Effort
from service.conversation.actions import thread
from service.database.tenancy import ClinicSession
from service.diary.actions import NewSession, mark_habit, record_session
from service.diary.entries import When, today_of
from service.diary.fix_reports import tell_fix, untell_fix
from service.diary.mornings import NewMorning, record_felt, record_morning
from service.diary.queries import is_on_hold
from service.diary.red_flags import Answers, answer_questions, answer_urgency
from service.diary.rules import Outcome, Response, SkipReason
from service.diary.rules.screening import SHORT, WORDING, Screen, Urgency, Why, all_questions
from service.diary.tables import PainEntry, RedFlagScreen
from service.errors import NotFound, Refused
from service.ids import new_id
from service.plans.fixes import FixAnswer
from service.plans.queries import Item, content_on, contents, prescribed_on
from service.plans.tables import PlanHabit
from service.portal import rules
from service.portal.actions.pain import keep_score
from service.portal.actions.sets import counted_sets, is_short_of
from service.portal.actions.stale import UNNAMED, for_the_plan_now
from service.portal.queries import Record, record_on
from service.portal.rules import Form
from service.remedies import day_read

KEPT_FOR_THE_NEW = "Saved. Your plan changed meanwhile: we kept what is in the new plan."
NO_LONGER_ASKED = "Saved. Your plan changed while this page was open: it does not ask this any more."
ON_HOLD = "Your plan is on hold. Your clinic will talk with you first. There is nothing you need to do today."


async def refuse_on_hold(session: ClinicSession, client: Client, outcome: str, at: datetime) -> None:
    """Stop means stop: while a warning sign is open no page asks for the plan, and one left open from before takes no
    more of it today. What was told before the sign, and that it was not done, is kept."""
    if outcome != Outcome.SKIPPED and await is_on_hold(session, client.id, at):
        raise Refused.one("/outcome", "on_hold", ON_HOLD)


async def keep_session(session: ClinicSession, client: Client, form: Form, now: datetime) -> None:
    """A form that names a day is about an earlier one: it says "some of it" without saying which."""
    await next_seq(session, client.id)
    day = day_read(form.one("day")) if form.one("day") else None
    at = rules.told_at(form, now)
    if day is None:
        await refuse_on_hold(session, client, form.one("outcome"), at)
    record = await record_on(session, client, day or today_of(client, at))
    form = form if day else for_the_plan_now(record, form)
    if (day or form.one(UNNAMED)) and form.one("outcome") == Outcome.PARTLY:
        new = NewSession(Outcome.PARTLY)
    else:
        new = _session(form, record.items_to_do)
    await record_session(session, client, new, When(record.day, at, at), now)


def _session(form: Form, items: list[Item]) -> NewSession:
    """Everything ticked is all of it, unless less of one was counted; "all" means what was due that day."""
    due = [item.row.id for item in items]
    match form.one("outcome"):
        case Outcome.DONE:
            return NewSession(Outcome.DONE, due or None)
        case Outcome.PARTLY:
            ticked = form.ids_after("item_")
            if ticked is None:
                raise NotFound
            counted = {item.row.id: counted_sets(form, item) for item in items}
            done = list(dict.fromkeys([*ticked, *(item for item, sets in counted.items() if sets)]))
            if not done:
                words = "Tick what you did. If you did nothing today, tap “Not today”."
                raise Refused.one("/outcome", "nothing", words)
            all_of_it = set(due) <= set(done) and not any(is_short_of(item, counted[item.row.id]) for item in items)
            sets = [one for told in counted.values() for one in told]
            return NewSession(Outcome.DONE if all_of_it else Outcome.PARTLY, done, sets=sets)
        case Outcome.SKIPPED:
            return NewSession(Outcome.SKIPPED, reason=_reason(form.one("reason")))
        case _:
            raise Refused.one("/outcome", "unknown", "Tap one of the answers.")


def _reason(words: str) -> SkipReason | None:
    if words and words not in list(SkipReason):
        raise Refused.one("/reason", "unknown", "Tap one of the answers.")
    return SkipReason(words) if words else None


async def keep_pain(session: ClinicSession, client: Client, form: Form, now: datetime) -> bool:
    """Whether what was told asks for whom to call in an emergency."""
    await next_seq(session, client.id)
    at = rules.told_at(form, now)
    day = today_of(client, at)
    entry_id = rules.id_of(form.one("entry"))
    known = await session.get(PainEntry, (session.clinic_id, entry_id)) if entry_id else None
    # A page left open overnight still names the entry of yesterday, which must stay where it is.
    if known and known.client_id == client.id and known.day != day:
        entry_id = rules.id_of(form.one("kept_as"))
    await keep_score(session, client, form, When(day, at, at, entry_id), now)
    return (await record_on(session, client, day)).is_alarming(await find_clinic(session))


async def keep_felt(session: ClinicSession, client: Client, form: Form, now: datetime) -> None:
    """How today's exercises felt, beside what was told of them."""
    await next_seq(session, client.id)
    told = (await record_on(session, client, today_of(client, rules.told_at(form, now)))).session
    felt = _felt(form)
    if told is None or told.row.outcome == Outcome.SKIPPED:
        raise Refused.one("/during", "no_session", "Tell first what you did today.")
    await record_felt(session, client, told.row, felt, now)


def _felt(form: Form) -> dict[str, int | Effort]:
    given = {name: form.one(name) for name in ("before", "during", "after") if form.one(name)}
    felt: dict[str, int | Effort] = {n: s for n, words in given.items() if (s := rules.score_of(words)) is not None}
    effort = form.one("effort")
    if effort and effort not in list(Effort):
        raise Refused.one("/effort", "unknown", "Tap one of the answers.")
    if felt.keys() != given.keys() or not (felt or effort):
        wrong = next((name for name in given if name not in felt), "during")
        raise Refused.one(f"/{wrong}", "pain_score", "Use a whole number from 0 to 10.")
    return felt | ({"effort": Effort(effort)} if effort else {})


async def keep_morning(session: ClinicSession, client: Client, form: Form, now: datetime) -> bool:
    """Whether what was told asks for whom to call in an emergency."""
    score, response = rules.score_of(form.one("score")), form.one("response")
    if response not in list(Response):
        raise Refused.one("/response", "unknown", "Tap better, the same or worse first.")
    if score is None:
        raise Refused.one("/score", "pain_score", "Use a whole number from 0 to 10.")
    day = day_read(form.one("day"))
    at = rules.told_at(form, now)
    await record_morning(session, client, NewMorning(Response(response), score), When(day, at, at), now)
    return (await record_on(session, client, today_of(client, now))).is_alarming(await find_clinic(session))


async def keep_habit(
    session: ClinicSession, client: Client, habit_id: UUID, form: Form, day: date, now: datetime
) -> bool:
    """Whether the plan asks for it: an answer to what it asked before is kept all the same."""
    habit = await session.get(PlanHabit, (session.clinic_id, habit_id))
    if habit is None or habit.client_id != client.id:
        raise NotFound
    asked = await _asked_now(session, habit, day)
    habit = asked or habit
    value = rules.habit_value(habit.kind, form.one("answer"))
    is_skipped = form.one("answer") == rules.SKIP
    if is_skipped:
        value = None
    elif value is None or (isinstance(value, str) and value not in habit.options):
        raise Refused.one("/answer", "answer", rules.HABIT_HINTS[habit.kind])
    at = rules.told_at(form, now)
    await mark_habit(session, client, habit.id, value, When(day, at, at), now)
    return asked is not None


async def _asked_now(session: ClinicSession, habit: PlanHabit, day: date) -> PlanHabit | None:
    """The same habit in the version that holds on that day."""
    prescribed = await prescribed_on(session, habit.client_id, day)
    if prescribed is None or prescribed[0] == habit.plan_version_id:
        return habit
    content = content_on(await contents(session, habit.client_id), day)
    return next((one for one in content.habits if one.habit_key == habit.habit_key), None) if content else None


def questions_of(form: Form) -> Screen | None:
    """Those that the page asked."""
    why = form.one("why")
    if why not in list(Why):
        return None
    return Screen(Why(why), SHORT) if why == Why.WEEKLY else all_questions(Why(why))


async def keep_red_flag_answers(session: ClinicSession, client: Client, form: Form, now: datetime) -> RedFlagScreen:
    """No to all is an answer to each; else what was ticked is yes, and what was left blank is no, as the page says."""
    asked, entry, yes = questions_of(form), rules.id_of(form.one("entry")), set(form.each("yes"))
    if asked is None or entry is None or form.one("wording") != str(WORDING) or not yes <= set(asked.questions):
        raise Refused.one("/wording", "stale", "The questions have changed. Please read them again.")
    answer = form.one("answer")
    if answer == "no" and yes:
        raise Refused.one("/answer", "contradiction", "You ticked something. Take the tick away, or say yes to it.")
    if answer == "ticked" and not yes:
        raise Refused.one("/answer", "nothing", "Tick what is true for you, or say no to all.")
    if answer not in ("no", "ticked"):
        raise Refused.one("/answer", "unknown", "Tap one of the answers.")
    no = [code for code in asked.questions if code not in yes]
    return await answer_questions(session, client, entry, Answers(asked.why, sorted(yes), no), now)


async def keep_urgency(session: ClinicSession, client: Client, form: Form, now: datetime) -> Urgency:
    answer, entry = form.one("answer"), rules.id_of(form.one("entry"))
    if answer not in list(Urgency) or entry is None:
        raise Refused.one("/answer", "unknown", "Tap one of the answers.")
    await answer_urgency(session, client, entry, Urgency(answer), now)
    return Urgency(answer)


async def keep_fix(session: ClinicSession, client: Client, fix_id: UUID, form: Form, day: date, now: datetime) -> None:
    answer = form.one("answer")
    at = rules.told_at(form, now)
    if answer == rules.NOT_YET:
        await untell_fix(session, client, fix_id, When(day, at, at), now)
    elif answer in list(FixAnswer):
        await tell_fix(session, client, fix_id, FixAnswer(answer), When(day, at, at), now)
    else:
        raise Refused.one("/answer", "answer", "Tap one of the answers.")


async def keep_message(session: ClinicSession, client: Client, form: Form, now: datetime) -> str:
    """What it came to: `sent`, `danger` or `stopped`."""
    written = await thread.write_to_clinic(session, client, _message_id(form, now), form.one("text"), now)
    return {"danger": "danger", "stop note": "stopped"}.get(written.row.reading or "", "sent")


def _message_id(form: Form, now: datetime) -> UUID:
    return rules.id_of(form.one("entry")) or new_id(now)


async def mark_read(session: ClinicSession, client: Client, form: Form, now: datetime) -> None:
    try:
        as_of = datetime.fromisoformat(form.one("as_of"))
    except ValueError:
        as_of = None
    if as_of is None or as_of.tzinfo is None:
        raise Refused.one("/as_of", "time", "Use the buttons of the page.")
    await thread.mark_read(session, client.id, "out", min(as_of, now), now)


async def keep_answer(session: ClinicSession, client: Client, link: Link, form: Form, now: datetime) -> bool:
    """Does the one thing of a link: of a check-in, plan or habit link for its one local day, of a one-off fix today.
    False when the plan asks for it no longer."""
    await next_seq(session, client.id)
    is_asked = True
    day = link.day or today_of(client, now)
    if link.purpose == LinkPurpose.CHECK_IN:
        # Under the link's own id: a second answer through the same link corrects the first.
        answer = Form([pair for pair in form.pairs if pair[0] == "answer"])
        await keep_score(session, client, answer, When(day, id=link.id), now, "answer")
    elif link.purpose == LinkPurpose.MESSAGE:
        await keep_message(session, client, form, now)
    else:
        record = await record_on(session, client, day)
        is_plan = link.purpose in (LinkPurpose.PLAN, LinkPurpose.HELPER) and not form.one("habit")
        if link.purpose == LinkPurpose.FIX and rules.id_of(form.one("habit")) not in {f.id for f in record.due_fixes}:
            raise NotFound
        is_asked = await (_keep_plan if is_plan else _keep_link_habit)(session, record, form, now)
    await use_link(session, link, now)
    return is_asked


async def _keep_plan(session: ClinicSession, record: Record, form: Form, now: datetime) -> bool:
    outcome = for_the_plan_now(record, form, "answer").one("answer")
    if outcome not in list(Outcome):
        raise Refused.one("/answer", "unknown", "Tap one of the answers.")
    known = record.session
    if known is not None and known.row.outcome == outcome:
        return True
    await refuse_on_hold(session, record.client, outcome, now)
    due = [item.row.id for item in record.items_to_do] if outcome == Outcome.DONE else None
    new = NewSession(Outcome(outcome), due or None)
    await record_session(session, record.client, new, When(record.day), now)
    return True


async def _keep_link_habit(session: ClinicSession, record: Record, form: Form, now: datetime) -> bool:
    habit_id = rules.id_of(form.one("habit"))
    if habit_id in {fix.id for fix in record.due_fixes} and habit_id is not None:
        await keep_fix(session, record.client, habit_id, form, record.day, now)
        return True
    before = {habit.id for content in record.plans if content is not record.content for habit in content.habits}
    if habit_id is None or habit_id not in before | {habit.id for habit in record.due_habits}:
        raise NotFound
    return await keep_habit(session, record.client, habit_id, form, record.day, now)


async def sign_in_by_link(session: ClinicSession, link: Link, user_agent: str, now: datetime) -> str | None:
    """Uses the link up and returns the new session's token; None when somebody was faster."""
    locked = await session.get(Link, (session.clinic_id, link.id), with_for_update=True)
    if locked is None or locked.used_at is not None:
        return None
    await use_link(session, locked, now)
    return await start_session(session, client_id=link.client_id, user_agent=user_agent, now=now)


async def unsubscribe(session: ClinicSession, link: Link, now: datetime) -> None:
    """Ends messages to the address this link was sent to; told twice, it changes nothing."""
    for point in await contact_points(session, link.client_id):
        if point.id == link.contact_point_id and point.opted_out_at is None:
            await opt_out(session, point.id, "link", now)
    await use_link(session, link, now)
