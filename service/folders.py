"""Folders that an option or a variable names. Nothing is made here."""

import os
from pathlib import Path

from service.errors import WrongSettings


def nearest_folder(name: str, folder: Path) -> Path:
    """The part of it that is there. Raises WrongSettings when it is none, and cannot become one."""
    try:
        nearest = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    except OSError as error:
        raise WrongSettings(f"{name} must be a folder that can be made: {error.strerror}") from None
    if not nearest.is_dir():
        raise WrongSettings(f"{name} must be a folder, and {nearest} is a file")
    return nearest


def refuse_unwritable(name: str, folder: Path) -> None:
    nearest = nearest_folder(name, folder)
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise WrongSettings(f"{name} must be a folder that you may write to, and {nearest} is not")
