"""`clamshell erase --replay`: erases again whoever was erased before a restore, by the list that schedulers keep
outside the database. `clamshell serve` and `clamshell recover` do it by themselves where they see that list."""

import argparse
import asyncio
import os

from service.database import box
from service.database.protection import APP
from service.database.reaching import answering, check_login, knock
from service.erased_list import NAME
from service.erasing_again import erase_again
from service.errors import WrongSettings
from service.installation import opened
from service.settings import Settings, read_settings
from service.terminal import say


@answering()
def run(options: argparse.Namespace) -> int:
    if os.environ.get("DATABASE_URL"):
        return _again(read_settings())
    with opened(options.data) as installation:
        return _again(read_settings(installation.environ(os.environ)))


def _again(settings: Settings) -> int:
    url, folder = settings.database_url, settings.state_folder
    if url is None or folder is None or not folder.is_dir():
        raise WrongSettings("CLAMSHELL_STATE_FOLDER must be the folder in which the schedulers remember")
    box.use(settings.keys)
    knock(url, "DATABASE_URL")
    asyncio.run(check_login(url, "DATABASE_URL", APP))
    done = asyncio.run(erase_again(url, folder, say))
    say(f"{folder / NAME}: {done} were there again, and are erased")
    return 0
