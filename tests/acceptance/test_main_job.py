"""One installation on real parts: what is told in it stays in the record, and from a prescription it comes to a
reminder, a reply and the therapist's page."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest

from service.clock import utc_now
from service.database.embedded import EmbeddedPostgres
from tests.acceptance.canaries import (
    PEOPLE,
    Clinic,
    break_it,
    canary_clinic,
    enter,
    hits,
    knock,
    pages_of,
    samples_of,
    settled,
    silent_mondays,
)
from tests.acceptance.processes import PLAIN, Product, eventually
from tests.far_ends import signed_post
from tests.scheduler.conftest import daytime_zone
from tests.service.review.browsing import words

EMAIL, PASSWORD = "sam@northside.example", "a long enough pass phrase"
PHONE, MAIL = "+12025550142", "maria@mail.example"
WORDING = "Yes, send me messages about my plan, up to 1 a day. I can stop at any time."
MOST_SECONDS = 90
HREF = re.compile(r'(?:href|src|action|formaction)="(https?://[^"]+)"')


@pytest.fixture(scope="module")
def clinic(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    with canary_clinic(postgres, tmp_path_factory.mktemp("product")) as made:
        yield made


def test_what_is_told_stays_in_the_record_and_in_no_log_metric_address_subject_or_text(clinic: Clinic) -> None:
    started, zone = time.monotonic(), daytime_zone()
    with ThreadPoolExecutor(4) as crowd:
        list(crowd.map(lambda person: enter(clinic, person, zone), clinic.people))
        list(crowd.map(lambda person: knock(clinic, person), clinic.people[:20]))
    # A welcome, an answer and word of a message.
    eventually("texts are out", lambda: len(clinic.sms.accepted) >= 3 * PEOPLE, 60)
    asked = sum(person.is_asked for person in clinic.people)
    eventually("reminders are out", lambda: sum("/r/" in text["body"] for text in clinic.sms.accepted) >= asked, 60)
    break_it(clinic)
    pages = list(pages_of(clinic))

    words = [word for person in clinic.people for word in person.words] + ["zqowner", "zqpassphrase"]
    assert len(set(words)) >= 500
    texts = [text["body"] for text in clinic.sms.accepted]
    letters = [letter for _, letter in clinic.mail.accepted]
    assert hits(words, clinic.logs) == []
    assert hits(words, clinic.metrics) == []
    assert hits(words, "\n".join(texts)) == []
    assert hits(words, "\n".join(str(letter["Subject"]) for letter in letters)) == []
    bodies = [letter.get_body(("plain",)).get_content() for letter in letters]  # type: ignore[union-attr]
    assert hits(words, "\n".join(bodies)) == []
    assert hits(words, "\n".join(clinic.locations + [str(page.url) for page in pages])) == []
    # A page leads to nobody else, and keeps no word in an address of its own.
    linked = [link for page in pages for link in HREF.findall(page.text)]
    assert [link for link in linked if not link.startswith(clinic.installed.url)] == []
    assert hits(words, "\n".join(linked)) == []

    tokens = [token for text in texts for token in re.findall(r"/r/(\w+)", text)]
    assert len(tokens) >= PEOPLE
    secrets = [*tokens, clinic.token, clinic.installed.environ["CLAMSHELL_SECRET_KEY"], "secret-of-app"]
    assert hits(secrets, clinic.logs + clinic.metrics) == []
    assert time.monotonic() - started < MOST_SECONDS


def test_the_metrics_count_what_was_asked_and_sent(clinic: Clinic) -> None:
    # A row gets its place in the trail within a quarter of a minute.
    eventually("all is linked and planned", lambda: settled(clinic), 40, every=1)
    samples = samples_of(clinic.metrics)
    labels = {name for sample in samples for name in sample.labels}
    assert labels <= {"method", "route", "status", "le", "state", "reason", "channel", "sender", "tick", "kind"}

    def value(name: str, **wanted: str) -> float:
        named = [sample for sample in samples if sample.name == name]
        return sum(one.value for one in named if wanted.items() <= one.labels.items())

    assert value("clamshell_requests_total", route="/v1/clients", method="POST", status="201") == PEOPLE
    assert value("clamshell_requests_total", route="/v1/clients", method="POST", status="422") == PEOPLE
    assert value("clamshell_requests_total", route="none", status="404") > 0
    assert value("clamshell_request_seconds_count", route="/v1/clients") == 2 * PEOPLE
    assert value("clamshell_database_connections") > 0
    assert value("clamshell_messages_settled_total", state="accepted") == len(clinic.sms.accepted) + len(
        clinic.mail.accepted
    ) - value("clamshell_staff_mails_settled_total", state="sent")
    assert value("clamshell_messages_settled_total", state="failed", reason="invalid_address") >= 1
    asked = sum(person.is_asked for person in clinic.people)
    assert value("clamshell_moments_planned_total", kind="check_in", state="queued") == asked
    assert value("clamshell_moments_planned_total", kind="check_in", state="skipped") == PEOPLE - asked
    assert value("clamshell_message_lateness_seconds_count", channel="sms") == len(clinic.sms.accepted)
    assert abs(value("clamshell_heartbeat_timestamp_seconds") - utc_now().timestamp()) < 30
    assert value("clamshell_sending_held") == 0
    assert value("clamshell_circuit_open", sender="twilio") == 0


def test_from_a_prescription_to_a_reminder_a_reply_and_the_therapists_page(clinic: Clinic) -> None:
    """In a second clinic of the installation."""
    installed = clinic.installed
    _create_clinic(installed)
    with httpx.Client(base_url=installed.url, **PLAIN) as api:
        api.headers["Authorization"] = f"Bearer {_sign_in(api)}"
        silent_mondays(api)
        zone = daytime_zone()
        client = _add_client(api, zone)
        plan = _prescribe(api, client, zone)
        _remind(api, client, zone)

        eventually("a welcome and one reminder arrive", lambda: len(clinic.sms.listed(PHONE)) == 2)
        [text] = [entry for entry in clinic.sms.listed(PHONE) if "/r/" in entry["body"]]
        letter = eventually("one mail arrives", lambda: clinic.mail.listed(MAIL))[0]
        assert clinic.sms.report(text, "delivered").status_code == 200

        _reply(installed, "6 R car", "SM1")
        _reply(installed, "DONE", "SM2")
        _confirm_a_habit(installed, letter.get_body(("plain",)).get_content(), plan)  # type: ignore[union-attr]

        _see_it_in_the_api(api, client, plan)
        _see_it_on_the_page(installed, client)
        eventually("the answers to both texts leave", lambda: len(clinic.sms.listed(PHONE)) == 4)
        assert [entry["body"][:12] for entry in clinic.sms.listed(PHONE)[2:]] == ["Got it: 6. S", "Saved. Well "]
        assert len(clinic.mail.listed(MAIL)) == 1


def _create_clinic(installed: Product) -> None:
    said = installed.clamshell_here(
        "create-clinic",
        *("--name", "Northside Physiotherapy", "--short-name", "Northside", "--country", "US"),
        *("--zone", "America/New_York", "--phone", "(202) 555-0100", "--emergency-number", "911"),
        *("--owner-name", "Sam Carter", "--owner-email", EMAIL, "--live"),
        said=PASSWORD + "\n",
    )
    assert EMAIL in said


def _sign_in(api: httpx.Client) -> str:
    refused = api.post("/v1/sign-in", json={"email": EMAIL, "password": "not the right pass phrase"})
    assert refused.status_code == 401
    answer = api.post("/v1/sign-in", json={"email": EMAIL, "password": PASSWORD})
    token: str = answer.json()["token"]
    return token


def _add_client(api: httpx.Client, zone: str) -> str:
    body = {
        "name": "Maria Lopez",
        "zone": zone,
        "phone": "(202) 555-0142",
        "email": MAIL,
        "consent": {"sms": WORDING, "email": WORDING},
    }
    answer = api.post("/v1/clients", json=body)
    assert answer.status_code == 201, answer.text
    return str(UUID(answer.json()["id"]))


def _prescribe(api: httpx.Client, client: str, zone: str) -> dict[str, Any]:
    daily = {"weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}
    body = {
        "starts_on": utc_now().astimezone(ZoneInfo(zone)).date().isoformat(),
        "items": [
            {
                "exercise": "glu-bridge-double",
                "routine": "Glute strength",
                "cadence": daily,
                "sets": 2,
                "reps": 10,
            },
            {"exercise": "glu-squeeze", "routine": "Glute strength", "cadence": daily},
            {"exercise": "ham-strap", "routine": "Hamstring stretch", "cadence": daily, "side": "right"},
        ],
        "habits": [{"habit": "hab-hang-hip"}, {"habit": "hab-low-chair"}],
    }
    answer = api.post(f"/v1/clients/{client}/plan", json=body)
    assert answer.status_code == 201, answer.text
    plan: dict[str, Any] = answer.json()
    assert {item["routine"] for item in plan["items"]} == {"Glute strength", "Hamstring stretch"}
    return plan


def _remind(api: httpx.Client, client: str, zone: str) -> None:
    this_minute = f"{utc_now().astimezone(ZoneInfo(zone)):%H:%M}"
    for kind, channel in (("check_in", "sms"), ("plan", "email")):
        body = {"local_times": [this_minute], "channels": [channel]}
        answer = api.put(f"/v1/clients/{client}/reminders/{kind}", json=body)
        assert answer.status_code == 200, answer.text


def _reply(installed: Product, body: str, sid: str) -> None:
    form = {"MessageSid": sid, "From": PHONE, "To": "+13035550100", "Body": body, "NumMedia": "0"}
    url = f"{installed.url}/hooks/sms/inbound"
    assert signed_post(url, form, token="somebody else's token").status_code == 403
    assert signed_post(url, form).status_code == 200
    # Providers repeat themselves; the second time changes nothing.
    assert signed_post(url, form).status_code == 200


def _confirm_a_habit(installed: Product, letter: str, plan: dict[str, Any]) -> None:
    """Taps the link in the mail, and the button behind it."""
    [link] = re.findall(rf"{re.escape(installed.url)}/r/\w+", letter.split("To stop")[0])
    with httpx.Client(**PLAIN, follow_redirects=True) as phone:
        page = phone.get(link)
        assert page.status_code == 200
        assert "Maria" not in page.text
        habit = plan["habits"][0]["id"]
        assert habit in page.text
        saved = phone.post(link, data={"habit": habit, "answer": "yes"})
        assert saved.status_code == 200, saved.text


def _see_it_in_the_api(api: httpx.Client, client: str, plan: dict[str, Any]) -> None:
    diary = api.get(f"/v1/clients/{client}/diary").json()
    [pain] = diary["pain"]
    assert (pain["score"], pain["sites"], pain["aggravators"]) == (6, [{"side": "right"}], ["driving"])
    [session] = diary["sessions"]
    assert session["outcome"] == "done"
    assert {result["plan_item_id"] for result in session["results"] if result["done"]} == {
        item["id"] for item in plan["items"]
    }
    [habit] = diary["habits"]
    assert (habit["plan_habit_id"], habit["value"], habit["channel"]) == (
        plan["habits"][0]["id"],
        True,
        "link",
    )
    ledger = api.get(f"/v1/clients/{client}/ledger").json()["data"]
    assert {(row["kind"], row["state"], row["channel"]) for row in ledger} == {
        ("check_in", "answered", "sms"),
        ("plan", "answered", "email"),
    }
    assert all(row["reason"] for row in ledger)


def _see_it_on_the_page(installed: Product, client: str) -> None:
    with httpx.Client(base_url=installed.url, **PLAIN, follow_redirects=True) as desk:
        signed_in = desk.post("/staff/sign-in", data={"email": EMAIL, "password": PASSWORD})
        assert signed_in.status_code == 200
        assert "Maria Lopez" in signed_in.text
        page = words(desk.get(f"/clients/{client}").text)
    for told in (
        *("Maria Lopez", "Pain 6, right side, car text", "6 R car", "Plan done, all 3 moves text"),
        "Did you stand evenly on both feet when waiting? Yes link",
        # Of the ledger: what was due, what became of it, and why.
        *("Check-in answered Sent and answered.", "Plan answered Sent and answered."),
    ):
        assert told in page, told


def test_the_trail_of_all_that_is_intact(clinic: Clinic) -> None:
    said = clinic.installed.clamshell("audit", "verify")
    assert "rows are as they were written" in said
