"""What may be true of a clinic and of the people who work there."""

import pytest
from argon2 import Type

from service.accounts import sign_in
from service.accounts.rules import clinic_problems, password_problems, phone_e164, staff_problems

# Read before the tests put the least work in its place.
HASHER = sign_in._hasher

RIGHT = {
    "name": "Northside Physiotherapy",
    "short_name": "Northside",
    "country": "US",
    "zone": "America/New_York",
    "locale": "en",
    "phone": "(202) 555-0100",
    "emergency_number": "911",
}


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"phone": "+1 202 555 0100"},
        {"phone": "+49 30 1234567"},
        {"phone": "(202) 555-0100 ext. 3"},
        {"country": "DE", "zone": "Europe/Berlin", "phone": "030 1234567", "emergency_number": "112"},
        {"short_name": "Praxis Süd"},
        {"short_name": "n" * 20},
        {"locale": "es"},
    ],
)
def test_a_clinic_that_can_be(other: dict[str, str]) -> None:
    assert clinic_problems(**{**RIGHT, **other}) == []


@pytest.mark.parametrize(
    ("field", "wrong", "said"),
    [
        ("name", "", "Use 1 to 200"),
        ("name", "  ", "Use 1 to 200"),
        ("name", "n" * 201, "Use 1 to 200"),
        ("name", "North\x00side", "letters, digits and signs"),
        ("name", "North\udcffside", "letters, digits and signs"),
        ("short_name", " ", "Use 1 to 20"),
        ("short_name", "n" * 21, "Use 1 to 20"),
        ("short_name", "North\nside", "Use 1 to 20"),
        ("short_name", "Северная", "Use plain letters"),
        ("short_name", "Hip & Pain Clinic", "Take out hip, pain"),
        ("short_name", "Clínica Rodilla", "Use plain letters"),
        ("short_name", "Clinica Rodilla", "Take out rodilla"),
        ("country", "", "country's two letters"),
        ("country", "USA", "country's two letters"),
        ("country", "us", "country's two letters"),
        ("country", "ZZ", "country's two letters"),
        ("zone", "CET", "such as Europe/Berlin"),
        ("zone", "Mars/Olympus", "such as Europe/Berlin"),
        ("zone", "", "such as Europe/Berlin"),
        ("locale", "fr", "Use en or es."),
        ("phone", "", "people call in office hours"),
        ("phone", "12", "can exist in US"),
        ("phone", "call us", "can exist in US"),
        ("phone", "555-0100", "can exist in US"),
        ("emergency_number", "", "digits only"),
        ("emergency_number", "nine", "digits only"),
        ("emergency_number", "٩١١", "digits only"),
    ],
)
def test_what_cannot_be_true_of_a_clinic_is_named(field: str, wrong: str, said: str) -> None:
    [problem] = clinic_problems(**{**RIGHT, field: wrong})
    assert problem.pointer == f"/{field}"
    assert said in problem.message


def test_everything_wrong_is_named_at_once() -> None:
    problems = clinic_problems(
        name="", short_name="", country="", zone="", locale="", phone="", emergency_number=""
    ) + staff_problems("", "olga", prefix="owner_")
    assert [problem.pointer for problem in problems] == [
        "/name",
        "/short_name",
        "/country",
        "/zone",
        "/locale",
        "/phone",
        "/emergency_number",
        "/owner_name",
        "/owner_email",
    ]


@pytest.mark.parametrize(
    ("password", "code"),
    [("p" * 14, "too_short"), ("p" * 1001, "password"), ("\udcff" * 15, "password")],
)
def test_a_password_that_nobody_could_sign_in_with(password: str, code: str) -> None:
    assert [problem.code for problem in password_problems(password)] == [code]


@pytest.mark.parametrize(
    "password", ["hG7#kk2!pQz9vRt", ("four words and a comma, " * 50)[:1000], "fünfzehn Zeichen, tab\tnbsp\xa0"]
)
def test_a_password_that_can_be(password: str) -> None:
    assert password_problems(password) == []


def test_a_stored_password_costs_whoever_stole_it_a_third_of_a_second_a_guess() -> None:
    """Argon2id with 64 MiB, three passes and four lanes: 240 to 340 ms where it was measured (argon2-cffi 25.1)."""
    assert HASHER.type is Type.ID
    assert HASHER.memory_cost >= 64 * 1024
    assert HASHER.time_cost >= 3
    assert HASHER.parallelism >= 4


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "Password123456789!",
        "aaaaaaaaaaaaaaaaaaaa",
        "123456789012345",
        "qwertyuiopasdfghjkl",
        "Welcome-Clinic-2026",
        "Summer2026Summer2026",
        "abcabcabcabcabcabc",
        "               ",
    ],
)
def test_what_is_guessed_first_is_no_password_however_long(password: str) -> None:
    assert [problem.code for problem in password_problems(password)] == ["common"]


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "four words and a comma",
        "hG7#kk2!pQz9vRt",
        "734829105562918",
        "ñandú y té con sol",
    ],
)
def test_what_nobody_would_put_together_is_one(password: str) -> None:
    assert password_problems(password) == []


@pytest.mark.parametrize("typed", ["202 555 0142 ext 3", "+1 202 555 0142 x3", "tel:+12025550142;ext=3"])
def test_a_desk_behind_a_number_gets_no_texts(typed: str) -> None:
    assert phone_e164(typed, "US") is None
    assert phone_e164("202 555 0142", "US") == "+12025550142"
