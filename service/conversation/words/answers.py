"""Numbers, what was done, and the words we ask people to reply."""

from collections.abc import Mapping
from typing import Final

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
    "keep": "keep|keep it|mantener|mantenlo|dejar asi|dejalo asi",
    "change back": "change back|change it back|como antes|volver como antes",
    "back": "im back|volver|vuelvo|regresar|regreso",
}
ITEM: Final = "#|item|item number|nr"
MOTIVE: Final = "why|reason|motivo|razon|por que|porque"
JOINERS: Final = ", . ! ; and y &"

# A regular expression over the folded text, articles included.
LATER: Final = (
    r"(?:later|snooze|remind me(?: later)?|text me later|luego|mas tarde|despues"
    r"|recuerdame(?: luego| mas tarde)?)(?: (?:at|@|by|until|til|a las?|hasta las?))?"
    r"(?: (?P<hour>\d\d?)(?:[:.h](?P<minute>[0-5]\d))? ?(?P<half>am|pm|de la (?:manana|tarde|noche))?)?"
)
