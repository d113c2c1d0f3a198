"""Believable views of how somebody joins: the invitation a client gets, and what staff see of it."""

from datetime import timedelta

from msgspec.structs import replace

from service.intake.rules.helpers import HELPER_YES, RELATIONS
from service.portal.rules.own import AGREES
from service.portal.schemas import HelpLines
from service.portal.schemas.devices import DevicesView, HandOver, HelperForm, HelperLine
from service.portal.schemas.invite import InviteView, InviteWay
from service.portal.schemas.own import Device
from service.review.schemas import ClientView, Contact
from service.review.schemas.ledger import InviteLine
from tests.samples import CLINIC, TODAY, at, habits, sample_id
from tests.samples_client import client_new, client_view
from tests.samples_helping import HELPING
from tests.samples_today import link_view

_LABELS = {"sms": "Send me texts", "email": "Send me emails"}


def way(channel: str, *, picked: bool = False) -> InviteWay:
    return InviteWay(channel, _LABELS[channel], AGREES[channel], picked)


def invite_view(**fields: object) -> InviteView:
    values: dict[str, object] = {
        "clinic_name": CLINIC,
        "url": "/r/4fK2",
        "stage": "closed",
        "first": way("sms", picked=True),
        "also": [way("email")],
        "phone": "(202) 555-0100",
        "ends_at": at(-7, 9, 12),
    }
    return InviteView(**{**values, **fields})  # type: ignore[arg-type]


def own_joining_pages() -> dict[str, tuple[str, object]]:
    stages = ("closed", "open", "yes", "no", "answered")
    wrong = invite_view(stage="open", problem="Tap one of the answers.", also=[way("email", picked=True)])
    return {
        **{f"invite_{stage}": ("portal/invite.html", invite_view(stage=stage)) for stage in stages},
        "invite_wrong": ("portal/invite.html", wrong),
    }


def joining_pages() -> dict[str, tuple[str, object]]:
    opened = InviteLine(sample_id(420), "opened", "Invitation opened, not answered yet.", at(1, 9, 30), is_open=True)
    reason = "Not delivered: this phone takes no texts."
    lost = InviteLine(sample_id(421), "lost", "The invitation could not be delivered.", at(2, 9, 30), reason)
    invited: ClientView = replace(
        client_new(),
        contacts=[
            Contact("phone", "+1 202 555 0177", True, invite=lost),
            Contact("email", "kim.invited@example.com", True, invite=opened),
        ],
    )
    asked = replace(invited, contacts=[Contact("phone", "+1 202 555 0177", True)])
    link = "https://go.clinic.example/r/0123456789abcdefABCDEF"
    named = replace(client_view(), helping=replace(HELPING, made_for="Ana Lopez", link=link))
    asked_yes = "Read the words to the client, and tick them when they agree."
    unsure = replace(client_view(), helping=replace(HELPING, name="Ana", send=True, problems={"agreed": asked_yes}))
    return {
        "client_helper_named": ("review/client.html", named),
        "client_helper_unsure": ("review/client.html", unsure),
        "client_invited": ("review/client.html", invited),
        "client_not_invited": ("review/client.html", asked),
    }


HELPERS = [
    HelperLine(
        sample_id(190), "Ana Lopez", "Family", "+12025550188", TODAY - timedelta(days=12), TODAY + timedelta(days=168)
    ),
    HelperLine(
        sample_id(191),
        "Bartholomew Featherstonehaugh-Montgomery",
        "Somebody else",
        "bartholomew.featherstonehaugh@mail.example",
        TODAY - timedelta(days=2),
        TODAY + timedelta(days=178),
        TODAY - timedelta(days=1),
    ),
]


def devices_view(devices: list[Device], **fields: object) -> DevicesView:
    form = HelperForm(entry=sample_id(192), relations=list(RELATIONS.items()), wording=HELPER_YES)
    values: dict[str, object] = {"clinic_name": CLINIC, "devices": devices, "helpers": HELPERS, "form": form}
    return DevicesView(**{**values, **fields})  # type: ignore[arg-type]


def helper_pages(devices: list[Device]) -> dict[str, tuple[str, object]]:
    """What the person sees who names them, and what they see themselves."""
    made = HandOver("Ana Lopez", "https://go.clinic.example/r/0123456789abcdefABCDEF", "sms:+12025550188", True)
    fine = devices_view(devices).form
    problems = {"relation": "Pick who they are.", "contact": "Write a phone number or an email that can be right."}
    wrong = replace(fine, name="Ana", contact="next door", problems=problems)
    reminders = ["A reminder went out at 8:00\u202fAM.", "A reminder comes at 6:00\u202fPM."]
    opened = link_view(
        "helper", ends_at=at(-170, 9), help=HelpLines(reminders, True, False), habits=habits(answered=False)
    )
    told = link_view("helper", ends_at=at(-170, 9), help=HelpLines([], True, True))
    return {
        "helper_none": ("portal/devices.html", devices_view(devices[:1], helpers=[])),
        "helper_made": ("portal/devices.html", devices_view(devices[:1], helpers=HELPERS[:1], made=made)),
        "helper_wrong": ("portal/devices.html", devices_view(devices[:1], helpers=[], form=wrong)),
        "helper_link": ("portal/link.html", opened),
        "helper_link_told": ("portal/link.html", told),
        "helper_link_rest": ("portal/link.html", replace(told, help=HelpLines([], False, False))),
    }
