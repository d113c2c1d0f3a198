"""`clamshell backup FOLDER`: writes the whole database down into a new folder below that one."""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager

from service.backups.making import back_up
from service.backups.manifest import read_manifest
from service.clock import monotonic, utc_now
from service.database.reaching import answering, knock
from service.errors import WrongSettings
from service.installation import opened
from service.settings import read_settings
from service.terminal import say

VARIABLE = "CLAMSHELL_BACKUP_DATABASE_URL"


@answering()
def run(options: argparse.Namespace) -> int:
    began = monotonic()
    with whole_database(options) as url:
        made = back_up(url, options.folder, utc_now(), say)
    manifest = read_manifest(made)
    rows, size = sum(manifest.rows.values()), manifest.dump_bytes / 1e6
    say(f"{made}: {rows:,} rows of {len(manifest.rows)} tables, {size:.1f} MB, in {monotonic() - began:.0f} s")
    say("  Keep it where this machine's failure does not reach it, and the secret key in another place than it.")
    return 0


@contextmanager
def whole_database(options: argparse.Namespace) -> Iterator[str]:
    """The address of a login that sees every clinic."""
    if os.environ.get("DATABASE_URL") or os.environ.get(VARIABLE):
        url = read_settings({"CLAMSHELL_SECRET_KEY": "-" * 32, **os.environ}).backup_database_url
        if url is None:
            raise WrongSettings(f"{VARIABLE} must be set: a login with BYPASSRLS that may read all data")
        knock(url, VARIABLE)
        yield url
    elif not (options.data / "postgres").exists():
        raise WrongSettings(f"there is no database below {options.data}; name its folder with --data")
    else:
        with opened(options.data) as installation:
            yield installation.superuser_url
