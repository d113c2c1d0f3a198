"""Every form of every page, with something wrong in each field in which somebody writes, and then in each in which
something is picked.

It is refused; what would be right stands beside the field; all that was typed is still there; nothing was changed. A
form on a new page is asked by itself.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Final

import pytest
from httpx import AsyncClient

from service.settings import Settings
from tests.conftest import Clock, Urls, app_of, by_socket, serving
from tests.trust.asking import ask, routes
from tests.trust.clinics import Side
from tests.trust.forms import Form, Page, Pairs
from tests.trust.table import ALLOWED, ENDLESS
from tests.trust.wrong import ID, Asked, Lasting, is_choice

pytestmark = pytest.mark.anyio

KEPT_AS_TYPED: Final = "/clients/{id}/plan/draft"
"""Keeps what is half done, right or not."""


@pytest.fixture
async def lasting(urls: Urls, postgres_folder: Path) -> AsyncIterator[Lasting]:
    made = Lasting(by_socket(urls.app, postgres_folder))
    yield made
    await made.close()


async def test_a_choice_that_is_gone_is_told_beside_it_and_nothing_typed_is_lost(
    settings: Settings, world: tuple[Side, Side], lasting: Lasting, clock: Clock
) -> None:
    async with serving(settings, lasting, clock) as api:
        forms = _forms(api, settings, lasting, clock, world[0])
        asked = _once(forms, api, lasting, world[0], lambda form: any(map(is_choice, form.controls)))
        wrong = {one.name: await one.gone() async for one in asked}
    _none_of(wrong, more_than=15)


async def test_a_wrong_word_is_refused_beside_its_field_and_nothing_typed_is_lost(
    settings: Settings, world: tuple[Side, Side], lasting: Lasting, clock: Clock
) -> None:
    async with serving(settings, lasting, clock) as api:
        forms = _forms(api, settings, lasting, clock, world[0])
        asked = _once(forms, api, lasting, world[0], lambda form: bool(form.typed))
        wrong = {one.name: await one.all() async for one in asked}
    _none_of(wrong, more_than=25)


async def _once(
    forms: AsyncIterator[tuple[str, Form, str, Pairs]],
    api: AsyncClient,
    lasting: Lasting,
    ours: Side,
    is_meant: Callable[[Form], bool],
) -> AsyncIterator[Asked]:
    """Wherever else a button stands."""
    known: set[str] = set()
    async for role, form, action, more in forms:
        one = Asked(api, lasting, ours.headers[role], form, action, more)
        if is_meant(form) and one.name not in known:
            known.add(one.name)
            yield one


def _none_of(wrong: Mapping[str, list[str]], *, more_than: int) -> None:
    """Of so many forms at least."""
    found = [why for each in wrong.values() for why in each]
    assert not found, "\n".join(found)
    assert len(wrong) > more_than


async def _forms(
    api: AsyncClient, settings: Settings, lasting: Lasting, clock: Clock, ours: Side
) -> AsyncIterator[tuple[str, Form, str, Pairs]]:
    """Of each page, with each of its buttons: whose it is, where it goes and what the button adds."""
    for route in routes(app_of(settings, lasting, clock)):
        role = next((role for role in ("owner", "client") if role in ALLOWED[route.name]), None)
        if not route.is_page or role is None or route.name == ENDLESS:
            continue
        shown = await ask(api, route, ours.ids["own"] | ours.personal.get(role, {}), ours.headers[role])
        assert shown.status_code < 400, route
        for form in Page(shown.text).forms if "html" in shown.headers["content-type"] else ():
            if form.method == "post" and not form.encoding:
                for action, more in form.presses():
                    if not ID.sub("{id}", action).startswith(KEPT_AS_TYPED):
                        yield role, form, action, more
