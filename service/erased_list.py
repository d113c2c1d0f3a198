"""Who was erased, noted outside the database: in the folder that a restore leaves alone, a line for each, ids only."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final
from uuid import UUID

from service.errors import WrongSettings

NAME: Final = "erased"

Erased = tuple[UUID, UUID]
"""Clinic and client."""


def read(folder: Path) -> set[Erased]:
    """A line that was cut short is passed over: who writes it comes again."""
    try:
        lines = (folder / NAME).read_text().splitlines()
    except FileNotFoundError:
        return set()
    except OSError as error:
        raise WrongSettings(f"CLAMSHELL_STATE_FOLDER: {error.filename} cannot be read: {error.strerror}") from None
    return {found for line in lines if (found := _parsed(line))}


def _parsed(line: str) -> Erased | None:
    try:
        clinic_id, client_id = map(UUID, line.split())
    except ValueError:
        return None
    return clinic_id, client_id


def note(folder: Path, erased: Iterable[Erased]) -> None:
    """Adds those that are not there; on disk when this returns."""
    new = set(erased) - read(folder)
    if not new:
        return
    with open(os.open(folder / NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as file:
        # After what may have been cut short.
        file.write("".join(f"\n{clinic_id} {client_id}" for clinic_id, client_id in sorted(new)) + "\n")
        file.flush()
        os.fsync(file.fileno())
