"""How a session felt, asked once something was done, and how the morning after it is, asked the next day."""

from service.diary.mornings import NIGHT
from service.diary.rules import Outcome
from service.portal.queries import Record
from service.portal.rules import Reader, Unsaved
from service.portal.schemas import Choice, FeltForm, MorningForm
from service.terms import EFFORTS, RESPONSES


def felt_form(record: Record, reader: Reader) -> FeltForm | None:
    if record.session is None or record.session.row.outcome == Outcome.SKIPPED:
        return None
    row = record.session.row
    efforts = [Choice(value, reader.label(words), value == row.effort) for value, words in EFFORTS.items()]
    return FeltForm(efforts, row.pain_before, row.pain_during, row.pain_after)


def morning_form(record: Record, reader: Reader, unsaved: Unsaved | None) -> MorningForm | None:
    yesterday = record.day - NIGHT
    done = [s for s in record.diary.sessions if s.row.day == yesterday and s.row.outcome != Outcome.SKIPPED]
    if not done:
        return None
    told = record.morning
    failed = unsaved if unsaved and unsaved.place == "morning" else None
    picked = failed.form.one("response") if failed else (told.response if told else None)
    return MorningForm(
        day=record.day,
        responses=[Choice(value, reader.label(words), value == picked) for value, words in RESPONSES.items()],
        score=told.score if told else None,
        told=reader.say(RESPONSES[told.response]) if told else None,
        problem=failed.message if failed else None,
    )
