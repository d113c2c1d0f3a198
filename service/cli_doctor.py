"""`clamshell doctor`, on the database of DATABASE_URL or on the one below --data."""

import argparse
import asyncio
import os

from service.database.reaching import answering
from service.doctor import examine
from service.installation import opened
from service.terminal import say


@answering()
def run(options: argparse.Namespace) -> int:
    if os.environ.get("DATABASE_URL") or not (options.data / "postgres").exists():
        return asyncio.run(examine(os.environ, say))
    with opened(options.data) as installation:
        return asyncio.run(examine(installation.environ(os.environ), say, alone=True))
