"""A client's warning signs: what was told, what was said back, and who cleared each with which note."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from service.conversation.queries import asked_by_text, is_danger
from service.conversation.rules import shown_words
from service.conversation.tables import ThreadMessage
from service.database.tenancy import ClinicSession
from service.diary.rules.screening import FLAGS, by_urgency, is_full, most_urgent
from service.diary.tables import RedFlag, RedFlagScreen
from service.review.queries.person import Person
from service.review.schemas.alerts import QuestionsAnswered, RedFlagShown
from service.words import translator

CARE = {
    "emergency": "emergency care now",
    "same_day": "medical help the same day",
    "soon": "care within two working days",
}


def red_flags_shown(known: Person, texts: Sequence[ThreadMessage], zone: ZoneInfo, locale: str) -> list[RedFlagShown]:
    """The newest first."""
    return [_shown(flag, known.screens, texts, known.staff, zone, locale) for flag in known.flags]


async def unanswered_since(
    session: ClinicSession, client_id: UUID, answered: Sequence[RedFlagScreen]
) -> datetime | None:
    """When the questions last went out by text, unless they were answered since."""
    asked = await asked_by_text(session, client_id)
    if not asked or (answered and answered[0].answered_at > asked[0]):
        return None
    return asked[0]


def questions_answered(screens: Sequence[RedFlagScreen], zone: ZoneInfo) -> list[QuestionsAnswered]:
    """The last answers; where they were to a few questions only, the last ones to all of them too."""
    newest = list(screens[:1])
    if newest and not _is_full(newest[0]):
        newest += [screen for screen in screens if _is_full(screen)][:1]
    return [
        QuestionsAnswered(screen.answered_at.astimezone(zone), len(screen.yes), len(screen.no), len(FLAGS))
        for screen in newest
    ]


def _is_full(screen: RedFlagScreen) -> bool:
    return is_full([*screen.yes, *screen.no])


def _shown(
    flag: RedFlag,
    screens: Sequence[RedFlagScreen],
    texts: Sequence[ThreadMessage],
    names: Mapping[UUID, str],
    zone: ZoneInfo,
    locale: str,
) -> RedFlagShown:
    say = translator(locale).gettext
    yes = {code for screen in screens if _within(flag, screen) for code in screen.yes}
    care = most_urgent(yes) if flag.source != "text" else None
    lines = [say(FLAGS[code].ask) for code in by_urgency(sorted(yes))]
    if flag.source == "text":
        lines = [
            f"“{shown_words(text.body, 'picture' in (text.reading or '').split(), say)}”"
            for text in texts
            if is_danger(text) and _covers(flag, text)
        ]
    return RedFlagShown(
        id=flag.id,
        opened_at=flag.opened_at.astimezone(zone),
        source=flag.source,  # type: ignore[arg-type]
        lines=lines,
        care=say(CARE[care]) if care else None,
        cleared_at=flag.closed_at.astimezone(zone) if flag.closed_at else None,
        cleared_by=names.get(flag.closed_by) if flag.closed_by else None,
        note=flag.closed_note,
    )


def _within(flag: RedFlag, screen: RedFlagScreen) -> bool:
    return flag.opened_at <= screen.answered_at and (flag.closed_at is None or screen.answered_at <= flag.closed_at)


def _covers(flag: RedFlag, text: ThreadMessage) -> bool:
    return flag.opened_at <= text.sent_at and (flag.closed_at is None or text.sent_at <= flag.closed_at)
