from datetime import date


def coming(next_visit: date | None, today: date) -> date | None:
    """While it is still to come: nobody takes it away once it is over."""
    return next_visit if next_visit and next_visit >= today else None
