"""How a text message is read. What is not certain is kept as a note for a person, never guessed.

Words first, numbers second, people last: STOP, danger, commands, what was done, a score; then a note.
"""

import re
from dataclasses import replace
from itertools import islice, pairwise
from typing import Final, cast, get_args

from service.conversation.grammar import hours, paper_weeks
from service.conversation.rules import (
    Answer,
    Danger,
    Done,
    Help,
    Keyword,
    KeywordName,
    Later,
    Note,
    OutOfRange,
    PainScore,
    PaperWeek,
    Reading,
    Readings,
    Side,
    Skip,
    Some,
    Start,
    Stop,
    TwoNumbers,
    Undo,
    Why,
)
from service.conversation.words import answers, danger, places, stop
from service.conversation.words.marks import Mark, fold, marks_of
from service.diary.rules import SkipReason

_CLAUSE: Final = re.compile(r"[.,;:!?\n]+(?!\d)|\s-\s")
_HEAD: Final = re.compile(r"[.;!?\n]+(?!\d)|,(?!\d)|\s-\s|(?P<word>\b(?:but|because|cuz|pero|porque)\b)")
_POLITE: Final = re.compile(rf"\b(?:{answers.POLITE})\b")
_STOP: Final = re.compile("|".join(stop.STOP))
_NOT_BEFORE: Final = "".join(rf"(?<!\b{word} )" for word in stop.NOT_BEFORE_STOP.split("|"))
_STOP_FIRST: Final = re.compile(rf"\W*(?:{stop.STOP_FIRST})\b(?P<rest>.+)", re.DOTALL)
_STOP_LAST: Final = re.compile(rf"(?P<rest>.+\W){_NOT_BEFORE}(?:{stop.STOP_LAST})\W*", re.DOTALL)
_LETTER: Final = re.compile(places.LETTER)
_SHOUTED: Final = re.compile(r"\b(?:STOP|STOPALL|UNSUBSCRIBE)\b")
_NOT_A_STOP: Final = re.compile(r"\b(?:i|it|had to|dont|not|never|cant|cannot|when|if) (?:stop|unsubscribe)")
_REASONS: Final = frozenset("123456789")
_LISTED: Final = frozenset("12345")
"""The reasons in the text that asks for one."""
_BESIDE: Final = frozenset(answers.BESIDE.split("|"))
_BEFORE_TIMES: Final = frozenset(answers.BEFORE_TIMES.split("|"))
_CARRIERS: Final = frozenset(answers.CARRIERS.split("|"))
_HEDGES: Final = frozenset(answers.HEDGES.split("|"))
_DID: Final = ("did", "hice")  # "did 2" says how many
# "No. 5", "2 nights", "day 3": which one or how many.
_NO_SCORE: Final = re.compile(
    r"\W*no\W{0,2}\d.*|.*\d (?:nights|mornings|evenings|hips|sides|noches|mananas|caderas|lados)\b.*"
    r"|.*(?<!all )\b(?:day|dia) \d.*",
    re.DOTALL,
)
_COMMANDS: Final[dict[str, Answer]] = {
    **{"undo": Undo(), "start": Start(), "help": Help(), "help me": Help()},
    **{name.replace("_", " "): Keyword(name) for name in get_args(KeywordName)},
}


def read_reply(text: str, *, asked: str | None, locale: str = "en") -> Readings:
    """`asked` is the kind of the open question (check_in, plan or habit), or None.

    Never empty. Stop comes first, beside whatever else the text says: "7 STOP" is (Stop(), PainScore(7)).
    A Note holds the whole text; it is there unless every word was understood.
    """
    folded = fold(text)
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
    if set(places.SIDE_WORDS) & set(re.findall(r"\w+", plain)):
        return plain
    return _LETTER.sub(lambda match: f" {places.LETTERS[match['letter']]} ", plain)


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
    return said in stop.STOP_CLAUSES.split("|") or (whole_text and said in stop.STOP_ALONE.split("|"))


def _without_danger(plain: str) -> tuple[tuple[str, ...], str]:
    """Every danger word found, and the text without them, so that a score beside one is still read."""
    heard = re.sub(danger.NO_DANGER, " ", plain)
    found = tuple(dict.fromkeys(re.findall(danger.DANGER, heard)))
    return (found, re.sub(danger.DANGER, " ", heard)) if found else ((), plain)


def _number_only(answer: Answer) -> Answer:
    """Beside a danger word a place or a movement tells what happened, not where the score belongs."""
    if isinstance(answer, PainScore):
        return replace(answer, side=None, sites=(), aggravators=())
    return answer


def _answers(plain: str, asked: str | None) -> tuple[list[Answer], bool]:
    """What was understood, and whether that is all the text says."""
    if week := paper_weeks.week(plain):
        return [week], isinstance(week, PaperWeek)
    if _NO_SCORE.fullmatch(plain):
        return [], False
    marks = marks_of(plain, asked)
    if answers := _read(plain, marks, asked):
        unclear = any(mark.kind == "vague" or mark.value == "help me" for mark in marks)
        return answers, isinstance(answers[0], Later) or not unclear
    for cut in islice(_HEAD.finditer(plain), 8):
        head = plain[: cut.start()]
        if answers := _read(head, marks_of(head, asked), asked):
            return _beside(plain[cut.end() :], answers, joined_by_word=cut["word"] is not None), False
    return [], all(mark.kind in ("fill", "polite") for mark in marks)


def _beside(tail: str, answers: list[Answer], *, joined_by_word: bool) -> list[Answer]:
    """A number in a part that was not understood may correct the answer: "4, no sorry, 5", "all but one"."""
    if not any(mark.kind == "num" for mark in marks_of(tail, None)):
        return answers
    if any(isinstance(answer, PainScore) for answer in answers):
        return [TwoNumbers()]
    return [] if joined_by_word else answers


def _read(plain: str, marks: list[Mark], asked: str | None) -> list[Answer]:
    """Nothing, unless every word is known and they make sense together."""
    if later := hours.later(plain) or hours.new_time(plain):
        return [later]
    kinds = {mark.kind for mark in marks} - {"polite"}
    if kinds == {"command"}:
        said = {mark.value for mark in marks if mark.kind == "command"}
        return [_COMMANDS[said.pop()]] if len(said) == 1 else []
    if kinds == {"back"}:
        return [Keyword("back")]
    if "motive" in kinds:
        return _why(marks, _REASONS)
    if asked == "why" and (reason := _why(marks, _LISTED)):
        return reason
    progress = kinds & {"done", "some", "skip"}
    if "why" in kinds and not progress and asked == "plan" and _is_plain(marks):
        progress = {"skip"}
    stray = ("why" in kinds and "skip" not in progress) or ("item" in kinds and "done" not in kinds)
    if stray or len(progress) > 1 or kinds & {"unknown", "command"}:
        return []
    score = _score(marks, kinds, asked) if kinds & {"num", "painless"} else None
    if asked == "why" and isinstance(score, OutOfRange | TwoNumbers):
        return []
    if score is None and kinds & {"num", "painless"} and "item" not in kinds:
        return []
    return _progress(marks, progress.pop(), score, asked) if progress else [score] if score else []


def _why(marks: list[Mark], reasons: frozenset[str]) -> list[Answer]:
    """One number and nothing else but the word: whoever writes more gives a reason of their own."""
    said = [mark for mark in marks if mark.kind not in ("polite", "item", "motive")]
    numbered = [mark.kind for mark in said] == ["num"] and said[0].value in reasons
    return [Why(int(said[0].value))] if numbered and marks.index(said[0]) >= _motives(marks) else []


def _motives(marks: list[Mark]) -> int:
    """How many marks the word for a reason and what stands before it take: the number follows it."""
    return max((index for index, mark in enumerate(marks) if mark.kind == "motive"), default=0)


def _is_plain(marks: list[Mark]) -> bool:
    return all(mark.value in _BESIDE for mark in marks if mark.kind == "fill")


def _said(marks: list[Mark]) -> set[str]:
    return {mark.value for mark in marks if mark.kind in ("fill", "polite")}


def _values(marks: list[Mark], *kinds: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(mark.value for mark in marks if mark.kind in kinds))


def _progress(marks: list[Mark], said: str, score: Answer | None, asked: str | None) -> list[Answer]:
    kinds = [mark.kind for mark in marks]
    if said == "done" and "num" in kinds and ("item" in kinds or (asked == "habit" and "ache" not in kinds)):
        return _items(marks)
    if score is not None and not isinstance(score, PainScore):
        return []
    counted = "num" in kinds and "ache" not in kinds and any(done.endswith(_DID) for done in _values(marks, "done"))
    if said == "done" and (counted or _said(marks) & _HEDGES):
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
    listed = set(_values(marks, "fill", "polite")) <= set(answers.JOINERS.split())
    return [Done(int(number)) for number in numbers] if numbered and listed else []


def _numbers(marks: list[Mark]) -> list[float]:
    numbers = list[float]()
    for mark in marks:
        if mark.kind == "num":
            numbers.append(float(mark.value))
        elif mark.kind == "half" and numbers:
            numbers[-1] += 0.5
    return numbers


def _painless(marks: list[Mark], kinds: set[str]) -> Answer | None:
    """ "No pain" is 0 when nothing narrows it: not "no pain at night"."""
    if set(_numbers(marks)) - {0.0}:
        return TwoNumbers()
    narrowed = kinds - {"painless", "num", "fill", "done"} or not _is_plain(marks)
    return None if narrowed else PainScore(0)


def _is_a_time(marks: list[Mark]) -> bool:
    """ "At 6", "woke up at 6", "for 4": a time of day or a stretch of time, unless "it is" or a place came first."""
    for index, (before, mark) in enumerate(pairwise(marks)):
        if mark.kind == "num" and before.kind == "fill" and before.value in _BEFORE_TIMES:
            said = marks[:index]
            carried = any(m.kind in ("ache", "site", "side") or m.value in _CARRIERS for m in said)
            if not carried or said[-1].kind == "timing":
                return True
    return False


def _is_share(marks: list[Mark]) -> bool:
    """ "5/5", "2 of 2": of what, nobody knows."""
    spans = zip(marks, marks[1:], marks[2:], strict=False)
    return any(a.kind == c.kind == "num" and b.value in ("/", "of", "de") for a, b, c in spans)


def _score(marks: list[Mark], kinds: set[str], asked: str | None) -> Answer | None:
    if "painless" in kinds:
        return _painless(marks, kinds)
    if _is_a_time(marks) or (asked in ("plan", "habit") and "ache" not in kinds and {"just", "only"} & _said(marks)):
        return None
    first = next(mark.kind for mark in marks if mark.kind in ("num", "timing", "half"))
    # "Walk 4" may be miles: a movement before the number needs a word that makes it a score.
    scored = asked == "check_in" or kinds & {"ache", "side", "site"}
    if first == "half" or (first == "timing" and not scored):
        return None
    numbers = set(_numbers(marks))
    number = numbers.pop()
    if numbers or _is_share(marks):
        return TwoNumbers()
    if not 0 <= number <= 10:
        return OutOfRange()
    sides = _values(marks, "side")
    side = cast(Side | None, "both" if len(sides) > 1 else sides[0] if sides else None)
    timings = dict.fromkeys(" ".join(_values(marks, "timing")).split())
    sites = _values(marks, "site", "back")
    rounded = number != int(number)
    return PainScore(int(number + 0.5), rounded, side, sites, tuple(timings), corrects="meant" in kinds)
