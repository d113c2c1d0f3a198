"""`clamshell drill [BACKUP]`: brings a backup back into a database of its own, checks it, and throws that away.

A backup that nobody has brought back is a hope.
"""

import argparse
import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from service.backups.bringing_back import bring_back, refuse_newer, refuse_other_key
from service.backups.checking import check
from service.backups.making import back_up
from service.backups.manifest import read_manifest
from service.cli_backup import whole_database
from service.clock import monotonic, utc_now
from service.database.reaching import answering
from service.installation import Installation, key_environ, read_secrets
from service.settings import read_settings
from service.terminal import complain, say


@answering()
def run(options: argparse.Namespace) -> int:
    with TemporaryDirectory(prefix="clamshell-drill-") as folder, _backup(options, Path(folder)) as backup:
        began = monotonic()
        manifest = read_manifest(backup)
        refuse_newer(manifest)
        installation = Installation(Path(folder) / "data", key_environ(options.data, os.environ))
        if manifest.key:
            installation.use_key()
            refuse_other_key(manifest)
        try:
            installation.start()
            installation.replace(lambda url: bring_back(url, backup, manifest, say))
            wrong = asyncio.run(check(installation.app_url, installation.notifier_url, _audit_key(options), say))
        finally:
            installation.stop()
    for sentence in wrong:
        complain(sentence)
    rows = sum(manifest.rows.values())
    say(
        f"The backup of {manifest.made_at:%Y-%m-%d %H:%M} UTC can be brought back: {rows:,} rows, "
        f"{manifest.dump_bytes / 1e6:.1f} MB, in {monotonic() - began:.0f} s"
        if not wrong
        else "The backup cannot be relied on."
    )
    return 1 if wrong else 0


def _audit_key(options: argparse.Namespace) -> bytes:
    """That of the installation whose backup it is."""
    secrets = (
        {}
        if os.environ.get("CLAMSHELL_SECRET_KEY")
        else {"CLAMSHELL_SECRET_KEY": read_secrets(options.data).secret_key}
    )
    return read_settings({**os.environ, **secrets}).audit_key


@contextmanager
def _backup(options: argparse.Namespace, folder: Path) -> Iterator[Path]:
    if options.backup:
        yield options.backup
        return
    with whole_database(options) as url:
        made = back_up(url, folder / "backup", utc_now(), say)
    yield made
