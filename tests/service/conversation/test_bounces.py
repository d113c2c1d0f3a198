"""What mail servers send back, in the shapes they do: `returned_mail/` is written after the documentation of each."""

from pathlib import Path
from uuid import UUID

import pytest

from service.conversation.bounces import read_event, read_report
from service.mail_codes import Verdict, reading, verdict

CORPUS = Path(__file__).parent / "returned_mail"
MESSAGE = UUID("0193a1b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b")
ATTEMPT = UUID("0193a1b2-3c4e-7000-8000-00000000a001")

SHAPES: dict[str, tuple[str, str | None] | None] = {
    "postfix_unknown_user": ("gone", "5.1.1"),
    "postfix_local_unknown": ("gone", "5.1.1"),
    "postfix_smtputf8": ("gone", "5.1.1"),
    "postfix_null_mx": ("gone", "5.1.0"),
    "exim_dsn": ("gone", "5.1.1"),
    "exim_plain_no_such_user": ("gone", "550"),
    "exchange_online_recipient_not_found": ("gone", "5.1.10"),
    "exchange_online_access_denied": ("gone", "5.4.1"),
    "exchange_2016_not_found": ("gone", "5.1.1"),
    "exchange_spanish": ("gone", "5.1.1"),
    "gmail_no_such_user": ("gone", "5.1.1"),
    "gmail_disabled": ("gone", "5.2.1"),
    "gmail_only_references": ("gone", "5.1.1"),
    "yahoo_no_account": ("gone", "554"),
    "outlook_com_mailbox_unavailable": ("gone", "5.5.0"),
    "qmail_no_mailbox": ("gone", "5.1.1"),
    "qmail_remote_refused": ("gone", "550"),
    "ses_bounce": ("gone", "5.1.1"),
    "ses_suppressed": ("gone", "5.1.1"),
    "sendmail_user_unknown": ("gone", "5.1.1"),
    "sendmail_host_unknown": ("gone", "5.1.2"),
    "courier_unknown": ("gone", "5.0.0"),
    "domino_not_listed": ("gone", "5.0.0"),
    "mimecast_invalid_recipient": ("gone", "5.0.0"),
    "icloud_inactive": ("gone", "5.1.1"),
    "report_in_base64": ("gone", "5.1.1"),
    "forwarded_one_gone": ("gone", "5.1.1"),
    # Not delivered, and the address may be good tomorrow.
    "postfix_host_not_found": ("undelivered", "5.4.4"),
    "postfix_gave_up": ("undelivered", "4.4.1"),
    "postfix_mailbox_full": ("undelivered", "5.2.2"),
    "postfix_spam": ("undelivered", "5.7.1"),
    "postfix_too_large": ("undelivered", "5.3.4"),
    "postfix_relay_denied": ("undelivered", "5.7.1"),
    "exim_dsn_says_nothing": ("undelivered", "5.0.0"),
    "exim_plain_retry_timeout": ("undelivered", None),
    "exchange_mailbox_full": ("undelivered", "5.2.2"),
    "exchange_not_authorized": ("undelivered", "5.7.1"),
    "exchange_dns_failed": ("undelivered", "4.4.312"),
    "gmail_too_much_mail": ("undelivered", "5.2.1"),
    "gmail_over_quota": ("undelivered", "5.2.2"),
    "gmail_dmarc": ("undelivered", "5.7.26"),
    "yahoo_deferred_for_good": ("undelivered", "4.7.0"),
    "outlook_com_blocked": ("undelivered", "5.7.1"),
    "qmail_full": ("undelivered", "5.2.2"),
    "qmail_too_long": ("undelivered", "4.4.1"),
    "gateway_says_unknown_for_spam": ("undelivered", "5.7.1"),
    "forwarded_one_full": ("undelivered", "5.2.2"),
    # Still on its way, or there.
    "postfix_delayed": ("delayed", "4.4.1"),
    "exim_warning": ("delayed", "4.7.1"),
    "exchange_delayed": ("delayed", "4.4.7"),
    "gmail_delayed": ("delayed", "4.4.1"),
    "sendmail_warning": ("delayed", "4.4.1"),
    "relayed": ("delayed", "2.0.0"),
    "delivered": ("delivered", "2.0.0"),
    "ses_complaint": ("complaint", None),
    "yahoo_complaint": ("complaint", None),
    "outlook_com_complaint": ("complaint", None),
    "complaint_with_headers_only": ("complaint", None),
    "complaint_opt_out": ("complaint", None),
    "somebody_elses_mail_bounced": ("gone", "5.1.1"),
    # No report at all.
    "complaint_taken_back": None,
    "dmarc_failure_report": None,
    "away": None,
    "answer_of_a_person": None,
    "challenge": None,
}


def returned(name: str, message_id: UUID = MESSAGE) -> bytes:
    """A mail of the corpus, about this message, with the line ends of a mail."""
    text = (CORPUS / f"{name}.eml").read_text().replace(str(MESSAGE), str(message_id))
    return text.replace("\n", "\r\n").encode()


def test_every_shape_is_read_and_says_which_mail_it_is_about() -> None:
    assert {path.stem for path in CORPUS.glob("*.eml")} == SHAPES.keys()
    wrong = []
    for name, expected in SHAPES.items():
        report = read_report(returned(name))
        told = (report.outcome, report.code) if report else None
        ids = report.ids if report else ()
        if told != expected or (report and name != "somebody_elses_mail_bounced" and MESSAGE not in ids):
            wrong.append((name, told, expected, ids))
    assert wrong == []


def test_the_envelope_names_the_try_before_the_returned_mail_names_the_message() -> None:
    report = read_report(returned("postfix_unknown_user"))
    assert report is not None
    assert report.ids == (ATTEMPT, MESSAGE)
    stranger = read_report(returned("somebody_elses_mail_bounced"))
    assert stranger is not None
    assert stranger.ids == ()


@pytest.mark.parametrize(
    "raw",
    [
        b"\x00\xff\xfe",
        b"Content-Type: multipart/report; boundary=",
        b"Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n",
        b"".join(
            b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (depth, depth) for depth in range(1100)
        ),
        b"Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n"
        b"Action: failed\r\nDiagnostic-Code: smtp;" + b" 5.1.1.1" * 100_000,
        b"From: MAILER-DAEMON\r\nSubject: =?utf-8?q?=FF?= undeliverable\r\n\r\n" + b"user " * 100_000,
    ],
    ids=["bytes", "half a type", "an empty report", "parts in parts", "a line without end", "words without end"],
)
def test_mail_that_is_written_to_hurt_is_read_like_any_other(raw: bytes) -> None:
    report = read_report(raw)
    assert report is None or report.ids == ()


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("550 5.1.1 no such user", Verdict.NO_MAILBOX),
        ("550 unknown user", Verdict.NO_MAILBOX),
        ("550 mailbox unavailable", Verdict.NO_MAILBOX),
        ("550 blocked: see https://list.example", Verdict.REFUSED),
        ("550 user over quota, account disabled", Verdict.REFUSED),
        ("552 5.2.2 over quota", Verdict.REFUSED),
        ("554 5.7.1 relay access denied", Verdict.OURS),
        ("451 4.3.0 user unknown, try later", Verdict.LATER),
        ("450 greylisted", Verdict.LATER),
    ],
)
def test_a_code_counts_before_the_words_and_words_before_a_bare_550(words: str, meant: Verdict) -> None:
    assert verdict(*reading(words), words) is meant


OURS = {"Metadata": {"clinic": str(UUID(int=1)), "attempt": str(UUID(int=2)), "words": "00"}, "MessageID": "m"}


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        ({"RecordType": "Delivery"}, "delivered"),
        ({"RecordType": "Bounce", "Type": "HardBounce", "ID": 42}, "gone"),
        ({"RecordType": "Bounce", "Type": "BadEmailAddress", "ID": 42}, "gone"),
        ({"RecordType": "Bounce", "Type": "SoftBounce", "ID": 42}, "undelivered"),
        ({"RecordType": "Bounce", "Type": "Blocked", "ID": 42}, "undelivered"),
        ({"RecordType": "Bounce", "Type": "Transient", "ID": 42}, "undelivered"),
        ({"RecordType": "Bounce", "Type": "ChallengeVerification", "ID": 42}, "delayed"),
        ({"RecordType": "Bounce", "Type": "AutoResponder", "ID": 42}, "delayed"),
        ({"RecordType": "Bounce", "Type": "SpamComplaint", "ID": 42}, "complaint"),
        ({"RecordType": "SpamComplaint", "Type": "SpamComplaint", "ID": 42}, "complaint"),
        ({"RecordType": "SubscriptionChange", "SuppressSending": True, "SuppressionReason": "HardBounce"}, "gone"),
        (
            {"RecordType": "SubscriptionChange", "SuppressSending": True, "SuppressionReason": "ManualSuppression"},
            "complaint",
        ),
        ({"RecordType": "SubscriptionChange", "SuppressSending": False}, None),
        ({"RecordType": "Open"}, None),
        ({}, None),
        ({"RecordType": "Delivery", "Metadata": None}, None),
        ({"RecordType": "Delivery", "Metadata": {"clinic": "x", "attempt": 3}}, None),
        ({"RecordType": ["Delivery"], "MessageID": {}}, None),
    ],
)
def test_each_event_of_a_provider_means_one_thing(told: dict[str, object], outcome: str | None) -> None:
    event = read_event(OURS | told)
    assert (event.report.outcome if event else None) == outcome
    if event:
        assert (event.clinic_id, event.report.ids) == (UUID(int=1), (UUID(int=2),))
