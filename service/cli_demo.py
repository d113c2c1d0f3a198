"""`clamshell demo`: everything on this machine, with made-up people in it."""

import argparse

from service.database.reaching import answering
from service.demo.folder import claim_folder, forget_demo
from service.demo.running import run_demo
from service.terminal import say


@answering()
def run(options: argparse.Namespace) -> int:
    claim_folder(options.data)
    if options.reset:
        forget_demo(options.data)
    return run_demo(options.data, options.port, options.seed, say)
