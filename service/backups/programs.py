"""PostgreSQL's own programs that write a database down and read it back: which ones, and how they are called."""

import os
import re
import subprocess
from collections.abc import Generator, Iterator
from pathlib import Path
from threading import Thread
from typing import IO, Any, Final

from psycopg.conninfo import conninfo_to_dict

from service.database.postgres_binaries import find_tools
from service.errors import WrongSettings

_VARIABLES: Final = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}
_LAST_WORDS: Final = 3
_CHUNK: Final = 1 << 16
_DUMPED: Final = re.compile(r'dumping contents of table "?public\.([a-z_]+)')
_FILLED: Final = re.compile(rb"^COPY public\.([a-z_]+) ", re.MULTILINE)


class Programs:
    """For one database. Its address goes by the environment: what stands on a command line, others can read."""

    def __init__(self, url: str, server: int) -> None:
        """`server` is the major version there: older programs cannot read it. Raises NoPostgres."""
        self._folder = find_tools(server)
        address = conninfo_to_dict(url)
        given = {name: str(address[key]) for key, name in _VARIABLES.items() if address.get(key) is not None}
        kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "HOME") if name in os.environ}
        self._environ = {**kept, "LC_ALL": "C", **given}

    def dump(self, file: Path, snapshot: str) -> Iterator[str]:
        """Yields each table as it is written down, as the snapshot sees it."""
        options = ["--format=custom", "--no-owner", "--verbose", f"--snapshot={snapshot}", f"--file={file}"]
        with self._started("pg_dump", *options, stderr=subprocess.PIPE) as program:
            said = []
            for line in _lines(program.stderr):
                said.append(line)
                if found := _DUMPED.search(line):
                    yield found[1]
        _refuse_failure(program, "the database cannot be written down", said)

    def restore(self, file: Path, last_statements: str) -> Generator[str]:
        """All of the dump and the last statements, or nothing. Yields each table as it is filled.

        The end of the input is no COMMIT: whoever is killed half-way has changed nothing.
        """
        psql = ["--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--file=-", f"--output={os.devnull}"]
        with (
            self._started("pg_restore", "--no-owner", "--file=-", str(file), stdout=subprocess.PIPE) as reading,
            self._started("psql", *psql, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as writing,
        ):
            said: list[str] = []
            hearing = Thread(target=lambda: said.extend(_lines(writing.stderr)))
            hearing.start()
            try:
                yield from _pass_on(reading, writing, last_statements)
            except BrokenPipeError:
                reading.kill()  # psql has ended, and says why
            except BaseException:
                reading.kill()
                writing.kill()
                raise
            hearing.join()
        _refuse_failure(writing, "the backup cannot be brought back, and nothing was changed", said)

    def _started(self, program: str, *arguments: str, **streams: int) -> subprocess.Popen[bytes]:
        options: dict[str, Any] = {"stdin": subprocess.DEVNULL, **streams}
        return subprocess.Popen([str(self._folder / program), *arguments], env=self._environ, **options)


def _pass_on(reading: subprocess.Popen[bytes], writing: subprocess.Popen[bytes], last_statements: str) -> Iterator[str]:
    source, target = _open(reading.stdout), _open(writing.stdin)
    with target:
        target.write(b"BEGIN;\n")
        while chunk := source.read(_CHUNK):
            target.write(chunk)
            for name in _FILLED.findall(chunk):
                yield name.decode()
        _refuse_failure(reading, "the dump cannot be read to its end, and nothing was changed", [])
        target.write(f"\n{last_statements}\nCOMMIT;\n".encode())


def _refuse_failure(program: subprocess.Popen[bytes], what: str, said: list[str]) -> None:
    if program.wait():
        raise WrongSettings(": ".join([what, *said[-_LAST_WORDS:]]))


def _lines(stream: IO[bytes] | None) -> Iterator[str]:
    for line in _open(stream):
        yield line.decode(errors="replace").strip()


def _open(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None  # noqa: S101
    return stream
