"""Programs whose libraries must not meet those of the project: locked by hash, in an environment of their own."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import project_root


def own_environment(name: str) -> Path:
    """The bin folder of what `requirements/NAME.txt` locks, installed anew when that has changed."""
    locked = project_root() / "requirements" / f"{name}.txt"
    folder = project_root() / ".venv" / f"{name}-{hashlib.sha256(locked.read_bytes()).hexdigest()[:12]}"
    programs = folder / "bin"
    if not (folder / "complete").exists():
        sys.stderr.write(f"installing {locked.relative_to(project_root())}\n")
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        install: list[str | Path] = [
            programs / "python",
            "-m",
            "pip",
            "install",
            "-qq",
            "--require-hashes",
            "-r",
            locked,
        ]
        subprocess.run(install, check=True)
        (folder / "complete").touch()
    return programs
