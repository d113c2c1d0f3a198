"""Two therapists wrote at the same time: what is saved and what was written, row by row, to pick from."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar
from zoneinfo import ZoneInfo

from service.accounts.guards import Caller
from service.catalogue.rules import Sentence
from service.catalogue.tables import Exercise, Habit
from service.database.tenancy import ClinicSession
from service.plans.queries import Content
from service.plans.rules import cadence_words
from service.review.guards import Typed, bar_of, whole_number
from service.review.queries import staff_names
from service.review.schemas.starting import BothView, RowToPick
from service.review.views import allowing, finer, plan_fixes, plan_form, plan_lessons
from service.review.views.arranging import by_routine
from service.review.views.doses import LOADS
from service.review.views.how_often import cadence_of_token, usual_cadence
from service.review.views.plan_fixes import FixTyped
from service.review.views.plan_items import LINE
from service.review.views.plan_lessons import LessonTyped
from service.review.views.prescribe import Setting
from service.terms import SIDES, listed, said

_LOADS: Mapping[str, str] = {unit.value: words for unit, words in LOADS.items()}
Row = TypeVar("Row", FixTyped, LessonTyped)
_NEVER = ("csrf", "version", "number")


async def both(session: ClinicSession, staff: Caller, setting: Setting, mine: Typed) -> BothView | None:
    """None when no plan runs any more: then nothing stands against what was written."""
    running = setting.running
    if running is None:
        return None
    locale = staff.person.locale
    names = await staff_names(session)
    rows = _rows(mine, setting, locale)
    return BothView(
        bar=await bar_of(session, staff),
        client_id=setting.client.id,
        client_name=setting.client.name,
        number=running.version.number,
        author=names.get(running.version.created_by, ""),
        made_on=running.version.created_at.astimezone(ZoneInfo(setting.client.zone)).date(),
        rows=[row for row in rows if row.saved != row.mine],
        same=sum(row.saved == row.mine for row in rows),
        fields=[pair for pair in mine.pairs if pair[0] not in _NEVER and not pair[0].startswith("pick_")],
    )


def _rows(mine: Typed, setting: Setting, locale: str) -> list[RowToPick]:
    saved = _form_of(setting.running, setting.habits, locale)
    before = _form_of(_written_after(mine, setting.versions), setting.habits, locale)
    codes = dict.fromkeys([*saved.after("item_"), *mine.after("item_")])
    asked = dict.fromkeys([*saved.after("habit_"), *mine.after("habit_")])
    prompts = {habit.code: habit.prompt for habit in setting.habits}
    library = setting.library

    def row(name: str, label: str, words: Mapping[str, str]) -> RowToPick:
        picked = "saved" if words["mine"] == words["before"] else "mine" if words["saved"] == words["before"] else ""
        return RowToPick(name, label, words["saved"], words["mine"], picked)

    forms = {"saved": saved, "mine": mine, "before": before}
    rows = [
        row(
            f"item_{code}",
            said(Sentence(library[code].name), locale) if code in library else code,
            {which: _line_words(form, code, library, locale) for which, form in forms.items()},
        )
        for code in codes
    ]
    rows += [
        row(
            f"habit_{code}",
            said(Sentence(prompts.get(code, code)), locale),
            {which: _habit_words(form, code, locale) for which, form in forms.items()},
        )
        for code in asked
    ]
    fixes = {which: _by_key(plan_fixes.typed(form)) for which, form in forms.items()}
    rows += [
        row(
            f"fix_{key}",
            next(listed[key].words for listed in (fixes["mine"], fixes["saved"]) if key in listed),
            {which: _fix_words(listed.get(key), locale) for which, listed in fixes.items()},
        )
        for key in dict.fromkeys([*fixes["saved"], *fixes["mine"]])
    ]
    lessons = {which: _by_key(plan_lessons.typed(form)) for which, form in forms.items()}
    rows += [
        row(
            f"lesson_{key}",
            said(Sentence("Note to read"), locale),
            {which: _lesson_words(listed.get(key), locale) for which, listed in lessons.items()},
        )
        for key in dict.fromkeys([*lessons["saved"], *lessons["mine"]])
    ]
    note = {which: form.one("note") or said(Sentence("no note"), locale) for which, form in forms.items()}
    usual = said(Sentence("as for everybody"), locale)
    limit = {which: form.one("load_pain") or usual for which, form in forms.items()}
    rows.append(row("load_pain", said(Sentence("Pain while exercising"), locale), limit))
    return [*rows, row("note", said(Sentence("Note to the client"), locale), note)]


def _form_of(content: Content | None, library: Sequence[Habit], locale: str) -> Typed:
    return plan_form.filled(content, library, locale) if content else Typed()


def _written_after(mine: Typed, versions: Sequence[Content]) -> Content | None:
    number = whole_number(mine.one("version"))
    return next((content for content in versions if content.version.number == number), None)


def _line_words(form: Typed, code: str, library: Mapping[str, Exercise], locale: str) -> str:
    if not form.has(f"item_{code}"):
        return said(Sentence("not in the plan"), locale)
    parts = {"sets": form.one(f"sets_{code}"), "reps": form.one(f"reps_{code}")}
    told = [Sentence("%(sets)s × %(reps)s", parts)]
    if form.one(f"hold_s_{code}") not in ("", "0"):
        told.append(Sentence("hold %(seconds)s s", {"seconds": form.one(f"hold_s_{code}")}))
    if form.one(f"load_{code}"):
        told.append(Sentence(_LOADS.get(form.one(f"unit_{code}"), "%(load)s"), {"load": form.one(f"load_{code}")}))
    side = form.one(f"side_{code}")
    if side in SIDES:
        told.append(Sentence(SIDES[side]))
    told += finer.words(form, code, library.get(code))
    cadence = cadence_of_token(form.one(f"cadence_{code}") or usual_cadence(library.get(code)))
    told += [cadence_words(cadence)] if cadence else []
    told += [Sentence("“%(cue)s”", {"cue": form.one(f"cue_{code}")})] if form.one(f"cue_{code}") else []
    return said(listed([*told, *allowing.words(form, code, library, locale)]), locale)


def _habit_words(form: Typed, code: str, locale: str) -> str:
    if not form.has(f"habit_{code}"):
        return said(Sentence("not in the plan"), locale)
    goal = form.one(f"goal_{code}")
    return said(Sentence("in the plan, goal %(goal)s", {"goal": goal}) if goal else Sentence("in the plan"), locale)


def _by_key(rows: Mapping[int, Row]) -> dict[str, Row]:
    """By the key of the row each goes on with; one that is new in this form goes by its place there."""
    return {row.key or f"new{number}": row for number, row in rows.items()}


def _lesson_words(lesson: LessonTyped | None, locale: str) -> str:
    return f"{lesson.title}: {lesson.body}" if lesson else said(Sentence("not in the plan"), locale)


def _fix_words(fix: FixTyped | None, locale: str) -> str:
    if fix is None:
        return said(Sentence("not in the plan"), locale)
    parts: dict[str, object] = {"fix": fix.words, "day": fix.day or "–", "days": fix.again}
    msgid = "%(fix)s, by %(day)s, asked about again after %(days)s days" if fix.again else "%(fix)s, by %(day)s"
    return said(Sentence(msgid, {name: part for name, part in parts.items() if f"%({name})s" in msgid}), locale)


def picked(form: Typed, setting: Setting, locale: str) -> Typed:
    """What was written, with the saved row wherever that one was picked, or none was."""
    saved = _form_of(setting.running, setting.habits, locale)
    pairs = [pair for pair in form.pairs if pair[0] not in _NEVER and not pair[0].startswith("pick_")]
    for name in dict.fromkeys(form.after("pick_")):
        if form.one(f"pick_{name}") != "mine":
            fields = _fields_of(name)
            pairs = [pair for pair in pairs if pair[0] not in fields]
            pairs += [pair for pair in saved.pairs if pair[0] in fields]
    kept = [pair for pair in pairs if not pair[0].startswith(("fix_", "lesson_"))]
    fixes = _picked_rows(form, "fix", *(_by_key(plan_fixes.typed(one)) for one in (saved, form)))
    lessons = _picked_rows(form, "lesson", *(_by_key(plan_lessons.typed(one)) for one in (saved, form)))
    whole = Typed(kept + plan_fixes.pairs_of(fixes) + plan_lessons.pairs_of(lessons))
    return by_routine(whole, setting.running, setting.library)


def as_follow_up(form: Typed, setting: Setting, locale: str) -> Typed:
    """As if it had been written after the running version: a row of it that is new goes on with one that says the
    same there."""
    saved = _form_of(setting.running, setting.habits, locale)
    kept = [pair for pair in form.pairs if pair[0] != "version" and not pair[0].startswith(("fix_", "lesson_"))]
    fixes = _going_on(*(list(plan_fixes.typed(one).values()) for one in (saved, form)))
    lessons = _going_on(*(list(plan_lessons.typed(one).values()) for one in (saved, form)))
    rows = plan_fixes.pairs_of(fixes) + plan_lessons.pairs_of(lessons)
    return Typed([*kept, ("version", str(setting.version)), *rows])


def _going_on(theirs: Sequence[Row], mine: Sequence[Row]) -> list[Row]:
    keys = {replace(one, key=""): one.key for one in theirs}
    return [replace(one, key=one.key or keys.get(one, "")) for one in mine]


def _picked_rows(form: Typed, kind: str, theirs: Mapping[str, Row], mine: Mapping[str, Row]) -> list[Row]:
    chosen: list[Row] = []
    for key in dict.fromkeys([*theirs, *mine]):
        pick = form.one(f"pick_{kind}_{key}")
        # A row that is the same in both is not asked about.
        source = mine if pick == "mine" or (not pick and mine.get(key) == theirs.get(key)) else theirs
        chosen += [source[key]] if key in source else []
    return chosen


def _fields_of(name: str) -> set[str]:
    kind, _, code = name.partition("_")
    if kind == "habit":
        return {name, f"goal_{code}"}
    return {f"{prefix}{code}" for prefix in LINE} if kind == "item" else {name}
