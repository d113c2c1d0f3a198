"""From a prescription to a reminder, a reply and the therapist's page, on real parts."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest

from service.clock import utc_now
from service.database.embedded import EmbeddedPostgres
from tests.acceptance.processes import PLAIN, Product, eventually, product
from tests.far_ends import MailServer, SmsProvider, running_mail_server, running_sms_provider, signed_post
from tests.scheduler.conftest import daytime_zone

EMAIL, PASSWORD = "sam@northside.example", "a long enough pass phrase"
PHONE = "+12025550142"
WORDING = "Yes, send me messages about my plan, up to 1 a day. I can stop at any time."


@pytest.fixture(scope="module")
def far_ends() -> Iterator[tuple[SmsProvider, MailServer]]:
    with running_sms_provider() as sms, running_mail_server() as mail:
        yield sms, mail


@pytest.fixture(scope="module")
def installed(
    postgres: EmbeddedPostgres,
    tmp_path_factory: pytest.TempPathFactory,
    far_ends: tuple[SmsProvider, MailServer],
) -> Iterator[Product]:
    with product(postgres, tmp_path_factory.mktemp("product"), *far_ends) as made:
        yield made


def test_from_a_prescription_to_a_reminder_a_reply_and_the_therapists_page(
    installed: Product, far_ends: tuple[SmsProvider, MailServer]
) -> None:
    sms, mail = far_ends
    _create_clinic(installed)
    with httpx.Client(base_url=installed.url, **PLAIN) as api:
        api.headers["Authorization"] = f"Bearer {_sign_in(api)}"
        zone = daytime_zone()
        client = _add_client(api, zone)
        plan = _prescribe(api, client, zone)
        _remind(api, client, zone)

        eventually("a welcome and one reminder arrive", lambda: len(sms.accepted) == 2)
        [text] = [entry for entry in sms.accepted if "/r/" in entry["body"]]
        recipient, letter = eventually("one mail arrives", lambda: mail.accepted)[0]
        assert text["to"] == PHONE
        assert recipient == "maria@mail.example"
        assert sms.report(text, "delivered").status_code == 200

        _reply(installed, "6 R car", "SM1")
        _reply(installed, "DONE", "SM2")
        _confirm_a_habit(installed, letter.get_body(("plain",)).get_content(), plan)  # type: ignore[union-attr]

        _see_it_in_the_api(api, client, plan)
        _see_it_on_the_page(installed, client)
        eventually("the answers to both texts leave", lambda: len(sms.accepted) == 4)
        assert [entry["body"][:12] for entry in sms.accepted[2:]] == ["Got it: 6. S", "Saved. Well "]
        assert len(mail.accepted) == 1


def _create_clinic(installed: Product) -> None:
    said = installed.clamshell(
        "create-clinic",
        *("--name", "Northside Physiotherapy", "--short-name", "Northside", "--country", "US"),
        *("--zone", "America/New_York", "--phone", "555-0100", "--emergency-number", "911"),
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
        "email": "maria@mail.example",
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
    form = {"MessageSid": sid, "From": PHONE, "To": "+15550100", "Body": body, "NumMedia": "0"}
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
        page = desk.get(f"/clients/{client}").text
    for words in ("Pain 6", "right side", "car", "6 R car", "DONE", "Maria Lopez"):
        assert words in page, words
