"""The whole plan with its pictures and every cue; printed, it is the hand-out, with boxes to tick for a week."""

from datetime import datetime

from litestar import route
from litestar.response import Response

from service.accounts.guards import AnyCaller, record_of
from service.accounts.queries import clinic as find_clinic
from service.accounts.tables import Client
from service.catalogue.queries import entry_of
from service.catalogue.queries.media import Media, current_media
from service.database.tenancy import ClinicSession
from service.diary.entries import today_of
from service.plans.queries import Content, Item
from service.plans.queries.codes import codes, in_routines
from service.plans.rules import cadence_words
from service.portal import rules
from service.portal.guards import own_page
from service.portal.pages.plan_card import plan_item, stage
from service.portal.pages.showing import reader_of, safety_of
from service.portal.pages.today import READ
from service.portal.queries import record_on, staff_names
from service.portal.rules import Reader
from service.portal.schemas import PlanMove, PlanView
from service.progress.facts import warning_signs_of


async def plan_view(session: ClinicSession, client: Client, now: datetime) -> PlanView:
    """Of a plan to come too: it can be read and printed before its first day. While a warning sign is open nobody is
    shown what to do, here as little as on Today."""
    reader, record = reader_of(client), await record_on(session, client, today_of(client, now))
    clinic, content = await find_clinic(session), record.content or record.to_come
    names = await staff_names(session, [content.version.created_by]) if content else {}
    where, where_day = stage(record)
    signs = await warning_signs_of(session, client.id, record.diary, now)
    safety = safety_of(record, signs, clinic, reader)
    shown = None if safety and safety.stops_plan else content
    letters = codes(record.plans)
    own = await current_media(session, [item.exercise.id for item in shown.items]) if shown else {}
    return PlanView(
        name=client.name,
        clinic_name=clinic.short_name,
        help_phone=clinic.phone,
        emergency_number=clinic.emergency_number,
        stage=where,
        stage_day=where_day,
        author=names[content.version.created_by] if content else None,
        starts_on=content.version.starts_on if content else None,
        moves=[_move(shown, item, letters[item.row.item_key], reader, own) for item in in_routines(shown.items)]
        if shown
        else [],
        habits=[reader.say(habit.prompt) for habit in shown.habits] if shown else [],
        fixes=[reader.say(fix.prompt) for fix in shown.fixes] if shown else [],
        lessons=[(lesson.title, lesson.body) for lesson in shown.lessons] if shown else [],
        safety=safety,
        stop_rule=reader.read(rules.stop_rule(shown.pain_limit(clinic.load_pain) if shown else clinic.load_pain)),
        country=clinic.country,
    )


def _move(content: Content, item: Item, code: str, reader: Reader, own: Media) -> PlanMove:
    written = [item.row.cue] if item.row.cue else []
    cues = dict.fromkeys((*written, *entry_of(item.exercise).cues))
    return PlanMove(
        plan_item(item, None, [], reader, own),
        reader.label(cadence_words(content.cadence(item))),
        [reader.say(cue) for cue in cues],
        code,
    )


@route("/plan", http_method=READ)
async def show_plan(client: AnyCaller) -> Response[str]:
    async with client.tx() as session:
        own = await record_of(session, client, client.person.id)
        view = await plan_view(session, own, client.now)
    return own_page("portal/plan.html", client, own, view)


handlers = [show_plan]
