"""What a password must not be: what those who guess try first, made longer."""

import re
from typing import Final

LEFT_OVER: Final = 6
"""So many letters and digits must be left once what everybody types is taken out."""

_FEWEST_SIGNS: Final = 5
_EVERYBODYS: Final = tuple(
    sorted(
        (
            *("password", "passwort", "passw0rd", "contrasena", "clave", "letmein", "welcome", "admin", "iloveyou"),
            *("qwertyuiop", "qwerty", "qwertz", "azerty", "asdfghjkl", "asdf", "zxcvbnm", "1q2w3e4r", "qazwsx"),
            *("abcdefghijklmnopqrstuvwxyz", "abcdef", "abc", "monkey", "dragon", "sunshine", "princess", "football"),
            *("clamshell", "clinic", "clinica", "physio", "therapist", "therapy", "secret", "changeme", "login"),
            *("superman", "batman", "trustno", "master", "hello", "summer", "winter", "spring", "autumn"),
        ),
        key=len,
        reverse=True,
    )
)
_DIGITS: Final = re.compile(r"0?1234567890|0123456789|987654321|(?:19|20)\d\d|123+|321|(\w)\1{2,}")


def is_common(password: str) -> bool:
    """Nothing much but words, rows of keys, years and repetitions that everybody knows."""
    plain = re.sub(r"[\W_]+", "", password.lower())
    if len(set(plain)) < _FEWEST_SIGNS or re.fullmatch(r"(.{1,7}?)\1+", plain):
        return True
    for known in _EVERYBODYS:
        plain = plain.replace(known, "")
    left = _DIGITS.sub("", plain)
    digits = sum(sign.isdigit() for sign in left)
    # A few digits behind a word are among what is tried.
    return len(left) - digits + max(0, digits - 4) < LEFT_OVER
