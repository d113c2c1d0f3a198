"""The words people text, English and Spanish, and how a spelling is brought to one form.

Phrases are separated by bars and written as after `fold`, without the words in DROPPED. The longest one that
fits wins. A word in no table is unknown, and a text with an unknown word is kept for a person to read.
The letters d and i (derecha, izquierda) stand for a side only to somebody who writes Spanish, and beside a number.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

LONGEST: Final = 5
DROPPED: Final = frozenset(("a", "an", "the", "my", "el", "la", "las", "los", "mi", "mis"))

# Codes of pain.locations in the catalogue. A word that could be two of them ("thigh") is in VAGUE.
SITES: Final[Mapping[str, str]] = {
    "lateral_hip": "outer hip|outside hip|outside of hip|side of hip|lateral hip|cadera externa"
    "|cadera lateral|lado de cadera|costado de cadera|parte externa de cadera",
    "deep_buttock": "buttock|buttocks|butt|bum|butt cheek|glute|glutes|nalga|nalgas|gluteo|gluteos",
    "groin_front": "groin|front hip|front of hip|ingle|frente de cadera|parte delantera de cadera",
    "si_upper_buttock": "upper buttock|upper butt|top of butt|si joint|sacroiliac|sacrum|sacro|sacroiliaca",
    "low_back": "low back|lower back|lumbar|espalda|espalda baja|zona lumbar|lumbares",
    "posterior_thigh": "back thigh|back of thigh|back of leg|hamstring|hamstrings|hammy|isquio|isquios"
    "|isquiotibial|isquiotibiales|detras del muslo|parte trasera del muslo",
    "sit_bone": "sit bone|sit bones|sitbone|sitting bone|sitz bone|isquion",
    "lateral_thigh": "outer thigh|outside thigh|outside of thigh|side of thigh|it band|itb|muslo externo"
    "|lado del muslo|parte externa del muslo|banda iliotibial",
    "lateral_knee": "outer knee|outside knee|outside of knee|side of knee|rodilla externa|lado de rodilla",
    "front_thigh_knee": "front thigh|front of thigh|front of leg|front knee|front of knee|quad|quads"
    "|cuadriceps|muslo delantero|delante del muslo|parte delantera del muslo",
    "calf": "calf|calves|pantorrilla|pantorrillas|gemelo|gemelos",
    "heel_foot": "heel|heels|foot|feet|talon|talones|pie|pies",
    "groin_pelvic": "pelvis|pelvic|pelvic area|pelvica|zona pelvica",
}

# Codes of pain.timing in the catalogue. A word without a direction ("stairs") gives both codes.
AGGRAVATORS: Final[Mapping[str, str]] = {
    "on_waking": "waking|waking up|wake up|woke up|despertar|despertarme",
    "first_steps": "first steps|first step|primeros pasos",
    "morning": "morning|mornings|por manana|en manana|esta manana|mananas",
    "during_day": "daytime|all day|during day|todo dia|durante dia",
    "evening": "evening|evenings",
    "night_lying_on_side": "lying on side at night|on side at night|side at night|de lado por noche",
    "night_any_position": "night|nights|bed|sleeping|noche|noches|cama|durmiendo",
    "sitting": "sitting|sit|sat|desk|chair|couch|sofa|sentado|sentada|sentarme|silla|escritorio",
    "rising_from_chair": "getting up|get up|getting up from chair|standing up|stand up|out of chair|rising"
    "|getting out of chair|levantarme|levantarme de silla|ponerme de pie",
    "walking": "walking|walk|caminar|caminando|camino|andar|andando",
    "running": "running|run|jogging|correr|corriendo",
    "cycling": "cycling|bike|biking|bicycle|bici|bicicleta",
    "stairs_up stairs_down": "stairs|escaleras|escalera|stairs up and down|up and down stairs",
    "stairs_up": "stairs up|up stairs|upstairs|climbing stairs|climb stairs|go up stairs|go upstairs"
    "|subir escaleras|subiendo escaleras|subo escaleras",
    "stairs_down": "stairs down|down stairs|downstairs|go down stairs|go downstairs|bajar escaleras"
    "|bajando escaleras|bajo escaleras",
    "standing_long": "standing|stand|standing long|long standing|standing still|de pie",
    "standing_on_one_leg": "one leg|standing on one leg|single leg|una pierna",
    "lying_on_sore_side": "lying on it|lying on side|lying on sore side|laying on it|laying on side"
    "|sleeping on it|sleeping on side|de lado|dormir de lado|acostado de lado|acostada de lado",
    "crossing_legs": "crossing legs|crossed legs|cross legs|legs crossed|cross legged|cruzar piernas"
    "|piernas cruzadas|cruzando piernas",
    "driving": "car|driving|drive|truck|coche|carro|auto|manejar|manejando|manejo|conducir|conduciendo",
    "coughing_or_straining": "cough|coughing|sneeze|sneezing|straining|tos|toser|estornudar|estornudo",
}

# Part of an answer, but naming no one code: the answer is read, and the text is kept as a note too.
VAGUE: Final = (
    "leg|legs|thigh|thighs|knee|knees|pierna|piernas|muslo|muslos|rodilla|rodillas|afternoon|tarde|tardes"
    "|lying|lying down|out of car|getting out of car|getting in car|bajar del coche|salir del coche|sharp"
    "|dull|burning|stabbing|shooting|throbbing|stiff|stiffness|pinching|punzante|agudo|ardor|quemazon|rigidez"
    "|pinchazo|forgot|olvide|me olvide|se me olvido"
)
SIDES: Final[Mapping[str, str]] = {
    "left": "l|lt|left|lhs|izquierda|izquierdo|izq",
    "right": "r|rt|right|rhs|derecha|derecho|der|dcha",
    "both": "both|ambos|ambas|dos lados|dos caderas",
}
SIDE_WORDS: Final = frozenset("|".join(SIDES.values()).split("|")) - {"l", "r"}
LETTERS: Final[Mapping[str, str]] = {"d": "derecha", "i": "izquierda"}
# "6 d la cadera" is a short "de", and whoever goes on with "i think" writes English.
LETTER: Final = (
    r"(?:(?<=\d)[ ,]*|^ *)(?P<letter>[di])\b(?: (?=\d)|(?! ?\d| (?:el|la|los|las|mi|mis|diez|think|feel|say|was|am|did"
    r"|do|have|had|would|will|can|cant|dont|need|want)\b))"
)
_COUNT: Final = (
    "zero|cero|no pain|pain free|sin dolor|nada de dolor,one|uno,two|dos,three|tres,four|cuatro,five"
    "|cinco,six|seis,seven|siete,eight|ocho,nine|nueve,ten|diez|🔟"
)
NUMBERS: Final[Mapping[str, str]] = {str(n): names for n, names in enumerate(_COUNT.split(","))} | {
    "99": "eleven|twelve|fifteen|twenty|hundred|doce|quince|veinte|cien"
}
SCALE: Final = "/ 10|out of 10|out of ten|outta 10|of 10|of ten|de 10|de diez|sobre 10|sobre diez"
HALF: Final = "and half|& half|1 / 2|and 1 / 2|y medio|y media"
ACHE: Final = (
    "pain|pains|hurt|hurts|hurting|sore|ache|aches|aching|some pain|little pain|dolor|dolores|duele|molestia"
    "|algo de dolor|un poco de dolor"
)
POLITE: Final = (
    "please|pls|plz|thanks|thank you|thx|ty|ok|okay|hi|hello|hey|sorry|just|now|good morning|good evening"
    "|por favor|porfa|gracias|muchas gracias|yes|yeah|yep|si|hola|buenos dias|buenas|ahora|perdon"
)
FILLERS: Final = (
    "about|around|roughly|approx|like|maybe|probably|id|say|think|i|im|ive|it|its|is|was|be|at|of|on|in|with"
    "|from|for|and|to|or|between|today|todays|still|only|right now|all right|alright|score|level|number"
    "|rating|ish|feel|feels|feeling|this|that|really|very|so|bad|badly|better|worse|same|worst|than yesterday"
    "|no change|mostly|mainly|when|while|after|during|going|side|sides|hip|hips|all|day|como|mas|menos|unos"
    "|un|una|creo|que|hoy|es|fue|esta|estoy|tengo|siento|me|de|del|en|y|o|con|por|para|al|cuando|despues de"
    "|nivel|numero|lado|lados|cadera|caderas|entre|mucho|muy|mejor|peor|igual|todo|que ayer|sin cambio"
    "|sin cambios"
)
# A slash or a dash between two numbers says nothing: there are two numbers.
PUNCTUATION: Final = frozenset('.,!?:;"()[]~≈*…-/&=¡¿')

DONE: Final = (
    "done|all done|done it|did it|did them|did all|did it all|did all of it|did everything|did exercises"
    "|did plan|finished plan|finished|completed|complete|hecho|todo hecho|lo hice|ya lo hice|hice todo"
    "|hice ejercicios|lo hice todo|listo|lista|termine|ya termine|terminado|completado|ya esta"
)
SOME: Final = (
    "some|some of it|did some|did some of it|half|half of it|did half|did half of it|part|part of it|did part"
    "|partly|mitad|hice mitad|algo|hice algo|una parte|hice una parte|hice un poco"
)
SKIP: Final = "skip|skip it|not today|cant today|hoy no|omitir|saltar|paso|no puedo hoy|hoy no puedo"
# Codes of the diary; a reason it does not know ("forgot") is in VAGUE.
SKIP_REASONS: Final[Mapping[str, str]] = {
    "no_time": "no time|busy|too busy|sin tiempo|no tengo tiempo|ocupado|ocupada",
    "hurts": "hurts too much|too sore|too much pain|duele mucho|mucho dolor|demasiado dolor",
    "unsure_how": "dont know how|not sure how|unsure|no se como",
    "no_gear": "no gear|no band|no equipment|sin banda|sin material|sin equipo",
    "unwell": "sick|ill|unwell|not well|flu|cold|enfermo|enferma|gripe",
    "away": "away|travel|traveling|travelling|vacation|holiday|de viaje|viaje|vacaciones|fuera",
}
# Words that mean something only as an answer to what was asked.
WHEN_ASKED: Final[Mapping[str, Mapping[str, str]]] = {
    "plan": {"skip": "no|nope|no gracias|no thanks", "done": "👍|✅|✔|☑|ya"},
    "habit": {"done": "👍|✅|✔|☑|ya"},
    "check_in": {"0": "none|nothing|ninguno|ninguna|nada"},
}
COMMANDS: Final[Mapping[str, str]] = {
    "undo": "undo|undo that|undo it|deshacer|deshaz",
    "start": "start|unstop|start again|opt in|optin|iniciar|comenzar|empezar|alta|reanudar",
    "help": "help|info|ayuda",
    "help me": "help me|need help|i need help|necesito ayuda|ayudame|ayudenme",
    "easy": "easy|facil",
    "pause": "pause|pausa|pausar",
    "daily": "daily|diario|cada dia",
    "back": "im back|volver|vuelvo|regresar|regreso",
    "keep": "keep|keep it|mantener",
    "change_back": "change back|change it back|como antes",
    **{f"why {number}": f"why {number}|por que {number}|porque {number}" for number in range(1, 6)},
}
ITEM: Final = "#|item|item number|nr"
JOINERS: Final = ", . ! ; and y &"

# From here on these are regular expressions over the folded text, articles included.
LATER: Final = (
    r"(?:later|snooze|remind me(?: later)?|text me later|luego|mas tarde|despues"
    r"|recuerdame(?: luego| mas tarde)?)(?: (?:at|@|by|until|til|a las?|hasta las?))?"
    r"(?: (?P<hour>\d\d?)(?:[:.h](?P<minute>[0-5]\d))? ?(?P<half>am|pm|de la (?:manana|tarde|noche))?)?"
)

# False alarms are preferred to misses; only falling asleep is too common to alert on.
NO_DANGER: Final = r"\bf(?:ell|all|alling) asleep\b"
DANGER: Final = (
    r"\b(?:fell|fall|fallen|gave way|giving way|fever|feverish|chills|numb|numbness|kill|kills|killed|killing"
    r"|suicide|suicidal|(?:want to|wanna) die|end my life|end it all|(?:hurt|harm) myself|self harm"
    r"|better off dead|(?:cant|cannot|can not|couldnt) (?:walk|stand|put weight|bear weight|move|breathe|pee)"
    r"|chest (?:pain|hurts)|short of breath|breathless|wet myself|bladder|bowels?|swollen|swelling|blood"
    r"|bleeding|passed out|fainted|collapsed|emergency|ambulance|hospital|911|112|999"
    r"|cai|caida|caido|no puedo (?:caminar|andar|apoyar|levantarme|moverme|respirar|orinar)|fiebre|calentura"
    r"|escalofrios|entumecid[oa]|entumecimiento|adormecid[oa]|sin sensibilidad|matar|matarme|suicidio"
    r"|suicidarme|quiero morir(?:me)?|quitarme la vida|hacerme dano|dolor (?:de|en el) pecho"
    r"|falta (?:de|el) aire|vejiga|hinchad[oa]|hinchazon|sangre|sangrado|desmaye|desmayo|emergencia"
    r"|urgencias?|ambulancia)\b"
)

# Alone in its clause, with nothing but polite words, each of these ends all texts.
STOP_CLAUSES: Final = (
    "stop|stopp|stpo|sotp|st0p|s t o p|stopall|stop2end|stop to end|stop stop|stop stop stop|end|quit|cancel"
    "|revoke|optout|cease|unsubscribe|unsub|🛑|stop 🛑|stop it|stop this|stop that|stop already|stop all"
    "|stop today|stop everything|cancel all|cancel everything|no stop|i quit|i want to stop"
    "|i want you to stop|i would like to stop|i would like you to stop|i want to quit|i want to cancel"
    "|i want out|not interested|dont text|dont txt|do not text|do not call or text|parar|paren|cancelar"
    "|cancela|cancele|cancelen|detener|detenga|detengan|terminar|suspender|quiero parar|ya basta|basta ya"
    "|para ya|no me interesa"
)
# These have other meanings ("7, alto"), so they must be the whole text.
STOP_ALONE: Final = "alto|baja|basta|enough|fin|halt|para|pare|salir|no more|no mas|ya no mas|ya no quiero"
# At the edges of an answer: "7 R car stop", but not after these words: "hurts when i stop".
STOP_FIRST: Final = "stop|stopp|stopall|unsubscribe|optout|🛑"
STOP_LAST: Final = "stop|stopp|stopall|unsubscribe|optout|end|quit|cancel|revoke|parar|cancelar|🛑"
NOT_BEFORE_STOP: Final = "i|it|to|when|if|not|dont|cant|never|at|of|day|the|al"

_THINGS = (
    r"(?:texts?|texting|txts?|txting|messages?|messaging|msgs?|sms|reminders?|alerts?|e ?mails?|emailing"
    r"|notifications?|contact|contacting|bothering|spam|spamming|calling|sending|subscription|mensajes?|textos?)\b"
)
_COSAS = r"(?:mensajes?|mensajitos|textos?|sms|recordatorios?|avisos?|correos?|notificaciones|suscripcion)\b"
_MANDEN = r"(?:envi|mand|contact|molest|texte|llam)(?:e|en|es)|escrib(?:a|an|as)|enviar|mandar|escribir"
_NOT_NEVER = r"(?<!dont )(?<!not )(?<!never )(?<!did you )(?<!did u )(?<!if i )(?<!when i )\b"
_NOT_THEY = r"(?<!you )(?<!they )\b"
STOP: Final = (
    _NOT_NEVER + r"(?:stop|quit|cease|end|halt|discontinue|cancel|turn off|shut off)"
    r"(?: (?:all|any|the|these|those|your|my|me|of|with|receiving|getting|please)){0,4} " + _THINGS,
    r"\bno more (?:of )?(?:(?:the|these|those|your|please) )?" + _THINGS,
    _NOT_THEY + r"(?:do not|dont|never)(?: ever| please)? (?:text|txt|message|msg|contact|bother|e ?mail)"
    r" (?:me|us|this|my|again|anymore)\b",
    _NOT_THEY + r"(?:do not|dont|never) send (?:me )?(?:any\w*|more|these|this|texts|messages)\b",
    r"\b(?:do not|dont|no longer) (?:want|wish|need)(?! to (?:miss|lose|stop))(?:(?: \w+){0,4} "
    + _THINGS
    + "| (?:this|these|it|them) any ?more)",
    r"(?<!dont )(?<!not )(?:\bun ?su[bsc]+rib\w*|\bopt(?:ing)?(?: me)?[ -]out\b)|\b(?:remove|delete) me\b",
    r"\b(?:take|get|remove|delete) (?:me|us|my (?:number|phone|name)) (?:off|from|out)\b|\bleave me alone\b",
    r"\b(?:remove|delete|lose) (?:my|this) (?:number|phone)\b|\bwrong (?:number|person)\b",
    r"\b(?:revoke|withdraw) (?:my )?(?:consent|permission)\b|\bi revoke\b|\bcease and desist\b",
    r"\b(?:done with|tired of|sick of) (?:all )?(?:the|these|those|your) " + _THINGS,
    r"(?<!no )\b(?:dej(?:a|e|en|ad|ar)|par(?:a|e|en|ad|ar)|basta|alto|cancel(?:a|e|en|ar)|deten(?:er|gan?)"
    r"|suspend(?:e|a|an|er)|terminen|quiten)(?: (?:de|los|las|la|a|ya|con|mis?|esos|estos|me)){0,3} "
    r"(?:" + _COSAS + r"|(?:enviar|mandar|escribir|contactar|molestar|textear|llamar|recibir)(?:me)?\b)",
    r"\bno (?:me |nos )?(?:vuelv(?:an?|as) a )?(?:" + _MANDEN + r")\b|\bno mas " + _COSAS,
    r"\bno (?:quiero|deseo|necesito)(?! perder)(?: \w+){0,3} (?:" + _COSAS + r"|recibir|que me (?:en|man|es))",
    r"\b(?:dar|darme|dame|denme|deme|dadme|quiero|solicito|pido)(?: la)?(?: de)? baja\b|\bdesus?crib\w*",
    r"\b(?:quit|borr|elimin|saqu|sac)(?:a|en|e)(?:me\b| mi numero\b)|\bdej(?:a|e|en)me en paz\b",
    r"\b(?:numero|persona) equivocad[oa]\b|\b(?:revoco|retiro) (?:mi|el) (?:permiso|consentimiento)\b",
)

_INVISIBLE: Final = frozenset(("Mn", "Me", "Cf", "Sk"))
_TOKEN: Final = re.compile(r"(?<![\w.])-\d+(?:\.\d+)?|(?<![\w.])\.\d+|\d+(?:\.\d+)?|[^\W\d_]+|[^\w\s]")


class Mark(NamedTuple):
    """What one phrase of a text stands for: a kind such as side, num or done, and its value."""

    kind: str
    value: str


def fold(text: str) -> str:
    """Lower case, plain digits, no accents, apostrophes or invisible characters; line breaks stay."""
    folded = "".join(map(_fold_character, text.replace("½", " 1/2").replace("_", " "))).casefold()
    return re.sub(r" ?\n ?", "\n", re.sub(r"[^\S\n]+", " ", folded)).strip()


def _fold_character(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    if unicodedata.east_asian_width(character) in "FH":
        character = unicodedata.normalize("NFKC", character)
    if unicodedata.category(character) == "Pd" or character == "\N{MINUS SIGN}":
        return "-"
    parts = unicodedata.normalize("NFD", character)
    return "".join(c for c in parts if unicodedata.category(c) not in _INVISIBLE and c not in "'’‘´ʼ")


@lru_cache(maxsize=4)
def _lexicon(asked: str | None) -> Mapping[str, Mark]:
    tables = [
        *(("fill", "", table) for table in (FILLERS, SCALE)),
        *(("polite", "", table) for table in (POLITE, *PUNCTUATION)),
        *(("side", side, table) for side, table in SIDES.items()),
        *(("site", site, table) for site, table in SITES.items()),
        *(("timing", codes, table) for codes, table in AGGRAVATORS.items()),
        *(("num", number, table) for number, table in NUMBERS.items()),
        *(("why", reason, table) for reason, table in SKIP_REASONS.items()),
        *(("command", name, table) for name, table in COMMANDS.items()),
        *(
            ("half", "", HALF),
            ("ache", "", ACHE),
            ("vague", "", VAGUE),
            ("item", "", ITEM),
            ("back", "low_back", "back"),
        ),
        *(("done", "", DONE), ("some", "", SOME), ("skip", "", SKIP)),
    ]
    for kind, table in WHEN_ASKED.get(asked or "", {}).items():
        tables.append(("num", kind, table) if kind.isdigit() else (kind, "", table))
    return {phrase: Mark(kind, value or phrase) for kind, value, table in tables for phrase in table.split("|")}


def marks(plain: str, asked: str | None) -> list[Mark]:
    """A folded text as marks, longest phrase first. Half points may have a comma: "3,5"."""
    known, found = _lexicon(asked if asked in WHEN_ASKED else None), list[Mark]()
    spelled = re.sub(r"(\d),5\b", r"\1.5", plain)
    tokens = [token for token in _TOKEN.findall(spelled) if token not in DROPPED]
    while tokens:
        sizes = range(min(LONGEST, len(tokens)), 0, -1)
        size = next((n for n in sizes if " ".join(tokens[:n]) in known), 1)
        found.append(known.get(" ".join(tokens[:size])) or _unlisted(tokens[0]))
        del tokens[:size]
    return found


def _unlisted(token: str) -> Mark:
    if token[-1].isdecimal():
        return Mark("num", token)
    # A face or a flower beside an answer does not change it.
    return Mark("polite" if unicodedata.category(token[0]) == "So" else "unknown", token)
