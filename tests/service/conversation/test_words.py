"""The words that end texts, the words that alert, and the tables themselves."""

import json
from pathlib import Path

from service import catalogue
from service.conversation.grammar import read_reply
from service.conversation.rules import Danger, Done, Note, PainScore, Reading, Stop
from service.conversation.words import answers, marks, places
from service.diary.rules import SkipReason

CATALOGUE = json.loads((Path(catalogue.__file__).parent / "data" / "pain.json").read_text())


def read(text: str, asked: str | None = None) -> list[Reading]:
    return list(read_reply(text, asked=asked))


STOPS = [
    "STOP", "stop", "Stop.", "STOP!!!", " stop ", "“Stop”", "#STOP", "ＳＴＯＰ", "STOPALL", "STOP ALL",
    "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "OPT OUT", "Opt-out", "end.", "Quit please",
    "please cancel", "Stop please", "pls stop", "please stop now", "stop it", "stop this", "stop that please",
    "STOP already", "just stop", "ok stop", "stop stop stop", "stop thanks", "stop today", "stop everything",
    "no, stop", "NO STOP", "stop 🛑", "🛑", "stop 😡", "stopp", "sotp", "unsub", "unsubcribe",
    "unsuscribe me",
    "Unsubscribe me from this list", "Stop texting me", "Stop texting me pls", "stop txting me",
    "STOP MESSAGING ME", "Please stop sending me these texts", "stop sending these", "stop all texts",
    "stop the reminders", "stop your messages", "stop with the texts", "stop contacting me",
    "quit texting me", "quit bothering me", "end texts", "cancel texts", "Cancel my subscription",
    "cancel the reminders please", "turn off the reminders", "cease and desist", "no more texts",
    "No more texts please", "no more messages", "no more of these messages", "no more", "No more. Thanks",
    "S T O P", "stop_all", "STOP2END", "delete me", "cancel everything", "I would like you to stop",
    "don't text", "I don't want this anymore", "no me interesa",
    "quiero parar", "dejar de recibir mensajes", "cancelen mi suscripción", "parar mensajes", "Don't text me",
    "dont text me anymore", "do not text me again", "Do not contact me", "please don't message me",
    "never text me again", "don't send me any more texts", "do not send me anything",
    "I don't want these texts", "I do not want any more messages", "I no longer want to get your texts",
    "don't want texts", "I want to stop receiving messages", "I want to opt out", "please opt me out",
    "I would like to stop", "I want out", "I quit", "take me off your list", "Take me off this list!",
    "remove me", "remove me from your list", "Please remove my number", "delete my number", "lose my number",
    "wrong number", "you have the wrong person", "leave me alone", "I revoke my consent",
    "I withdraw my consent", "not interested", "I'm done with these texts", "I am tired of these messages",
    "can you stop texting me", "will you please stop sending texts", "I said STOP", "I told you to STOP",
    "My hip hurts. STOP", "hello, stop", "stop\n\nSent from my phone", "enough", "halt", "parar", "PARE",
    "paren", "para", "alto", "basta", "¡Basta ya!", "ya basta", "fin", "baja", "salir", "cancelar",
    "Cancelen", "detener", "no más", "no mas", "ya no más", "no más mensajes", "No mas mensajes por favor",
    "dar de baja", "darme de baja", "dame de baja", "quiero darme de baja", "quiero la baja",
    "no me escriban", "no me escriban más", "no me manden mensajes", "No me envíen más mensajes",
    "no me mandes más textos", "por favor no me molesten", "no quiero más mensajes", "ya no quiero mensajes",
    "no quiero recibir mensajes", "no deseo recibir más recordatorios", "no quiero que me escriban",
    "dejen de enviar mensajes", "Dejen de escribirme", "deja de mandarme mensajes", "deje de molestarme",
    "paren los mensajes", "basta de mensajes", "cancelar suscripción", "cancelen los recordatorios",
    "quítame de la lista", "bórrenme de la lista", "eliminen mi número", "sáquenme de esta lista",
    "déjenme en paz", "déjame en paz", "número equivocado", "persona equivocada", "revoco mi consentimiento",
    "stop ur texts", "Stop w/ the texts", "no more of this", "S.T.O.P", "STOP 2 END", "I don't consent",
    "turn this off",
    "you don't have permission to text me", "cancel my account", "no longer interested", "please discontinue",
    "no quiero seguir recibiendo esto",
    "no autorizo mensajes", "ya no quiero nada", "no deseo más", "quiero cancelar",
    "sáquenme", "no molesten", "desactivar", "no gracias, no más",
    "desuscribir", "stop mensajes", "stop por favor", "para ya", "alto por favor",
]  # fmt: skip


def test_stop_in_any_reasonable_words_is_heard() -> None:
    assert [(text, asked) for text in STOPS for asked in ("check_in", None) if read(text, asked)[0] != Stop()] == []


def test_a_plain_stop_is_nothing_else() -> None:
    for text in ["STOP", "Stop please", "stop texting me pls", "UNSUBSCRIBE", "no más mensajes", "alto"]:
        assert read(text) == [Stop()]


NO_STOPS = [
    "hurts when I stop", "pain 4 when I stop", "I had to stop halfway", "I HAD TO STOP HALFWAY",
    "It hurts when I STOP",
    "THE BUS WILL STOP HERE",
    "the pain doesn't stop", "it won't stop hurting", "don't stop", "Don't stop texting me",
    "please never stop the reminders", "never stop", "why did you stop texting me?",
    "if I stop getting texts what do I do", "bus stop", "I can't stop limping",
    "pain 4 at the end of the day", "the end", "weekend 4", "cancel my appointment",
    "can you cancel Tuesday", "I don't want to miss my reminders", "I got no messages today",
    "you never text me", "stop for today", "7, alto", "alto 7", "dolor baja a 3", "para caminar 4",
    "dolor al parar 4", "no paren los mensajes", "no dejen de enviar mensajes",
    "no me mandaron el mensaje", "no quiero perder mensajes", "quit smoking", "i end up sitting", "ended",
    "stopped", "nonstop", "stopwatch", "I want it to stop", "end it", "No me enviaron nada",
    "too many texts",
]  # fmt: skip


def test_stop_about_something_else_is_not_an_opt_out() -> None:
    assert [text for text in NO_STOPS if Stop() in read(text)] == []


BESIDE_STOP: list[tuple[str, list[Reading]]] = [
    ("7 STOP", [Stop(), PainScore(7)]),
    ("7 stop please", [Stop(), PainScore(7)]),
    ("7 and stop", [Stop(), PainScore(7)]),
    ("STOP 7", [Stop(), PainScore(7)]),
    ("7. Stop.", [Stop(), PainScore(7)]),
    ("7 R car STOP", [Stop(), PainScore(7, side="right", aggravators=("driving",))]),
    ("7 CANCEL", [Stop(), PainScore(7)]),
    ("7 END", [Stop(), PainScore(7)]),
    ("Done. stop texting me", [Stop(), Done()]),
    ("7.5 stop", [Stop(), PainScore(8, rounded=True)]),
    ("stop texting me 7", [Stop(), PainScore(7)]),
    ("7 no más mensajes", [Stop(), PainScore(7)]),
    ("STOP START", [Stop()]),
    ("stop. start", [Stop()]),
    ("STOP. The plan is too long", [Stop(), Note("STOP. The plan is too long")]),
]


def test_stop_stands_beside_what_else_the_text_says() -> None:
    assert [text for text, expected in BESIDE_STOP if read(text) != expected] == []


# Danger.


DANGERS = [
    ("I fell", ("fell",)),
    ("can't walk", ("cant walk",)),
    ("I cannot put weight on it", ("cannot put weight",)),
    ("I have a fever and my foot is numb", ("fever", "numb")),
    ("this is killing me", ("killing",)),
    ("I want to die", ("want to die",)),
    ("chest pain", ("chest pain",)),
    ("call 911", ("911",)),
    ("me caí", ("cai",)),
    ("tengo fiebre", ("fiebre",)),
    ("no puedo caminar", ("no puedo caminar",)),
    ("pierna adormecida", ("adormecida",)),
    ("quiero morirme", ("quiero morirme",)),
]


def test_danger_words_are_named_and_the_text_is_kept() -> None:
    assert [text for text, found in DANGERS if read(text) != [Danger(found), Note(text)]] == []


BESIDE_DANGER: list[tuple[str, list[Reading]]] = [
    ("7 and I fell", [Danger(("fell",)), PainScore(7)]),
    ("6 fell on the stairs", [Danger(("fell",)), PainScore(6)]),
    ("9 fever", [Danger(("fever",)), PainScore(9)]),
    ("DONE but I fell", [Danger(("fell",)), Done()]),
    ("STOP. I fell", [Stop(), Danger(("fell",))]),
    ("no fever, 4", [Danger(("fever",))]),
]


def test_a_score_beside_danger_is_stored_without_place_or_cause() -> None:
    assert [text for text, expected in BESIDE_DANGER if read(text) != [*expected, Note(text)]] == []


def test_falling_asleep_is_not_a_fall() -> None:
    assert read("I fell asleep") == [Note("I fell asleep")]
    assert read("fell asleep then fell") == [Danger(("fell",)), Note("fell asleep then fell")]


def test_places_causes_and_reasons_are_the_codes_that_are_stored() -> None:
    assert set(places.SITES) == {location["id"] for location in CATALOGUE["locations"]}
    assert set(" ".join(places.AGGRAVATORS).split()) == set(CATALOGUE["timing"])
    assert set(answers.SKIP_REASONS) == set(SkipReason)


def test_no_phrase_stands_in_two_tables_or_can_never_be_reached() -> None:
    by_code = [places.SITES, places.AGGRAVATORS, places.SIDES, answers.NUMBERS, answers.SKIP_REASONS, answers.COMMANDS]
    tables = [table for codes in by_code for table in codes.values()]
    tables += [
        places.VAGUE,
        answers.SCALE,
        answers.HALF,
        answers.ACHE,
        answers.POLITE,
        answers.FILLERS,
        answers.ITEM,
        answers.MOTIVE,
        answers.PAINLESS,
        answers.MEANT,
    ]
    tables += [answers.DONE, answers.SOME, answers.SKIP]
    phrases = [phrase for table in tables for phrase in table.split("|")]
    assert sorted(phrases) == sorted(set(phrases))
    for phrase in phrases:
        assert phrase == marks.fold(phrase)
        assert not marks.DROPPED & set(phrase.split())
        assert len(phrase.split()) <= marks.LONGEST
