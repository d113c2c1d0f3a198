"""Believable views of what an owner sets about the clinic and its team."""

from msgspec.structs import replace

from service.review.rules.set_up import STEP_WORDS, Missing, Step
from service.review.rules.team import ROLE_HINTS, ROLE_WORDS
from service.review.schemas import forms
from service.review.schemas.records import RecordView
from service.review.schemas.set_up import SetUpView
from service.review.schemas.team import JoinView, MemberView, RoleOption, TeamLine, TeamView
from service.review.schemas.wording import WordingView
from service.review.views.wording import measured
from tests.samples import CLINIC, TODAY, at, sample_id
from tests.samples_caseload import BAR, caseload_view
from tests.samples_tools import option

HEIR = "Choose who takes over their clients."


def roles(picked: str) -> list[RoleOption]:
    return [RoleOption(code, words, ROLE_HINTS[code], code == picked) for code, words in ROLE_WORDS.items()]


def people() -> list[TeamLine]:
    listed = (
        ("Olga Petrova", "Owner", "works", "0 clients"),
        ("Sam Okafor", "Therapist", "works", "14 clients"),
        ("Bartholomew Featherstonehaugh-Montgomery", "Front desk", "works", "0 clients"),
        ("Nina New", "Therapist", "invited", "Sent."),
        ("Theo Late", "Therapist", "run_out", "Not sent: this address does not work."),
        ("Ana Gone", "Therapist", "left", "2 clients"),
    )
    return [
        TeamLine(
            id=sample_id(300 + n),
            name=name,
            email=f"{name.split()[0].lower()}@northside-physiotherapy.example",
            role=role,
            standing=standing,  # type: ignore[arg-type]
            since=at(9 + n, 10),
            news=news,
            url=f"/team/{sample_id(300 + n)}",
        )
        for n, (name, role, standing, news) in enumerate(listed)
    ]


LAST = "This is the only owner. Make somebody else an owner first."


def team_pages() -> dict[str, tuple[str, object]]:
    wrong = forms.Field("theo@", "Use an email address such as sam@clinic.example.")
    team = TeamView(bar=BAR, people=people(), roles=roles("therapist"), status="The invitation is on its way.")
    heirs = [option("1", "Olga Petrova"), option("2", "Robin Diaz")]
    sam = MemberView(
        bar=BAR,
        person=people()[1],
        roles=roles("therapist"),
        heirs=heirs,
        held=14,
        heir_problem=HEIR,
        tried="end",
        has_factors=True,
    )
    join = JoinView(url="/staff/join/x", name="Nina New", email="nina@northside.example", clinic_name=CLINIC)
    record = RecordView(bar=BAR, client_id=sample_id(1), name="Maria Lopez", url="/clients/x/record", asked_on=TODAY)
    refused = replace(
        record,
        confirm=forms.Field("Maria", "Type the name as it stands here."),
    )
    return {
        "team": ("review/team.html", team),
        "team-wrong": ("review/team.html", replace(team, email=wrong, role_problem="Choose what they may do here.")),
        "member": ("review/member.html", sam),
        "member-last-owner": (
            "review/member.html",
            replace(sam, held=0, heir_problem=None, tried="role", problem=LAST),
        ),
        "record": ("review/record.html", record),
        "record-wrong": ("review/record.html", refused),
        "member-invited": ("review/member.html", replace(sam, person=people()[3], held=0, heir_problem=None)),
        "join": ("review/join.html", join),
        "join-wrong": ("review/join.html", replace(join, password_problem="Use at least 15 characters.")),
        "join-elsewhere": ("review/join.html", replace(join, elsewhere=True)),
        "join-ended": ("review/join.html", JoinView()),
    }


def set_up_view(**fields: object) -> SetUpView:
    facts = {
        "name": "Northside Physiotherapy",
        "short_name": "Northside",
        "country": "US",
        "zone": "America/Chicago",
        "locale": "en",
        "phone": "(202) 555-0100",
        "emergency_number": "911",
        "quiet_from": "21:00",
        "quiet_until": "08:00",
    }
    values: dict[str, object] = {
        "bar": BAR,
        "steps": steps(),
        "facts": {name: forms.Field(value) for name, value in facts.items()},
        "languages": [option("en", "English", True), option("es", "Español")],
        "zones": ["America/Chicago"],
        "countries": ["DE", "US"],
        "texts_from": "(202) 555-0100",
        "mail_from": "hello@northside.example",
        "email": "olga@northside.example",
        "is_live": False,
        "lacking": [one.msgid for one in Missing],
        "has_provider": False,
    }
    return SetUpView(**{**values, **fields})  # type: ignore[arg-type]


def steps() -> list[forms.StepLine]:
    return [forms.StepLine(step, words, step == Step.FACTS, step == Step.TEAM) for step, words in STEP_WORDS.items()]


def set_up_pages() -> dict[str, tuple[str, object]]:
    done = [replace(one, is_done=True) for one in steps()]
    fresh = set_up_view()
    wrong = {**fresh.facts, "emergency_number": forms.Field("call us", "Use digits only, such as 911 or 112.")}
    problem = "One field needs another look. Nothing was saved."
    ready = {"has_provider": True, "lacking": [], "test_news": "Sent."}
    return {
        "set-up": ("review/set_up.html", fresh),
        "set-up-wrong": ("review/set_up.html", replace(fresh, facts=wrong, problem=problem)),
        "set-up-ready": ("review/set_up.html", set_up_view(steps=done, **ready)),
        "set-up-live": ("review/set_up.html", set_up_view(steps=done, is_live=True, **ready)),
        "caseload-set-up": ("review/caseload.html", replace(caseload_view(), set_up=steps())),
    }


def wording_pages() -> dict[str, tuple[str, object]]:
    said = ("Northside: your plan for today is ready. Reply DONE when you finish.", "Hip Rehab: how is the pain?")
    view = WordingView(
        bar=BAR,
        short_name=forms.Field("Northside"),
        languages=[option("en", "English", True), option("es", "Español")],
        texts=[measured(words, "en") for words in said],
    )
    return {"wording": ("review/wording.html", view)}


def clinic_pages() -> dict[str, tuple[str, object]]:
    return {**team_pages(), **set_up_pages(), **wording_pages()}
