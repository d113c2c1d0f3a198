"""The words of each kind of message. Msgids are English; catalogues hold the rest.

A text comes from the clinic's short name and holds no word for a body part, a condition, a move or a drug.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from service.outbox.kinds import Fuse, MessageKind, is_unasked, passes_stop
from service.outbox.words import blocked_words, normalise, reading_grade, segments

__all__ = [
    "KNOWN_PARAMS",
    "MESSAGES",
    "OWN",
    "Fuse",
    "MessageKind",
    "MessageWords",
    "blocked_words",
    "is_unasked",
    "mail_of",
    "normalise",
    "passes_stop",
    "reading_grade",
    "required_params",
    "segments",
    "text_of",
]


@dataclass(frozen=True, slots=True)
class MessageWords:
    """`sms` is the whole text. A mail has a subject, lines, and the word on its button when it has a link."""

    sms: str
    subject: str
    lines: tuple[str, ...]
    button: str | None = None


def _answer(sms: str, subject: str = "Saved") -> MessageWords:
    """The same sentence as a text and as a mail."""
    return MessageWords(sms, subject, (sms,))


MESSAGES: Final[Mapping[MessageKind, MessageWords]] = {
    MessageKind.WELCOME: MessageWords(
        "%(clinic)s: you said yes to texts from us. Up to %(most)s a day. No health details. "
        "Reply STOP to end, HELP for help.",
        "Messages from %(clinic)s",
        (
            "You said yes to emails from us. We send up to %(most)s a day, with no health details in them.",
            "Each one has a link to stop them. For help, call %(phone)s in office hours.",
        ),
    ),
    MessageKind.CHECK_IN: MessageWords(
        "%(clinic)s: time for today's check-in. Reply with a number from 0 to 10, or tap %(link)s",
        "Today's check-in",
        ("It is time for today's check-in.", "It takes one tap."),
        "Check in",
    ),
    MessageKind.PLAN: MessageWords(
        "%(clinic)s: your plan for today is ready. Reply DONE when you finish, or tap %(link)s",
        "Your plan for today",
        ("Your plan for today is ready.", "Tell us when you finish. It takes one tap."),
        "I finished",
    ),
    MessageKind.BUNDLE: MessageWords(
        "%(clinic)s: time for today's check-in and plan. Reply with a number from 0 to 10, DONE, or both. %(link)s",
        "Your check-in and plan for today",
        ("It is time for today's check-in and plan.",),
        "Open today",
    ),
    MessageKind.HABIT: MessageWords(
        "%(clinic)s: how did today go? It takes a few taps: %(link)s",
        "How did today go?",
        ("How did today go?", "It takes a few taps."),
        "Tell us",
    ),
    MessageKind.ANCHOR: MessageWords(
        "%(clinic)s: %(anchor)s is a good time for today's plan. Reply DONE or LATER. %(link)s",
        "Your plan for today",
        ("Your plan for today is ready: %(anchor)s is a good time.",),
        "I finished",
    ),
    MessageKind.EVENING: MessageWords(
        "%(clinic)s: still time for today's plan if you want it. A short one counts too. %(link)s",
        "Still time for today",
        ("There is still time for today's plan if you want it.", "A short one counts too."),
        "I finished",
    ),
    MessageKind.LAPSE_3: MessageWords(
        "%(clinic)s: a few days off is fine. Want a short plan to get going again? Reply EASY, or PAUSE for a break.",
        "A few days off is fine",
        ("A few days off is fine.", "Your plan is here when you want it."),
    ),
    MessageKind.LAPSE_10: MessageWords(
        "%(clinic)s: we will stop the daily texts for now. Your plan is still here. Reply BACK any time.",
        "We will be quiet for now",
        ("We will stop the daily messages for now.", "Your plan is still here."),
    ),
    MessageKind.LAPSE_30: MessageWords(
        "%(clinic)s: a new month is a good time to start again. Your plan is still here. Reply BACK any time.",
        "A good time to start again",
        ("A new month is a good time to start again.", "Your plan is still here."),
    ),
    MessageKind.WHY: MessageWords(
        "%(clinic)s: what got in the way? Reply WHY and a number: 1 felt bad, 2 not sure how, 3 forgot, 4 no time, "
        "5 away or ill.",
        "What got in the way?",
        ("Did something get in the way of your plan?", "Tell your clinic, and it can make the plan fit you better."),
    ),
    MessageKind.WEEK: MessageWords(
        "%(clinic)s: your week is ready to look at. %(link)s",
        "Your week",
        ("Your week is ready to look at.",),
        "See your week",
    ),
    MessageKind.RECHECK: MessageWords(
        "%(clinic)s: a short look back at one thing you set up. Is it still in place? It takes one tap: %(link)s",
        "A short look back",
        ("A short look back at one thing you set up: is it still in place?", "It takes one tap."),
        "Tell us",
    ),
    MessageKind.PLAN_CHANGED: MessageWords(
        "%(clinic)s: %(therapist)s made a change to your plan. Have a look before you start: %(link)s",
        "Your plan has changed",
        ("%(therapist)s made a change to your plan.", "Have a look before you start."),
        "See your plan",
    ),
    MessageKind.TAPER: MessageWords(
        "%(clinic)s: you are in a good rhythm, so we will text on %(days)s only. Want daily texts? Reply DAILY.",
        "You are in a good rhythm",
        ("You are in a good rhythm, so we will write on %(days)s only.",),
    ),
    MessageKind.MOVED: MessageWords(
        "%(clinic)s: we now text at %(time)s because you often log near %(usual)s. Reply KEEP or CHANGE BACK.",
        "We now write at another time",
        ("We now write at %(time)s because you often log near %(usual)s.",),
    ),
    # Never the message itself: people write of health.
    MessageKind.MESSAGE: MessageWords(
        "%(clinic)s: you have a new message from us. Read it here: %(link)s",
        "You have a new message",
        ("You have a new message from us.", "Sign in to read it. You can write back there."),
        "See the message",
    ),
    MessageKind.CHECK_IN_ACK: _answer("Got it: %(score)s. Saved for today. Wrong number? Text the right one."),
    MessageKind.ROUNDED_ACK: _answer("Saved as %(score)s. Text the right one if not."),
    MessageKind.PLAN_ACK: _answer("Saved. Well done. To set today's score, reply with a number 0 to 10."),
    MessageKind.WEEK_ACK: _answer("Saved for the week of %(day)s: %(days)s. Not right? Reply UNDO."),
    MessageKind.WEEK_WHICH: _answer(
        "Which week is it? Please send it again, and begin with: this week, or: last week.", "Which week?"
    ),
    MessageKind.WEEK_UNCLEAR: _answer(
        "We could not read your week. Send each letter with its days, like: Week A Mo We B Tu. "
        "Days: Mo Tu We Th Fr Sa Su.",
        "Your week",
    ),
    MessageKind.LATER_ACK: _answer(
        "OK. We will text again at %(time)s today. Reply SKIP if today will not work.",
        "Later today",
    ),
    MessageKind.TOO_LATE_ACK: _answer(
        "OK. We cannot ask this again later, so reply any time you like: a number 0 to 10, DONE or SKIP.",
        "Later today",
    ),
    MessageKind.EASY_ACK: _answer(
        "OK. Pick just one part of your plan. A short one counts too. Reply SOME when you did it."
    ),
    MessageKind.PAUSE_ACK: _answer("OK, a break until %(day)s. No reminders before that. Reply BACK to start sooner."),
    MessageKind.BACK_ACK: _answer("OK, you will get our texts again. There is nothing to catch up."),
    MessageKind.DAILY_ACK: _answer("OK, we will text on each day of your plan again."),
    MessageKind.TIME_ACK: _answer("OK, we will text at %(time)s."),
    MessageKind.HOW_ACK: MessageWords(
        "Thanks. We told your clinic you would like help. Each part has its steps here: %(link)s",
        "Saved",
        ("Thanks. We told your clinic you would like help.", "Each part has its steps."),
        "See your plan",
    ),
    MessageKind.TIME_RANGE_ACK: _answer(
        "We can text you from %(first)s to %(last)s. Reply TIME and an hour in between, like TIME 7PM.",
        "Another hour",
    ),
    MessageKind.FORGOT_ACK: _answer(
        "No problem. Would another hour help? Reply TIME and the hour, like TIME 7PM, "
        "and we will text you then each time."
    ),
    MessageKind.PICTURE_ACK: _answer(
        "We cannot see pictures here. We kept your words, and told your clinic that you sent one. "
        "Call %(phone)s to talk.",
        "About your picture",
    ),
    MessageKind.SKIP_ACK: _answer("OK, skipped for today. No need to catch up."),
    MessageKind.UNDO_ACK: _answer("OK, we took back your last answer. You can send a new one."),
    MessageKind.NOTHING_TO_UNDO: _answer(
        "There is no new answer to take back. You can send one any time.", "Nothing changed"
    ),
    MessageKind.NOTE_ACK: _answer("Thanks. We passed your note to your clinic."),
    MessageKind.HIGH_ACK: _answer(
        "Thanks, we saved %(score)s and told your clinic. They look at this %(when)s. "
        "In an emergency call %(emergency)s now."
    ),
    MessageKind.QUESTIONS: MessageWords(
        "%(clinic)s: please answer a few short questions. They matter, and take a minute: %(link)s",
        "A few short questions",
        ("Please answer a few short questions.", "They matter, and take a minute."),
        "Answer them",
    ),
    MessageKind.UNCLEAR: _answer(
        "Thanks, we kept your note. You can also reply a number 0 to 10, DONE or SKIP. To stop texts, reply STOP."
    ),
    MessageKind.OUT_OF_RANGE: _answer(
        "Please send one number from 0 to 10. 0 is none. 10 is the worst you can think of.",
        "One number, please",
    ),
    MessageKind.NOT_WATCHED: _answer(
        "This line is not watched day and night. For an emergency call %(emergency)s. "
        "We passed your note to your clinic.",
        "We passed your note on",
    ),
    # Two people share the phone: a letter for each of the two questions that are open, and no name.
    MessageKind.WHICH: _answer(
        "%(clinic)s: more than one person uses this phone. Reply A for our %(first)s text, B for our %(second)s text.",
        "Which one?",
    ),
    MessageKind.INVITE: MessageWords(
        "%(clinic)s: your clinic would like to write to you. Say yes or no here: %(link)s Reply STOP for no texts.",
        "An invitation from %(clinic)s",
        ("Your clinic would like to write to you.", "Say yes or no with one tap. The link works for 7 days."),
        "See the invitation",
    ),
    MessageKind.STOPPED: _answer(
        "%(clinic)s: you will get no more texts from us. Your plan still works in the app. "
        "Reply START to get texts again.",
        "No more messages",
    ),
    MessageKind.STARTED: _answer(
        "%(clinic)s: you will get texts from us again. Reply STOP to end, HELP for help.",
        "Messages from %(clinic)s",
    ),
    MessageKind.HELP: _answer(
        "%(clinic)s texts. Up to %(most)s a day. Call %(phone)s in office hours. "
        "Reply STOP to end. Msg and data rates may apply.",
        "Help",
    ),
    # By its last line a phone knows the page that asks, and offers the code there and nowhere else.
    MessageKind.SIGN_IN_CODE: MessageWords(
        "%(clinic)s: your sign-in code is %(code)s. Do not share it. Or tap %(link)s\n\n@%(host)s #%(code)s",
        "Your sign-in code",
        ("Your sign-in code is %(code)s. Do not share it.", "Or sign in with one tap."),
        "Sign in",
    ),
    # For an address of two people: no link, which would open the record of one of them.
    MessageKind.SHARED_CODE: MessageWords(
        "%(clinic)s: your sign-in code is %(code)s. Do not share it.\n\n@%(host)s #%(code)s",
        "Your sign-in code",
        ("Your sign-in code is %(code)s. Do not share it.",),
    ),
}

OWN: Final = "own"
"""The clinic's own words by kind, among the params of a text."""

# What the notifier fills in itself; the link only where the words have a button.
KNOWN_PARAMS: Final = frozenset({"clinic", "phone", "emergency", "most", "link", "host"})


def text_of(kind: MessageKind, say: Callable[[str], str], values: Mapping[str, object]) -> str:
    """A text as it goes out, and as it is shown. ValueError, KeyError: its words and values do not fit. In the clinic's
    own words where `values` has them: they are kept with the message, which still reads so when they have changed."""
    own = values.get(OWN)
    words = own.get(kind) if isinstance(own, Mapping) else None
    return normalise((words or say(MESSAGES[kind].sms)) % values)


def mail_of(kind: MessageKind, say: Callable[[str], str], values: Mapping[str, object]) -> tuple[str, str]:
    """Subject and plain text of a mail, as it goes out and as it is shown; with a way out when `values` has `stop`."""
    words = MESSAGES[kind]
    lines = [say(line) % values for line in words.lines]
    lines += [f"{say(words.button)}: {values['link']}"] if words.button else []
    lines += [say("To stop these emails: %(stop)s") % values] if "stop" in values else []
    lines.append(say("From %(clinic)s") % values)
    return say(words.subject) % values, "\n\n".join(lines) + "\n"


def required_params(kind: MessageKind) -> frozenset[str]:
    """The params a caller must give when it enqueues this kind."""
    words = MESSAGES[kind]
    texts = " ".join((words.sms, words.subject, *words.lines))
    return frozenset(re.findall(r"%\((\w+)\)s", texts)) - KNOWN_PARAMS
