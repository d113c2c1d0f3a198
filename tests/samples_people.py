"""Believable views of what staff and clients set about messages, and of a client's week."""

from datetime import timedelta

from service.review.schemas import forms
from service.review.schemas.digest import DigestView
from tests.samples import TODAY, at
from tests.samples_caseload import BAR
from tests.samples_tools import option

DAYS = (("mon", "Mon"), ("tue", "Tue"), ("wed", "Wed"), ("thu", "Thu"), ("fri", "Fri"), ("sat", "Sat"), ("sun", "Sun"))


def digest_view(**fields: object) -> DigestView:
    values: dict[str, object] = {
        "bar": BAR,
        "wanted": True,
        "email": "sam@northside.example",
        "local_time": forms.Field("07:30"),
        "zone": forms.Field("America/Chicago"),
        "zones": ["America/Chicago", "America/New_York"],
        "weekdays": [option(code, name, n < 5) for n, (code, name) in enumerate(DAYS)],
        "mails": [(TODAY, "Sent."), (TODAY - timedelta(days=1), "Not sent: nobody waited.")],
        "next_at": at(-1, 7, 30),
    }
    return DigestView(**{**values, **fields})  # type: ignore[arg-type]


def people_pages() -> dict[str, tuple[str, object]]:
    wrong = digest_view(
        wanted=False,
        next_at=None,
        mails=[],
        zone=forms.Field("Mars/Base", "Use a time zone such as Europe/Berlin or America/New_York."),
        days_problem="Choose at least one weekday.",
        weekdays=[option(code, name) for code, name in DAYS],
    )
    return {"digest": ("review/digest.html", digest_view()), "digest_wrong": ("review/digest.html", wrong)}
