"""The strip at the top of every staff page."""

from datetime import date

from msgspec import Struct


class StaffBar(Struct, frozen=True):
    """`inbox_url` is None when real providers are set."""

    clinic_name: str
    staff_name: str
    inbox_url: str | None = None
    sign_out_url: str = "/staff/sign-out"
    unplaced: int = 0
    is_danger: bool = False
    has_digest: bool = False
    has_settings: bool = False
    has_library: bool = False
    factor_due_on: date | None = None
    """Until when a password alone is enough."""
