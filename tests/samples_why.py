"""Believable answers to "why no message?", as a client and as staff see them."""

from datetime import timedelta

from service.portal.pages.why import WhyView as OwnWhyView
from service.reminders.schemas import AttemptOut, LedgerDayOut, LedgerEntryOut, UnwrittenOut
from service.review.views.why import WhyView
from tests.samples import CLINIC, TODAY, at, sample_id
from tests.samples_caseload import BAR, MARIA


def _told(*, evidence: bool) -> LedgerDayOut:
    tries = [
        AttemptOut(at=at(1, 8), channel="sms", provider="twilio", outcome="ambiguous", status_code=500),
        AttemptOut(at=at(1, 8, 12), channel="sms", provider="twilio", outcome="permanent", provider_code="21211"),
    ]
    entry = LedgerEntryOut(
        id=sample_id(901),
        kind="check_in",
        day=TODAY - timedelta(days=1),
        zone="America/Chicago",
        due_at=at(1, 8),
        state="failed",
        reason="Not sent: the message service refused it.",
        reason_code="refused",
        channel="sms",
        attempts=tries if evidence else [],
    )
    other = UnwrittenOut(
        day=entry.day,
        reason="Nothing was due: it is not one of the chosen days.",
        reason_code="other_days",
        kind="plan",
        changed_on=TODAY,
    )
    words = "No message went out on Wed, Nov 18. Not sent: the message service refused it."
    return LedgerDayOut(entry.day, "America/Chicago", words, [entry], [other])


def why_pages() -> dict[str, tuple[str, object]]:
    asked = (TODAY - timedelta(days=1)).isoformat()
    wrong = "Use a day such as 2026-03-10."
    return {
        "why": (
            "review/why.html",
            WhyView(bar=BAR, client_id=MARIA, name="Maria Lopez", day=asked, told=_told(evidence=True)),
        ),
        "why_wrong": (
            "review/why.html",
            WhyView(bar=BAR, client_id=MARIA, name="Maria Lopez", day="soon", problem=wrong),
        ),
    }


def own_why_pages() -> dict[str, tuple[str, object]]:
    asked = (TODAY - timedelta(days=1)).isoformat()
    told = _told(evidence=False)
    return {"why_own": ("portal/why.html", OwnWhyView(clinic_name=CLINIC, day=asked, told=told))}
