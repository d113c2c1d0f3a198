"""The command as somebody types it."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from scheduler.__main__ import main as start_scheduler
from scheduler.chaining import Chaining
from service.cli import main
from service.cli_recover import recover
from service.clock import utc_now
from service.database.embedded import DataFolderInUse, EmbeddedPostgres
from service.database.tenancy import Database
from service.demo.folder import claim_folder, forget_demo
from service.doctor import examine
from tests.conftest import Urls
from tests.far_ends import free_port, running_mail_server
from tests.key import KEY
from tests.make import make_team
from tests.own_database import database as database
from tests.own_database import notifier as notifier
from tests.own_database import urls as urls

pytestmark = pytest.mark.anyio

SECRET = {"CLAMSHELL_SECRET_KEY": "k" * 40, "CLAMSHELL_DATA_KEY": KEY.text}


async def _examined(**environ: str) -> tuple[int, str]:
    lines: list[str] = []
    return await examine(SECRET | environ, lines.append), "\n".join(lines)


async def test_the_doctor_names_a_wrong_setting() -> None:
    lines: list[str] = []
    assert await examine({}, lines.append) == 1
    assert "CLAMSHELL_SECRET_KEY" in lines[0]


async def test_the_doctor_finds_nothing_wrong_with_nothing_configured() -> None:
    result, said = await _examined()
    assert result == 0
    assert "texts reach nobody, they go to the test inbox" in said
    assert "CLAMSHELL_INBOX: the page /dev/inbox is closed" in said


async def test_the_doctor_says_where_an_open_inbox_is_and_refuses_one_that_strangers_reach() -> None:
    result, said = await _examined(CLAMSHELL_INBOX="on")
    assert (result, "test inbox at http://127.0.0.1:8000/dev/inbox" in said) == (0, True)
    result, said = await _examined(CLAMSHELL_INBOX="on", CLAMSHELL_PUBLIC_URL="https://app.clinic.example")
    assert (result, "WRONG    CLAMSHELL_INBOX must be off" in said) == (1, True)


async def test_the_doctor_warns_of_pages_that_can_be_read_on_the_way() -> None:
    for url, is_safe in (
        ("https://app.clinic.example", True),
        ("http://127.0.0.1:8000", True),
        ("http://10.0.0.7", False),
    ):
        result, said = await _examined(CLAMSHELL_PUBLIC_URL=url)
        assert (result == 0, "WRONG    CLAMSHELL_PUBLIC_URL" not in said) == (is_safe, is_safe), url


async def test_the_doctor_lists_a_variable_that_nothing_reads() -> None:
    result, said = await _examined(CLAMSHELL_SMTP="smtp://mail.example")
    assert (result, "unknown  CLAMSHELL_SMTP is not known" in said) == (0, True)


async def test_the_doctor_says_that_the_database_does_not_answer() -> None:
    url = f"postgresql://somebody:secret@127.0.0.1:{free_port()}/none"
    result, said = await _examined(DATABASE_URL=url)
    assert result == 1
    assert "DATABASE_URL: the database at 127.0.0.1:" in said
    assert "does not answer" in said
    assert "secret" not in said


async def test_the_doctor_refuses_the_owners_login(urls: Urls) -> None:
    result, said = await _examined(DATABASE_URL=urls.owner)
    assert result == 1
    assert "too powerful" in said


async def test_the_doctor_looks_for_a_living_scheduler(urls: Urls) -> None:
    both = {"DATABASE_URL": urls.app, "CLAMSHELL_NOTIFIER_DATABASE_URL": urls.notifier}
    result, said = await _examined(**both)
    assert (result, "start `python -m scheduler`" in said) == (1, True)
    assert "`clamshell create-clinic` makes one" in said
    owner = Database(urls.owner)
    async with owner.installation_tx() as connection:
        await connection.execute(
            text("INSERT INTO heartbeat (worker, started_at, beat_at) VALUES ('w', :now, :now)"), {"now": utc_now()}
        )
    await owner.close()
    result, said = await _examined(**both)
    assert (result, "a scheduler is alive" in said) == (0, True)


async def test_the_doctor_tells_of_a_hold_and_of_a_scheduler_that_sends_nothing(urls: Urls) -> None:
    both = {"DATABASE_URL": urls.app, "CLAMSHELL_NOTIFIER_DATABASE_URL": urls.notifier}
    owner = Database(urls.owner)
    async with owner.installation_tx() as connection:
        await connection.execute(text("UPDATE heartbeat SET beat_at = now(), note = 'the clocks disagree'"))
    result, said = await _examined(**both)
    assert (result, "the scheduler w sends nothing: the clocks disagree" in said) == (1, True)
    assert "CLAMSHELL_STATE_FOLDER" in said
    held = "UPDATE epoch SET held_since = now(), hold_reason = 'failed_over', known_until = '2026-03-08 11:59:50+00'"
    async with owner.installation_tx() as connection:
        await connection.execute(text(held))
    result, said = await _examined(**both)
    assert (result, "a standby database took over" in said and "until 08 Mar 11:59:50" in said) == (1, True)
    async with owner.installation_tx() as connection:
        await connection.execute(text("UPDATE epoch SET held_since = NULL, hold_reason = NULL"))
    await owner.close()
    lines: list[str] = []
    assert await recover(urls.notifier, lines.append) == 0
    assert lines == ["Sending is not on hold. There is nothing to recover."]


async def test_the_doctor_says_to_whom_nothing_gets_through(urls: Urls) -> None:
    owner = Database(urls.owner)
    async with owner.installation_tx() as connection:
        await connection.execute(
            text(
                "INSERT INTO sender_pace (sender, next_free_at, interval_seconds, burst_seconds, opened_at, open_until,"
                " trouble, trouble_detail) SELECT who, now(), 1, 1, '2026-03-10 15:00Z', now(), what, detail FROM"
                " (VALUES ('smtp', 'silent', 'ConnectError'), ('twilio', 'login', 'code 20003')) t(who, what, detail)"
            )
        )
    result, said = await _examined(DATABASE_URL=urls.app)
    async with owner.installation_tx() as connection:
        await connection.execute(text("DELETE FROM sender_pace"))
    await owner.close()
    assert result == 1
    assert [line for line in said.splitlines() if "2026-03-10 15:00 UTC" in line] == [
        "WRONG    nothing has got through to the mail server since 2026-03-10 15:00 UTC (ConnectError): "
        "one message at a time is tried, the others wait",
        "WRONG    the SMS provider refuses our login since 2026-03-10 15:00 UTC (code 20003): "
        "check CLAMSHELL_SMS_URL, then wait a minute",
    ]


async def test_the_doctor_knocks_at_the_providers() -> None:
    with running_mail_server() as mail:
        result, said = await _examined(CLAMSHELL_SMTP_URL=mail.url, CLAMSHELL_MAIL_FROM="a@b.example")
    assert (result, "the mail server" in said and "answers" in said) == (0, True)
    result, said = await _examined(CLAMSHELL_SMTP_URL=mail.url, CLAMSHELL_MAIL_FROM="a@b.example")
    assert (result, "does not answer as a mail server should" in said) == (1, True)


def test_reset_leaves_a_folder_that_is_not_ours_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    precious = tmp_path / "photos"
    precious.mkdir()
    (precious / "cat.jpg").write_text("cat")
    assert main(["demo", "--reset", "--data", str(precious)]) == 2
    assert (precious / "cat.jpg").exists()
    assert "it was left alone" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["demo"], ["demo", "--reset"]])
def test_a_demo_leaves_the_data_of_a_real_installation_alone(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "secrets.json").write_text("{}")
    (tmp_path / "postgres").mkdir()
    assert main([*arguments, "--data", str(tmp_path)]) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["postgres", "secrets.json"]


def test_reset_removes_only_what_a_demo_wrote(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    claim_folder(folder)
    (folder / "demo.json").write_text("{}")
    (folder / "letter.txt").write_text("mine")
    forget_demo(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["letter.txt", "made-up-people"]


def test_reset_refuses_while_a_demo_runs(tmp_path: Path) -> None:
    data = tmp_path / "demo" / "postgres"
    claim_folder(tmp_path / "demo")
    data.mkdir()
    with EmbeddedPostgres(data).left_alone(), pytest.raises(DataFolderInUse):
        forget_demo(tmp_path / "demo")
    assert data.exists()
    forget_demo(tmp_path / "demo")
    assert not data.exists()


def test_the_scheduler_says_what_it_needs() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scheduler"], env={**SECRET, "PATH": "/usr/bin"}, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "CLAMSHELL_NOTIFIER_DATABASE_URL must be set" in done.stderr


@pytest.mark.parametrize(("argument", "code"), [("--help", 0), ("--port=1", 2), ("now", 2)])
def test_the_scheduler_understands_or_refuses_every_argument(argument: str, code: int) -> None:
    with pytest.raises(SystemExit) as ended:
        start_scheduler([argument])
    assert ended.value.code == code


def test_tables_and_migrations_agree(
    urls: Urls, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAMSHELL_OWNER_DATABASE_URL", urls.owner)
    monkeypatch.setenv("CLAMSHELL_PUBLIC_URL", "http://127.0.0.1:8000")
    monkeypatch.setenv("CLAMSHELL_SECRET_KEY", "k" * 40)
    monkeypatch.setenv("CLAMSHELL_DATA_KEY", KEY.text)
    assert main(["migrate", "--check"]) == 0
    assert capsys.readouterr().out == "tables and migrations agree\n"


async def test_the_doctor_says_since_when_rows_of_the_trail_wait_to_be_linked(
    urls: Urls, database: Database, notifier: Database
) -> None:
    await make_team(database, stocked=False)
    result, said = await _examined(DATABASE_URL=urls.app)
    assert (result, "are not linked, the oldest since 2026-03-10 15:00 UTC" in said) == (1, True)
    await Chaining(notifier, b"k" * 40).tick()
    _, said = await _examined(DATABASE_URL=urls.app)
    assert "who did or saw what is linked, but for 0 rows of the last minutes" in said
