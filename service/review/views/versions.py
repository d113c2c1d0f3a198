"""The versions of a client's plan in words, and as lines through the charts."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from string import ascii_uppercase
from typing import Any
from uuid import UUID

from service.catalogue.rules import Sentence
from service.plans.queries import Content, content_on
from service.plans.rules import cadence_words
from service.plans.tables import PlanWarning
from service.review.schemas import PlanChange, PlanItemLine, PlanVersion
from service.review.schemas.pauses import PlanPause
from service.review.schemas.warnings import PassedWarning
from service.review.views.doses import dose_words
from service.review.views.entries import change_sentence
from service.review.views.guarded import source_links
from service.terms import ROUTINES, SIDES, said


def plan_changes(versions: Sequence[Content], days: Sequence[date], locale: str) -> list[PlanChange]:
    begun = [c for c in versions if days[0] <= c.version.starts_on <= days[-1] and ran(c, versions)]
    return [
        PlanChange(content.version.starts_on, letter, said(change_sentence(content), locale))
        for letter, content in zip(ascii_uppercase, begun, strict=False)
    ]


def plan_and_older(
    versions: Sequence[Content],
    passed: Sequence[PlanWarning],
    names: Mapping[UUID, str],
    today: date,
    locale: str,
) -> dict[str, Any]:
    """The version that holds, or the next one; all others newest first."""
    coming = [c for c in versions if c.version.starts_on > today and c.plan.ended_on is None]
    shown = content_on(versions, today) or next(iter(coming), None)
    others = [content for content in reversed(versions) if content is not shown]
    return {
        "plan": _version(shown, versions, passed, names, locale) if shown else None,
        "older_versions": [_version(content, versions, passed, names, locale) for content in others],
    }


def _version(
    content: Content,
    versions: Sequence[Content],
    passed: Sequence[PlanWarning],
    names: Mapping[UUID, str],
    locale: str,
) -> PlanVersion:
    version = content.version
    has_run = ran(content, versions)
    return PlanVersion(
        number=version.number,
        starts_on=version.starts_on,
        author=names.get(version.created_by, ""),
        change=said(change_sentence(content), locale),
        items=[
            PlanItemLine(
                name=said(Sentence(item.exercise.name), locale),
                dose=said(dose_words(item.dose), locale),
                cadence=said(cadence_words(content.cadence(item)), locale),
                routine=said(Sentence(ROUTINES.get(item.row.routine, item.row.routine)), locale),
                side=None if item.row.side == "both" else said(Sentence(SIDES[item.row.side]), locale),
            )
            for item in content.items
        ],
        habits=[said(Sentence(habit.prompt), locale) for habit in content.habits],
        ends_on=last_day(content, versions) if has_run else None,
        note=version.note,
        lessons=[lesson.title for lesson in content.lessons],
        never_ran=not has_run,
        load_pain=version.load_pain,
        passed=[_passed(row, content, locale) for row in passed if row.plan_version_id == version.id],
    )


def _passed(row: PlanWarning, content: Content, locale: str) -> PassedWarning:
    of = {item.row.id: item.exercise.name for item in content.items}
    return PassedWarning(
        exercise=said(Sentence(of[row.plan_item_id]), locale) if row.plan_item_id else None,
        words=said(Sentence.from_stored(row.words), locale),
        sources=source_links(row.sources, locale),
        reason=row.reason,
    )


def pauses(versions: Sequence[Content], today: date) -> list[PlanPause]:
    """Of the plan that runs: those that hold or are to come."""
    running = [content for content in versions if content.plan.ended_on is None]
    found = running[-1].pauses if running else []
    left = [pause for pause in found if pause.until_day is None or pause.until_day >= today]
    return [PlanPause(p.from_day, p.until_day) for p in sorted(left, key=lambda pause: pause.from_day)]


def last_day(content: Content, versions: Sequence[Content]) -> date | None:
    plan, version = content.plan, content.version
    later = [c.version.starts_on for c in versions if c.plan.id == plan.id and c.version.number > version.number]
    ends = [day - timedelta(days=1) for day in later] + [day for day in (plan.ended_on,) if day]
    return min(ends, default=None)


def ran(content: Content, versions: Sequence[Content]) -> bool:
    """Not one that was replaced, or ended with its plan, before its first day."""
    end = last_day(content, versions)
    return end is None or end >= content.version.starts_on
