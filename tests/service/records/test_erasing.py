"""Somebody who is erased is in no column of any table, on no page, and stays away when an old backup comes back."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import psycopg
import pytest
from httpx import AsyncClient, Response
from psycopg import sql
from sqlalchemy import text

from scheduler.upkeep import Upkeep
from service import erased_list
from service.all_tables import metadata
from service.cli import main
from service.database.tenancy import SYSTEM, Database
from service.erasing_again import erase_again
from service.records.actions.erasing import KEPT, is_of_a_client, statements
from service.records.actions.export import LEFT_OUT
from service.settings import Settings
from tests.conftest import Clock, Urls, serving
from tests.key import KEY
from tests.own_database import database as database
from tests.own_database import notifier as notifier
from tests.own_database import urls as urls
from tests.trust.clinics import Side, make_side

pytestmark = pytest.mark.anyio

CANARY = "zqa-own"
# Made by no request: what these hold of a client has a test of its own, or nothing but keys of rows.
NOT_FILLED = {
    "client_invite",
    "client_context",
    "client_goal",
    "digest_mail",
    "erasure_request",
    "exercise_set",
    "fix_report",
    "habit_mark",
    "morning_after",
    "pain_site",
    "plan_draft",
    "plan_lesson",
    "plan_pause",
    "plan_warning",
    "reminder_rhythm",
    "review_mark",
    "sign_in_code",
    "test_inbox_message",
    "urgency_answer",
    "week_aim",
}


@pytest.fixture(scope="module")
async def side(settings: Settings, database: Database) -> Side:
    async with serving(settings, database, Clock()) as api:
        return await make_side(api, database, "zqa", settings.secret_key)


async def _post(api: AsyncClient, side: Side, role: str, what: str, **fields: str) -> Response:
    url = f"/clients/{side.client_id}/record/{what}"
    return await api.post(url, data={"csrf": side.forms[role], **fields}, headers=side.headers[role])


def _rows(urls: Urls, *words: str) -> dict[str, int]:
    """Table to how many of its rows hold one of these."""
    found = {}
    with psycopg.connect(urls.owner) as connection:
        for table in metadata.sorted_tables:
            query = sql.SQL("SELECT count(*) FROM {} t WHERE t::text ILIKE ANY(%s)").format(sql.Identifier(table.name))
            [(count,)] = connection.execute(query, [[f"%{word}%" for word in words]]).fetchall()
            found[table.name] = count
    return {name: count for name, count in found.items() if count}


async def test_only_the_owner_with_the_name_erases_and_what_is_wrong_changes_nothing(
    api: AsyncClient, side: Side, urls: Urls
) -> None:
    before = _rows(urls, str(side.client_id))
    for role in ("therapist", "front_desk", "client"):
        answer = await _post(api, side, role, "erase", confirm=f"Maria {CANARY}")
        assert answer.status_code == 403
    wrong = await _post(api, side, "owner", "erase", confirm="Maria")
    assert (wrong.status_code, "Type the name as it stands here." in wrong.text) == (422, True)
    assert 'value="Maria"' in wrong.text, "What was typed stays."
    known = _rows(urls, str(side.client_id))
    assert {name: known[name] for name in before if name != "audit_entry"} == {
        name: before[name] for name in before if name != "audit_entry"
    }


async def test_the_file_for_the_owner_holds_every_table_with_a_row_of_the_client(
    api: AsyncClient, side: Side, urls: Urls
) -> None:
    answer = await _post(api, side, "owner", "file")
    assert answer.status_code == 200
    assert CANARY not in answer.headers["content-disposition"]
    data: Mapping[str, list[Any]] = json.loads(ZipFile(BytesIO(answer.content)).read("data.json"))
    with psycopg.connect(urls.owner) as connection:
        for table in metadata.sorted_tables:
            if not (is_of_a_client(table) or table.name == "audit_entry") or table.name in LEFT_OUT:
                continue
            whose = "id" if table.name == "client" else "client_id"
            query = sql.SQL("SELECT count(*) FROM {} WHERE {} = %s").format(*map(sql.Identifier, (table.name, whose)))
            [(count,)] = connection.execute(query, [side.client_id]).fetchall()
            # Who looked, and that the file was taken, is written down after it was made.
            kept = count - 2 if table.name == "audit_entry" else count
            assert len(data[table.name]) == kept, table.name
    assert f"{CANARY} note" in {row["note"] for row in data["visit"]}
    assert data["client"][0]["name"] == f"Maria {CANARY}"


async def test_while_a_message_is_on_its_way_nothing_is_erased(
    api: AsyncClient, side: Side, database: Database
) -> None:
    values = {"id": side.client_id}
    async with database.clinic_tx(side.team.clinic_id, SYSTEM) as session:
        one = "SELECT id FROM message WHERE client_id = :id ORDER BY id LIMIT 1"
        await session.execute(text(f"UPDATE message SET state = 'in_flight' WHERE id = ({one})"), values)
    answer = await _post(api, side, "owner", "erase", confirm=f"Maria {CANARY}")
    assert (answer.status_code, "on its way at this moment" in answer.text) == (422, True)
    async with database.clinic_tx(side.team.clinic_id, SYSTEM) as session:
        await session.execute(text("UPDATE message SET state = 'accepted' WHERE state = 'in_flight'"))


async def test_who_is_erased_is_in_no_table_and_on_no_page_and_is_erased_again_after_a_restore(
    api: AsyncClient, side: Side, urls: Urls, database: Database, notifier: Database, tmp_path: Path
) -> None:
    filled = _rows(urls, str(side.client_id))
    assert {t.name for t in metadata.sorted_tables if is_of_a_client(t)} - filled.keys() <= NOT_FILLED
    neighbour = _rows(urls, side.ids["same"]["client_id"])
    copy = _copied(urls)
    answer = await _post(api, side, "owner", "erase", confirm=f"Maria {CANARY}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/caseload?done=erased")

    assert _rows(urls, CANARY, CANARY.encode().hex()) == {}
    assert _rows(urls, str(side.client_id)).keys() == KEPT.keys()
    with psycopg.connect(urls.owner) as connection:
        kept = connection.execute("SELECT action, fields FROM audit_entry WHERE client_id = %s", [side.client_id])
        assert ("erase", []) in kept.fetchall()
    assert {**neighbour, "audit_entry": 0} == {**_rows(urls, side.ids["same"]["client_id"]), "audit_entry": 0}

    owner = side.headers["owner"]
    for path in (f"/clients/{side.client_id}", f"/v1/clients/{side.client_id}", f"/clients/{side.client_id}/record"):
        assert (await api.get(path, headers=owner)).status_code == 404
    for path in ("/caseload", "/caseload?done=erased", "/v1/clients", "/v1/caseload", "/texts", "/team"):
        shown = (await api.get(path, headers=owner)).text
        assert (CANARY in shown, str(side.client_id) in shown) == (False, False), path
    assert "Erased. Nothing of them is kept." in (await api.get("/caseload?done=erased", headers=owner)).text
    assert (await api.get("/v1/exercises", headers=side.headers["client"])).status_code == 401
    again = {"name": "Maria Anew", "zone": "UTC", "email": f"{CANARY}@mail.example", "consent": {"email": "Yes"}}
    assert (await api.post("/v1/clients", json=again, headers=owner)).status_code == 201

    await Upkeep(notifier, tmp_path).note_erased()
    await Upkeep(notifier, tmp_path).note_erased()
    assert erased_list.read(tmp_path) == {(side.team.clinic_id, side.client_id)}
    said: list[str] = []
    assert await erase_again(urls.app, tmp_path, said.append) == 0, "Nobody of the list is there."
    restored = Urls(*(url.rpartition("/")[0] + f"/{copy}" for url in (urls.app, urls.notifier, urls.owner)))
    assert _rows(restored, CANARY)
    assert await erase_again(restored.app, tmp_path, said.append) == 1
    assert _rows(restored, CANARY) == {}
    assert _rows(restored, str(side.client_id)).keys() == KEPT.keys()
    with psycopg.connect(urls.owner, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {copy} WITH (FORCE)".encode())


def _copied(urls: Urls) -> str:
    """As a backup would be: the database of this moment."""
    name = urls.owner.rpartition("/")[2]
    with psycopg.connect(urls.owner.rpartition("/")[0] + "/postgres", autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
            [name],
        )
        connection.execute(f"CREATE DATABASE {name}_backup TEMPLATE {name} STRATEGY file_copy".encode())
    return f"{name}_backup"


async def test_the_application_deletes_nothing_of_a_client_but_through_the_door(side: Side, database: Database) -> None:
    """Also somebody who got a statement of their own through: only one person at a time, by name."""
    async with database.clinic_tx(side.team.clinic_id, SYSTEM) as session:
        for table in ("pain_entry", "diary_revision", "visit", "consent"):
            await session.execute(text(f"DELETE FROM {table}"))
            assert await session.scalar(text(f"SELECT count(*) FROM {table}")), table


def test_every_table_of_a_client_is_erased_or_kept_for_a_reason(side: Side) -> None:
    """A table that points to a client without saying so is found too."""
    erased = {str(statement.table) for statement in statements(side.team.clinic_id, side.client_id)}
    pointing = {
        table.name
        for table in metadata.sorted_tables
        if any(key.column.table.name in erased for key in table.foreign_keys)
    }
    assert {t.name for t in metadata.sorted_tables if "client_id" in t.c} <= erased | KEPT.keys()
    assert pointing <= erased
    assert erased & {"staff", "clinic", "exercise", "audit_entry"} == set()


def test_a_list_that_was_cut_short_is_read_as_far_as_it_goes_and_goes_on(tmp_path: Path, side: Side) -> None:
    first, second = (side.team.clinic_id, side.client_id), (side.team.clinic_id, side.team.owner_id)
    erased_list.note(tmp_path, [first])
    with (tmp_path / erased_list.NAME).open("a") as file:
        file.write(str(second[0])[:20])
    assert erased_list.read(tmp_path) == {first}
    erased_list.note(tmp_path, [first, second])
    assert erased_list.read(tmp_path) == {first, second}


def test_the_command_erases_by_the_list_and_says_when_there_is_none(
    side: Side, urls: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {"CLAMSHELL_SECRET_KEY": "k" * 40, "CLAMSHELL_DATA_KEY": KEY.text, "DATABASE_URL": urls.app}
    environ |= {"CLAMSHELL_STATE_FOLDER": str(tmp_path)}
    erased_list.note(tmp_path, [(side.team.clinic_id, UUID(side.ids["same"]["client_id"]))])
    words = ["erase", "--replay"]
    command = [sys.executable, "-m", "service.cli", *words]
    environ_of_it = {"PATH": os.environ["PATH"], **environ}
    done = subprocess.run(command, env=environ_of_it, capture_output=True, text=True, timeout=60)
    assert (done.returncode, "1 were there again" in done.stdout) == (0, True), done.stderr
    assert _rows(urls, "zqa-same") == {}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert main(words) == 0
    assert "0 were there again" in capsys.readouterr().out
    monkeypatch.setenv("CLAMSHELL_STATE_FOLDER", str(tmp_path / "nothing"))
    assert main(words) == 2
    assert "CLAMSHELL_STATE_FOLDER must be the folder" in capsys.readouterr().err
