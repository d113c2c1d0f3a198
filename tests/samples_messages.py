"""Believable views of what staff write: to many at once, and in the clinic's own words."""

from msgspec.structs import replace

from service.outbox.rules import MESSAGES, MessageKind
from service.outbox.rules.wording import typed_of
from service.review.schemas.bulk import BulkView, LeftOut, Recipient
from service.review.schemas.forms import Field
from service.review.schemas.wording import OneWordingView, ReadyLine, ReadyView
from service.review.views.wording import measured
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
        LeftOut(sample_id(410), "Kim Park", "no_consent", "Has not said yes to messages."),
        LeftOut(sample_id(411), "Stan Novak", "stopped", "Asked us to stop."),
        LeftOut(sample_id(412), "Dora Weiss", "invalid", "The address does not work."),
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


def one_wording_view(**fields: object) -> OneWordingView:
    usual = typed_of(MESSAGES[MessageKind.PLAN].sms)
    words = "{clinic}: a few minutes for you today? Reply DONE after it, or tap {link}"
    text = (
        "Northside: a few minutes for you today? Reply DONE after it, or tap https://go.clinic.example/r/0123456789abc"
    )
    values: dict[str, object] = {
        "bar": BAR,
        "url": "/wording/of/plan?language=en",
        "language": "English",
        "other_url": "/wording/of/plan?language=es",
        "other_language": "Español",
        "usual": usual,
        "words": Field(words),
        "is_own": True,
        "shown": measured(text, "en"),
        "places": ["{clinic}", "{link}"],
        "kept": ["DONE"],
        "email": "olga@northside-physiotherapy.example",
    }
    return OneWordingView(**{**values, **fields})  # type: ignore[arg-type]


def ready_view() -> ReadyView:
    def line(number: int, english: str, spanish: str) -> ReadyLine:
        read = [("English", measured(english, "en")), ("Español", measured(spanish, "es"))]
        fields = {"en": Field(english), "es": Field(spanish)}
        return ReadyLine(sample_id(430 + number), fields, [one for one in read if one[1].words])

    return ReadyView(
        bar=BAR,
        languages=[("en", "English"), ("es", "Español")],
        own=[
            line(1, "We are closed on Friday. See you on Monday.", "El viernes cerramos. Hasta el lunes."),
            line(2, "Your hip pain diagnosis necessitates immediate communication with our rehabilitation unit.", ""),
        ],
        ours=["I read your note. How are you today?", "This looks good. Go on like this."],
        fresh=ReadyLine(sample_id(440), {"en": Field(), "es": Field()}, []),
    )


def message_pages() -> dict[str, tuple[str, object]]:
    fresh = bulk_view()
    wrong = replace(fresh, problem="Pick at least one person.", text_problem="Write something first.", in_test=True)
    sent = replace(fresh, status="6 people get it.", sent=sample_id(420), undo_until=at(0, 9, 14))
    problem = "Use each of the parts in curly brackets once, and no other."
    unsaid = one_wording_view(words=Field("{clinic}: hello", problem), shown=None, is_own=False)
    empty = ReadyLine(sample_id(441), {"en": Field("", "Write it in one language at least."), "es": Field()}, [], True)
    return {
        "one_wording": ("review/one_wording.html", one_wording_view()),
        "one_wording_wrong": ("review/one_wording.html", unsaid),
        "ready": ("review/ready.html", ready_view()),
        "ready_wrong": ("review/ready.html", replace(ready_view(), own=[], fresh=empty)),
        "bulk": ("review/bulk.html", fresh),
        "bulk_wrong": ("review/bulk.html", wrong),
        "bulk_sent": ("review/bulk.html", sent),
        "bulk_nobody": ("review/bulk.html", bulk_view(to=[], left_out=[], therapists=[])),
    }
