import pytest

from service.outbox.rules import (
    KNOWN_PARAMS,
    MESSAGES,
    Fuse,
    MessageKind,
    blocked_words,
    normalise,
    passes_stop,
    reading_grade,
    required_params,
    segments,
    text_of,
)


@pytest.mark.parametrize(
    ("text", "parts", "encoding"),
    [
        ("", 1, "gsm7"),
        ("a" * 160, 1, "gsm7"),
        ("a" * 161, 2, "gsm7"),
        ("a" * 306, 2, "gsm7"),
        ("a" * 307, 3, "gsm7"),
        ("é" * 160, 1, "gsm7"),
        ("¿Qué tal, señor? ¡Ñam! à ì ò ù", 1, "gsm7"),
        ("€" * 80, 1, "gsm7"),
        ("€" * 81, 2, "gsm7"),
        ("{" * 79 + "ab", 1, "gsm7"),
        ("á", 1, "ucs2"),
        ("á" * 70, 1, "ucs2"),
        ("á" * 71, 2, "ucs2"),
        ("á" * 134, 2, "ucs2"),
        ("á" * 135, 3, "ucs2"),
        ("’" + "a" * 69, 1, "ucs2"),
        ("’" + "a" * 70, 2, "ucs2"),
        ("🙂" * 35, 1, "ucs2"),
        ("🙂" * 36, 2, "ucs2"),
    ],
)
def test_a_text_is_billed_by_its_alphabet(text: str, parts: int, encoding: str) -> None:
    assert segments(text) == (parts, encoding)


def test_a_character_of_two_units_is_never_cut_in_two() -> None:
    # 152 units and a euro sign of two: the euro starts the second part, and 152 more fit beside it.
    assert segments("a" * 152 + "€" + "a" * 151).parts == 2
    assert segments("a" * 152 + "€" + "a" * 152).parts == 3
    # 67 units hold 33 faces of two units each.
    assert segments("🙂" * 66).parts == 2
    assert segments("🙂" * 67).parts == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today’s “plan”", 'today\'s "plan"'),
        ("a – b — c…", "a - b - c..."),
        ("1\u00a0day\u2009now", "1 day now"),
        ("• one", "- one"),
        ("soft\u00adhyphen\u200b", "softhyphen"),
        ("clínica, día, acción, aún, Úrsula", "clinica, dia, accion, aun, Ursula"),
        ("¿Qué? ¡Señor Núñez! à è ì ò ù ü ß €", "¿Qué? ¡Señor Nuñez! à è ì ò ù ü ß €"),
        ("Çelik, français", "Çelik, francais"),
        ("di\u0301a, an\u0303o", "dia, año"),
        ("Łukasz", "Łukasz"),
        ("Клиника", "Клиника"),
    ],
)
def test_a_text_is_brought_to_the_cheap_alphabet(text: str, expected: str) -> None:
    assert normalise(text) == expected
    assert normalise(expected) == expected


@pytest.mark.parametrize("text", ["Well done 🙂", "❤", "4\ufe0f\u20e3", "👍🏽", "©", "\ud83d", "\ue000"])
def test_a_picture_is_refused_with_what_would_be_right(text: str) -> None:
    with pytest.raises(ValueError, match="use words and plain signs only"):
        normalise(text)


def test_the_reading_grade_is_the_published_formula() -> None:
    # 6 words, 6 syllables, 1 sentence: 0.39 * 6 + 11.8 - 15.59 = -1.45
    assert reading_grade("The cat sat on the mat.") == pytest.approx(-1.45)
    # 3 words, 10 syllables, 1 sentence: 0.39 * 3 + 11.8 * 10 / 3 - 15.59 = 24.913
    assert reading_grade("Banana avocado tomato.") == pytest.approx(24.913, abs=0.001)
    # Two sentences of 3 words, 7 syllables: 0.39 * 3 + 11.8 * 7 / 6 - 15.59 = -0.653
    assert reading_grade("We saved it. Call us today!") == pytest.approx(-0.653, abs=0.001)
    assert reading_grade("") == 0.0


def test_an_address_does_not_count_as_words() -> None:
    assert reading_grade("Have a look: https://go.clinic.example/r/abcdefgh") == reading_grade("Have a look:")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Time for your check-in.", ()),
        ("Your hip pain score", ("hip", "pain")),
        ("HIPS and Glutes", ("hips", "glutes")),
        ("after surgery, 3 squats", ("surgery", "squats")),
        ("Ibuprofen helps", ("ibuprofen",)),
        ("clamshell and bridge", ("clamshell", "bridge")),
        ("stretching your hamstrings", ("stretching", "hamstrings")),
        ("low back", ("low back",)),
        ("Reply BACK", ()),
        ("Tu dolor de cadera", ("dolor", "cadera")),
        ("glúteos e isquiotibiales", ("gluteos", "isquiotibiales")),
        ("¿Te duele? Cirugía", ("duele", "cirugia")),
        ("piece, chip, shipping, painting, legal", ()),
    ],
)
def test_a_word_that_tells_a_stranger_too_much_is_found(text: str, found: tuple[str, ...]) -> None:
    assert blocked_words(text) == found


def test_every_kind_has_words_and_names_the_params_its_caller_gives() -> None:
    assert set(MESSAGES) == set(MessageKind)
    assert required_params(MessageKind.CHECK_IN) == set()
    assert required_params(MessageKind.CHECK_IN_ACK) == {"score"}
    assert required_params(MessageKind.PLAN_CHANGED) == {"therapist"}
    assert required_params(MessageKind.SIGN_IN_CODE) == {"code"}
    assert required_params(MessageKind.SHARED_CODE) == {"code"}
    assert required_params(MessageKind.WELCOME) == set()
    assert not any(required_params(kind) & KNOWN_PARAMS for kind in MessageKind)


def test_a_text_with_a_link_has_a_button_in_its_mail_and_the_other_way_round() -> None:
    for kind, words in MESSAGES.items():
        assert ("%(link)s" in words.sms) == (words.button is not None), kind
        assert not any("%(link)s" in line for line in (words.subject, *words.lines)), kind


def test_a_text_that_the_clinic_starts_says_who_it_is_from() -> None:
    answers = {kind for kind, words in MESSAGES.items() if "%(clinic)s" not in words.sms}
    assert answers == {
        *(kind for kind in MessageKind if kind.endswith("_ack")),
        MessageKind.NOTHING_TO_UNDO,
        MessageKind.UNCLEAR,
        MessageKind.WEEK_WHICH,
        MessageKind.WEEK_UNCLEAR,
        MessageKind.OUT_OF_RANGE,
        MessageKind.NOT_WATCHED,
    }


PURPOSES = {
    Fuse.REMINDER: "check_in plan habit bundle anchor evening lapse_3 lapse_10 lapse_30 why week recheck",
    Fuse.NOTICE: "welcome plan_changed taper moved message",
    Fuse.ANSWER: (
        "check_in_ack rounded_ack plan_ack later_ack too_late_ack easy_ack pause_ack back_ack daily_ack time_ack "
        "how_ack forgot_ack time_range_ack picture_ack skip_ack undo_ack nothing_to_undo note_ack unclear "
        "out_of_range which week_ack week_which week_unclear"
    ),
    Fuse.SAFETY: "high_ack not_watched questions",
    Fuse.CONSENT: "invite stopped started",
    Fuse.HELP: "help",
    Fuse.CODE: "sign_in_code shared_code",
}


def test_every_kind_has_its_purpose() -> None:
    assert {fuse: {kind for kind in MessageKind if kind.fuse is fuse} for fuse in Fuse} == {
        fuse: set(kinds.split()) for fuse, kinds in PURPOSES.items()
    }


def test_each_purpose_has_a_bound_of_its_own() -> None:
    assert {fuse.value: fuse.most for fuse in Fuse} == {
        "reminder": 4,
        "notice": 4,
        "answer": 12,
        "safety": 24,
        "consent": 12,
        "help": 12,
        "code": 20,
    }


def test_after_a_stop_only_its_confirmation_and_a_code_by_email_go_out() -> None:
    passing = {
        (kind.value, channel) for kind in MessageKind for channel in ("sms", "email") if passes_stop(kind, channel)
    }
    assert passing == {
        ("stopped", "sms"),
        ("stopped", "email"),
        ("sign_in_code", "email"),
        ("shared_code", "email"),
    }


def test_what_is_shown_of_a_text_is_what_was_sent() -> None:
    said = text_of(
        MessageKind.SIGN_IN_CODE, lambda _: "%(clinic)s: tu código – “%(code)s”", {"clinic": "Sí", "code": 1}
    )
    assert said == 'Si: tu codigo - "1"'
