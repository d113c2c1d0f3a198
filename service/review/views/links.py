from collections.abc import Sequence

from service.catalogue.rules import Sentence
from service.progress.facts.links import PromptLink
from service.progress.rules.links import WORDS, estimate_words
from service.review.schemas.links import HabitLink
from service.terms import prompt_words, said


def links(found: Sequence[PromptLink], locale: str) -> list[HabitLink]:
    return [_link(one, locale) for one in found]


def _link(one: PromptLink, locale: str) -> HabitLink:
    link, estimate = one.found, one.found.estimate
    return HabitLink(
        name=prompt_words(one.prompt, locale),
        link=link.link.value,
        words=said(Sentence(WORDS[link.link]), locale),
        with_habit=link.with_habit,
        without=link.without,
        points=estimate.points if estimate else None,
        low=estimate.low if estimate else None,
        high=estimate.high if estimate else None,
        sentence=said(estimate_words(estimate), locale) if estimate else None,
    )
