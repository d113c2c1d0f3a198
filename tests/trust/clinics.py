"""Two clinics alike, each thing in them with words of its own, so that one word says from where it leaked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from httpx import AsyncClient
from sqlalchemy import text

from service.accounts import sign_in
from service.accounts.codes import link_token
from service.accounts.guards import csrf_token
from service.accounts.queries import contact_points
from service.accounts.queries.factors import factors
from service.accounts.queries.tokens import tokens
from service.accounts.rules import LinkPurpose
from service.accounts.rules.tokens import SCOPES
from service.accounts.sign_in import hashed
from service.accounts.sign_in.factors import add_app
from service.accounts.sign_in.tokens import NewToken, make_token
from service.accounts.tables import Client
from service.conversation.tables import UnplacedText
from service.database.tenancy import ClinicSession, Database
from service.diary.rules.screening import WORDING as SCREEN_WORDING
from service.intake.actions.helpers import NewHelper, name_helper
from tests import told
from tests.make import NOW, TODAY, WORDING, Team, make_client, make_team
from tests.service.catalogue.files import jpeg

MARKS = ("zqours", "zqtheirs")
"""Ours, and another clinic's: so long that no key drawn by chance holds one of them."""
DOSE = {"reps": [5, 10], "sets": [1, 3], "sides": ["both"], "working_side": "both"}
Headers = dict[str, str]


class UndoneSession(ClinicSession):
    async def commit(self) -> None:
        """All is written, and taken back."""
        await self.flush_written()
        if self._last:
            await self.write_last()
        self.expunge_all()
        await self.rollback()

    async def commit_meanwhile(self) -> None:
        """Later, and never."""


class Undone(Database):
    """Everything is done, and nothing of it stays: each request finds the clinics as they were made."""

    session_class = UndoneSession

    @asynccontextmanager
    async def installation_tx(self) -> AsyncIterator[Any]:
        async with super().installation_tx() as connection:
            yield connection
            await connection.rollback()


@dataclass
class Side:
    """One clinic. Sam's client is `own`, Robin's is `same`; `ids` are what stands in addresses, for each of them, and
    `personal` what is each role's own."""

    mark: str
    team: Team
    ids: dict[str, dict[str, str]] = field(default_factory=dict)
    headers: dict[str, Headers] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)
    personal: dict[str, dict[str, str]] = field(default_factory=dict)
    programs: dict[str, Headers] = field(default_factory=dict)
    readers: dict[str, Headers] = field(default_factory=dict)
    """What a program with one scope sends; the second only reads."""

    @property
    def client_id(self) -> UUID:
        return UUID(self.ids["own"]["client_id"])


async def make_side(api: AsyncClient, database: Database, mark: str, secret_key: str) -> Side:
    """In every word that people typed stands the clinic's mark and whose it is: `zqours-own`, `zqours-same`."""
    team = await make_team(database, name=f"{mark} clinic", short_name=mark)
    side = Side(mark, team)
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        own = await _client(session, team.therapist_id, f"{mark}-own")
        same = await _client(session, team.other_therapist_id, f"{mark}-same")
        staff = {"owner": team.owner_id, "therapist": team.therapist_id, "front_desk": await told.add_dana(session)}
        for role, staff_id in staff.items():
            await _enter(session, side, role, secret_key, staff_id=staff_id)
        await _enter(session, side, "client", secret_key, client_id=own.id)
        for scope in SCOPES:
            for kept, writes in ((side.programs, True), (side.readers, False)):
                wanted = NewToken(f"{mark} {scope}", [scope], writes, 30)
                token = await make_token(session, team.owner_id, wanted, NOW)
                kept[scope] = {"Authorization": f"Bearer {token}"}
        [*_, made] = await tokens(session)
    await api.patch("/v1/settings", json={"monitoring": True}, headers=side.headers["owner"])
    for whose, client in (("own", own), ("same", same)):
        side.ids[whose] = await _fill(api, database, side, client, f"{mark}-{whose}") | {"token_id": str(made.id)}
    return side


async def _client(session: ClinicSession, therapist_id: UUID, mark: str) -> Client:
    agreed = {"email": WORDING}
    return await make_client(
        session, therapist_id, name=f"Maria {mark}", email=f"{mark}@mail.example", consent_wording=agreed
    )


async def _enter(session: ClinicSession, side: Side, role: str, secret_key: str, **who: Any) -> None:
    token = await sign_in.start_session(session, now=NOW, user_agent=f"{side.mark}-phone", **who)
    side.headers[role] = {"Authorization": f"Bearer {token}"}
    await session.flush()
    kept = "SELECT id FROM sign_in_session WHERE clinic_id = :clinic AND token_hash = :hash"
    secret = token.partition(".")[2]
    found = await session.execute(text(kept), {"clinic": session.clinic_id, "hash": hashed(secret)})
    side.forms[role] = csrf_token(secret_key, session_id := found.scalar_one())
    if "staff_id" in who:
        await add_app(session, who["staff_id"], f"{side.mark} phone", bytes(20), 0, NOW)
        [factor] = await factors(session, who["staff_id"])
        side.personal[role] = {"session_id": str(session_id), "factor_id": str(factor.id)}


async def _fill(api: AsyncClient, database: Database, side: Side, client: Client, mark: str) -> dict[str, str]:
    """One of everything that an address can name, made the way people make it."""
    owner, base, ids = side.headers["owner"], f"/v1/clients/{client.id}", _fresh(client)
    note, day = f"{mark} note", TODAY.isoformat()

    async def sent(method: str, path: str, body: Any = None, **more: Any) -> Any:
        answer = await api.request(method, path, json=body, headers=owner, **more)
        assert answer.is_success, (method, path, answer.text)
        return answer.json() if answer.content else None

    prescription = {
        "starts_on": day,
        "title": f"{note} plan",
        "programme": {"code": "prog-oa"},
        "items": [{"exercise": "glu-bridge-double", "cadence": {"times_per_week": 3}, "cue": note}],
        "habits": [{"habit": "hab-hang-hip"}],
        "fixes": [{"prompt": f"{mark} fix", "due_on": day}],
    }
    changed = await sent("POST", f"{base}/plan", prescription)
    ids |= {
        "plan_item_id": changed["items"][0]["id"],
        "plan_habit_id": changed["habits"][0]["id"],
        "plan_fix_id": changed["fixes"][0]["id"],
        "plan_version": changed["version_id"],
    }
    template = await sent(
        "POST",
        "/v1/plan-templates",
        {"name": f"{side.mark} kept {client.name[-3:]}", "plan_version": ids["plan_version"]},
    )
    ids["template_id"] = template["id"]
    ids["code"] = f"{mark.replace('-', '')}-move"
    await sent("POST", "/v1/exercises", _exercise(ids["code"], f"{side.mark} move"))
    good = {"rule": "equals", "value": True}
    habit = {"code": ids["code"], "prompt": f"{side.mark} habit", "kind": "yes_no", "good": good}
    await sent("POST", "/v1/habits", habit)
    picture = {"files": {"file": ("x.jpg", jpeg(), "image/jpeg")}, "data": {"alt": f"{side.mark} picture"}}
    stored = await sent("PUT", f"/v1/exercises/{ids['code']}/media/picture", **picture)
    ids["name"] = str(stored["media"][0]["url"]).rpartition("/")[2]
    await sent("PUT", f"{base}/pain-entries/{ids['entry_id']}", {"score": 4, "note": note})
    await sent("PUT", f"{base}/pain-entries/{ids['entry_id']}", {"score": 5, "note": note})
    await sent("PUT", f"{base}/sessions/{ids['session_entry']}", {"outcome": "done"})
    await sent("PUT", f"{base}/intakes/{ids['intake_id']}", {"red_flags": [], "onset": note})
    ids["visit_id"] = (await sent("PUT", f"{base}/visits/{day}", {"note": note}))["id"]
    await sent("PUT", f"{base}/treatments/{ids['treatment_id']}", {"kind": "massage", "note": note})
    await sent("POST", f"{base}/monitoring", {"starts_on": day})
    await sent("PUT", f"{base}/monitoring/times/{ids['time_id']}", {"day": day, "minutes": 5})
    answers = {"why": "own", "wording": SCREEN_WORDING, "yes": ["rf-dvt"], "no": []}
    await sent("PUT", f"{base}/red-flag-answers/{ids['screen_id']}", answers)
    ids["flag_id"] = (await sent("GET", f"{base}/red-flags"))["data"][0]["id"]
    await sent("PUT", f"{base}/invitations/{ids['invitation_id']}", {"channel": "sms"})
    await sent("POST", f"{base}/messages", {"text": f"{mark} word"})
    await told.due_moments(database, client)
    async with database.clinic_tx(client.clinic_id, told.as_client(client)) as session:
        await _more(session, client, ids, mark)
    return ids


def _fresh(client: Client) -> dict[str, str]:
    made = (
        "entry_id",
        "session_entry",
        "intake_id",
        "treatment_id",
        "time_id",
        "screen_id",
        "answer_id",
        "text_id",
        "attempt_id",
        "helper_id",
        "invitation_id",
    )
    known = {"client_id": client.id, "clinic_id": client.clinic_id, "staff_id": client.therapist_id}
    return {name: str(one) for name, one in known.items()} | {name: str(uuid4()) for name in made}


def _exercise(code: str, name: str) -> dict[str, Any]:
    return {"code": code, "name": name, "group": "glute", **DOSE}


async def _more(session: ClinicSession, client: Client, ids: dict[str, str], mark: str) -> None:
    """What no request makes: a link in a message, another phone that is signed in, a text that may be this client's."""
    ids["token"] = link_token("trust", mark)
    link = sign_in.NewLink(client.id, LinkPurpose.WEEK, ids["token"], NOW + timedelta(days=7))
    await sign_in.make_links(session, [link], NOW)
    await sign_in.start_session(session, client_id=client.id, now=NOW, user_agent=f"{mark}-phone")
    helper = NewHelper(UUID(ids["helper_id"]), f"{mark} helper", "family", f"{mark}@mail.example", WORDING)
    await name_helper(session, client, helper, "trust", NOW)
    unplaced = UnplacedText(
        clinic_id=client.clinic_id,
        id=UUID(ids["text_id"]),
        event_key=mark,
        received_at=NOW,
        sent_from=(await contact_points(session, client.id))[0].address,
        body=f"{mark} note by text",
        reason="two_people",
        is_danger=False,
        candidates=[client.id],
    )
    session.add(unplaced)
    await session.flush()
    known = {"clinic": session.clinic_id, "agent": f"{mark}-phone", "code": ids["code"]}
    for name, found in (
        ("session_id", "SELECT id FROM sign_in_session WHERE clinic_id = :clinic AND user_agent = :agent"),
        ("exercise_id", "SELECT id FROM exercise WHERE clinic_id = :clinic AND code = :code"),
        ("habit_id", "SELECT id FROM habit WHERE clinic_id = :clinic AND code = :code"),
    ):
        ids[name] = str((await session.execute(text(found), known)).scalar_one())
