"""A plan that is being written: each button of its form keeps it as a draft, so leaving is safe."""

from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from service.accounts.guards import AnyCaller, AnyRequest, record_of
from service.accounts.rules import Right
from service.errors import Refused
from service.page import page
from service.review.actions.drafts import drop_draft, keep_draft
from service.review.guards import Typed, own_form, whole_number
from service.review.pages.stale import sent_by, stale_page
from service.review.queries.drafts import draft_of
from service.review.views import prescribe
from service.review.views.arranging import arranged
from service.review.views.how_often import with_days


@get("/clients/{client_id:uuid}/plan/draft", include_in_schema=False)
async def draft_page(client_id: FromPath[UUID], staff: AnyCaller) -> Response[str] | Redirect:
    """As it was left. Where somebody else sent a plan since, both are shown."""
    staff.require(Right.PRESCRIBE)
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
        draft = await draft_of(session, client_id)
        if draft is None:
            return Redirect(f"/clients/{client_id}/plan/new")
        setting = await prescribe.setting_of(session, client, staff.now)
        form = Typed([(name, value) for name, value in draft.fields])
        if draft.follows != setting.version:
            return await stale_page(session, staff, setting, form, status_code=200)
        view = await prescribe.shown(session, staff, setting, form, is_draft=True)
    return page("review/prescribe.html", locale=staff.person.locale, view=view, csrf=staff.csrf, band=staff.band)


@post("/clients/{client_id:uuid}/plan/draft", include_in_schema=False)
async def keep(request: AnyRequest, client_id: FromPath[UUID], staff: AnyCaller) -> Response[str] | Redirect:
    """`act` is the button that was pressed: one that `arranged` knows, `find`, `save` or `discard`."""
    staff.require(Right.PRESCRIBE)
    form = with_days(await own_form(request, staff))
    act, here = form.one("act"), f"/clients/{client_id}/plan/draft"
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
        if act == "discard":
            await drop_draft(session, client_id)
            return Redirect(f"/clients/{client_id}?done=discarded#plan", status_code=303)
        setting = await prescribe.setting_of(session, client, staff.now)
        follows = whole_number(form.one("version"))
        if follows != setting.version and await draft_of(session, client_id) is None and sent_by(staff, setting):
            # A page that was open while its plan was sent begins no new draft.
            return await stale_page(session, staff, setting, form)
        changed = arranged(form, act, setting.running, setting.library)
        try:
            await keep_draft(session, client_id, follows or 0, changed.pairs, staff.now)
        except Refused as refused:
            view = await prescribe.again(session, staff, client, changed, refused)
            return page(
                "review/prescribe.html",
                locale=staff.person.locale,
                status_code=422,
                view=view,
                csrf=staff.csrf,
                band=staff.band,
            )
    return Redirect(here + _place(act), status_code=303)


def _place(act: str) -> str:
    """Where on the page to go on."""
    kind, _, code = act.partition(":")
    if kind in ("add", "up", "down"):
        return f"#line-{code}"
    return {"find": "#found", "remove": "#plan-title"}.get(kind, "")


handlers = [draft_page, keep]
