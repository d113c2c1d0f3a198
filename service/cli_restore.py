"""`clamshell restore BACKUP`: brings a backup back, and leaves sending on hold until `clamshell recover`."""

import argparse
import os
from functools import partial

from service.backups.bringing_back import bring_back, refuse_newer, refuse_other_key
from service.backups.manifest import read_manifest
from service.clock import monotonic
from service.database import box
from service.database.reaching import answering, knock
from service.errors import WrongSettings
from service.installation import Installation
from service.migrate import migrate
from service.settings import read_settings
from service.terminal import say

VARIABLE = "CLAMSHELL_OWNER_DATABASE_URL"


@answering()
def run(options: argparse.Namespace) -> int:
    began = monotonic()
    manifest = read_manifest(options.backup)
    refuse_newer(manifest)
    fill = partial(bring_back, folder=options.backup, manifest=manifest, say=say)
    if os.environ.get("DATABASE_URL") or os.environ.get(VARIABLE):
        url = _owner_url()
        refuse_other_key(manifest)
        fill(url)
        migrate(url)
    else:
        installation = Installation(options.data)
        if manifest.key:
            installation.use_key()
            refuse_other_key(manifest)
        try:
            installation.start()
            installation.replace(fill)
        finally:
            installation.stop()
        say(f"What was there before is kept below {options.data}, until the next restore.")
    rows = sum(manifest.rows.values())
    say(f"Brought back as of {manifest.made_at:%Y-%m-%d %H:%M} UTC: {rows:,} rows, in {monotonic() - began:.0f} s.")
    say("Everybody must sign in again, and programs need new tokens.")
    say("Staff, helpers and links that were ended since then are there again: look through them.")
    say("Sending is on hold: start the processes, then `clamshell recover`.")
    return 0


def _owner_url() -> str:
    settings = read_settings({"CLAMSHELL_SECRET_KEY": "-" * 32, **os.environ})
    url = settings.owner_database_url
    if url is None:
        raise WrongSettings(f"{VARIABLE} must be set: the login that is to own the empty database of its address")
    box.use(settings.keys)
    knock(url, VARIABLE)
    return url
