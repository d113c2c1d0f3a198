"""Words that a person should read soon: a regular expression over the folded text, articles included."""

from typing import Final

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
