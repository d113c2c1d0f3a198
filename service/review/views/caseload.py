"""The caseload: who needs somebody first, and why."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from service.accounts import queries as accounts
from service.accounts.guards import Caller
from service.audit.actions import look
from service.catalogue.rules import Sentence
from service.database.tenancy import ClinicSession
from service.progress.queries import Progress
from service.review.queries import heartbeat
from service.review.queries.cases import Case, cases
from service.review.queries.stepping import steps_lately
from service.review.rules import CALM, Tier
from service.review.rules.good_news import good_news
from service.review.rules.pain import Limits, limits_in
from service.review.rules.sorting import Sort, pages_of, rows_of
from service.review.rules.visits import coming
from service.review.schemas import AdherenceWords, Caseload, CaseloadRow, PainSpark, TierCounts
from service.review.schemas.alerts import GoodNews
from service.review.schemas.listed import Part
from service.review.views.notices import notices
from service.review.views.texts import danger_texts
from service.terms import said

SPARK_DAYS = 28
STEPS_SHOWN = timedelta(days=7)
NOTIFIER_BEATS = timedelta(seconds=60)
"""A notifier that has said nothing for longer is late."""


async def caseload(
    session: ClinicSession, staff: Caller, shown: Tier | None, sort: Sort = Sort.NEED, page: int | None = None
) -> Caseload:
    """A therapist's own clients, or the clinic's for its owner, worked out at this moment. Only the rows of a `page`
    are put into words; without one, all."""
    clinic = await accounts.clinic(session)
    now = staff.now.astimezone(ZoneInfo(clinic.zone))
    own_only = staff.person.id if staff.person.role == "therapist" else None
    clients = [c for c in await accounts.clients_of(session, own_only) if c.state != "ended"]
    found = sorted(await cases(session, clients, now, SPARK_DAYS), key=lambda case: case.order(now))
    alarms = await danger_texts(session, staff, now)
    beat_at = await heartbeat(session)
    look(session, staff.now, "caseload")
    listed = in_order([case for case in found if shown in (None, case.triage.tier)], sort)
    at = rows_of(page, len(listed)) if page else range(len(listed))
    return Caseload(
        as_of=now,
        zone=clinic.zone,
        counts=_counts(found, now, len(alarms)),
        rows=[_row(listed[place], now, staff.person.locale) for place in at],
        good_news=_good_news(found, limits_in(clinic), staff.person.locale),
        steps=await _steps(session, found, now, staff.person.locale),
        notices=await notices(session, staff, clients, now),
        danger_texts=alarms if shown in (None, Tier.CALL) else [],
        heartbeat_at=beat_at.astimezone(now.tzinfo) if beat_at else None,
        late_minutes=_late_minutes(beat_at, now),
        shown=shown,
        part=_part(page, listed, at, now) if page else None,
    )


def in_order(found: Sequence[Case], sort: Sort) -> Sequence[Case]:
    """Whoever has waited longest, or comes soonest, is first; those of whom there is nothing to say come last. They
    are given in the order of need."""
    never = datetime.max.replace(tzinfo=UTC)
    match sort:
        case Sort.NEED:
            return found
        case Sort.NAME:
            return sorted(found, key=lambda case: case.client.name.casefold())
        case Sort.WAITING:
            return sorted(found, key=lambda case: never if case.triage.tier in CALM else case.triage.since or never)
        case Sort.VISIT:
            return sorted(found, key=lambda case: coming(case.client.next_visit, case.progress.today) or date.max)
    assert_never(sort)


def _part(page: int, listed: Sequence[Case], at: range, now: datetime) -> Part:
    pages, others = pages_of(len(listed)), [*listed[: at.start], *listed[at.stop :]]
    return Part(
        page=min(page, pages),
        pages=pages,
        first=at.start + 1,
        last=at.stop,
        total=len(listed),
        following=len(rows_of(page + 1, len(listed))) if page < pages else 0,
        to_call=sum(case.triage.tier is Tier.CALL and not case.snoozed(now) for case in others),
    )


def _counts(found: Sequence[Case], now: datetime, alarms: int) -> TierCounts:
    counts = Counter(case.triage.tier for case in found if not case.snoozed(now))
    counts[Tier.CALL] += alarms
    return TierCounts(**{tier.value: counts[tier] for tier in Tier})


def _row(case: Case, now: datetime, locale: str) -> CaseloadRow:
    triage, mark, progress = case.triage, case.mark, case.progress
    is_seen = mark is not None and mark.until_at is None
    return CaseloadRow(
        client_id=case.client.id,
        name=case.client.name,
        tier=triage.tier,
        rule=triage.rule,
        reason=said(triage.reason, locale),
        spark=_spark(progress),
        adherence=adherence_words(progress),
        waiting_since=triage.since.astimezone(now.tzinfo) if triage.since else None,
        events=case.events,
        seen_by=mark.by if mark and is_seen else None,
        seen_at=mark.marked_at.astimezone(now.tzinfo) if mark and is_seen else None,
        snoozed_until=snoozed_until(case, now),
        next_visit=coming(case.client.next_visit, progress.today),
        local_now=elsewhere(now, case.client.zone),
        look_by=case.look_by.astimezone(now.tzinfo) if case.look_by else None,
        is_overdue=case.is_overdue(now),
        flag_open=case.flag_open,
        can_wait=case.can_wait,
    )


def snoozed_until(case: Case, now: datetime) -> date | None:
    """The day in the clinic's zone, in which `now` is given."""
    if case.mark is None or case.mark.until_at is None or not case.snoozed(now):
        return None
    return case.mark.until_at.astimezone(now.tzinfo).date()


def elsewhere(now: datetime, zone: str) -> datetime | None:
    """This moment in another zone; None where the clocks show the same."""
    there = now.astimezone(ZoneInfo(zone))
    return there if there.utcoffset() != now.utcoffset() else None


def _spark(progress: Progress) -> PainSpark:
    days = progress.pain_days(SPARK_DAYS)
    scores, means = [score for _, score, _ in days], [mean for _, _, mean in days]
    return PainSpark(progress.today, scores, means, progress.baseline)


def adherence_words(progress: Progress) -> AdherenceWords | None:
    """None while nothing is prescribed."""
    if not progress.has_plan:
        return None
    found = progress.adherence
    return AdherenceWords(found.done, found.due, found.not_logged, found.partly)


def _good_news(found: Sequence[Case], limits: Limits, locale: str) -> list[GoodNews]:
    news = []
    for case in found:
        if case.triage.tier is not Tier.ON_TRACK:
            continue
        progress = case.progress
        days = (progress.first, progress.today)
        mean = progress.mean_on(progress.today)
        if words := good_news(progress.sessions, progress.due_days, days, mean, progress.baseline, limits):
            news.append(GoodNews(case.client.id, case.client.name, said(words, locale)))
    return news


async def _steps(session: ClinicSession, found: Sequence[Case], now: datetime, locale: str) -> list[GoodNews]:
    """Until somebody changes the plan again, or a week is over."""
    names = {case.client.id: case.client.name for case in found}
    return [
        GoodNews(
            step.client_id,
            names[step.client_id],
            said(Sentence("From %(day)s. %(change)s.", {"day": step.starts_on, "change": step.change}), locale),
        )
        for step in await steps_lately(session, now.date() - STEPS_SHOWN)
        if step.client_id in names
    ]


def _late_minutes(beat_at: datetime | None, now: datetime) -> int | None:
    if beat_at is None or now - beat_at <= NOTIFIER_BEATS:
        return None
    return max(1, (now - beat_at) // timedelta(minutes=1))
