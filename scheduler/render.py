"""Turns a queued message into a parcel: its words in the person's language, its links, its mail headers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from scheduler.channels.base import Parcel
from scheduler.messages import Claimed
from service.accounts.codes import link_token
from service.outbox.rules import MESSAGES, MessageKind, MessageWords, mail_of, text_of
from service.reminders.facts import Facts
from service.settings import Settings
from service.words import translator

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)
_INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def html_of(**values: object) -> str:
    """A mail's page, with its styles where every mail program looks for them."""
    return _INLINER.inline(_TEMPLATES.get_template("email.html").render(values))


class CannotRender(Exception):
    """The words of a message and what it was given do not fit; it is parked, and blocks nobody else."""


@dataclass(frozen=True, slots=True)
class Renderer:
    """Rendering a message again gives the same text: its links are keyed by its id, so nothing is stored in clear."""

    settings: Settings

    def parcel(
        self,
        clinic_id: UUID,
        message: Claimed,
        known: Facts,
        attempt_id: UUID,
        expires_at: datetime,
        send_before: float,
    ) -> Parcel:
        try:
            kind = MessageKind(message.kind)
            values = self._values(kind, message, known)
            say = translator(known.locale).gettext
            is_mail = message.channel == "email"
            subject, text = mail_of(kind, say, values) if is_mail else (None, text_of(kind, say, values))
            return Parcel(
                clinic_id=clinic_id,
                client_id=message.client_id,
                message_id=message.id,
                attempt_id=attempt_id,
                sent_from=self._sender(message.channel, known),
                sent_to=known.address,
                text=text,
                expires_at=expires_at,
                send_before=send_before,
                callback_url=f"{self.settings.public_url}/hooks/sms/{clinic_id}/{attempt_id}",
                subject=subject,
                html=self._html(_Sayer(known.locale, values), MESSAGES[kind], message) if is_mail else None,
                headers=self._headers(clinic_id, message) if is_mail else {},
            )
        except (KeyError, ValueError, TypeError) as error:
            raise CannotRender(f"{type(error).__name__}: {error}") from error

    def _values(self, kind: MessageKind, message: Claimed, known: Facts) -> dict[str, object]:
        values: dict[str, object] = {
            # What waited while an upgrade came says nothing of when somebody looks at it.
            "when": translator(known.locale).gettext("in office hours"),
            **message.params,
            "clinic": known.short_name,
            "phone": known.clinic_phone,
            "emergency": known.emergency_number,
            "most": known.texts_per_day,
            "host": self.settings.host.partition(":")[0],
        }
        if MESSAGES[kind].button is not None:
            values["link"] = self._link("answer", message)
        if message.occurrence_id and message.channel == "email":
            values["stop"] = self._link("unsubscribe", message)
        return values

    def _link(self, purpose: str, message: Claimed) -> str:
        return f"{self.settings.public_url}/r/{link_token(self.settings.secret_key, purpose, message.id)}"

    def _sender(self, channel: str, known: Facts) -> str:
        if channel == "email":
            return known.mail_from or self.settings.mail_sender
        return known.sms_from or self.settings.sms_sender

    def _html(self, say: "_Sayer", words: MessageWords, message: Claimed) -> str:
        is_check_in = message.kind == MessageKind.CHECK_IN
        return html_of(
            locale=say.locale,
            subject=say(words.subject),
            lines=[say(line) for line in words.lines],
            button=say(words.button) if words.button else None,
            link=self._link("answer", message) if words.button else None,
            scores=range(11) if is_check_in else (),
            low=say("0 is none."),
            high=say("10 is the worst you can think of."),
            stop=self._link("unsubscribe", message) if message.occurrence_id else None,
            stop_words=say("Stop these emails"),
            sender=say("From %(clinic)s"),
        )

    def _headers(self, clinic_id: UUID, message: Claimed) -> dict[str, str]:
        """The Message-ID is the same however often the mail is tried, so that a mailbox knows a second copy."""
        headers = {
            "Message-ID": f"<{message.id}@{self.settings.host.partition(':')[0]}>",
            "Auto-Submitted": "auto-generated",
        }
        if message.occurrence_id:
            headers["List-Unsubscribe"] = f"<{self._link('unsubscribe', message)}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        return headers


@dataclass(frozen=True, slots=True)
class _Sayer:
    locale: str
    values: Mapping[str, object]

    def __call__(self, msgid: str) -> str:
        return translator(self.locale).gettext(msgid) % self.values
