"""How long each step may take, in seconds. Only a fault run changes them, all together."""

from dataclasses import astuple, dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    plan_every: float = 5
    deliver_every: float = 1
    reconcile_every: float = 15
    lease: float = 60
    """From a claim to the moment when somebody else may claim."""
    flight: float = 45
    """From a mark to the moment when the send is in doubt."""
    last_call: float = 15
    """Before the flight is over: no send begins after that."""
    connect: float = 3
    read: float = 10
    """From the connection to the end of an answer."""
    busy: float = 2
    """Another message to the same address is in flight; most land within a second."""
    unreached_first: float = 5
    unreached_longest: float = 300
    circuit: float = 30
    """While nothing gets through to a provider: from one try to the next. Nobody misses half a minute."""
    first_look: float = 120
    """From doubt to the first question to the provider; callbacks usually settle it sooner."""
    next_look: float = 300
    quarantine: float = 600
    """From the send to the moment when an absence may be believed. Longer than any process is thought to sleep."""

    def __post_init__(self) -> None:
        in_order = self.exchange <= self.last_call < self.flight <= self.lease < self.quarantine - self.flight
        if not in_order or min(astuple(self)) <= 0:
            raise ValueError("A send ends before its flight, a flight before its lease, all before an absence counts.")

    @property
    def exchange(self) -> float:
        """A whole one with a provider."""
        return self.connect + self.read

    def faster(self, times: float) -> "Timing":
        return Timing(*(seconds / times for seconds in astuple(self)))


NORMAL = Timing()
