"""How texts are read: hand-written readings, and a corpus of replies that nothing was fitted to."""

from datetime import time

from service.conversation.grammar import read_reply
from service.conversation.rules import (
    Done,
    Help,
    Keyword,
    Later,
    NewTime,
    Note,
    OutOfRange,
    PainScore,
    Reading,
    Readings,
    Skip,
    Some,
    Start,
    TwoNumbers,
    Undo,
    Why,
)
from service.diary.rules import SkipReason
from tests.service.conversation.corpus import CORPUS

DRIVING = ("driving",)
STAIRS = ("stairs_up", "stairs_down")
SEVEN = Later(time(7), either_half=True)

# One reading and nothing else; a Note stands for a text that nobody but a person reads. The key is what was asked.
READINGS: dict[str | None, list[tuple[Reading | None, tuple[str, ...]]]] = {
    "check_in": [
        (PainScore(0), (
            "0", "zero", "no pain", "No pain at all", "pain free", "painfree today", "none", "None today", "nothing",
            "nada", "sin dolor", "Hoy no me duele", "no me duele nada", "cero", "ningún dolor",
            "it doesn't hurt today",
        )),
        (PainScore(3), (
            "3", "3/10", "tres", "about 3 I guess", "3 a little sore", "me duele un poco, 3", "٣", "３", "3️⃣", "3 🙏",
            "Good morning! 3 today, thank you", "On a scale of 1-10, 3",
        )),
        (PainScore(4), (
            "4", " 4 ", "4.", "4/10", "4 / 10", "4 out of 10", "four", "pain 4", "about a 4", "bout 4", "prob a 4",
            "i'd go with 4", "It's at a 4 today", "still a 4", "I'm at 4", "my hip is a 4", "４", "٤", "۴", "४",
            "４/１０", "٤/١٠", "4⁄10", "4\\10", "“4”", "4️⃣/🔟", "4 🙂", "🙂 4", "4!!!", "4 ok", "ok 4", "Dr, 4",
            "4, same", "4 better than yesterday", "pretty sore, 4", "cuatro", "un 4", "como un 4", "dolor 4",
            "4 de 10", "yo diría 4", "ando en un 4", "Buenas tardes, un 4", "del 1 al 10 un 4", "4 gracias",
            "hoy un cuatro", "nivel 4",
        )),
        (PainScore(6, side="right", aggravators=DRIVING), (
            "6 R car", "6r car", "R 6 car", "car 6 R", "6 right driving",
        )),
        (PainScore(6, side="right"), (
            "6 R", "6 rt", "right hip 6", "6 a la derecha", "6 lado derecho", "6 cadera derecha",
        )),
        (PainScore(6, side="left"), ("6 L", "L6", "left side 6/10", "6 izq", "cadera izquierda 6")),
        (PainScore(6, aggravators=DRIVING), ("6 when I drive", "6 manejando", "6 en el carro", "6 after driving")),
        (PainScore(6, aggravators=STAIRS), ("6 stairs", "6 on the stairs", "6 en las escaleras")),
        (PainScore(5, aggravators=("night_any_position",)), (
            "5 at night", "bad night, 5", "5 en la noche", "5 in bed",
        )),
        (PainScore(5, sites=("groin_front",), side="right"), ("5 groin right side", "right groin 5")),
        (PainScore(4, rounded=True), ("3.5", "3,5", "3½", "3 1/2", "three and a half", "3 y medio", "3.6")),
        (PainScore(4, also_done=True), ("DONE 4", "done, pain 4", "all done 4/10", "hecho 4", "listo, 4 de 10")),
        (PainScore(0, also_done=True), ("done, no pain", "hecho sin dolor")),
        (PainScore(5, corrects=True), (
            "I meant 5", "oops 5", "correction: 5", "sorry I meant 5", "make that a 5", "should be 5", "quise decir 5",
            "perdón, quise decir 5", "me equivoqué, 5", "corrijo: 5",
        )),
        (OutOfRange(), ("11", "-1", "100", "11/10", "veinte", "72", "−2")),
        (TwoNumbers(), (
            "3-4", "3 or 4", "3 o 4", "between 3 and 4", "left 6 right 4", "was 6 now 4", "5/5", "2 of 2",
            "no pain, 4", "3 in the morning 5 at night", "6:30", "4 5",
        )),
        (Later(), (
            "later", "LATER", "not now", "maybe later", "in a bit", "luego", "más tarde", "al rato", "ahorita no",
        )),
        (Note(""), (
            "at 6", "a las 6", "hoy a las 6", "woke up at 6", "sat for 4", "in car for 3 hours", "done at 6", "6am",
            "6.30", "5k walk", "1O", "2 nights", "my 2 hips", "day 3", "#4", "no. 4", "yesterday 6", "ayer un 6",
            "4+", "no pain at night", "no pain walking", "no me duele mucho", "no me duele al caminar",
            "doesn't hurt bad", "not 4", "high 5", "up to 7", "took 2 pills, now 3", "some", "half", "algo",
            "better", "same as yesterday", "👍", "😀", "🤕", "❤️", "?", "", "yes", "ok", "It hurts", "me duele", "5%",
            "$5", "4 half", "4 or so miles",
        )),
    ],
    "plan": [
        (Done(), (
            "DONE", "done!", "Done :)", "did it", "I did", "did", "did them all", "All done 👍", "exercises done",
            "finished", "Finished all of them", "done with my exercises", "Yes, I did", "got it done", "k done",
            "completed", "👍", "👍🏽", "✅", "💪", "done thank you so much", "hecho", "Listo!", "ya", "ya los hice",
            "Sí, los hice", "hice los ejercicios", "ya terminé", "todo listo", "ya acabé", "ejercicios hechos",
            "all of it", "done for the day", "Ya quedó",
        )),
        (PainScore(2, also_done=True), ("DONE 2", "done pain 2", "did it, 2", "hecho, 2 de 10")),
        (Some(), (
            "SOME", "half", "some of them", "did half", "did most of it", "mostly done", "partly", "half done",
            "la mitad", "algo", "hice algunos", "solo la mitad", "casi todos", "did a few", "did a little bit",
        )),
        (Skip(), (
            "SKIP", "skipped", "not today", "no", "No thanks", "nah", "can't today", "couldn't do it", "rest day",
            "hoy no", "no pude", "hoy no puedo", "paso", "saltar hoy", "taking a day off",
        )),
        (Skip(SkipReason.NO_TIME), (
            "skip no time", "too busy today", "busy", "sin tiempo", "no tengo tiempo", "Skip, working late",
        )),
        (Skip(SkipReason.HURTS), ("skip it hurts", "hurts too much", "too sore", "me duele mucho", "skip pain")),
        (Skip(SkipReason.UNWELL), (
            "SKIP sick", "I'm sick", "not feeling well today", "estoy enferma", "tengo gripe",
        )),
        (Skip(SkipReason.AWAY), ("skip travel", "out of town", "on vacation", "estoy de viaje", "skip, camping")),
        (Skip(SkipReason.UNSURE_HOW), ("skip, don't know how", "no sé cómo")),
        (Skip(SkipReason.NO_GEAR), ("skip no band", "skip, lost my band", "sin banda")),
        (Later(), (
            "LATER", "later please", "snooze", "will do it later", "not right now", "luego los hago", "en un rato",
        )),
        (SEVEN, ("LATER 7", "later at 7", "remind me at 7", "luego a las 7", "recuérdame a las 7")),
        (Later(time(19)), (
            "LATER 7PM", "later 7 p", "later 7 pm", "later 19:00", "más tarde a las 7 de la noche", "Later, 7pm",
            "later 7 p.m.",
        )),
        (Later(time(12)), ("later at noon", "luego al mediodía", "LATER 12PM")),
        (Note(""), (
            "did 2", "I did 2", "ya hice 2", "My left one aches", "just 2", "only 2", "solo 2", "not done",
            "didn't do it", "almost done", "maybe done", "will do", "yes", "sick of this", "hoy no mucho dolor",
            "hoy no duele mucho", "not sick", "no. 5", "done yesterday", "done all but one", "tomorrow", "mañana",
            "😀", "a las 7", "7pm",
        )),
    ],
    "habit": [
        (Done(2), ("DONE 2", "done #2", "2 done", "hecho 2", "done number 2", "done item 2", "done no. 2")),
        (Done(), ("done", "👍", "all done", "ya")),
        (PainScore(2, also_done=True), ("done, pain 2",)),
        (Note(""), ("yes", "no", "done 99", "done 1-3", "just 2", "👎")),
    ],
    "why": [
        (Why(2), ("WHY 2", "2", "why #2", "reason 2", "Motivo 2", "por qué 2", "2 please", "why 2.")),
        (PainScore(7), ("7", "a 7 today")),
        (PainScore(3), ("pain 3",)),
        (Note(""), ("why", "11", "4 or 5", "too busy", "2 kids at home", "why 2 miles", "2 why")),
    ],
    None: [
        (Undo(), ("UNDO", "undo that", "deshacer", "Undo please")),
        (Keyword("easy"), ("EASY", "fácil", "Easy please")),
        (Keyword("pause"), ("PAUSE", "pausa", "pausar")),
        (Keyword("back"), ("BACK", "I'm back", "volver", "vuelvo")),
        (Keyword("daily"), ("DAILY", "diario", "cada día")),
        (Keyword("keep"), ("KEEP", "keep it", "mantener", "déjalo así")),
        (Keyword("change_back"), ("CHANGE BACK", "change it back please", "como antes")),
        (Why(3), ("WHY 3", "por que 3", "razón 3", "why three")),
        (NewTime(time(19)), ("TIME 7PM", "time 19:00", "change my time to 7 pm please", "hora 7 de la noche")),
        (NewTime(time(7, 30), True), ("time 7:30", "new time: 7:30", "nueva hora a las 7:30")),
        (Start(), ("START", "unstop", "empezar", "opt in", "start again")),
        (Help(), ("HELP", "info", "ayuda")),
        (Note(""), (
            "why not", "back to work", "daily walk", "keep 4", "easy 4", "sick", "no time", "no", "👍", "hello",
            "Thank you!", "pause and daily", "undo 4", "time", "time 25", "time 7 or 8", "no time 7",
        )),
    ],
}  # fmt: skip


def readings(text: str, asked: str | None, locale: str = "en") -> Readings:
    return read_reply(text, asked=asked, locale=locale)


def summary(read: Readings) -> str:
    """As the corpus writes it: a Note beside an answer is left out, it keeps the words and changes nothing."""
    told = [_told(reading) for reading in read if not isinstance(reading, Note)]
    return " ".join(told) or "note"


def _told(reading: Reading) -> str:
    match reading:
        case PainScore():
            return " ".join(filter(None, (str(reading.score), reading.side, "done" if reading.also_done else None)))
        case Done(item=item):
            return f"done {item}" if item else "done"
        case Skip(reason=reason):
            return f"skip {reason}" if reason else "skip"
        case Later(at=at):
            return f"later {at:%H:%M}" if at else "later"
        case OutOfRange() | TwoNumbers():
            return "ask"
        case Keyword(name=name):
            return name
        case Why(number=number):
            return f"why {number}"
        case _:
            return type(reading).__name__.lower()


def test_every_phrase_of_the_table_is_read_as_it_was_written_down() -> None:
    wrong = []
    for asked, rows in READINGS.items():
        for expected, texts in rows:
            for text in texts:
                wanted = (Note(text.strip()),) if isinstance(expected, Note) else (expected,)
                if readings(text, asked) != wanted:
                    wrong.append((asked, text, readings(text, asked)))
    assert wrong == []
    assert sum(len(texts) for rows in READINGS.values() for _, texts in rows) >= 300


def test_nineteen_in_twenty_unseen_replies_are_read_right_and_of_the_rest_nothing_is_stored() -> None:
    read = [(text, wanted, summary(readings(text, asked, locale))) for asked, locale, text, wanted in CORPUS]
    missed = [(text, wanted, got) for text, wanted, got in read if got != wanted]
    assert [miss for miss in missed if miss[2] not in ("note", "ask", "danger")] == []
    assert (len(CORPUS), len(missed)) == (318, 3)
    assert 1 - len(missed) / len(CORPUS) >= 0.95
