"""`clamshell serve` with DATABASE_URL: the API and its pages."""

import argparse
import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from socket import socket

import uvicorn

from service.app import create_app
from service.audit.facts import refuse_another_key
from service.cli_ready import say_ready
from service.database import box
from service.database.protection import APP
from service.database.reaching import answering, check_login, has_clinic, wait_for
from service.database.tenancy import Database
from service.erasing_again import erase_again
from service.errors import WrongSettings
from service.loading import look_for_garbage_less
from service.logs import start_logging
from service.metrics import served, watch_pool
from service.ports import refuse_taken_port
from service.settings import Settings, read_settings
from service.terminal import complain


@answering()
def run(options: argparse.Namespace) -> int:
    settings = read_settings()
    refuse_taken_port(options.host, options.port)
    box.use(settings.keys)
    url = _ready_database(settings)
    if not os.environ.get("CLAMSHELL_PUBLIC_URL"):
        complain(f"CLAMSHELL_PUBLIC_URL is not set: links lead to {settings.public_url}")
    empty = not has_clinic(url)
    start_logging()
    database = Database(url, audit_key=settings.audit_key)
    watch_pool(database.engine.sync_engine.pool)
    app = create_app(settings, database)
    config = uvicorn.Config(
        app,
        host=options.host,
        port=options.port,
        # Measured: another loop is worth 0 to 3 % of a page.
        loop="asyncio",
        access_log=False,
        server_header=False,
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=5,
        log_config=None,
    )
    server = _Server(config, lambda: say_ready(settings.public_url, options, empty), app.state.live.close)
    look_for_garbage_less()
    with suppress(KeyboardInterrupt), served(settings.metrics_host, settings.metrics_port, "CLAMSHELL_METRICS_PORT"):
        server.run()
    return 0 if server.started else 1


class _Server(uvicorn.Server):
    """Ends the streams first when it is to stop: it would wait for them as for any other answer."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None], end_streams: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready, self._end_streams = on_ready, end_streams

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        self._end_streams()
        await super().shutdown(sockets)


def _ready_database(settings: Settings) -> str:
    """The address that works. Raises WrongSettings when none does within a minute."""
    url = settings.database_url
    if url is None:
        raise WrongSettings("DATABASE_URL must be set")
    wait_for(url, "DATABASE_URL", complain)
    asyncio.run(check_login(url, "DATABASE_URL", APP))
    asyncio.run(refuse_another_key(url, settings.audit_key))
    if settings.state_folder is not None:
        asyncio.run(erase_again(url, settings.state_folder, complain))
    return url
