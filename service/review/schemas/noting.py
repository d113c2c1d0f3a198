"""What staff note for a client who told them."""

from msgspec import Struct


class Noting(Struct, frozen=True):
    """What can be picked, as pairs of code and words."""

    reasons: list[tuple[str, str]]
    kinds: list[tuple[str, str]]
