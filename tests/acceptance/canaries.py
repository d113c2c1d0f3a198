"""Words that nobody else uses, put into a clinic as names, numbers, notes and keys over real routes, and where all
that leaves it is found."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import psycopg
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from service.clock import utc_now
from service.database.embedded import EmbeddedPostgres
from tests.acceptance.processes import PLAIN, Product, eventually, product
from tests.far_ends import MailServer, SmsProvider, error, running_mail_server, running_sms_provider, signed_post

PASSWORD = "zqpassphrase a long enough pass phrase"
WORDING = "Yes, send me messages about my plan, up to 1 a day. I can stop at any time."
PEOPLE = 22
KINDS = ("given", "family", "post", "pain", "visit", "said", "texted", "zone", "path", "query", "bearer")


@dataclass(frozen=True)
class Person:
    """Twenty-three words of one client, their number and two for each place."""

    number: int

    @property
    def words(self) -> list[str]:
        return [self.phone.removeprefix("+"), *(word for kind in KINDS for word in self._both(kind))]

    @property
    def phone(self) -> str:
        return f"+4915120057{self.number:03d}"

    @property
    def is_asked(self) -> bool:
        """Whoever told a score today is not asked for one."""
        return self.number % 3 == 0

    @property
    def email(self) -> str:
        return f"{self.say('post', '.')}@mail.example"

    def say(self, kind: str, between: str = " ") -> str:
        return between.join(self._both(kind))

    def _both(self, kind: str) -> list[str]:
        return [f"zq{kind}{self.number:02d}{last}" for last in "qz"]


@dataclass
class Clinic:
    installed: Product
    sms: SmsProvider
    mail: MailServer
    database: str
    token: str
    people: list[Person]
    ids: dict[int, str]
    locations: list[str]

    def api(self) -> httpx.Client:
        return httpx.Client(base_url=self.installed.url, headers={"Authorization": f"Bearer {self.token}"}, **PLAIN)

    def owner(self, statement: str) -> None:
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute(statement.encode())

    @property
    def logs(self) -> str:
        return "\n".join(log.read_text() for log in self.installed.folder.glob("*.log"))

    @property
    def metrics(self) -> str:
        names = ("CLAMSHELL_METRICS_PORT", "CLAMSHELL_NOTIFIER_METRICS_PORT")
        ports = [self.installed.environ[name] for name in names]
        return "\n".join(httpx.get(f"http://127.0.0.1:{port}/metrics", **PLAIN).text for port in ports)


@contextmanager
def canary_clinic(postgres: EmbeddedPostgres, folder: Path) -> Iterator[Clinic]:
    with (
        running_sms_provider() as sms,
        running_mail_server() as mail,
        product(postgres, folder, sms, mail) as made,
    ):
        made.clamshell_here(
            "create-clinic",
            *("--name", "Northside Physiotherapy", "--short-name", "Northside", "--country", "DE"),
            *("--zone", "Europe/Berlin", "--phone", "030 555 0100", "--emergency-number", "112"),
            *("--owner-name", "Zqowner Zqowner", "--owner-email", "zqowner@clinic.example", "--live"),
            said=PASSWORD + "\n",
        )
        asked = {"email": "zqowner@clinic.example", "password": PASSWORD}
        token = httpx.post(f"{made.url}/v1/sign-in", json=asked, **PLAIN).json()["token"]
        people = [Person(number) for number in range(PEOPLE)]
        clinic = Clinic(made, sms, mail, made.environ["CLAMSHELL_OWNER_DATABASE_URL"], token, people, {}, [])
        with clinic.api() as owner:
            silent_mondays(owner)
        yield clinic


def silent_mondays(owner: httpx.Client) -> None:
    """Nothing is said by itself when a week is over: what is counted is the same on any weekday."""
    ok(owner.patch("/v1/settings", json={"week_text": False}))


def ok(answer: httpx.Response, *statuses: int) -> Any:
    assert answer.status_code in (statuses or (200, 201, 204)), answer.text
    return answer.json() if answer.content else None


def enter(clinic: Clinic, person: Person, zone: str) -> None:
    """A client with all that is told of them; whatever of it can be wrong is tried wrong too."""
    with clinic.api() as api:
        name = f"{person.say('given')} {person.say('family', '-')}"
        new = {"name": name, "zone": zone, "phone": person.phone, "email": person.email}
        consent = {"sms": WORDING, "email": WORDING}
        ok(api.post("/v1/clients", json=new | {"zone": f"Europe/{person.say('zone', '_')}", "consent": consent}), 422)
        made = ok(api.post("/v1/clients", json=new | {"consent": consent}))
        client = clinic.ids[person.number] = f"/v1/clients/{made['id']}"
        day = utc_now().astimezone(ZoneInfo(zone)).date()
        told = {"score": 4, "note": f"{person.say('pain')} hurts"}
        if person.is_asked:
            told["day"] = (day - timedelta(days=1)).isoformat()
        ok(api.put(f"{client}/pain-entries/{uuid4()}", json=told))
        ok(api.put(f"{client}/visits/{day}", json={"note": f"Talked about {person.say('visit')}"}))
        ok(api.post(f"{client}/messages", json={"text": f"Dear {person.say('said')}"}))
        moment = {"local_times": [f"{utc_now().astimezone(ZoneInfo(zone)):%H:%M}"], "channels": ["sms"]}
        ok(api.put(f"{client}/reminders/check_in", json=moment))
        form = {"MessageSid": f"SM{person.number}", "From": person.phone, "To": "+13035550100", "NumMedia": "0"}
        text = form | {"Body": f"{'Hello' if person.is_asked else '6'} {person.say('texted')}"}
        assert signed_post(f"{clinic.installed.url}/hooks/sms/inbound", text).status_code == 200


def knock(clinic: Clinic, person: Person) -> None:
    """Where nobody is signed in, or nothing is there."""
    query = f"?q={person.say('query', '+')}"
    with httpx.Client(base_url=clinic.installed.url, **PLAIN) as stranger:
        for path in (f"/{person.say('path', '/')}", f"/r/{person.say('path', '.')}", "/today", "/sign-in", "/caseload"):
            answer = stranger.get(path + query, headers={"Authorization": f"Bearer {person.say('bearer', '.')}"})
            assert answer.status_code < 500
            clinic.locations.append(answer.headers.get("location", ""))
        stranger.post("/v1/sign-in/code", json={"address": person.email})
        if person.number < 2:  # a password is slow to refuse
            stranger.post("/v1/sign-in", json={"email": person.email, "password": person.say("bearer")})


def break_it(clinic: Clinic) -> None:
    """Errors that quote what they are about: a row that is refused, a text and a mail that are not taken."""
    first, second, third = clinic.people[0], *clinic.people[-2:]
    is_other = f"client_id <> '{clinic.ids[0][-36:]}'"
    clinic.owner("ALTER TABLE pain_entry ADD CONSTRAINT z CHECK (score <> 7) NOT VALID")
    clinic.owner(f"ALTER TABLE message ADD CONSTRAINT z CHECK ({is_other} OR state <> 'leased') NOT VALID")
    with clinic.api() as api:
        note = {"score": 7, "note": f"{first.say('pain')} as never before {first.phone}"}
        shown = ok(api.put(f"{clinic.ids[0]}/pain-entries/{uuid4()}", json=note), 500)
        assert shown["request_id"] in clinic.logs
        clinic.sms.scripted.append(error(400, 21211, f"'{second.phone}' is not a number of {second.say('given')}"))
        clinic.mail.answers.append(f"550 5.1.1 <{third.email}> unknown here, {third.say('family', '-')}")
    with httpx.Client(base_url=clinic.installed.url, **PLAIN) as stranger:
        # A code is sent at once, and to whoever asks for it.
        for address in (second.phone, third.email, first.phone):
            ok(stranger.post("/v1/sign-in/code", json={"address": address}), 202)
    eventually("both are refused", lambda: not clinic.sms.scripted and not clinic.mail.answers, 30)
    eventually("what cannot be claimed is logged", lambda: "cannot be claimed" in clinic.logs, 30)


def pages_of(clinic: Clinic) -> Iterator[httpx.Response]:
    with httpx.Client(base_url=clinic.installed.url, follow_redirects=True, **PLAIN) as desk:
        yield desk.post("/staff/sign-in", data={"email": "zqowner@clinic.example", "password": PASSWORD})
        for path in ("/caseload", "/settings", "/team", f"/clients/{clinic.ids[5][-36:]}"):
            yield desk.get(path)
    links = [link for text in clinic.sms.accepted for link in re.findall(r"http\S+/r/\w+", text["body"])]
    with httpx.Client(follow_redirects=True, **PLAIN) as phone:
        for link in links[:5]:
            yield phone.get(link)


def hits(words: list[str], where: str) -> list[str]:
    return [word for word in words if word.lower() in where.lower()]


def samples_of(metrics: str) -> list[Sample]:
    return [sample for family in text_string_to_metric_families(metrics) for sample in family.samples]


def settled(clinic: Clinic) -> bool:
    """The trail is linked, and everybody's moment is planned."""
    samples = samples_of(clinic.metrics)
    linked = [one.value for one in samples if one.name == "clamshell_audit_rows_linked_total"]
    planned = [one.value for one in samples if one.name == "clamshell_moments_planned_total"]
    return sum(linked) > PEOPLE and sum(planned) >= PEOPLE
