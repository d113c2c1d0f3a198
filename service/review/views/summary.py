"""What was told since the last visit, as facts on one page; nothing is filled in, and nothing is judged."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from service.accounts.guards import Caller
from service.accounts.tables import Client
from service.catalogue.rules import Sentence
from service.conversation import queries as conversation
from service.database.tenancy import ClinicSession
from service.diary import queries as diary
from service.diary.entries import today_of
from service.diary.queries import Diary
from service.diary.rules import local_day
from service.errors import Refused
from service.intake.queries import last_visit_on
from service.plans.queries import contents
from service.progress.facts import proposals_of
from service.progress.queries import ADHERENCE_DAYS, Progress, progress_of
from service.progress.rules import SINCE_THEN, change_words
from service.progress.rules.strength import plan_strength
from service.review.rules.visits import coming
from service.review.schemas.summary import Counted, HabitFacts, PainFacts, Summary
from service.review.views.client import habit_strips
from service.review.views.proposals import proposals
from service.review.views.stack import DAYS
from service.review.views.versions import plan_changes
from service.terms import AGGRAVATORS, RESPONSES, SKIP_REASONS, said, site_label

SINCE_DAYS = ADHERENCE_DAYS
MOST_DAYS = 400


async def _last_seen(session: ClinicSession, client: Client, today: date) -> date:
    # A visit of today is the one that this is read before.
    visit = await last_visit_on(session, client.id, today - timedelta(days=1))
    if visit is None or (today - visit).days >= MOST_DAYS:
        return today - timedelta(days=SINCE_DAYS - 1)
    return visit


async def summary(session: ClinicSession, staff: Caller, client: Client, since: date | None) -> Summary:
    """Without a day, since the last visit; without a visit, the last four weeks."""
    today, locale = today_of(client, staff.now), staff.person.locale
    first = _checked(since or await _last_seen(session, client, today), today)
    count = (today - first).days + 1
    [progress] = (await progress_of(session, [client], staff.now, count)).values()
    known = await diary.diary(session, client.id, min(first, today - timedelta(days=DAYS - 1)), today)
    told = _since(known, first)
    listed = await contents(session, client.id)
    days = [first + timedelta(days=n) for n in range(count)]
    zone = ZoneInfo(client.zone)
    texts = [t for t in await conversation.thread(session, client.id) if local_day(t.sent_at, zone) >= first]
    flags = await diary.red_flags(session, client.id)
    found = await proposals_of(session, await diary.red_flags(session, client.id), progress, listed, known)
    strength = plan_strength(progress.days[-count:])
    return Summary(
        client_id=client.id,
        name=client.name,
        since=first,
        today=today,
        days=count,
        pain=_pain(progress, first, locale),
        plan=said(progress.adherence_since(first).words, locale),
        plan_changes=plan_changes(listed, days, locale),
        habits=[
            HabitFacts(strip.name, strip.met, strip.answered, strip.strength)
            for strip in await habit_strips(session, listed, told.habits, days, locale)
        ],
        **_counted(told, locale),
        proposals=[f"{one.exercise.name}: {one.words}" for one in proposals(found, client.id, locale)],
        from_client=sum(text.direction == "in" for text in texts),
        from_us=sum(text.staff_id is not None for text in texts),
        warnings=sum(flag.closed_at is None for flag in flags),
        strength=None if strength is None else round(strength * 100),
        next_visit=coming(client.next_visit, today),
    )


def _since(known: Diary, first: date) -> Diary:
    return Diary(
        first,
        known.last,
        [session for session in known.sessions if session.row.day >= first],
        [mark for mark in known.habits if mark.day >= first],
        [pain for pain in known.pains if pain.entry.day >= first],
        [morning for morning in known.mornings if morning.day >= first],
    )


def _checked(since: date, today: date) -> date:
    if not today - timedelta(days=MOST_DAYS - 1) <= since <= today:
        raise Refused.one("/since", "day", "Use a day of the last 400 days.")
    return since


def _pain(progress: Progress, first: date, locale: str) -> PainFacts:
    told = [pain for pain in progress.pain if pain.day >= first]
    worst = max(told, key=lambda pain: (pain.score, pain.day), default=None)
    then, now = progress.mean_on(first), progress.mean_on(progress.today)
    return PainFacts(
        answered=len(told),
        then=then,
        now=now,
        worst=worst.score if worst else None,
        worst_on=worst.day if worst else None,
        change=None if now is None or then is None else said(change_words(now, then, SINCE_THEN).words, locale),
        since_start=None
        if now is None or progress.baseline is None
        else said(change_words(now, progress.baseline).words, locale),
    )


def _counted(told: Diary, locale: str) -> dict[str, Any]:
    sites = (site_label(site.site) for pain in told.pains for site in pain.sites if site.site)
    aggravators = (code for pain in told.pains for code in pain.entry.aggravators)
    reasons = (session.row.reason for session in told.sessions if session.row.reason)
    return {
        "places": _most(sites, {}, locale),
        "aggravators": _most(aggravators, AGGRAVATORS, locale),
        "skipped": _most(reasons, SKIP_REASONS, locale),
        "mornings": _most((morning.response for morning in told.mornings), RESPONSES, locale),
    }


def _most(codes: Iterable[str], words: Mapping[str, str], locale: str) -> list[Counted]:
    """The most frequent first."""
    return [Counted(said(Sentence(words.get(code, code)), locale), n) for code, n in Counter(codes).most_common()]
