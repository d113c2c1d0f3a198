"""The folder of a demo: only one that a demo made, from empty, is filled or thrown away."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from service.database.embedded import EmbeddedPostgres
from service.errors import WrongSettings

MARKER = "made-up-people"
COMPLETE = "demo.json"
"""Says where the clinic is; written once all of it is there."""


@dataclass(frozen=True, slots=True)
class Filled:
    """Where the demo's clinic is and what it was drawn from; kept beside the database once all of it is there."""

    clinic_id: UUID
    staff_id: UUID
    maria_id: UUID
    seed: int


def claim_folder(folder: Path) -> None:
    """Marks a new or empty folder as a demo's. Raises WrongSettings for any other that is not marked already."""
    if (folder / MARKER).exists():
        return
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WrongSettings(f"{folder} holds something that no demo made; it was left alone")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).write_text("A demo of clamshell. `--reset` removes what it made here.\n")


def forget_unfinished(folder: Path) -> bool:
    """Removes a clinic that was never completed, so that the next one starts from nothing; True when there was one.
    Raises DataFolderInUse while somebody is still at it."""
    if (folder / COMPLETE).exists() or not (folder / MARKER).exists() or not (folder / "postgres").exists():
        return False
    forget_demo(folder)
    return True


def forget_demo(folder: Path) -> None:
    """Removes what a demo wrote, by name, and nothing else. Raises DataFolderInUse while one runs on it."""
    data = folder / "postgres"
    if data.exists():
        # A running demo is never pulled away from under itself.
        with EmbeddedPostgres(data).left_alone():
            # What is left of a removal that is cut short is a clinic that is not complete.
            (folder / COMPLETE).unlink(missing_ok=True)
            shutil.rmtree(data)
    for name in (COMPLETE, "secrets.json", "api.log", "scheduler.log"):
        (folder / name).unlink(missing_ok=True)
    for beside in folder.glob("postgres.*"):
        beside.unlink()
