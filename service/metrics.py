"""What a process counts, for Prometheus, on a port of its own. Never whom: no clinic, no person, no path with a key."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from sqlalchemy.pool import Pool, QueuePool

from service.ports import closed_metrics

REGISTRY: Final = CollectorRegistry()

REQUESTS: Final = Counter(
    "clamshell_requests", "Requests by route and status", ["method", "route", "status"], registry=REGISTRY
)
SECONDS: Final = Histogram(
    "clamshell_request_seconds",
    "From the request to the end of its answer",
    ["route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
RUNNING: Final = Gauge("clamshell_requests_running", "Requests that are being answered", registry=REGISTRY)
POOL: Final = Gauge("clamshell_database_connections", "Connections of this process", ["state"], registry=REGISTRY)


def watch_pool(pool: Pool) -> None:
    """Read whenever somebody asks."""
    if isinstance(pool, QueuePool):
        POOL.labels("busy").set_function(pool.checkedout)
        POOL.labels("idle").set_function(pool.checkedin)


@contextmanager
def served(host: str, port: int | None, variable: str) -> Iterator[None]:
    """To whoever reaches that port. Without one, nothing is served."""
    if port is None:
        yield
        return
    try:
        server, thread = start_http_server(port, host, REGISTRY)
    except OSError as error:
        raise closed_metrics(error, host, port, variable) from None
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
