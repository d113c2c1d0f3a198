"""What is remembered outside the database: a small file for each installation, in a folder that a restore leaves alone.

All schedulers that share the folder are one witness; a lock keeps their beats in order.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import msgspec

from scheduler.holding import Remembered
from service.database.postgres_folder import write_private
from service.errors import WrongSettings

FOLDER_VARIABLE = "CLAMSHELL_STATE_FOLDER"


class Note(msgspec.Struct, frozen=True):
    """`remembered` is missing until the first beat."""

    witness_id: UUID
    remembered: Remembered | None = None


def check_folder(folder: Path) -> None:
    """Raises WrongSettings when nothing can be kept there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_private(folder / "try", "")
        (folder / "try").unlink()
    except OSError as error:
        raise WrongSettings(
            f"{FOLDER_VARIABLE} must be a folder that the scheduler may write to: {folder}: {error.strerror}"
        ) from None


class Notebook:
    """One witness's memory of one installation; without a folder it lasts as long as the process."""

    def __init__(self, folder: Path | None, new_id: UUID) -> None:
        self._folder = folder
        self._note = Note(new_id)

    def read(self, installation_id: UUID) -> Note:
        """A fresh one when there is none yet, or none that can be read."""
        if self._folder is None:
            return self._note
        try:
            return msgspec.json.decode(self._path(self._folder, installation_id).read_bytes(), type=Note)
        except (FileNotFoundError, msgspec.DecodeError):
            return self._note

    def write(self, remembered: Remembered) -> None:
        note = Note(self.read(remembered.installation_id).witness_id, remembered)
        if self._folder is None:
            self._note = note
        else:
            write_private(self._path(self._folder, remembered.installation_id), msgspec.json.encode(note).decode())

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """False while another process writes down its beat: it is the same witness, and may have been stopped."""
        if self._folder is None:
            yield True
            return
        lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            yield _taken(lock)
        finally:
            os.close(lock)

    @staticmethod
    def _path(folder: Path, installation_id: UUID) -> Path:
        return folder / f"{installation_id}.json"


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
