"""Believable views of what staff write: to many at once."""

from msgspec.structs import replace

from service.review.schemas.bulk import BulkView, LeftOut, Recipient
from tests.samples import at, sample_id
from tests.samples_caseload import BAR
from tests.samples_tools import option

_NAMES = (
    "Maria Lopez",
    "Tom Brandt",
    "Bartholomew Featherstonehaugh-Montgomery",
    "Aisha Khan",
    "Ngozi Obi",
    "Luca Rossi",
)


def bulk_view(**fields: object) -> BulkView:
    to = [
        Recipient(
            sample_id(400 + n),
            name,
            n % 2 == 0,
            "Español" if n == 5 else "English",
            n != 3,
            at(-1, 8) if n == 4 else None,
        )
        for n, name in enumerate(_NAMES)
    ]
    left_out = [
        LeftOut(sample_id(410), "Kim Park", "Has not said yes to messages."),
        LeftOut(sample_id(411), "Stan Novak", "Asked us to stop."),
        LeftOut(sample_id(412), "Dora Weiss", "The address does not work."),
    ]
    tiers = [option("", "everybody"), option("quiet", "quiet", True), option("on_track", "on track")]
    values: dict[str, object] = {
        "bar": BAR,
        "entry": sample_id(420),
        "tiers": tiers,
        "shown": "quiet",
        "therapists": [option("", "of everybody", True), option("1", "Sam Okafor")],
        "to": to,
        "left_out": left_out,
        "languages": ["English", "Español"],
    }
    return BulkView(**{**values, **fields})  # type: ignore[arg-type]


def message_pages() -> dict[str, tuple[str, object]]:
    fresh = bulk_view()
    wrong = replace(fresh, problem="Pick at least one person.", text_problem="Write something first.", in_test=True)
    sent = replace(fresh, status="6 people get it.", sent=sample_id(420), undo_until=at(0, 9, 14))
    return {
        "bulk": ("review/bulk.html", fresh),
        "bulk_wrong": ("review/bulk.html", wrong),
        "bulk_sent": ("review/bulk.html", sent),
        "bulk_nobody": ("review/bulk.html", bulk_view(to=[], left_out=[], therapists=[])),
    }
