"""Words that a person should read soon: a regular expression over the folded text, articles included."""

from typing import Final

# False alarms are preferred to misses; only falling asleep is too common to alert on.
NO_DANGER: Final = r"\bf(?:ell|all|alling) asleep\b"
DANGER: Final = (
    r"\b(?:fell|fall|fallen|gave way|giving way|fever|feverish|chills|numb|numbness|kill|kills|killed|killing"
    r"|suicide|suicidal|(?:want to|wanna) die|end my life|end it all|(?:hurt|harm) myself|self harm"
    r"|better off dead|(?:cant|cannot|can not|couldnt) (?:walk|stand|put weight|bear weight|move|breathe|pee)"
    r"|chest (?:pain|hurts)|short of breath|breathless|wet myself|wet the bed|bladder|bowels?|incontinen\w+"
    r"|cant (?:feel|hold)|cannot feel|no feeling in|lost (?:all )?(?:feeling|control)|heart attack|stroke"
    r"|overdos\w+|faint|fainting|dying|unable to (?:walk|stand)|(?:dont|do not) want to (?:live|be here)"
    r"|cant go on|cut(?:ting)? myself|swollen|swelling|blood|bleeding|passed out|fainted|collapsed|emergency"
    r"|ambulance|hospital|911|112|999|cai|caigo|caida|caido"
    r"|no puedo (?:caminar|andar|apoyar|levantarme|moverme|respirar|orinar)|fiebre|calentura|escalofrios"
    r"|entumecid[oa]|entumecimiento|adormecid[oa]|sin sensibilidad|matar|matarme"
    r"|no quiero (?:seguir )?(?:vivir|viviendo)|me quiero morir|no siento (?:el|la|las|mi|mis) \w+"
    r"|me (?:tropece|resbale|desplome)|infarto|derrame|sobredosis|incontinencia|suicidio|suicidarme"
    r"|quiero morir(?:me)?|quitarme la vida|hacerme dano|dolor (?:de|en el) pecho|falta (?:de|el) aire|vejiga"
    r"|hinchad[oa]|hinchazon|sangre|sangrado|desmaye|desmayo|emergencia|urgencias?|ambulancia)\b"
)
