from typing import Annotated
from uuid import UUID

from litestar import Router, get
from litestar.params import FromPath, QueryParameter
from msgspec import UNSET

from service.accounts.guards import AnyCaller, record_of
from service.diary.entries import today_of
from service.diary.queries import diary
from service.diary.rules.screening import FLAGS, WORDING, Screen, Why, all_questions, grouped
from service.errors import Refused
from service.progress.facts import warning_signs_of
from service.progress.queries import ADHERENCE_DAYS, Progress, progress_of
from service.progress.rules import LOOK_BACK, Adherence, change_words
from service.progress.rules.strength import plan_strength
from service.progress.schemas import (
    AdherenceOut,
    ChangeOut,
    DayOut,
    PainDayOut,
    ProgressOut,
    QuestionGroup,
    QuestionOut,
    RedFlagQuestions,
)
from service.terms import said
from service.words import translator

MOST_DAYS = 400


@get("/clients/{client_id:uuid}/progress", operation_id="getProgress", tags=["progress"])
async def get_progress(
    client_id: FromPath[UUID],
    caller: AnyCaller,
    days: Annotated[int, QueryParameter(description="Use 1 to 400 days.")] = ADHERENCE_DAYS,
) -> ProgressOut:
    """The last 28 days, or as many as asked for, ending with the client's today."""
    if not 1 <= days <= MOST_DAYS:
        raise Refused.one("/days", "range", "Use 1 to 400 days.")
    async with caller.tx() as session:
        client = await record_of(session, caller, client_id)
        found = await progress_of(session, [client], caller.now, days)
    return _out(client_id, found[client_id], days, caller.person.locale)


@get("/clients/{client_id:uuid}/red-flag-questions", operation_id="getRedFlagQuestions", tags=["progress"])
async def get_red_flag_questions(client_id: FromPath[UUID], caller: AnyCaller) -> RedFlagQuestions:
    """The questions about warning signs that are due, else all of them. Answer with `putRedFlagAnswers`."""
    async with caller.tx() as session:
        client = await record_of(session, caller, client_id)
        today = today_of(client, caller.now)
        told = await diary(session, client_id, today - LOOK_BACK, today)
        asked = (await warning_signs_of(session, client_id, told, caller.now)).asked
    return _questions(asked, client.locale)


def _questions(asked: Screen | None, locale: str) -> RedFlagQuestions:
    say, screen = translator(locale).gettext, asked or all_questions(Why.OWN)
    groups = [
        QuestionGroup(say(title), [QuestionOut(code, say(FLAGS[code].ask)) for code in codes])
        for title, codes in grouped(screen.questions)
    ]
    return RedFlagQuestions(WORDING, groups, asked.why.value if asked else UNSET)  # type: ignore[arg-type]


def _out(client_id: UUID, progress: Progress, days: int, locale: str) -> ProgressOut:
    strength = plan_strength(progress.days[-days:])
    return ProgressOut(
        client_id=client_id,
        today=progress.today,
        adherence=_adherence(progress.adherence, locale),
        days=[
            DayOut(d.day, d.state.value, d.due, UNSET if d.share is None else d.share) for d in progress.days[-days:]
        ],
        pain=[
            PainDayOut(day, UNSET if worst is None else worst, UNSET if mean is None else mean)
            for day, worst, mean in progress.pain_days(days)
        ],
        baseline=UNSET if progress.baseline is None else progress.baseline,
        change=_change(progress, locale) or UNSET,
        strength=UNSET if strength is None else round(strength * 100),
    )


def _adherence(found: Adherence, locale: str) -> AdherenceOut:
    return AdherenceOut(
        done=found.done,
        partly=found.partly,
        due=found.due,
        not_logged=found.not_logged,
        words=said(found.words, locale),
        percent=UNSET if found.percent is None else found.percent,
    )


def _change(progress: Progress, locale: str) -> ChangeOut | None:
    now, before = progress.mean_on(progress.today), progress.baseline
    if now is None or before is None:
        return None
    change = change_words(now, before)
    percent = UNSET if change.percent is None else change.percent
    return ChangeOut(change.direction.value, change.points, said(change.words, locale), percent)


routers = [Router("/v1", route_handlers=[get_progress, get_red_flag_questions])]
