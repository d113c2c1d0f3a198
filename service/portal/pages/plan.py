"""The whole plan with its pictures and every cue; printed, it is the hand-out, with boxes to tick for a week."""

from datetime import date

from litestar import route
from litestar.response import Response

from service.accounts.guards import AnyCaller, record_of
from service.accounts.queries import clinic as find_clinic
from service.accounts.tables import Client
from service.catalogue.queries import entry_of
from service.database.tenancy import ClinicSession
from service.diary.entries import today_of
from service.page import page
from service.plans.queries import Content, Item
from service.plans.rules import cadence_words
from service.portal import rules
from service.portal.pages.plan_card import in_routines, plan_item, stage
from service.portal.pages.showing import reader_of
from service.portal.pages.today import READ
from service.portal.queries import record_on, staff_names
from service.portal.rules import Reader
from service.portal.schemas import PlanMove, PlanView


async def plan_view(session: ClinicSession, client: Client, day: date) -> PlanView:
    """Of a plan to come too: it can be read and printed before its first day."""
    reader, record = reader_of(client), await record_on(session, client, day)
    clinic, content = await find_clinic(session), record.content or record.to_come
    names = await staff_names(session, [content.version.created_by]) if content else {}
    where, where_day = stage(record)
    return PlanView(
        name=client.name,
        clinic_name=clinic.short_name,
        help_phone=clinic.phone,
        emergency_number=clinic.emergency_number,
        stage=where,
        stage_day=where_day,
        author=names[content.version.created_by] if content else None,
        starts_on=content.version.starts_on if content else None,
        moves=[_move(content, item, reader) for item in in_routines(content.items)] if content else [],
        habits=[reader.say(habit.prompt) for habit in content.habits] if content else [],
        fixes=[reader.say(fix.prompt) for fix in content.fixes] if content else [],
        lessons=[(lesson.title, lesson.body) for lesson in content.lessons] if content else [],
        stop_rule=reader.read(rules.STOP_RULE),
    )


def _move(content: Content, item: Item, reader: Reader) -> PlanMove:
    cues = [item.row.cue] if item.row.cue else []
    return PlanMove(
        plan_item(item, None, [], reader),
        reader.label(cadence_words(content.cadence(item))),
        [reader.say(cue) for cue in (*cues, *entry_of(item.exercise).cues)],
    )


@route("/plan", http_method=READ)
async def show_plan(client: AnyCaller) -> Response[str]:
    async with client.tx() as session:
        own = await record_of(session, client, client.person.id)
        view = await plan_view(session, own, today_of(own, client.now))
    return page("portal/plan.html", locale=own.locale, view=view, csrf=client.csrf)


handlers = [show_plan]
