"""What a scheduler counts, beside what `service.metrics` does. Never for whom."""

from collections.abc import Iterable
from typing import Final, Protocol

from prometheus_client import Counter, Gauge, Histogram

from service.metrics import REGISTRY

SETTLED: Final = Counter(
    "clamshell_messages_settled",
    "What became of messages: accepted, suppressed, expired, failed, uncertain, or queued again; with the reason",
    ["state", "reason"],
    registry=REGISTRY,
)
PLANNED: Final = Counter(
    "clamshell_moments_planned",
    "Due moments: queued, or skipped or suppressed at once, with the reason",
    ["kind", "state", "reason"],
    registry=REGISTRY,
)
MAILS: Final = Counter(
    "clamshell_staff_mails_settled", "What became of mails to staff", ["kind", "state", "reason"], registry=REGISTRY
)
LATE: Final = Histogram(
    "clamshell_message_lateness_seconds",
    "From the moment a message was due to the one when its provider had taken it",
    ["channel"],
    buckets=(1, 2, 5, 10, 30, 60, 300, 900, 3600, 14400),
    registry=REGISTRY,
)
WAITING: Final = Gauge(
    "clamshell_messages_waiting",
    "Messages that are due and not settled, of all schedulers",
    ["state"],
    registry=REGISTRY,
)
OLDEST: Final = Gauge(
    "clamshell_message_oldest_seconds", "For how long the oldest of those has been due", registry=REGISTRY
)
BEAT: Final = Gauge(
    "clamshell_heartbeat_timestamp_seconds", "When this scheduler last wrote that it lives", registry=REGISTRY
)
HELD: Final = Gauge("clamshell_sending_held", "1 while nothing may be sent, whatever the reason", registry=REGISTRY)
CIRCUIT: Final = Gauge(
    "clamshell_circuit_open", "1 while nothing gets through to a provider", ["sender"], registry=REGISTRY
)
FAILED: Final = Counter("clamshell_ticks_failed", "Rounds of work that raised an error", ["tick"], registry=REGISTRY)
LINKED: Final = Counter("clamshell_audit_rows_linked", "Rows of trails that got their place", registry=REGISTRY)


class Moment(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def reason(self) -> str | None: ...


def count_planned(moments: Iterable[Moment]) -> None:
    for moment in moments:
        PLANNED.labels(moment.kind, moment.state, moment.reason or "").inc()
