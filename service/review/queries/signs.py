"""What happened once to each client of a caseload, and what staff did about it: two statements for all of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from service.conversation.tables import ThreadMessage
from service.database.rows import uuids
from service.database.sealing import opened, packed
from service.database.tenancy import ClinicSession
from service.diary.rules import CLIENT_BACK_DAYS
from service.diary.rules.screening import HURTS_DAYS
from service.review.rules.alerts import MarkState
from service.review.rules.pain import Limits
from service.review.tables import ReviewMark

_SAID = packed(ThreadMessage, "body", "m")
# Not `= ANY(array)`: of each part of the union the planner would weigh every id against what is known of the table.
_SIGNS = text(
    "SELECT client_id, 'hurts' AS sign, received_at AS at, NULL AS words FROM exercise_session"  # noqa: S608
    "  WHERE clinic_id = :clinic_id AND client_id IN (SELECT unnest(CAST(:ids AS uuid[])))"
    "  AND outcome = 'skipped' AND reason = 'hurts'"
    "  AND day >= :first_day AND received_at > :lately AND deleted_at IS NULL "
    "UNION ALL SELECT client_id, 'stopped', opted_out_at, NULL FROM contact_point WHERE clinic_id = :clinic_id"
    "  AND client_id IN (SELECT unnest(CAST(:ids AS uuid[])))"
    "  AND opted_out_at IS NOT NULL AND opted_out_how IS DISTINCT FROM 'bounce' "
    "UNION ALL SELECT client_id, 'not_reached', invalid_at, channel FROM contact_point WHERE clinic_id = :clinic_id"
    "  AND client_id IN (SELECT unnest(CAST(:ids AS uuid[]))) AND invalid_at IS NOT NULL "
    "UNION ALL SELECT cp.client_id, 'not_reached', min(m.settled_at), 'unreached' FROM contact_point cp"
    "  CROSS JOIN LATERAL (SELECT x.state, x.reason, x.settled_at FROM message x WHERE x.clinic_id = cp.clinic_id"
    "    AND x.client_id = cp.client_id AND x.contact_point_id = cp.id AND x.created_at > :last_month"
    "    AND x.state IN ('delivered', 'undelivered') ORDER BY x.created_at DESC LIMIT :in_a_row) m"
    "  WHERE cp.clinic_id = :clinic_id AND cp.client_id IN (SELECT unnest(CAST(:ids AS uuid[])))"
    "  AND cp.channel = 'sms' GROUP BY cp.client_id, cp.id"
    "  HAVING count(*) = :in_a_row AND bool_and(m.state = 'undelivered' AND m.reason IN ('unreachable', 'no_texts')) "
    f"UNION ALL SELECT client_id, 'danger', sent_at, {_SAID} FROM thread_message m WHERE clinic_id = :clinic_id"
    "  AND client_id IN (SELECT unnest(CAST(:ids AS uuid[])))"
    "  AND direction = 'in' AND reading ~ '(^| )danger( |$)' AND deleted_at IS NULL "
    "UNION ALL SELECT client_id, 'answer', answered_at, array_to_string(yes, ' ') FROM red_flag_screen"
    "  WHERE clinic_id = :clinic_id AND client_id IN (SELECT unnest(CAST(:ids AS uuid[])))"
    "  AND yes <> '{}' AND deleted_at IS NULL "
    "UNION ALL SELECT client_id, answer, answered_at, NULL FROM urgency_answer WHERE clinic_id = :clinic_id"
    "  AND client_id IN (SELECT unnest(CAST(:ids AS uuid[]))) AND deleted_at IS NULL "
    "UNION ALL SELECT client_id, 'flag', opened_at, NULL FROM red_flag WHERE clinic_id = :clinic_id"
    "  AND client_id IN (SELECT unnest(CAST(:ids AS uuid[]))) AND closed_at IS NULL AND deleted_at IS NULL "
    "UNION ALL SELECT client_id, 'cleared', max(closed_at), NULL FROM red_flag WHERE clinic_id = :clinic_id"
    "  AND client_id IN (SELECT unnest(CAST(:ids AS uuid[])))"
    "  AND closed_at IS NOT NULL AND deleted_at IS NULL GROUP BY client_id"
)
# The newest mark of each rule, by its id: `marked_at` is when the page was read on which it was made.
_MARKS = text(
    "SELECT DISTINCT ON (m.client_id, m.rule) m.client_id, m.rule, m.state, m.until_at, m.marked_at,"  # noqa: S608
    f"  {packed(ReviewMark, 'note', 'm')} AS note, s.name "
    "FROM review_mark m JOIN staff s ON s.clinic_id = m.clinic_id AND s.id = m.staff_id "
    "WHERE m.clinic_id = :clinic_id AND m.client_id IN (SELECT unnest(CAST(:ids AS uuid[]))) "
    "ORDER BY m.client_id, m.rule, m.id DESC"
)


@dataclass(frozen=True, slots=True)
class Mark:
    """Somebody looked, up to `marked_at`; `until_at` is set while it is snoozed, `note` when it was done."""

    by: str
    marked_at: datetime
    until_at: datetime | None = None
    note: str | None = None
    is_done: bool = False

    def covers(self, at: datetime | None) -> bool:
        return at is not None and at <= self.marked_at


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that happened once; `words` is what was said of it, `yes` which questions it answered."""

    at: datetime
    words: str | None = None
    yes: tuple[str, ...] = ()


Signs = dict[UUID, dict[str, list[Sign]]]
"""By client and sign; of whom there is nothing to say, nothing."""


async def signs_of(session: ClinicSession, ids: Sequence[UUID], now: datetime, limits: Limits) -> Signs:
    lately = now - timedelta(days=HURTS_DAYS)
    values = {
        "clinic_id": session.clinic_id,
        "ids": uuids(ids),
        "lately": lately,
        # What a client tells lately is about a day not long before; a note of staff may be about last year.
        "first_day": lately.date() - timedelta(days=CLIENT_BACK_DAYS + 1),
        "last_month": now - timedelta(days=30),
        "in_a_row": limits.silence.unreached_texts,
    }
    signs: Signs = defaultdict(lambda: defaultdict(list))
    for row in await session.execute(_SIGNS, values):
        yes = tuple(row.words.split()) if row.sign == "answer" else ()
        words = opened(ThreadMessage, "body", row.words) if row.sign == "danger" else row.words
        signs[row.client_id][row.sign].append(Sign(row.at, None if yes else words, yes))
    return signs


async def marks_of(session: ClinicSession, ids: Sequence[UUID]) -> dict[UUID, dict[str, Mark]]:
    """By client and rule."""
    marks: dict[UUID, dict[str, Mark]] = defaultdict(dict)
    for row in await session.execute(_MARKS, {"clinic_id": session.clinic_id, "ids": uuids(ids)}):
        is_done = row.state == MarkState.DONE
        note = opened(ReviewMark, "note", row.note)
        marks[row.client_id][row.rule] = Mark(row.name, row.marked_at, row.until_at, note, is_done)
    return marks
