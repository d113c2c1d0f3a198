"""The words of a mail to staff, and the parcel they become."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from scheduler.channels.base import Parcel
from scheduler.render import html_of
from service.accounts.codes import link_token
from service.charts import day_and_time, week_day
from service.database.sealing import opened
from service.intake.tables import Helper
from service.outbox.words import normalise
from service.review.rules.anchor import ANCHOR_CHECK, ANCHOR_COUNT, ANCHOR_KEEP, ANCHOR_SUBJECT
from service.review.rules.digest import BUTTON, MORE, NAMELESS, OF_TIER, STOP_WORDS, SUBJECT, WHY
from service.review.rules.escalation import (
    OVERDUE_BEFORE,
    OVERDUE_BUTTON,
    OVERDUE_BY,
    OVERDUE_STOP,
    OVERDUE_SUBJECT,
    MailKind,
)
from service.review.rules.helping import (
    HELPER_BUTTON,
    HELPER_LINE,
    HELPER_STRANGER,
    HELPER_SUBJECT,
    HELPER_TEXT,
)
from service.review.rules.set_up import TEST_BUTTON, TEST_LINE, TEST_SUBJECT, TEST_TEXT, TEST_TEXT_LINE
from service.review.rules.team import (
    INVITE_BUTTON,
    INVITE_LASTS_LINE,
    INVITE_LINE,
    INVITE_STRANGER,
    INVITE_SUBJECT,
    RESET_LINE,
    RESET_STRANGER,
    RESET_SUBJECT,
    SIGN_IN,
    SIGN_IN_BUTTON,
    SIGN_IN_LINE,
    SIGN_IN_STRANGER,
    SIGN_IN_SUBJECT,
    join_path,
    mailed_path,
)
from service.settings import Settings
from service.words import translator


@dataclass(frozen=True, slots=True)
class Marked:
    """One mail that may now be handed to the mail server."""

    id: UUID
    day: date
    about: dict[str, Any]
    lease_token: int
    expires_at: datetime
    soft_fails: int
    address: str
    locale: str
    short_name: str
    mail_from: str | None
    sms_from: str | None = None
    phone: str = ""
    kind: str = MailKind.CASELOAD
    channel: str = "email"
    client_id: UUID | None = None
    helper_id: UUID | None = None

    @property
    def sent_to(self) -> str:
        return str(opened(Helper, "contact", self.address)) if self.kind == MailKind.HELPER else self.address

    @property
    def language(self) -> str:
        """Staff read the clinic's, a helper the client's."""
        return str(self.about.get("language", self.locale))


@dataclass(frozen=True, slots=True)
class Words:
    """What frames the lines of a kind of mail, as msgids, and where its links go. `stop`: how to end such mails, where
    more of them come."""

    subject: str
    button: str
    path: str
    stop: str | None = None
    stop_path: str = ""


_CASELOAD = Words(SUBJECT, BUTTON, "/caseload", STOP_WORDS, "/digest")


def words_of(mail: Marked, clinic_id: UUID, secret_key: str) -> Words:
    if mail.kind == MailKind.CASELOAD:
        return _CASELOAD
    if mail.kind == MailKind.INVITE:
        return Words(INVITE_SUBJECT, INVITE_BUTTON, join_path(clinic_id, link_token(secret_key, "invite", mail.id)))
    if mail.kind == MailKind.SIGN_IN:
        return Words(SIGN_IN_SUBJECT, SIGN_IN_BUTTON, mailed_path(clinic_id, link_token(secret_key, SIGN_IN, mail.id)))
    if mail.kind == MailKind.TEST:
        return Words(TEST_SUBJECT, TEST_BUTTON, "/setup")
    if mail.kind == MailKind.ANCHOR:
        return Words(ANCHOR_SUBJECT, BUTTON, "/caseload")
    if mail.kind == MailKind.RESET:
        return Words(RESET_SUBJECT, SIGN_IN_BUTTON, "/staff/sign-in")
    if mail.kind == MailKind.HELPER:
        return Words(HELPER_SUBJECT, HELPER_BUTTON, _helper_path(mail, secret_key))
    page = f"/clients/{mail.client_id}" if mail.client_id else "/texts"
    return Words(OVERDUE_SUBJECT, OVERDUE_BUTTON, page, OVERDUE_STOP, page)


def _helper_path(mail: Marked, secret_key: str) -> str:
    if mail.helper_id is None:
        raise ValueError("a helper's link is somebody's")
    return f"/r/{link_token(secret_key, 'helper', mail.helper_id)}"


def lines_of(mail: Marked) -> list[str]:
    say = translator(mail.language).gettext
    match mail.kind:
        case MailKind.CASELOAD:
            return _caseload(mail, say)
        case MailKind.INVITE:
            asked = say(INVITE_LINE) % {"name": mail.about["by"], "clinic": mail.short_name}
            return [asked, say(INVITE_LASTS_LINE), say(INVITE_STRANGER)]
        case MailKind.SIGN_IN:
            return [say(SIGN_IN_LINE) % {"clinic": mail.short_name}, say(SIGN_IN_STRANGER)]
        case MailKind.TEST:
            tried = mail.about.get("text")
            return [say(TEST_TEXT_LINE), tried] if tried else [say(TEST_LINE) % {"clinic": mail.short_name}]
        case MailKind.ANCHOR:
            return _anchor(mail, say)
        case MailKind.RESET:
            return [say(RESET_LINE) % {"name": mail.about["name"]}, say(RESET_STRANGER)]
        case MailKind.HELPER:
            known = {"clinic": mail.short_name, "phone": mail.phone}
            return [say(line) % known for line in (HELPER_LINE, HELPER_STRANGER)]
    return _overdue(mail, say)


def _overdue(mail: Marked, say: Callable[[str], str]) -> list[str]:
    """Who waits and why, by when somebody should have looked, and who was told before."""
    told, look_by = mail.about["before"], datetime.fromisoformat(mail.about["look_by"])
    return [
        f"{mail.about['name'] or say(NAMELESS)} {say(WHY[mail.about['rule']])}.",
        say(OVERDUE_BY) % {"time": day_and_time(look_by, mail.locale)},
        *([say(OVERDUE_BEFORE) % {"names": ", ".join(told)}] if told else []),
    ]


def _anchor(mail: Marked, say: Callable[[str], str]) -> list[str]:
    return [
        say(ANCHOR_KEEP) % {"clinic": mail.short_name},
        say(ANCHOR_COUNT) % {"day": week_day(mail.day, mail.locale), "count": mail.about["number"]},
        say(ANCHOR_CHECK) % {"command": mail.about["command"]},
    ]


def _caseload(mail: Marked, say: Callable[[str], str]) -> list[str]:
    """How many wait, then who comes first and why, each in a line."""
    counts = [
        say(words) % {"count": mail.about["counts"][tier]}
        for tier, words in OF_TIER.items()
        if tier in mail.about["counts"]
    ]
    named = [f"{name or say(NAMELESS)} {say(WHY[rule])}." for name, rule in mail.about["named"]]
    more = sum(mail.about["counts"].values()) - len(named)
    return [
        f"{week_day(mail.day, mail.locale)}: {', '.join(counts)}.",
        *named,
        *([say(MORE) % {"count": more}] if more else []),
    ]


def text_to(mail: Marked, settings: Settings) -> str:
    """The words of the few that go to a phone."""
    say = translator(mail.language).gettext
    if mail.kind == MailKind.TEST:
        return normalise(say(TEST_TEXT) % {"text": mail.about["text"]})
    link = f"{settings.public_url}{_helper_path(mail, settings.secret_key)}"
    return normalise(say(HELPER_TEXT) % {"clinic": mail.short_name, "phone": mail.phone, "link": link})


def parcel_of(mail: Marked, clinic_id: UUID, settings: Settings, send_before: float) -> Parcel:
    parcel = Parcel(
        clinic_id=clinic_id,
        client_id=None,
        message_id=mail.id,
        # By this one a report finds it: there is no row of its own for a try.
        attempt_id=mail.id,
        sent_from=mail.sms_from or settings.sms_sender,
        sent_to=mail.sent_to,
        text="",
        expires_at=mail.expires_at,
        callback_url="",
        send_before=send_before,
    )
    if mail.channel == "email":
        return _as_letter(parcel, mail, settings)
    return replace(parcel, text=text_to(mail, settings))


def _as_letter(parcel: Parcel, mail: Marked, settings: Settings) -> Parcel:
    say, lines = translator(mail.language).gettext, lines_of(mail)
    words = words_of(mail, parcel.clinic_id, settings.secret_key)
    page = f"{settings.public_url}{words.path}"
    change = f"{settings.public_url}{words.stop_path}" if words.stop else ""
    sender = say("From %(clinic)s") % {"clinic": mail.short_name}
    html = html_of(
        locale=mail.language,
        subject=say(words.subject),
        lines=lines,
        button=say(words.button),
        link=page,
        scores=(),
        low="",
        high="",
        stop=change,
        stop_words=say(words.stop) if words.stop else "",
        sender=sender,
    )
    ending = (f"{say(words.stop)}: {change}",) if words.stop else ()
    last = (f"{say(words.button)}: {page}", *ending, sender)
    return replace(
        parcel,
        sent_from=mail.mail_from or settings.mail_sender,
        text="\n\n".join((*lines, *last)) + "\n",
        subject=say(words.subject),
        html=html,
        # The same however often it is tried, so that a mailbox knows a second copy.
        headers={
            "Message-ID": f"<{mail.id}@{settings.host.partition(':')[0]}>",
            "Auto-Submitted": "auto-generated",
        },
    )
