"""`clamshell serve` without DATABASE_URL: everything on this machine."""

import argparse
import os

from service.cli_ready import say_ready
from service.database.reaching import answering, has_clinic
from service.supervisor import Supervisor
from service.terminal import say


@answering()
def run(options: argparse.Namespace) -> int:
    supervisor = Supervisor(options.data, options.port, dict(os.environ), say, options.host)
    supervisor.stop_on_signals()
    try:
        supervisor.start_database()
        empty = not has_clinic(supervisor.app_url)
        supervisor.start_processes()
        say_ready(supervisor.public_url, options, empty)
        supervisor.watch()
    finally:
        supervisor.stop()
    return 0
