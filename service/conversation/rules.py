"""How a text message is read. What is not certain is kept as a note for a person, never guessed.

Words first, numbers second, people last: STOP, danger, commands, what was done, a score; then a note.
"""

import re
from dataclasses import dataclass, replace
from datetime import time
from itertools import islice
from typing import Final, Literal, cast, get_args

from service.conversation import words
from service.conversation.words import Mark
from service.diary.rules import SkipReason

Side = Literal["left", "right", "both"]
KeywordName = Literal["easy", "pause", "back", "daily", "keep", "change_back"]


@dataclass(frozen=True, slots=True)
class PainScore:
    """0 to 10; sites and aggravators are catalogue codes; `also_done` replaces a Done beside it."""

    score: int
    rounded: bool = False
    side: Side | None = None
    sites: tuple[str, ...] = ()
    aggravators: tuple[str, ...] = ()
    also_done: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """All of it, or the item with this number on the list that was asked about."""

    item: int | None = None


@dataclass(frozen=True, slots=True)
class Some:
    pass


@dataclass(frozen=True, slots=True)
class Skip:
    reason: SkipReason | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """`either_half`: a bare "7" is the next 7 o'clock, in the morning or in the evening."""

    at: time | None = None
    either_half: bool = False

    def wall(self, now: time) -> time | None:
        """The local time meant, or None when none was named or it is over for today."""
        if self.at is None:
            return None
        hours = (self.at.hour % 12, self.at.hour % 12 + 12) if self.either_half else (self.at.hour,)
        return next((wall for hour in hours if (wall := self.at.replace(hour=hour)) > now), None)


@dataclass(frozen=True, slots=True)
class Undo:
    pass


@dataclass(frozen=True, slots=True)
class Keyword:
    name: KeywordName


@dataclass(frozen=True, slots=True)
class Why:
    number: int


@dataclass(frozen=True, slots=True)
class Stop:
    pass


@dataclass(frozen=True, slots=True)
class Start:
    pass


@dataclass(frozen=True, slots=True)
class Help:
    pass


@dataclass(frozen=True, slots=True)
class OutOfRange:
    pass


@dataclass(frozen=True, slots=True)
class TwoNumbers:
    pass


@dataclass(frozen=True, slots=True)
class Danger:
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Note:
    text: str


Answer = PainScore | Done | Some | Skip | Later | Undo | Keyword | Why | Start | Help | OutOfRange | TwoNumbers
Reading = Answer | Stop | Danger | Note
Readings = tuple[Reading, ...]

_CLAUSE: Final = re.compile(r"[.,;:!?\n]+(?!\d)|\s-\s")
_HEAD: Final = re.compile(r"[.;!?\n]+(?!\d)|,(?!\d)|\s-\s|(?P<word>\b(?:but|because|cuz|pero|porque)\b)")
_POLITE: Final = re.compile(rf"\b(?:{words.POLITE})\b")
_LATER: Final = re.compile(rf"(?:(?:{words.POLITE}) )*{words.LATER}(?: (?:today|hoy|{words.POLITE}))*[.!?]*")
_STOP: Final = re.compile("|".join(words.STOP))
_NOT_BEFORE: Final = "".join(rf"(?<!\b{word} )" for word in words.NOT_BEFORE_STOP.split("|"))
_STOP_FIRST: Final = re.compile(rf"\W*(?:{words.STOP_FIRST})\b(?P<rest>.+)", re.DOTALL)
_STOP_LAST: Final = re.compile(rf"(?P<rest>.+\W){_NOT_BEFORE}(?:{words.STOP_LAST})\W*", re.DOTALL)
_LETTER: Final = re.compile(words.LETTER)
_SHOUTED: Final = re.compile(r"\b(?:STOP|STOPALL|UNSUBSCRIBE)\b")
_NOT_A_STOP: Final = re.compile(r"\b(?:i|it|had to|dont|not|never|cant|cannot|when|if) (?:stop|unsubscribe)")
_COMMANDS: Final[dict[str, Answer]] = {
    **{"undo": Undo(), "start": Start(), "help": Help(), "help me": Help()},
    **{name: Keyword(name) for name in get_args(KeywordName)},
    **{f"why {number}": Why(number) for number in range(1, 6)},
}


def read_reply(text: str, *, asked: str | None, locale: str = "en") -> Readings:
    """`asked` is the kind of the open question (check_in, plan or habit), or None.

    Never empty. Stop comes first, beside whatever else the text says: "7 STOP" is (Stop(), PainScore(7)).
    A Note holds the whole text; it is there unless every word was understood.
    """
    folded = words.fold(text)
    stopped, plain = _without_stop(text, _with_sides(folded) if locale == "es" else folded, asked)
    danger, plain = _without_danger(plain)
    answers, whole = _answers(plain, asked)
    readings: list[Reading] = [Stop()] if stopped else []
    if danger:
        readings.append(Danger(danger))
        answers = [_number_only(answer) for answer in answers]
    readings += [answer for answer in answers if not (stopped and isinstance(answer, Start))]
    if danger or not whole or not readings:
        readings.append(Note(text.strip()))
    return tuple(readings)


def _with_sides(plain: str) -> str:
    """ "6 d coche" with derecha spelled out; beside another word for a side the letter is left as it is."""
    if set(words.SIDE_WORDS) & set(re.findall(r"\w+", plain)):
        return plain
    return _LETTER.sub(lambda match: f" {words.LETTERS[match['letter']]} ", plain)


def _without_stop(text: str, plain: str, asked: str | None) -> tuple[bool, str]:
    cut = _STOP.sub(" ", plain)
    clauses = [clause for clause in _CLAUSE.split(_POLITE.sub(" ", cut)) if clause.strip()]
    kept = [clause for clause in clauses if not _is_stop(clause, whole_text=len(clauses) == 1)]
    if cut != plain or len(kept) < len(clauses):
        return True, ". ".join(kept)
    bare = _POLITE.sub("", plain)
    for edge in (_STOP_FIRST.fullmatch(bare), _STOP_LAST.fullmatch(bare)):
        if edge and all(_answers(edge["rest"], asked)):
            return True, edge["rest"]
    if _SHOUTED.search(text) and not text.isupper() and not _NOT_A_STOP.search(plain):
        return True, re.sub(r"\b(?:stop|stopall|unsubscribe)\b", " ", plain)
    return False, plain


def _is_stop(clause: str, *, whole_text: bool) -> bool:
    said = " ".join(re.findall(r"\w+|🛑", clause))
    return said in words.STOP_CLAUSES.split("|") or (whole_text and said in words.STOP_ALONE.split("|"))


def _without_danger(plain: str) -> tuple[tuple[str, ...], str]:
    """Every danger word found, and the text without them, so that a score beside one is still read."""
    heard = re.sub(words.NO_DANGER, " ", plain)
    found = tuple(dict.fromkeys(re.findall(words.DANGER, heard)))
    return (found, re.sub(words.DANGER, " ", heard)) if found else ((), plain)


def _number_only(answer: Answer) -> Answer:
    """Beside a danger word a place or a movement tells what happened, not where the score belongs."""
    if isinstance(answer, PainScore):
        return PainScore(answer.score, answer.rounded, also_done=answer.also_done)
    return answer


def _answers(plain: str, asked: str | None) -> tuple[list[Answer], bool]:
    """What was understood, and whether that is all the text says."""
    marks = words.marks(plain, asked)
    if answers := _read(plain, marks, asked):
        unclear = any(mark.kind == "vague" or mark.value == "help me" for mark in marks)
        return answers, isinstance(answers[0], Later) or not unclear
    for cut in islice(_HEAD.finditer(plain), 8):
        head = plain[: cut.start()]
        if answers := _read(head, words.marks(head, asked), asked):
            return _beside(plain[cut.end() :], answers, joined_by_word=cut["word"] is not None), False
    return [], all(mark.kind in ("fill", "polite") for mark in marks)


def _beside(tail: str, answers: list[Answer], *, joined_by_word: bool) -> list[Answer]:
    """A number in a part that was not understood may correct the answer: "4, no sorry, 5", "all but one"."""
    if not any(mark.kind == "num" for mark in words.marks(tail, None)):
        return answers
    if any(isinstance(answer, PainScore) for answer in answers):
        return [TwoNumbers()]
    return [] if joined_by_word else answers


def _read(plain: str, marks: list[Mark], asked: str | None) -> list[Answer]:
    """Nothing, unless every word is known and they make sense together."""
    if later := _later(plain):
        return [later]
    kinds = {mark.kind for mark in marks} - {"polite"}
    if kinds == {"command"}:
        said = {mark.value for mark in marks if mark.kind == "command"}
        return [_COMMANDS[said.pop()]] if len(said) == 1 else []
    if kinds == {"back"}:
        return [Keyword("back")]
    progress = kinds & {"done", "some", "skip"}
    stray = ("why" in kinds and "skip" not in kinds) or ("item" in kinds and "done" not in kinds)
    if stray or len(progress) > 1 or kinds & {"unknown", "command"}:
        return []
    score = _score(marks, kinds, asked) if "num" in kinds else None
    return _progress(marks, progress.pop(), score, asked) if progress else [score] if score else []


def _later(plain: str) -> Later | None:
    match = _LATER.fullmatch(plain)
    if match is None or match["hour"] is None:
        return Later() if match else None
    hour, half = int(match["hour"]), match["half"]
    if hour > 23 or (half and not 1 <= hour <= 12):
        return None
    if half:
        hour = hour % 12 + (0 if half in ("am", "de la manana") else 12)
    bare = not half and 1 <= hour <= 12 and match["hour"][0] != "0"
    return Later(time(hour, int(match["minute"] or 0)), bare)


def _values(marks: list[Mark], *kinds: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(mark.value for mark in marks if mark.kind in kinds))


def _progress(marks: list[Mark], said: str, score: Answer | None, asked: str | None) -> list[Answer]:
    kinds = [mark.kind for mark in marks]
    if said == "done" and "num" in kinds and ("item" in kinds or (asked == "habit" and "ache" not in kinds)):
        return _items(marks)
    if score is not None and not isinstance(score, PainScore):
        return []
    if said == "done":
        return [replace(score, also_done=True) if score else Done()]
    if said == "some":
        half_point = score and kinds.index("num") < kinds.index("some")
        return [] if half_point else [Some(), *([score] if score else [])]
    reasons = _values(marks, "why") or ((SkipReason.HURTS,) if "ache" in kinds else ())
    reason = SkipReason(reasons[0]) if reasons else None
    return [Skip(reason), *([score] if score else [])] if len(reasons) < 2 else []


def _items(marks: list[Mark]) -> list[Answer]:
    numbers = _values(marks, "num")
    numbered = all(number.isdecimal() and 1 <= int(number) <= 20 for number in numbers)
    listed = set(_values(marks, "fill", "polite")) <= set(words.JOINERS.split())
    return [Done(int(number)) for number in numbers] if numbered and listed else []


def _numbers(marks: list[Mark]) -> list[float]:
    numbers = list[float]()
    for mark in marks:
        if mark.kind == "num":
            numbers.append(float(mark.value))
        elif mark.kind == "half" and numbers:
            numbers[-1] += 0.5
    return numbers


def _score(marks: list[Mark], kinds: set[str], asked: str | None) -> Answer | None:
    first = next(mark.kind for mark in marks if mark.kind in ("num", "timing", "half"))
    # "Walk 4" may be miles: a movement before the number needs a word that makes it a score.
    scored = asked == "check_in" or kinds & {"ache", "side", "site"}
    if first == "half" or (first == "timing" and not scored):
        return None
    numbers = set(_numbers(marks))
    number = numbers.pop()
    if numbers:
        return TwoNumbers()
    if not 0 <= number <= 10:
        return OutOfRange()
    sides = _values(marks, "side")
    side = cast(Side | None, "both" if len(sides) > 1 else sides[0] if sides else None)
    timings = dict.fromkeys(" ".join(_values(marks, "timing")).split())
    sites = _values(marks, "site", "back")
    return PainScore(int(number + 0.5), number != int(number), side, sites, tuple(timings))
