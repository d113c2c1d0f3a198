"""What stands above everything else on a page."""

from msgspec import Struct


class SafetyNotice(Struct, frozen=True):
    """Comes before everything else on a page. `emergency_number` is the one of the clinic's country."""

    sentence: str
    emergency_number: str
    stops_plan: bool = False
