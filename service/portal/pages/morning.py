"""The morning after a session, asked on Today when there was one the day before."""

from service.diary.mornings import NIGHT
from service.diary.rules import Outcome
from service.portal.queries import Record
from service.portal.rules import Reader, Unsaved
from service.portal.schemas import Choice, MorningForm
from service.terms import RESPONSES


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
