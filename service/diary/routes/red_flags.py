"""Warning signs: what is answered when asked, the flags that are open, and clearing one."""

from uuid import UUID

from litestar import get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType

from service.accounts.guards import AnyCaller, Caller, record_of
from service.accounts.queries import clinic as find_clinic
from service.accounts.rules import Right
from service.accounts.tables import Client
from service.catalogue.library import FlagTier
from service.database.tenancy import ClinicSession
from service.diary import queries
from service.diary.red_flags import Answers, answer_questions, answer_urgency, close_red_flag
from service.diary.rules import Outcome
from service.diary.rules.screening import Urgency, Why, care_words
from service.diary.schemas import (
    RedFlagAnswersIn,
    RedFlagAnswersOut,
    RedFlagCloseIn,
    RedFlagList,
    RedFlagOut,
    UrgencyIn,
    UrgencyOut,
)
from service.diary.tables import RedFlag
from service.words import translator


@get("/clients/{client_id:uuid}/red-flags", operation_id="listRedFlags", tags=["diary"])
async def list_red_flags(client_id: FromPath[UUID], caller: AnyCaller) -> RedFlagList:
    async with caller.tx() as session:
        await record_of(session, caller, client_id)
        return RedFlagList([_flag_out(flag) for flag in await queries.red_flags(session, client_id)])


@post(
    "/clients/{client_id:uuid}/red-flags/{flag_id:uuid}/close",
    operation_id="closeRedFlag",
    status_code=200,
    tags=["diary"],
)
async def clear_red_flag(
    client_id: FromPath[UUID], flag_id: FromPath[UUID], data: JSONBody[RedFlagCloseIn], staff: AnyCaller
) -> RedFlagOut:
    """A clinician looked into it: reminders go on. Closed twice is closed once, with the first note."""
    async with staff.tx() as session:
        await record_of(session, staff, client_id, right=Right.PRESCRIBE)
        as_of = None if data.as_of is UNSET else data.as_of
        return _flag_out(await close_red_flag(session, client_id, flag_id, data.note, staff.now, as_of=as_of))


@put(
    "/clients/{client_id:uuid}/red-flag-answers/{screen_id:uuid}",
    operation_id="putRedFlagAnswers",
    tags=["diary"],
)
async def put_red_flag_answers(
    client_id: FromPath[UUID], screen_id: FromPath[UUID], data: JSONBody[RedFlagAnswersIn], caller: AnyCaller
) -> RedFlagAnswersOut:
    """Answers about warning signs, under an id made by the phone: the same again is the same. Any yes opens a red
    flag, stops reminders and tells the clinic; it cannot be taken back here."""
    answers = Answers(Why(data.why), data.yes, data.no, data.wording)
    async with caller.tx() as session:
        client = await record_of(session, caller, client_id)
        screen = await answer_questions(session, client, screen_id, answers, caller.now)
        number = (await find_clinic(session)).emergency_number
    say = translator(client.locale).gettext
    return RedFlagAnswersOut(
        id=screen.id,
        answered_at=screen.answered_at,
        wording=screen.wording,
        yes=screen.yes,
        no=screen.no,
        emergency_number=number,
        care=screen.told or UNSET,  # type: ignore[arg-type]
        words=[say(words) % {"number": number} for words in care_words(screen.told)] if screen.told else [],
    )


async def words_on_hold(
    session: ClinicSession, client: Client, caller: Caller, outcome: Outcome
) -> list[str] | UnsetType:
    """What to do now, for a client who exercised while a warning sign is open; of one that is known by words alone, as
    in an emergency."""
    if caller.person.kind != "client" or outcome is Outcome.SKIPPED:
        return UNSET
    if not await queries.is_on_hold(session, client.id, caller.now):
        return UNSET
    screens = await queries.screens(session, client.id)
    told = next((screen.told for screen in screens if screen.told), FlagTier.EMERGENCY)
    say, number = translator(client.locale).gettext, (await find_clinic(session)).emergency_number
    return [say(words) % {"number": number} for words in care_words(told)]


def _flag_out(flag: RedFlag) -> RedFlagOut:
    return RedFlagOut(
        flag.id,
        flag.source,  # type: ignore[arg-type]
        flag.opened_at,
        flag.closed_at or UNSET,
        flag.closed_note or UNSET,
    )


@put("/clients/{client_id:uuid}/urgency/{answer_id:uuid}", operation_id="putUrgency", tags=["diary"])
async def put_urgency(
    client_id: FromPath[UUID], answer_id: FromPath[UUID], data: JSONBody[UrgencyIn], caller: AnyCaller
) -> UrgencyOut:
    """Whether it is urgent, or can wait for the visit, in the client's own judgement. Urgent asks for a call."""
    async with caller.tx() as session:
        client = await record_of(session, caller, client_id)
        kept = await answer_urgency(session, client, answer_id, Urgency(data.answer), caller.now)
    return UrgencyOut(kept.id, kept.answer, kept.answered_at)  # type: ignore[arg-type]


handlers = [list_red_flags, clear_red_flag, put_red_flag_answers, put_urgency]
