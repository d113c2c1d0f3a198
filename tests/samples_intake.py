"""Believable pages of an intake, as a client and as staff see them."""

from datetime import timedelta

from service.catalogue.rules import Sentence
from service.diary.rules import Problem
from service.intake import forms
from service.intake.forms import Pick
from service.intake.rules import Answers, Goal
from service.portal.pages.intake import IntakePage
from service.portal.schemas import SafetyNotice
from service.review.schemas.forms import Sent
from service.review.views.intake import Consider, Event, IntakeView, Line, ToldVersion, TreatmentForm
from tests.samples import CLINIC, TODAY, sample_id
from tests.samples_caseload import BAR, MARIA

TOLD = Answers(
    sites=[("lateral_hip", "right"), ("low_back", None)],
    radiates="no",
    timing=["night_lying_on_side"],
    goals=[Goal("Sleep through on my side", 2, 8)],
    habits={"hab-hang-hip": False},
)
_WRONG = [
    ("/sites/1/site", Problem("required", Sentence("Choose a place."))),
    ("/onset", Problem("length", Sentence("Use at most %(most)s characters.", {"most": 1000}))),
    ("/red_flags", Problem("required", Sentence("Tick what is true right now, or tick: none of these."))),
]


def _form(url: str, *, wrong: bool = False) -> forms.IntakeForm:
    return forms.shown(url, sample_id(701), 1, TOLD, "en", _WRONG if wrong else (), sent=wrong)


def own_intake_pages() -> dict[str, tuple[str, object]]:
    call = SafetyNotice("Stop the exercises. Call your local emergency number.", "911")
    empty = forms.shown("/today/intake", sample_id(702), 0, Answers(), "en")
    pages = {
        "intake_own": IntakePage(clinic_name=CLINIC, form=empty),
        "intake_told": IntakePage(
            clinic_name=CLINIC, form=_form("/today/intake"), told_on=TODAY, status="Saved.", safety=call
        ),
        "intake_wrong": IntakePage(
            clinic_name=CLINIC, form=_form("/today/intake", wrong=True), told_on=TODAY, told_by_staff=True
        ),
    }
    return {name: ("portal/intake.html", view) for name, view in pages.items()}


def intake_pages() -> dict[str, tuple[str, object]]:
    lines = [Line("Where", ["Outer hip, right side", "Low back"]), Line("Warning signs", ["None of these"])]
    view = IntakeView(
        bar=BAR,
        client_id=MARIA,
        name="Maria Lopez",
        newest=ToldVersion(2, TODAY, True, lines, ["Where"]),
        older=[ToldVersion(1, TODAY - timedelta(days=9), False, lines, [])],
        consider=[
            Consider("Outer hip, worse at night", ["Outer-hip tendon pain"], False, [("SEED", "seed")]),
            Consider("Groin, with fever", [], True, [("GP-RF", "GPonline")]),
        ],
        form=_form(f"/clients/{MARIA}/intake", wrong=True),
        form_is_open=True,
        visits=[Event(sample_id(703), TODAY, "Gait better", "Sam Carter")],
        treatments=[Event(sample_id(704), TODAY, "massage, Low back, 20 min", "Sam Carter")],
        today=TODAY.isoformat(),
        next_visit="",
        sent=Sent("visit", {"day": "2031-01-01", "note": ""}, {"day": "Use today or a day before it."}),
        treatment=TreatmentForm(
            entry=sample_id(705),
            kinds=[Pick("massage", "massage", True)],
            sites=[],
            sides=[],
        ),
        status="Saved.",
    )
    return {"intake": ("review/intake.html", view)}
