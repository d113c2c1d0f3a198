"""A long caseload a part at a time: nobody who must be called is behind the end of a page unsaid."""

import pytest
from httpx import AsyncClient
from msgspec.structs import replace

from service.database.tenancy import Database
from service.page import environment
from service.review.rules import Tier
from service.review.rules import sorting as rules
from service.review.rules.sorting import Listing, Sort, listing, rows_of
from tests import told
from tests.make import NOW
from tests.samples_caseload import caseload_view
from tests.service.review.browsing import World, ago, look, send, shown, words

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("page", "total", "rows"),
    [(1, 0, range(0)), (1, 50, range(50)), (2, 50, range(50)), (2, 51, range(50, 51)), (9, 120, range(100, 120))],
)
def test_a_page_has_fifty_rows_and_past_the_end_comes_the_last_one(page: int, total: int, rows: range) -> None:
    assert rows_of(page, total) == rows


def test_a_list_has_an_address_that_leads_back_to_it_and_a_wrong_one_leads_to_the_usual_list() -> None:
    assert Listing().query == ""
    for one in (Listing(Tier.CALL, Sort.NAME, 3), Listing(page=2, good=True), Listing(sort=Sort.VISIT)):
        assert listing(one.query) == one
    for query in ("tier=x&sort=y&page=z", "page=0", "page=²", "page=99999999", "page=-1", "%%%", "tier=&sort="):
        assert listing(query) == Listing()


@pytest.fixture
def _one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "ROWS_OF_A_PAGE", 1)


@pytest.mark.usefixtures("_one_row")
async def test_counts_are_of_everybody_and_a_page_says_who_is_to_be_called_on_another(
    api: AsyncClient, database: Database, world: World
) -> None:
    await told.pain(database, world.clients["Rita"], ago(0), 9)
    first = await look(api, world, "/caseload?sort=name", "owner")
    assert "Maria Lopez" in first.text
    assert "Rita Lopez" not in first.text
    assert "1 to call" in words(first.text)
    assert "1 to 1 of 2 1 more to call on another page" in words(first.text)
    assert 'rel="next" href="/caseload?sort=name&amp;page=2"' in first.text
    second = await look(api, world, "/caseload?sort=name&page=2", "owner")
    assert "Rita Lopez" in second.text
    assert "more to call" not in words(second.text)
    assert "1 to call" in words(second.text)
    # By need, whoever must be called comes first, and a page past the end is the last one.
    assert "Rita Lopez" in (await look(api, world, "/caseload", "owner")).text
    assert "2 to 2 of 2 1 more to call" in await shown(api, world, "/caseload?page=40", "owner")
    assert "more to call" not in await shown(api, world, "/caseload?tier=call", "owner")


@pytest.mark.usefixtures("_one_row")
async def test_the_api_gives_all_rows_or_a_page_of_them(api: AsyncClient, world: World) -> None:
    whole = (await look(api, world, "/v1/caseload", "owner")).json()
    assert len(whole["rows"]) == 2
    assert "part" not in whole
    page = (await look(api, world, "/v1/caseload?page=2", "owner")).json()
    assert page["rows"] == whole["rows"][1:]
    assert page["part"] == {"page": 2, "pages": 2, "first": 2, "last": 2, "total": 2, "following": 0, "to_call": 0}


@pytest.mark.parametrize("page", ["0", "-1", "two", "1.5"])
async def test_a_page_that_is_no_number_is_refused(api: AsyncClient, world: World, page: str) -> None:
    assert (await look(api, world, f"/caseload?page={page}")).status_code == 422


async def test_who_marks_a_row_comes_back_to_the_same_list(api: AsyncClient, database: Database, world: World) -> None:
    await told.pain(database, world.maria, ago(0), 9)
    form = {"rule": "pain_jump", "as_of": NOW.isoformat(), "list": "sort=name&page=2"}
    answer = await send(api, world, "/caseload/MARIA/seen", form, page="/caseload?tier=call&sort=name")
    assert answer.headers["location"] == "/caseload?sort=name&page=2&done=seen"
    page = (await look(api, world, "/caseload?tier=call&sort=name")).text
    assert 'name="list" value="tier=call&amp;sort=name"' in page
    wrong = await send(api, world, "/caseload/MARIA/seen", form | {"list": "//elsewhere.example"}, page="/caseload")
    assert wrong.headers["location"] == "/caseload?done=seen"


def test_good_news_of_many_is_fifty_lines_and_a_link_to_the_rest() -> None:
    known = caseload_view()
    told = [replace(known.good_news[0], name=f"Ann {number}") for number in range(52)]

    def drawn(is_all: bool) -> str:
        view = replace(known, good_news=told, listing=Listing(good=is_all))
        template = environment("en").get_template("review/caseload.html")
        html: str = template.render(view=view, csrf="the-token", locale="en", static=str, band=None)
        return words(html.partition('id="good-news"')[2].partition("</details>")[0])

    assert ("Good news · 52" in drawn(False), "Ann 49" in drawn(False), "Ann 50" in drawn(False)) == (True, True, False)
    assert "2 more" in drawn(False)
    assert ("Ann 51" in drawn(True), "more" in drawn(True)) == (True, False)
