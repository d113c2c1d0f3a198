"""The house stays one of small rooms."""

from itertools import chain
from typing import Final

from tests.conftest import project_root

LONGEST_MODULE: Final = 300
"""Lines. Migrations are left as they were written."""
FOLDERS: Final = ("service", "scheduler", "bench", "tests")


def test_no_module_has_grown_beyond_what_one_reads_at_a_sitting() -> None:
    root = project_root()
    modules = [
        module
        for module in chain.from_iterable((root / folder).rglob("*.py") for folder in FOLDERS)
        if "versions" not in module.parts
    ]
    assert len(modules) > 1_000
    lengths = {str(module.relative_to(root)): len(module.read_text().splitlines()) for module in modules}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE} == {}
