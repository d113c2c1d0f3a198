"""Believable views of how staff sign in, and of a person's own ways to do so."""

from datetime import date
from typing import Any

import segno
from msgspec.structs import replace

from service.accounts.rules import Right
from service.accounts.rules.factors import app_uri, secret_words
from service.accounts.rules.tokens import SCOPES
from service.review.schemas.forms import Field, KeptView
from service.review.schemas.security import (
    AppView,
    ByMailView,
    CodesView,
    FactorLine,
    MailedView,
    ProveView,
    SecondStepView,
    SecurityView,
    SessionLine,
    StaffSignInView,
)
from service.review.schemas.tokens import TokenLine, TokensView
from tests.samples import CLINIC, sample_id
from tests.samples_caseload import BAR
from tests.samples_tools import option

SECRET = b"12345678901234567890"
ASKED = '{"challenge": "AAAA", "rpId": "localhost"}'
LONG = "The security key on my ring of keys, the blue one from 2025"
CODES = [f"{one}bcd-efgh-jkmn-pqrs" for one in "abcdefghjk"]


def _factor(number: int, name: str, **fields: Any) -> FactorLine:
    defaults: dict[str, Any] = {"is_passkey": True, "since": date(2026, 3, 2), "renamed": Field(name)}
    return FactorLine(id=sample_id(number), name=name, **{**defaults, **fields})


def factors() -> list[FactorLine]:
    return [
        _factor(401, "Work laptop", used_on=date(2026, 3, 10)),
        _factor(402, "My phone", is_passkey=False),
        _factor(403, LONG),
    ]


def sessions() -> list[SessionLine]:
    day = date(2026, 3, 10)
    return [
        SessionLine(id=sample_id(410), browser="Firefox on a Linux computer", since=day, seen_on=day, is_this=True),
        SessionLine(id=sample_id(411), browser="Safari on an iPhone", since=day, seen_on=day, is_this=False),
    ]


def security_pages() -> dict[str, tuple[str, object]]:
    sign_in = StaffSignInView(email="sam@northside.example", options=ASKED)
    wrong = "This email and password do not go together. Check both and try again."
    mine = SecurityView(bar=BAR, factors=factors(), sessions=sessions(), codes_left=7, options=ASKED)
    none = SecurityView(
        bar=replace(BAR, factor_due_on=date(2026, 3, 24)),
        factors=[],
        sessions=sessions()[:1],
        codes_left=0,
        options=ASKED,
        due_on=date(2026, 3, 24),
    )
    wrong_name = "Use 1 to 60 letters, digits and signs."
    picture = segno.make(app_uri(SECRET, "Northside", "sam@northside.example"), error="m")
    app = AppView(
        bar=BAR,
        picture=picture.svg_data_uri(scale=5, border=4, light="#fff", dark="#000"),
        words=secret_words(SECRET),
        secret="AAAA",
        name=Field("My phone"),
    )
    no_match = Field("12345", "This code does not match. Type the one that the app shows now.")
    prove = ProveView(url="/team", pairs=[("name", "Nina")], has_code=False, has_passkey=False, options=ASKED)
    return {
        "staff_sign_in": ("review/sign_in.html", sign_in),
        "staff_sign_in_wrong": ("review/sign_in.html", replace(sign_in, problem=wrong)),
        "second_step": ("review/second_step.html", SecondStepView(options=ASKED, has_passkey=True)),
        "second_step_paper": (
            "review/second_step.html",
            SecondStepView(
                has_app=False,
                problem="This code does not match, or was used before. Wait for the next one and try again.",
            ),
        ),
        "by_mail": ("review/by_mail.html", ByMailView()),
        "by_mail_sent": ("review/by_mail.html", ByMailView(email=Field("sam@northside.example"), is_sent=True)),
        "mailed": ("review/mailed.html", MailedView(url="/staff/sign-in/by-mail/x", name="Sam Okafor")),
        "mailed_ended": ("review/mailed.html", MailedView()),
        "prove": ("review/prove.html", prove),
        "prove_code": (
            "review/prove.html",
            replace(prove, has_code=True, has_passkey=True, problem="This does not match. Try again."),
        ),
        "security": ("review/security.html", replace(mine, status="Saved.")),
        "security_wrong": (
            "review/security.html",
            replace(
                mine,
                factors=[replace(factors()[0], renamed=Field("", wrong_name))],
                problem="This is the last one. Add another one first.",
            ),
        ),
        "security_none": ("review/security.html", none),
        "security_overdue": ("review/security.html", replace(none, is_overdue=True)),
        "security_app": ("review/app.html", app),
        **kept_pages(),
        "security_app_wrong": ("review/app.html", replace(app, code=no_match)),
        **token_pages(),
        "recovery_codes": (
            "review/recovery_codes.html",
            CodesView(bar=BAR, codes=CODES, clinic_name=CLINIC, email="sam@northside.example"),
        ),
    }


def kept_pages() -> dict[str, tuple[str, object]]:
    pairs = [("csrf", "the-token")]
    note = "Better after the pool.\n\nالورك " + "x" * 200 + "\n" + "\n".join(f"Line {number}" for number in range(40))
    signed_out = KeptView(
        "You were signed out", "/clients/x/diary", pairs, first=("/staff/sign-in", "Sign in on a new page")
    )
    gone = KeptView(
        "There is nothing here.",
        "/clients/x/diary",
        pairs,
        words=["Bob Huge", note],
        problems=["It was taken away, or it is somebody else's now."],
        request_id="0123456789abcdef",
    )
    return {
        "signed_out": ("review/kept.html", signed_out),
        "signed_out_upload": ("review/kept.html", replace(signed_out, picks="image/jpeg")),
        "kept": ("review/kept.html", gone),
    }


def token_pages() -> dict[str, tuple[str, object]]:
    day = date(2026, 3, 2)
    line = TokenLine(
        id=sample_id(420),
        name="Weekly report for the office",
        prefix="a1B_2c",
        scopes=[SCOPES[Right.SEE_RECORD], SCOPES[Right.SEE_CONTACTS]],
        can_write=False,
        made_by="Olga Petrova",
        made_on=day,
        ends_on=date(2026, 6, 2),
    )
    view = TokensView(
        bar=BAR,
        tokens=[line, replace(line, name="Old one", can_write=True, has_run_out=True, used_on=day)],
        scopes=[option(scope, words) for scope, words in SCOPES.items()],
        lifetimes=[option("30", "30 days"), option("90", "90 days")],
    )
    token = "clam_0123456789abcdef0123456789abcdef.a1B_2cD3e4F5g6H7i8J9k0L1m2N3o4P5q6R7s8T9u0V"
    wrong = {
        "name": Field("", "Use 1 to 60 letters, digits and signs."),
        "scopes_problem": "Choose what the program may do.",
        "problem": "Keep at most 20. Revoke one first.",
    }
    return {
        "tokens": ("review/tokens.html", view),
        "tokens_none": ("review/tokens.html", replace(view, tokens=[])),
        "tokens_made": ("review/tokens.html", replace(view, token=token)),
        "tokens_wrong": ("review/tokens.html", replace(view, **wrong)),
    }
