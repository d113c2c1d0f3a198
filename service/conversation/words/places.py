"""Where it hurts, on which side and what brings it on, in the codes of the catalogue.

The letters d and i (derecha, izquierda) stand for a side only to somebody who writes Spanish, and beside a number.
"""

from collections.abc import Mapping
from typing import Final

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
    "|pinchazo|forgot|hoy no mucho dolor|no mucho dolor|no mucho|olvide|me olvide|se me olvido"
)
SIDES: Final[Mapping[str, str]] = {
    "left": "l|lt|left|left one|lhs|izquierda|izquierdo|izq",
    "right": "r|rt|right|right one|rhs|derecha|derecho|der|dcha",
    "both": "both|ambos|ambas|dos lados|dos caderas",
}
SIDE_WORDS: Final = frozenset("|".join(SIDES.values()).split("|")) - {"l", "r"}
LETTERS: Final[Mapping[str, str]] = {"d": "derecha", "i": "izquierda"}
# "6 d la cadera" is a short "de", and whoever goes on with "i think" writes English.
LETTER: Final = (
    r"(?:(?<=\d)[ ,]*|^ *)(?P<letter>[di])\b(?: (?=\d)|(?! ?\d| (?:el|la|los|las|mi|mis|diez|think|feel|say|was|am|did"
    r"|do|have|had|would|will|can|cant|dont|need|want)\b))"
)
