"""`clamshell make-key`: prints a key."""

import argparse

from service.data_keys import new_key
from service.terminal import say


def run(_: argparse.Namespace) -> int:
    say(new_key().text)
    return 0
