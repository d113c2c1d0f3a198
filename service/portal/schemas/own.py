"""What belongs to the person: how and when we write, where they are signed in, what we keep."""

from datetime import date, datetime, time
from typing import Literal
from uuid import UUID

from msgspec import Struct

from service.portal.schemas.answers import Choice

ReminderKind = Literal["check_in", "plan", "habit"]


class Preview(Struct, frozen=True):
    """What will arrive. A text has no subject."""

    text: str
    subject: str | None = None


class ReminderForm(Struct, frozen=True, kw_only=True):
    """`days` is empty where it does not come on weekdays; then `how_often` says on which. `problems` are by field."""

    kind: ReminderKind
    times: list[str]
    preview: Preview
    days: list[Choice] = []
    how_often: str | None = None
    acts: list[Choice] = []
    own_act: str = ""
    problems: dict[str, str] = {}

    @property
    def url(self) -> str:
        return f"/reminders/of/{self.kind}"


class Way(Struct, frozen=True, kw_only=True):
    """One address, or none (`app`). `agrees` are the words somebody says yes to who did not before."""

    value: Literal["sms", "email", "app"]
    address: str | None = None
    picked: bool = False
    agrees: str | None = None


class Stopped(Struct, frozen=True):
    """`how` says who can start it again: the person here, the person by a text, or the clinic with a new address."""

    channel: Literal["sms", "email"]
    at: datetime
    how: Literal["here", "text", "clinic"]


class SettingsView(Struct, frozen=True, kw_only=True):
    """`saved` and the keys of `problems` are reach, quiet, pause, stop, start or the kind of a reminder. `quiet` is
    as typed, or what stands."""

    clinic_name: str
    zone: str
    ways: list[Way]
    reminders: list[ReminderForm]
    quiet: tuple[str, str]
    quiet_of_clinic: tuple[time, time]
    quiet_is_own: bool = False
    paused_until: date | None = None
    pause_until: str = ""
    stopped: list[Stopped] = []
    can_stop: bool = True
    saved: str | None = None
    problems: dict[str, str] = {}


class Device(Struct, frozen=True):
    id: UUID
    browser: str
    since: date
    seen_on: date
    is_this: bool = False


class OwnDataView(Struct, frozen=True, kw_only=True):
    """`asked_on`: they asked to be forgotten then. `asking`: the second of the two steps."""

    clinic_name: str
    help_phone: str
    asked_on: date | None = None
    asking: bool = False
    saved: Literal["asked", "kept"] | None = None
