"""What is kept of one person as files: tables of cells, and the same as JSON."""

import csv
import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from io import BytesIO, StringIO
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

Rows = Sequence[Mapping[str, Any]]

_STARTS_A_FORMULA = re.compile(r"[=+\-@\uff1d\uff0b\uff0d\uff20\x00-\x1f\x7f]")
"""Also as East Asian keyboards write them; and what a program may skip before one."""


def safe_cell(words: str) -> str:
    """Text stays text in a spreadsheet: what would be read as a formula gets a quote before it."""
    return f"'{words}" if _STARTS_A_FORMULA.match(words) else words


def csv_of(rows: Rows) -> str:
    """With the mark by which spreadsheets know UTF-8."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(rows[0])
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return "\ufeff" + out.getvalue()


def _cell(value: Any) -> str | int | float:
    if value is None or isinstance(value, bool):
        return "" if value is None else ("yes" if value else "no")
    if isinstance(value, int | float):
        return value
    return safe_cell(value if isinstance(value, str) else json_of(value).strip('"'))


def json_of(value: Any) -> str:
    return json.dumps(value, default=_plain, ensure_ascii=False, indent=None)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else float(value)


def zip_of(tables: Mapping[str, Rows], read_me: str) -> bytes:
    """Tables without a row are in the JSON alone."""
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as packed:
        packed.writestr("read-me.txt", read_me)
        packed.writestr("data.json", json_of(tables))
        for name, rows in tables.items():
            if rows:
                packed.writestr(f"{name}.csv", csv_of(rows))
    return made.getvalue()
