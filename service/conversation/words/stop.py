"""Every reasonable way to end texts. Regular expressions see the folded text, articles included."""

from typing import Final

# Alone in its clause, with nothing but polite words, each of these ends all texts.
STOP_CLAUSES: Final = (
    "stop|stopp|stpo|sotp|st0p|s t o p|stopall|stop2end|stop to end|stop stop|stop stop stop|end|quit|cancel"
    "|revoke|optout|cease|unsubscribe|unsub|🛑|stop 🛑|stop it|stop this|stop that|stop already|stop all"
    "|stop today|stop everything|cancel all|cancel everything|no stop|i quit|i want to stop|i want you to stop"
    "|i would like to stop|i would like you to stop|i want to quit|i want to cancel|i want out|not interested"
    "|no longer interested|stop 2 end|no more of this|i dont consent|i do not consent|no autorizo mensajes"
    "|no thanks stop|please discontinue|discontinue|end all|cancel service|block|go away|opt me out"
    "|cancel subscription|end subscription|forget me|stop sending|stop sending me stuff|turn this off"
    "|turn these off|turn it off|shut this off|stop them|make it stop texting me|dont text|dont txt|do not text"
    "|do not call or text|parar|paren|cancelar|cancela|cancele|cancelen|detener|detenga|detengan|terminar"
    "|suspender|quiero parar|ya basta|basta ya|para ya|no me interesa|ya no me interesa|quiero salir"
    "|me quiero salir|quiero cancelar|quiero terminar|no molestar|no molesten|no molestes|anular|desactivar"
    "|desactiven|desuscripcion|saquenme|quitenme|eliminame|sacame|quitame|detenganse|no autorizo"
)
# These have other meanings ("7, alto"), so they must be the whole text.
STOP_ALONE: Final = (
    "alto|baja|basta|enough|fin|halt|para|pare|salir|no more|no mas|no deseo mas|ya no quiero nada"
    "|no quiero nada|no gracias no mas|ya no mas|ya no quiero"
)
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
    r"(?: (?:all|any|the|these|those|your|ur|my|me|of|with|w/|receiving|getting|please)){0,4} " + _THINGS,
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
    r"\bno (?:gracias|thanks|thank you)\W+(?:no mas|no more)\W*$|\bs[. ]t[. ]o[. ]p\b"
    r"|\b(?:cancel|close|delete) my account\b",
    r"\b(?:dont|do not) have (?:my )?(?:permission|consent) to (?:text|message|contact)\b",
    r"\b(?:revoke|withdraw) (?:my )?(?:consent|permission)\b|\bi revoke\b|\bcease and desist\b",
    r"\b(?:done with|tired of|sick of) (?:all )?(?:the|these|those|your) " + _THINGS,
    r"(?<!no )\b(?:dej(?:a|e|en|ad|ar)|par(?:a|e|en|ad|ar)|basta|alto|cancel(?:a|e|en|ar)|deten(?:er|gan?)"
    r"|suspend(?:e|a|an|er)|terminen|quiten)(?: (?:de|los|las|la|a|ya|con|mis?|esos|estos|me)){0,3} "
    r"(?:" + _COSAS + r"|(?:enviar|mandar|escribir|contactar|molestar|textear|llamar|recibir)(?:me)?\b)",
    r"\bno (?:me |nos )?(?:vuelv(?:an?|as) a )?(?:" + _MANDEN + r")\b|\bno mas " + _COSAS,
    r"\bno (?:quiero|deseo|necesito)(?! perder)(?: \w+){0,3} (?:"
    + _COSAS
    + r"|recibir|(?:seguir )?recibiendo|que me (?:en|man|es))",
    r"\b(?:dar|darme|dame|denme|deme|dadme|quiero|solicito|pido)(?: la)?(?: de)? baja\b|\bdesus?crib\w*",
    r"\b(?:quit|borr|elimin|saqu|sac)(?:a|en|e)(?:me\b| mi numero\b)|\bdej(?:a|e|en)me en paz\b",
    r"\b(?:numero|persona) equivocad[oa]\b|\b(?:revoco|retiro) (?:mi|el) (?:permiso|consentimiento)\b",
)
