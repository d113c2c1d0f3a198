"""Readings by kind: scores with their detail, progress, what was asked, and what only a person can read."""

from datetime import time

from service.conversation.grammar import read_reply
from service.conversation.rules import (
    Done,
    Help,
    Keyword,
    Later,
    Note,
    OutOfRange,
    PainScore,
    Reading,
    Skip,
    Some,
    Start,
    Stop,
    TwoNumbers,
    Undo,
    Why,
)
from service.diary.rules import SkipReason


def read(text: str, asked: str | None = None) -> list[Reading]:
    return list(read_reply(text, asked=asked))


SCORES = [
    ("4", 4), (" 4 ", 4), ("4.", 4), ("4!", 4), ("(4)", 4), ("04", 4), ("4/10", 4), ("4 / 10", 4),
    ("4 out of 10", 4), ("4 of 10", 4), ("four", 4), ("Four out of ten", 4), ("pain 4", 4), ("Pain: 4", 4),
    ("pain - 4", 4), ("pain=4", 4), ("about a 4", 4), ("It's a 4 today", 4), ("I'd say 4", 4),
    ("I think it's about 4 right now", 4), ("4 thanks!", 4), ("Hi, 4 please", 4), ("~4", 4), ("4ish", 4),
    ("4\ufe0f\u20e3", 4), ("4 🙂", 4), ("4\n", 4), ("0", 0), ("zero", 0), ("no pain", 0),
    ("No pain today!", 0), ("10", 10), ("10/10", 10), ("ten", 10), (" 10 ", 10), ("10.0", 10), ("7", 7),
    ("7/10", 7), ("７", 7), ("１０", 10), ("٧", 7), ("۷", 7), ("१०", 10), ("４／１０", 4), ("Still a 5", 5),
    ("6 really bad today", 6), ("5, same", 5), ("4 better than yesterday", 4), ("4 4", 4), ("yes 4", 4),
    ("5 no change", 5), ("cuatro", 4), ("Un 4", 4), ("como un 4", 4), ("dolor 6", 6), ("Me duele un 6", 6),
    ("6 de 10", 6), ("6 sobre 10", 6), ("hoy 3", 3), ("Hola, hoy es un tres", 3), ("creo que un siete", 7),
    ("diez", 10), ("sin dolor", 0), ("más o menos 5", 5), ("5 gracias", 5), ("nivel 2", 2),
]  # fmt: skip

WITH_DETAIL = [
    ("6 R car", PainScore(6, side="right", aggravators=("driving",))),
    ("R6 car", PainScore(6, side="right", aggravators=("driving",))),
    ("car 6 R", PainScore(6, side="right", aggravators=("driving",))),
    ("6 l", PainScore(6, side="left")),
    ("left 5", PainScore(5, side="left")),
    ("5 on the left side", PainScore(5, side="left")),
    ("5 both hips", PainScore(5, side="both")),
    ("5 left and right", PainScore(5, side="both")),
    ("4 L 4 R", PainScore(4, side="both")),
    ("6 right hip", PainScore(6, side="right")),
    ("6 right now", PainScore(6)),
    ("6 groin", PainScore(6, sites=("groin_front",))),
    ("3 right buttock", PainScore(3, side="right", sites=("deep_buttock",))),
    ("5 upper buttock", PainScore(5, sites=("si_upper_buttock",))),
    ("6 left outer hip", PainScore(6, side="left", sites=("lateral_hip",))),
    ("7 lower back and groin", PainScore(7, sites=("low_back", "groin_front"))),
    ("6 back", PainScore(6, sites=("low_back",))),
    ("4 back of the thigh", PainScore(4, sites=("posterior_thigh",))),
    ("5 sit bone, sitting", PainScore(5, sites=("sit_bone",), aggravators=("sitting",))),
    ("3 outer thigh", PainScore(3, sites=("lateral_thigh",))),
    ("2 outer knee running", PainScore(2, sites=("lateral_knee",), aggravators=("running",))),
    ("3 calf", PainScore(3, sites=("calf",))),
    ("6 stairs", PainScore(6, aggravators=("stairs_up", "stairs_down"))),
    ("6 going up the stairs", PainScore(6, aggravators=("stairs_up",))),
    ("6 downstairs", PainScore(6, aggravators=("stairs_down",))),
    ("6 when walking", PainScore(6, aggravators=("walking",))),
    ("Walking hurts 6", PainScore(6, aggravators=("walking",))),
    ("5 on one leg", PainScore(5, aggravators=("standing_on_one_leg",))),
    ("5 getting up from a chair", PainScore(5, aggravators=("rising_from_chair",))),
    ("8 at night", PainScore(8, aggravators=("night_any_position",))),
    ("8 lying on my side at night", PainScore(8, aggravators=("night_lying_on_side",))),
    ("7 lying on it", PainScore(7, aggravators=("lying_on_sore_side",))),
    ("4 crossed legs, driving", PainScore(4, aggravators=("crossing_legs", "driving"))),
    ("4 coughing", PainScore(4, aggravators=("coughing_or_straining",))),
    ("3.5 R car", PainScore(4, rounded=True, side="right", aggravators=("driving",))),
    ("6 derecha coche", PainScore(6, side="right", aggravators=("driving",))),
    ("6 cadera izquierda", PainScore(6, side="left")),
    ("un 6 en el lado izquierdo al caminar", PainScore(6, side="left", aggravators=("walking",))),
    ("7 ambos lados", PainScore(7, side="both")),
    ("5 nalga al subir escaleras", PainScore(5, sites=("deep_buttock",), aggravators=("stairs_up",))),
    ("7 cuando manejo", PainScore(7, aggravators=("driving",))),
    ("4 escaleras", PainScore(4, aggravators=("stairs_up", "stairs_down"))),
    ("6 ingle manejando", PainScore(6, sites=("groin_front",), aggravators=("driving",))),
    ("5 por la noche", PainScore(5, aggravators=("night_any_position",))),
    ("5 espalda baja sentado", PainScore(5, sites=("low_back",), aggravators=("sitting",))),
    ("3 pantorrilla izq", PainScore(3, side="left", sites=("calf",))),
    ("DONE 4", PainScore(4, also_done=True)),
    ("Done, pain 4", PainScore(4, also_done=True)),
    ("all done. 6 R car", PainScore(6, side="right", aggravators=("driving",), also_done=True)),
    ("hecho 4", PainScore(4, also_done=True)),
]  # fmt: skip

# What somebody means whose texts are Spanish.
SPANISH: list[tuple[str, list[Reading]]] = [
    ("6 D coche", [PainScore(6, side="right", aggravators=("driving",))]),
    ("6d coche", [PainScore(6, side="right", aggravators=("driving",))]),
    ("6, d", [PainScore(6, side="right")]),
    ("D 6 coche", [PainScore(6, side="right", aggravators=("driving",))]),
    ("3,5 I", [PainScore(4, rounded=True, side="left")]),
    ("6/10 i sentado", [PainScore(6, side="left", aggravators=("sitting",))]),
    ("4 D 4 I", [PainScore(4, side="both")]),
    ("Hecho 4 D", [PainScore(4, side="right", also_done=True)]),
    ("4 D STOP", [Stop(), PainScore(4, side="right")]),
    ("6 derecha coche", [PainScore(6, side="right", aggravators=("driving",))]),
]  # fmt: skip
# A short "de", a side told in full beside it, and English all the same: never a guess.
SPANISH_NOTES = ("6 d la cadera", "6 d cadera izquierda", "dolor d 6 coche", "6 i think", "d", "i", "6 d 10")

ROUNDED = [
    ("3.5", 4), ("3,5", 4), ("3.4", 3), ("3½", 4), ("3 1/2", 4), ("three and a half", 4), ("0.5", 1),
    (".5", 1), ("9.5", 10), ("3.5/10", 4), ("seis y medio", 7),
]  # fmt: skip

ASK = [
    ("11", OutOfRange()), ("-1", OutOfRange()), ("pain -4", OutOfRange()), ("100", OutOfRange()),
    ("11/10", OutOfRange()), ("10.5", OutOfRange()), ("eleven", OutOfRange()), ("veinte", OutOfRange()),
    ("−2", OutOfRange()), ("9" * 400, OutOfRange()), ("3-4", TwoNumbers()), ("3 or 4", TwoNumbers()),
    ("3–4", TwoNumbers()), ("3, 4", TwoNumbers()), ("3/4", TwoNumbers()), ("7 or 8", TwoNumbers()),
    ("between 3 and 4", TwoNumbers()), ("left 6 right 4", TwoNumbers()), ("3 o 4", TwoNumbers()),
    ("entre 5 y 6", TwoNumbers()), ("3,4", TwoNumbers()), ("4/100", TwoNumbers()), ("4 three", TwoNumbers()),
]  # fmt: skip

PROGRESS: list[tuple[str, list[Reading]]] = [
    ("DONE", [Done()]), ("done!", [Done()]), ("Done, thanks", [Done()]), ("did it", [Done()]),
    ("I did it", [Done()]), ("All done 🙂", [Done()]), ("I did all of it today", [Done()]),
    ("I'm done", [Done()]), ("I did my exercises", [Done()]), ("finished", [Done()]), ("hecho", [Done()]),
    ("¡Listo!", [Done()]), ("ya lo hice", [Done()]), ("terminé", [Done()]), ("Todo hecho, gracias", [Done()]),
    ("DONE #2", [Done(2)]), ("done item 3", [Done(3)]), ("SOME", [Some()]), ("half", [Some()]),
    ("did half of it", [Some()]), ("la mitad", [Some()]), ("some 4", [Some(), PainScore(4)]),
    ("SKIP", [Skip()]), ("not today", [Skip()]), ("Not today, sorry", [Skip()]),
    ("SKIP sick", [Skip(SkipReason.UNWELL)]), ("skip, no time", [Skip(SkipReason.NO_TIME)]),
    ("Skip it hurts too much", [Skip(SkipReason.HURTS)]), ("skip pain", [Skip(SkipReason.HURTS)]),
    ("skip, I don't know how", [Skip(SkipReason.UNSURE_HOW)]), ("skip no band", [Skip(SkipReason.NO_GEAR)]),
    ("skip on vacation", [Skip(SkipReason.AWAY)]),
    ("Skip today, too sore, 8", [Skip(SkipReason.HURTS), PainScore(8)]), ("hoy no", [Skip()]),
    ("Hoy no, estoy enferma", [Skip(SkipReason.UNWELL)]),
    ("hoy no puedo, sin tiempo", [Skip(SkipReason.NO_TIME)]), ("LATER", [Later()]), ("snooze", [Later()]),
    ("later please", [Later()]), ("Remind me later", [Later()]), ("luego", [Later()]),
    ("más tarde", [Later()]), ("LATER 7PM", [Later(time(19))]), ("later at 7:30 pm", [Later(time(19, 30))]),
    ("later 12 am", [Later(time(0))]), ("LATER 7", [Later(time(7), either_half=True)]),
    ("later 19:30", [Later(time(19, 30))]), ("later 07:00", [Later(time(7))]),
    ("luego a las 7 de la tarde", [Later(time(19))]),
    ("recuérdame a las 8", [Later(time(8), either_half=True)]), ("UNDO", [Undo()]), ("undo that", [Undo()]),
    ("deshacer", [Undo()]), ("EASY", [Keyword("easy")]), ("Pause please", [Keyword("pause")]),
    ("BACK", [Keyword("back")]), ("I'm back", [Keyword("back")]), ("daily", [Keyword("daily")]),
    ("fácil", [Keyword("easy")]), ("pausa", [Keyword("pause")]), ("volver", [Keyword("back")]),
    ("WHY 2", [Why(2)]), ("why #3 thanks", [Why(3)]), ("por qué 4", [Why(4)]), ("motivo uno", [Why(1)]),
    ("KEEP", [Keyword("keep")]), ("Change back please", [Keyword("change_back")]),
    ("mantener", [Keyword("keep")]), ("como antes", [Keyword("change_back")]),
    ("diario", [Keyword("daily")]), ("START", [Start()]), ("unstop", [Start()]), ("empezar", [Start()]),
    ("HELP", [Help()]), ("info", [Help()]), ("Help!", [Help()]), ("ayuda", [Help()]),
]  # fmt: skip


def test_a_number_in_any_usual_form_is_a_score() -> None:
    assert [(text, read(text)) for text, expected in SCORES if read(text) != [PainScore(expected)]] == []


def test_a_score_takes_its_side_place_and_cause_from_the_same_text() -> None:
    assert [(text, read(text)) for text, expected in WITH_DETAIL if read(text) != [expected]] == []


def test_half_points_are_rounded_and_say_so() -> None:
    assert [(text, read(text)) for text, expected in ROUNDED if read(text) != [PainScore(expected, rounded=True)]] == []


def test_a_whole_number_written_with_a_point_is_not_rounded() -> None:
    assert read("4.0") == [PainScore(4)]


def test_a_number_that_cannot_be_a_score_or_two_of_them_are_asked_about() -> None:
    assert [(text, read(text)) for text, expected in ASK if read(text) != [expected]] == []


def test_words_say_what_was_done_or_wanted() -> None:
    assert [(text, read(text)) for text, expected in PROGRESS if read(text) != expected] == []


# Answers that depend on what was asked.


ANSWERS_TO: list[tuple[str, str | None, list[Reading]]] = [
    ("no", "plan", [Skip()]),
    ("No thanks", "plan", [Skip()]),
    ("no", "check_in", [Note("no")]),
    ("no", None, [Note("no")]),
    ("👍", "plan", [Done()]),
    ("👍🏽", "habit", [Done()]),
    ("👍", "check_in", [Note("👍")]),
    ("👍", None, [Note("👍")]),
    ("ya", "plan", [Done()]),
    ("ya", None, [Note("ya")]),
    ("none", "check_in", [PainScore(0)]),
    ("nada", "check_in", [PainScore(0)]),
    ("none", "plan", [Note("none")]),
    ("DONE 2", "habit", [Done(2)]),
    ("done 1 and 3", "habit", [Done(1), Done(3)]),
    ("done 1, 3", "habit", [Done(1), Done(3)]),
    ("done 1-3", "habit", [Note("done 1-3")]),
    ("done 99", "habit", [Note("done 99")]),
    ("done pain 2", "habit", [PainScore(2, also_done=True)]),
    ("DONE 2", "plan", [PainScore(2, also_done=True)]),
    ("5", "habit", [PainScore(5)]),
    ("stairs 6", "check_in", [PainScore(6, aggravators=("stairs_up", "stairs_down"))]),
    ("walk 4", None, [Note("walk 4")]),
    ("walk 4", "something new", [Note("walk 4")]),
]


def test_some_words_mean_something_only_as_an_answer() -> None:
    assert [(text, asked) for text, asked, expected in ANSWERS_TO if read(text, asked) != expected] == []


# Never guessed.

NOTES = [
    "", "   ", "ok", "thanks", "Oh, very nice, thanks", "yes", "YES", "hello", "🙂", "...", "?",
    "see you Monday", "I walked 4 miles", "my 2 kids are ill", "call me at 4pm", "4th of July",
    "3 sets of 10", "4 x 10", "4+", ">4", "#4", "not 4", "4 yesterday", "not done", "almost done",
    "done yesterday", "done 3/4", "done 2 of 4", "done all but one", "done with this nonsense",
    "skip to the end", "sick", "no time", "forgot", "right hip", "car", "start work at nine",
    "my new phone is 555-0100", "easy 4", "help with my plan", "pause and daily", "later 25",
    "later maybe tomorrow", "did 4 today", "half an hour walk", "4 half", "and a half",
    "Ich habe Schmerzen", "疼", "http://example.com/4", "no mames 4", "nada mal 4", "ayer 4", "once",
    "no pain no gain", "DONE SKIP", "skip sick and busy", "item 2", "can't complain", "i walk 3",
    "back to work", "text me the address", "4 or so miles", "why", "why 2 miles", "why 1 or 2", "why 10", "why me",
    "It takes 20 min",
]  # fmt: skip


def test_everything_else_is_a_note_for_a_person() -> None:
    assert [(text, read(text)) for text in NOTES if read(text) != [Note(text.strip())]] == []


WITH_MORE: list[tuple[str, list[Reading]]] = [
    ("4. Slept badly", [PainScore(4)]),
    ("4, slept badly", [PainScore(4)]),
    ("4\nslept badly", [PainScore(4)]),
    ("6 R because I sat in the cinema", [PainScore(6, side="right")]),
    ("6 pero ayer fue peor", [PainScore(6)]),
    ("Hi. 4. Slept badly", [PainScore(4)]),
    ("DONE. The band broke", [Done()]),
    ("DONE but my shoulder is stiff", [Done()]),
    ("DONE. took 10 minutes", [Done()]),
    ("Skip. Visiting my sister", [Skip()]),
    ("Done, easy", [Done()]),
    ("skip I forgot", [Skip()]),
    ("6 right knee", [PainScore(6, side="right")]),
    ("6 thigh", [PainScore(6)]),
    ("6 sharp", [PainScore(6)]),
    ("5 esta tarde", [PainScore(5)]),
    ("4, no sorry I meant 5", [TwoNumbers()]),
    ("3 or 4 because of work", [TwoNumbers()]),
    ("4. walked 2 miles", [TwoNumbers()]),
    ("help me", [Help()]),
    ("necesito ayuda", [Help()]),
]


def test_an_answer_with_more_beside_it_keeps_the_whole_text_as_a_note() -> None:
    assert [text for text, expected in WITH_MORE if read(text) != [*expected, Note(text)]] == []


def test_a_letter_beside_the_number_is_a_side_in_spanish() -> None:
    for text, expected in SPANISH:
        assert list(read_reply(text, asked="check_in", locale="es")) == expected


def test_a_letter_that_may_be_another_word_is_no_side() -> None:
    for text in SPANISH_NOTES:
        readings = read_reply(text, asked="check_in", locale="es")
        assert [one for one in readings if isinstance(one, PainScore) and one.side is not None] == [], text


def test_a_letter_is_no_side_in_english() -> None:
    for text in ["6 D coche", "6 I", "D 6"]:
        readings = read_reply(text, asked="check_in")
        assert [one for one in readings if isinstance(one, PainScore) and one.side is not None] == [], text
