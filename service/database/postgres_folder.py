"""The data folder of an embedded PostgreSQL: made, handed to the server's user, found in use or not.

Where root runs this, the folder belongs to another user, who must not lead root to files elsewhere: nothing
is written through a link.
"""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile, mkdtemp

from service.database.postgres_binaries import Binaries, NoPostgres, Runner

SUPERUSER = "postgres"
PORT_LINE = 3
STATUS_LINE = 7
BUILTIN_LOCALE_SINCE = 17


def beside(data_dir: Path, suffix: str) -> Path:
    return data_dir.with_name(data_dir.name + suffix)


def write_private(path: Path, text: str) -> None:
    """Whole or not at all, and never readable by others, not even for a moment."""
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    unfinished.replace(path)


def made_by(data_dir: Path) -> int | None:
    """The major version of PostgreSQL that made the folder."""
    try:
        return int((data_dir / "PG_VERSION").read_text().partition(".")[0])
    except FileNotFoundError:
        return None


def create(data_dir: Path, runner: Runner, binaries: Binaries) -> None:
    """Made under another name and renamed when complete: a killed first start leaves nothing half-made, and
    its orphaned initdb, if any, has no folder to write to."""
    if data_dir.exists() and any(data_dir.iterdir()):
        raise NoPostgres(f"{data_dir} holds something other than a PostgreSQL data folder; choose another one")
    for abandoned in data_dir.parent.glob(f"{data_dir.name}.new-*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    unfinished = Path(mkdtemp(prefix=f"{data_dir.name}.new-", dir=data_dir.parent))
    os.chown(unfinished, runner.uid, runner.gid)
    password = secrets.token_urlsafe(32)
    _initdb(unfinished, runner, binaries.major, password)
    write_private(beside(data_dir, ".password"), password)
    unfinished.rename(data_dir)


def give_to(runner: Runner, data_dir: Path) -> None:
    """Another user's after a start by other means: as root, as the same user, or in a user namespace."""
    if data_dir.stat().st_uid == runner.uid:
        return
    for _, folders, files, opened in os.fwalk(data_dir):
        for name in [*folders, *files]:
            os.chown(name, runner.uid, runner.gid, dir_fd=opened, follow_symlinks=False)
    os.chown(data_dir, runner.uid, runner.gid)


@contextmanager
def as_seen_by(runner: Runner, data_dir: Path) -> Iterator[tuple[str, tuple[int, ...]]]:
    """A name for the folder, and the descriptors that must stay open for it. Another user may not enter the
    folders above (/root, a private home), but may use a folder of its own that was opened for it."""
    if not runner.changes_user:
        yield str(data_dir), ()
        return
    opened = os.open(data_dir, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{opened}", (opened,)
    finally:
        os.close(opened)


def server_id(data_dir: Path) -> int | None:
    lines = _pid_file(data_dir)
    return int(lines[0]) if lines and lines[0].isdigit() else None


def server_port(data_dir: Path) -> int | None:
    lines = _pid_file(data_dir)
    return int(lines[PORT_LINE]) if len(lines) > PORT_LINE and lines[PORT_LINE].isdigit() else None


def status(data_dir: Path) -> str:
    """`starting`, `ready` or `stopping`, as the server wrote it last; empty when it wrote nothing."""
    lines = _pid_file(data_dir)
    return lines[STATUS_LINE].strip() if len(lines) > STATUS_LINE else ""


def live_server(data_dir: Path) -> int | None:
    """The process id of the server that works on the folder; not a zombie's, and not that of another program
    which was given a dead server's id."""
    pid = server_id(data_dir)
    if pid is None or not _is_running(pid):
        return None
    process = Path("/proc", str(pid))
    if not process.parent.joinpath("self").exists():
        return pid
    try:
        name, _, rest = process.joinpath("stat").read_text().partition("(")[2].rpartition(")")
        if name != "postgres" or rest.split()[0] == "Z":
            return None
        return pid if process.joinpath("cwd").samefile(data_dir) else None
    except (FileNotFoundError, ProcessLookupError):
        return None
    except PermissionError:  # a container may hide where a process of another user works
        return pid


def disown_stale_pid(data_dir: Path) -> None:
    """Replaces a dead server's process id by ours: by now it may be another program's, and PostgreSQL would
    not start, while its parent's does not stop it. The other lines stay: they lead PostgreSQL to the shared
    memory that orphans of the dead server may still use."""
    path = data_dir / "postmaster.pid"
    lines = _pid_file(data_dir)
    for left_over in data_dir.glob(".s.PGSQL.*"):
        left_over.unlink()
    if not lines:
        path.unlink(missing_ok=True)
        return
    with open(os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW), "w") as file:
        file.write("\n".join([str(os.getpid()), *lines[1:], ""]))


def _pid_file(data_dir: Path) -> list[str]:
    with suppress(FileNotFoundError):
        return (data_dir / "postmaster.pid").read_text().splitlines()
    return []


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _initdb(folder: Path, runner: Runner, major: int, password: str) -> None:
    """The password goes through a nameless file: everybody on the machine can read a command's arguments."""
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    locale = builtin if major >= BUILTIN_LOCALE_SINCE else ["--locale=C.UTF-8"]
    access = ["-U", SUPERUSER, "-A", "scram-sha-256", "--pwfile=/dev/stdin"]
    with TemporaryFile(dir=folder.parent) as secret, as_seen_by(runner, folder) as (seen, kept_open):
        secret.write(password.encode())
        secret.seek(0)
        os.fchown(secret.fileno(), runner.uid, runner.gid)
        answer = subprocess.run(
            runner.command("initdb", "-D", seen, "-E", "UTF8", *locale, *access),
            stdin=secret,
            capture_output=True,
            text=True,
            pass_fds=kept_open,
            **runner.options(),
        )
    if answer.returncode:
        raise NoPostgres(f"initdb could not make {folder}: {answer.stderr.strip()}")
