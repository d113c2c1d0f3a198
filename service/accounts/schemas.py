from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

Name = Annotated[str, Meta(min_length=1, max_length=200, description="Use 1 to 200 characters.")]
ChannelName = Literal["sms", "email"]
Line = Annotated[str, Meta(max_length=320, description="Use at most 320 characters.")]


class StaffSignIn(Struct, forbid_unknown_fields=True):
    email: Line
    password: Annotated[str, Meta(max_length=1000, description="Use at most 1000 characters.")]


class SecondStep(Struct, forbid_unknown_fields=True):
    code: Annotated[str, Meta(max_length=60, description="Use the six digits of your app, or a recovery code.")]


class CodeRequest(Struct, forbid_unknown_fields=True):
    address: Line
    """A phone number or an email address."""


class CodeSignIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    address: Line
    code: Annotated[str, Meta(pattern=r"^\s*[0-9]{6}\s*$", description="Use the six digits we sent.")]
    first_name: Name | UnsetType = UNSET
    """Of whoever signs in, where two people use the address: a right code without it is refused with `/first_name`."""


class SignedIn(Struct, omit_defaults=True):
    token: str
    """Send it as `Authorization: Bearer <token>`."""
    kind: Literal["staff", "client"]
    person_id: UUID
    needs: Literal["second_step"] | UnsetType = UNSET
    """The token opens nothing but `POST /v1/sign-in/second-step` then, for 15 minutes."""


class ConsentWords(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Per channel, the exact words the person agreed to; leave a channel out when there is no consent."""

    sms: Annotated[str, Meta(min_length=1, max_length=2000)] | UnsetType = UNSET
    email: Annotated[str, Meta(min_length=1, max_length=2000)] | UnsetType = UNSET


class NewClientIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    name: Name
    zone: Annotated[str, Meta(max_length=64, description="Use a time zone such as Europe/Berlin.")]
    locale: Literal["en", "es"] = "en"
    phone: Line | UnsetType = UNSET
    email: Line | UnsetType = UNSET
    consent: ConsentWords = ConsentWords()


class AddressIn(Struct, forbid_unknown_fields=True):
    address: Line


class ContactPointOut(Struct, omit_defaults=True):
    channel: Literal["sms", "email"]
    address: str
    opted_out_at: datetime | UnsetType = UNSET
    invalid_at: datetime | UnsetType = UNSET
    """A provider said that there is nobody to reach; told to staff only."""
    also_used_by: int = 0
    """How many other clients of the clinic have this address too; told to staff only, and left out when nobody."""


class ConsentOut(Struct, omit_defaults=True):
    channel: Literal["sms", "email"]
    wording: str
    given_at: datetime
    withdrawn_at: datetime | UnsetType = UNSET


class ClientOut(Struct, omit_defaults=True):
    id: UUID
    name: str
    zone: str
    locale: str
    state: Literal["invited", "active", "ended"]
    therapist_id: UUID
    created_at: datetime
    contact_points: list[ContactPointOut] = []
    consents: list[ConsentOut] = []


class ClientList(Struct):
    data: list[ClientOut]
