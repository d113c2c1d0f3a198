"""`./run audit`: what we depend on. Licences that allow commercial use, no hole that is known, and all of it written
down for whoever installs a release."""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path
from typing import Final

from service.terminal import complain, say
from tests.conftest import project_root
from tests.own_environment import own_environment

LOCKED: Final = "requirements/run.txt"
# Each allows commercial use of what is built with it. The LGPL's are drivers that we call and do not change.
ALLOWED: Final = re.compile(
    r"MIT(-0)?|BSD(-[23]-Clause)?|Apache([- ]2\.0)?|PSF-2\.0|Python Software Foundation|MPL-2\.0|"
    r"Mozilla Public License 2\.0 \(MPL 2\.0\)|LGPL-3\.0-only|ISC"
)
# Their metadata name none; read in the licence file of the wheel.
READ: Final = {"pyreqwest": "Apache-2.0"}
_WORDS: Final = re.compile(r"\s+(?:License|Software License)\b.*", re.DOTALL)


@dataclass(frozen=True)
class Hole:
    package: str
    version: str
    known_as: str


def licence_of(about: PackageMetadata) -> list[str]:
    """All that are named: an expression, or else the classifiers, or else the first words of the field."""
    if expression := about.get_all("License-Expression"):
        return re.split(r"\s+(?:AND|OR)\s+", expression[0])
    named = [line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or [] if line.startswith("License ::")]
    field = (about.get_all("License") or [""])[0].split("\n")[0].strip()
    return named or re.split(r"\s+(?:AND|OR)\s+", field)


def is_allowed(licence: str) -> bool:
    return bool(ALLOWED.fullmatch(_WORDS.sub("", licence).strip()) or ALLOWED.fullmatch(licence.strip()))


def locked_packages(text: str) -> list[str]:
    return re.findall(r"(?m)^([A-Za-z0-9._-]+)==", text)


def strange_licences(names: Sequence[str]) -> list[str]:
    """What is locked for other systems only is not installed here, and not looked at."""
    strange = []
    for name in names:
        try:
            licences = [word for word in licence_of(metadata(name)) if word] or [READ.get(name, "")]
        except PackageNotFoundError:
            continue
        if not all(map(is_allowed, licences)):
            strange.append(f"{name}: {', '.join(filter(None, licences)) or 'no licence named'}")
    return strange


def known_holes(programs: Path) -> tuple[list[Hole], int, int]:
    """What is known, of how many packages nothing could be heard, and of how many in all."""
    command: list[str | Path] = [
        programs / "pip-audit",
        "--require-hashes",
        "--disable-pip",
        "--format",
        "json",
        "-r",
        LOCKED,
    ]
    told = subprocess.run(
        [*command, "--progress-spinner", "off"], cwd=project_root(), capture_output=True, text=True, check=False
    )
    try:
        found = json.loads(told.stdout)["dependencies"]
    except (ValueError, KeyError):
        raise SystemExit(f"audit: the packages could not be looked up: {told.stderr.strip()[-300:]}") from None
    holes = [
        Hole(package["name"], package["version"], hole["id"]) for package in found for hole in package.get("vulns", ())
    ]
    return holes, sum("skip_reason" in package for package in found), len(found)


def write_bill(programs: Path, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    command: list[str | Path] = [
        programs / "cyclonedx-py",
        "requirements",
        "--pyproject",
        "pyproject.toml",
        "--output-reproducible",
    ]
    subprocess.run([*command, "--of", "JSON", "-o", file.absolute(), LOCKED], cwd=project_root(), check=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run audit", description=__doc__)
    parser.add_argument("--sbom", type=Path, metavar="FILE", help="write a bill of materials there")
    options = parser.parse_args()
    names = locked_packages((project_root() / LOCKED).read_text())
    strange = strange_licences(names)
    programs = own_environment("audit")
    holes, unheard, total = known_holes(programs)
    if options.sbom:
        write_bill(programs, options.sbom)
    for line in strange:
        complain(f"a licence that is not listed: {line}")
    for hole in holes:
        complain(f"{hole.package} {hole.version} has a known hole: {hole.known_as}")
    say(
        f"{total} packages, {len(strange)} with a strange licence, {len(holes)} known holes, nothing heard of {unheard}"
    )
    return 1 if strange or holes else 0


if __name__ == "__main__":
    sys.exit(main())
