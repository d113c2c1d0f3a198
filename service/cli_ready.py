"""What `clamshell serve` says when the pages answer, whoever runs the database."""

import argparse

from service.cli_options import example
from service.terminal import say


def say_ready(public_url: str, options: argparse.Namespace, empty: bool) -> None:
    say(f"ready {public_url}")
    say(f"  staff sign in at {public_url}/staff/sign-in")
    if empty:
        say(f"  there is no clinic yet; make one with\n  {example(options.data)}")
