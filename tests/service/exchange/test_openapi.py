"""The API's description is checked in, so that every change of it is seen in a review.

After a change on purpose: `.venv/bin/python -m tests.service.exchange.test_openapi` writes it anew.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient

from service.app import create_app
from service.database.tenancy import Database
from service.exchange.rules import complete
from service.settings import Settings
from tests.trust.scopes import SCOPED

pytestmark = pytest.mark.anyio

FILE = Path(__file__).parents[3] / "docs" / "openapi.json"


@cache
def described() -> dict[str, Any]:
    settings = Settings(secret_key="k" * 40, public_url="http://localhost")
    app = create_app(settings, Database("postgresql://nobody:nothing@127.0.0.1:1/none"))
    return complete(app.openapi_schema.to_schema())


def written(description: dict[str, Any]) -> str:
    return json.dumps(description, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def test_the_checked_in_description_is_todays() -> None:
    assert FILE.read_text() == written(described()), "the API changed; see the docstring of this test"


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [operation["operationId"] for methods in described()["paths"].values() for operation in methods.values()]
    assert len(names) == len(set(names))
    assert all(name[0].islower() and name.isalnum() for name in names)


def test_every_operation_may_answer_with_a_problem() -> None:
    for path, methods in described()["paths"].items():
        for method, operation in methods.items():
            assert "default" in operation["responses"], f"{method} {path}"


def test_every_operation_says_what_it_is_called_with() -> None:
    """Those that a program's token opens are those of the table of scopes, and nothing needs a token only."""
    by_token = set()
    for path, methods in described()["paths"].items():
        for method, operation in methods.items():
            named = [name for one in operation["security"] for name in one]
            assert named in ([], ["session"], ["session", "token"]), path
            by_token |= {f"{method.upper()} {path}"} if "token" in named else set()
    assert by_token == set(SCOPED)


async def test_the_file_and_its_page_need_no_sign_in_and_nothing_from_elsewhere(api: AsyncClient) -> None:
    file = await api.get("/v1/openapi.json")
    assert file.json()["openapi"].startswith("3.1")
    page = await api.get("/docs/api")
    assert page.status_code == 200
    assert "putPainEntry" in page.text
    assert "https://" not in page.text.replace("https://app.clinic.example", "")


if __name__ == "__main__":
    FILE.write_text(written(described()))
