"""Numbers, what was done, and the words we ask people to reply."""

from collections.abc import Mapping
from typing import Final

_COUNT: Final = (
    "zero|cero,one|uno,two|dos,three|tres,four|cuatro,five|cinco,six|seis,seven|siete,eight|ocho,nine|nueve,ten|diez|🔟"
)
NUMBERS: Final[Mapping[str, str]] = {str(n): names for n, names in enumerate(_COUNT.split(","))} | {
    "99": "eleven|twelve|fifteen|twenty|hundred|doce|quince|veinte|cien"
}
# "No pain" is a score of 0, but "no pain at night" is not.
PAINLESS: Final = (
    "no pain|no pains|pain free|painfree|painless|doesnt hurt|does not hurt|didnt hurt|no hurt|no ache|sin dolor"
    "|nada de dolor|ningun dolor|no me duele|no duele|no me duele nada|no duele nada|no tengo dolor"
    "|hoy no me duele|hoy no duele|hoy no tengo dolor|hoy no me duele nada|ya no me duele|ya no me duele nada"
)
SCALE: Final = (
    "/ 10|/ ten|/ 🔟|/ diez|out of 10|out of ten|outta 10|of 10|of ten|de 10|de diez|sobre 10|sobre diez"
    "|on scale of 1 to 10|on scale of 1 - 10|on scale of 0 to 10|on scale of 0 - 10|scale of 1 to 10"
    "|scale of 1 - 10|from 1 to 10|from 0 to 10|escala del 1 al 10|escala del 0 al 10|escala de 1 10"
    "|escala de 0 10|del 1 al 10|del 0 al 10|de 1 10|de 0 10"
)
HALF: Final = "and half|& half|1 / 2|and 1 / 2|y medio|y media"
ACHE: Final = (
    "pain|pains|painful|hurt|hurts|hurting|sore|soreness|ache|aches|aching|achy|some pain|little pain"
    "|little sore|bit sore|little bit sore|bit of pain|dolor|dolores|duele|me duele|molestia|molestias"
    "|algo de dolor|un poco de dolor|me duele un poco|duele un poco|dolorcito"
)
POLITE: Final = (
    "please|pls|plz|thanks|thank you|thank u|thanks so much|thank you so much|thank you very much|thanks again"
    "|many thanks|thx|tks|ty|ok|okay|okey|okie|sure|hi|hello|hey|hiya|sorry|so sorry|just|now|good morning"
    "|morning all|good evening|good afternoon|good night|gm|kk|have good day|have nice day|yay|woohoo|hooray|lol"
    "|haha|ugh|wow|ouch|great|good|nice|awesome|perfect|cool|no problem|dear|doc|doctor|dr|por favor|porfa"
    "|porfavor|gracias|muchas gracias|mil gracias|gracias por todo|yes|yeah|yep|yup|si|hola|buenos dias|buen dia"
    "|buenas|buenas tardes|buenas noches|saludos|ahora|perdon|disculpa|disculpe|genial|perfecto|bueno|bien|jaja"
    "|uf|ay|doctora|amigo|amiga|feliz dia|buen fin"
)
FILLERS: Final = (
    "about|bout|abt|around|roughly|approx|approximately|like|maybe|probably|prob|prolly|guess|call it|go with"
    "|pretty|solid|kinda|kind of|sort of|little|bit|little bit|usual|as usual|id|say|think|i|im|ive|it|its|is"
    "|was|be|at|of|on|in|with|from|for|and|to|or|between|today|todays|still|only|right now|all right|alright"
    "|score|level|number|rating|ish|feel|feels|feeling|this|that|really|very|so|bad|badly|better|worse|same"
    "|worst|than yesterday|escala|no change|unchanged|mainly|when|while|after|during|going|side|sides|hip|hips"
    "|all|day|como|mas|menos|unos|un|una|creo|aprox|aproximadamente|casi siempre|diria|yo|yo diria|would say"
    "|back to|this one|that one|bad one|sore one|good one|digamos|ando|andamos|que|hoy|es|fue|esta|estoy|tengo"
    "|siento|me|de|del|en|y|o|con|por|para|al|cuando|despues de|nivel|numero|lado|lados|cadera|caderas|entre"
    "|mucho|muy|mejor|peor|igual|todo|que ayer|sin cambio|sin cambios"
)

DONE: Final = (
    "done|k done|all done|done it|did it|did them|did all|did it all|did them all|did all of it|did all of them"
    "|did everything|done everything|done with everything|done with all|done them all|done them|all of it done"
    "|all of them done|everything done|all finished|finished|finished it|finished them|finished them all"
    "|finished all of them|finished all|finished everything|finished up|got it done|got them done"
    "|got it all done|completed|complete|completed all|completed it|completed them|all completed|all complete"
    "|did exercises|did all exercises|done exercises|exercises done|exercise done|exercises completed"
    "|exercises all done|exercises finished|exercises are done|finished exercises|done with exercises"
    "|finished with exercises|completed exercises|did stretches|stretches done|did workout|workout done"
    "|did routine|routine done|did plan|plan done|finished plan|finished routine|hecho|hecha|hechos|todo hecho"
    "|ya hecho|lo hice|ya lo hice|ya hice todo|hice todo|hice todos|hice ejercicios|ya hice ejercicios"
    "|hice todos ejercicios|ejercicios hechos|ejercicios listos|ejercicios terminados|hice rutina"
    "|hice estiramientos|rutina hecha|lo hice todo|hice completo|listo|lista|listos|todo listo|ya listo|termine"
    "|ya termine|termine todo|ya termine todo|termine ejercicios|ya termine ejercicios|terminado|terminados"
    "|acabe|ya acabe|acabo de terminar|acabo de hacerlos|completado|completados|ya esta|ya estuvo|ya quedo"
    "|ya cumpli|cumpli"
)
SOME: Final = (
    "some of it|some of them|did some|did some of it|did some of them|did few|did few of them|did couple|did bit"
    "|did bit of it|did little|did little bit|half of it|half of them|did half|did half of it|did half of them"
    "|half done|about half|only half|just half|part of it|did part|did part of it|partly|partly done|partially"
    "|partially done|mostly done|did most|did most of it|did most of them|most of it|most of them"
    "|almost all of it|only did half|only did some|hice mitad|solo mitad|solo hice mitad|hice algo|hice algunos"
    "|algunos|una parte|solo una parte|hice una parte|hice parte|hice un poco|hice casi todo|hice casi todos"
    "|casi todos|mitad de ejercicios"
)
# Beside a question for a number, "some" may be an amount.
SOME_ALONE: Final = "some|half|part|mitad|algo"
SKIP: Final = (
    "skip|skip it|skip today|skip this one|skipped|skipped it|skipped today|skipping|skipping it|skipping today"
    "|i skipped|not today|not doing it today|cant today|cant do it today|hoy no|hoy no puedo|no puedo hoy|omitir"
    "|saltar|saltar hoy|me salto hoy|lo salto|paso"
)
# Codes of the diary; a reason it does not know ("forgot") is in VAGUE.
SKIP_REASONS: Final[Mapping[str, str]] = {
    "no_time": "no time|no time today|out of time|ran out of time|didnt have time|dont have time|busy|busy day|too busy"
    "|so busy|really busy|super busy|swamped|working late|late at work|no tuve tiempo|no me dio tiempo|mucho trabajo"
    "|sin tiempo|no tengo tiempo|ocupado|ocupada",
    "hurts": "hurts too much|hurts too bad|too sore|too painful|too much pain|in too much pain|me duele mucho"
    "|me duele demasiado|duele demasiado|me dolia mucho|duele mucho|mucho dolor|demasiado dolor",
    "unsure_how": "dont know how|not sure how|not sure how to do it|unsure|no se como|no se como hacerlo|no entiendo",
    "no_gear": "no gear|dont have band|lost band|no band|no equipment|sin banda|sin material|sin equipo",
    "unwell": "sick|ill|unwell|not well|not feeling well|dont feel well|feeling sick|feel sick|under weather|flu|cold"
    "|got cold|have cold|have flu|stomach bug|covid|headache|migraine|me siento mal|con gripe|tengo gripe|resfriado"
    "|resfriada|enfermo|enferma|gripe",
    "away": "away|away from home|out of town|travel|on trip|on road|on vacation|on holiday|camping|visiting family"
    "|estoy de viaje|de vacaciones|traveling|travelling|vacation|holiday|de viaje|viaje|vacaciones|fuera",
}
# Words that mean something only as an answer to what was asked.
WHEN_ASKED: Final[Mapping[str, Mapping[str, str]]] = {
    "plan": {
        "skip": "no|nope|nah|no gracias|no thanks|no hoy no|couldnt|couldnt today|couldnt do it"
        "|couldnt do it today|pass today|taking day off|day off|rest day|resting today|no puedo|no pude"
        "|no pude hoy|hoy no pude|paso hoy|hoy paso|hoy descanso",
        "done": "👍|✅|✔|☑|💪|👌|ya|si ya|did|hice|ya hice|all of it|all of them|todos|todo",
        "some": SOME_ALONE,
    },
    "habit": {"done": "👍|✅|✔|☑|💪|👌|ya|si ya", "some": SOME_ALONE},
    "": {"some": SOME_ALONE},
    "check_in": {
        "painless": "none|none today|nothing|nothing today|nada|nada hoy|ninguno|ninguna|cero dolor|zero pain"
    },
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
ITEM: Final = "#|no .|item|item number|nr|ejercicio|exercise|habito|habit"
MEANT: Final = (
    "meant|i meant|meant to say|meant to put|i meant to say|correction|make it|make that|should be|should have been"
    "|should say|change it to|change that to|change to|oops|whoops|oops i meant|sorry i meant|typo|quise decir"
    "|queria decir|correccion|corrijo|corrige|cambialo|cambia|mejor dicho|me equivoque|error"
)
MOTIVE: Final = "why|reason|motivo|razon|por que|porque"
# What may stand beside a reason alone, and beside "no pain": any other word may turn it around.
BESIDE: Final = (
    "today|todays|right now|it|its|i|im|ive|is|am|at|all|day|still|feel|feeling|very|so|really|too|this|my|hip"
    "|hips|hoy|esta|estoy|tengo|muy|todo|cadera|y|and|en"
)
# "At 6" is a time of day unless something before it says that a score follows.
BEFORE_TIMES: Final = "at|for|in|on|en|por|para"
CARRIERS: Final = (
    "im|ive|is|its|was|be|feel|feels|feeling|still|level|score|number|rating|hip|hips|estoy|esta|es|ando|siento"
    "|nivel|cadera|caderas"
)
HEDGES: Final = "maybe|probably|prob|prolly|like|kinda|kind of|sort of|little|bit|little bit|pretty|guess"
JOINERS: Final = ", . ! ; and y & number numero"

# Regular expressions over the folded text, articles included.
HOUR: Final = (
    r"(?P<hour>\d\d?)(?:[:.h](?P<minute>[0-5]\d))? ?(?P<half>[ap](?:\.? ?m)?\.?|de la (?:manana|tarde|noche))?"
)
LATER: Final = (
    r"(?:(?:(?:maybe|try|ask me|ask|text me|do it|(?:i)?ll do it|will do it|will do|remind me|try me) )?later(?: on)?"
    r"|snooze|remind me|not (?:right )?now|in a (?:bit|while|little while)|(?:lo hago |los hago |quiza |mejor )?luego"
    r"|(?:lo hago |los hago |mejor )?mas tarde|despues|ahora no(?: puedo)?"
    r"|(?:i )?cant (?:right )?now|ahorita no|al rato|en un rato(?:ito)?"
    r"|luego (?:lo|los) hago|recuerdame(?: luego| mas tarde)?),?(?: (?:at|@|by|until|til|a las?|hasta las?))?"
    rf"(?: {HOUR})?"
)
# An hour for good, not for today.
TIME: Final = (
    r"(?:(?:change|move|set) (?:the |my )?time(?: to)?|(?:new |other )?time|(?:cambiar|cambia) (?:la |mi )?hora(?: a)?"
    rf"|(?:nueva |otra )?hora),?:?(?: (?:at|@|to|a las?|las?))? {HOUR}"
)
