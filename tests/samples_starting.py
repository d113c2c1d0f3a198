"""Believable views of what a plan starts from, of templates, and of two plans beside each other."""

from service.review.schemas.forms import Field
from service.review.schemas.proposals import PhaseProposal, ProgrammeLine
from service.review.schemas.starting import (
    BothView,
    RowToPick,
    StartChoice,
    StartView,
    TemplateRow,
    TemplatesView,
    VersionRow,
    VersionsView,
)
from tests.samples import TODAY, at, sample_id
from tests.samples_caseload import BAR, MARIA

NEW = f"/clients/{MARIA}/plan/new?from="
IN_PROGRAMME = ProgrammeLine(
    "Outer-hip tendon programme of 8 weeks: phase 1 of 4, week 2",
    PhaseProposal("Phase 2 of 4 can start: week 2 reached.", f"{NEW}prog-gt-leap:2"),
    "isometrics kept as in week 1",
)


def start_view() -> StartView:
    return StartView(
        bar=BAR,
        client_id=MARIA,
        client_name="Maria Lopez",
        runs=True,
        current=IN_PROGRAMME,
        programmes=[
            StartChoice(
                f"{NEW}prog-oa",
                "Hip osteoarthritis programme",
                "12 weeks, 3 phases",
                "Guideline-backed.",
            )
        ],
        templates=[StartChoice(f"{NEW}template:1", "Side lying", "Clamshell, Strap hamstring stretch")],
        earlier=[StartChoice(f"{NEW}version:1", "Version 2, from Nov 8", "Clamshell: 2 x 8 to 3 x 8")],
        others=[StartChoice(f"{NEW}version:2", "Kim Tran", "since Nov 2")],
    )


def versions_view() -> VersionsView:
    rows = [
        VersionRow(
            id=sample_id(310 + number),
            number=number,
            starts_on=TODAY,
            ends_on=None if number == 2 else TODAY,
            never_ran=False,
            author="Sam Carter",
            made_at=at(2 - number, 9, 30),
            change=change,
            days_told=days,
        )
        for number, change, days in ((2, "Clamshell: 2 x 8 to 3 x 8", 0), (1, "First version", 9))
    ]
    lines = ["Clamshell: 2 x 8 to 3 x 8", "Added: Double-leg bridge, 2 x 10"]
    return VersionsView(
        bar=BAR,
        client_id=MARIA,
        client_name="Maria Lopez",
        rows=rows,
        old=sample_id(311),
        new=sample_id(312),
        lines=lines,
    )


def nothing_to_start_from() -> StartView:
    return StartView(
        bar=BAR, client_id=MARIA, client_name="Maria Lopez", programmes=[], templates=[], earlier=[], others=[]
    )


def templates_view() -> TemplatesView:
    wrong = Field("Side lying", "Another template has this name.")
    return TemplatesView(
        bar=BAR,
        status="The template has a new name.",
        templates=[
            TemplateRow(sample_id(301), Field("Side lying"), "Clamshell"),
            TemplateRow(sample_id(302), wrong, "Step-up"),
        ],
    )


def both_view(*rows: RowToPick) -> BothView:
    return BothView(
        bar=BAR,
        client_id=MARIA,
        client_name="Maria Lopez",
        number=4,
        author="Robin Diaz",
        made_on=TODAY,
        rows=list(rows),
        same=3,
        fields=[("item_glu-clam", "on"), ("sets_glu-clam", "3"), ("starts_on", TODAY.isoformat())],
    )


def starting_pages() -> dict[str, tuple[str, object]]:
    rows = (
        RowToPick("item_glu-clam", "Clamshell", "2 × 8, right side, every day", "3 × 8, right side, every day"),
        RowToPick("habit_hab-walk", "Minutes walked", "in the plan", "not in the plan", "saved"),
        RowToPick("note", "Note to the client", "no note", "Slowly", "mine"),
    )
    return {
        "start": ("review/start.html", start_view()),
        "start_with_nothing": ("review/start.html", nothing_to_start_from()),
        "templates": ("review/templates.html", templates_view()),
        "versions": ("review/versions.html", versions_view()),
        "both": ("review/both.html", both_view(*rows)),
        "both_the_same": ("review/both.html", both_view()),
    }
