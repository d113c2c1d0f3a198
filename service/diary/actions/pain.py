"""Pain as it was told: how much, where, what it is like, when it comes and what brings it on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.accounts.actions import next_seq
from service.accounts.queries import clinic
from service.accounts.tables import Client
from service.catalogue.library import shipped
from service.database.tenancy import ClinicSession
from service.diary import queries
from service.diary.entries import Fresh, Told, When, checked_day, field_problem, keep, refuse
from service.diary.queries import Pain
from service.diary.rules import LONGEST_NOTE, flare_until, pain_score_problem
from service.diary.tables import PainEntry, PainSite
from service.errors import FieldProblem
from service.ids import new_id

Place = tuple[str | None, str | None]
"""Site and side; a side alone is allowed."""


@dataclass(frozen=True, slots=True)
class NewPain:
    """`sites` come in the order told, the worst first; all codes are the catalogue's."""

    score: int
    kind: str = "now"
    sites: Sequence[Place] = ()
    aggravators: Sequence[str] = ()
    note: str | None = None
    radiates: str | None = None
    qualities: Sequence[str] = ()
    timing: Sequence[str] = ()


def told_again(pain: Pain, score: int) -> NewPain:
    """Another number says nothing about where and what it is like: what was told of it stays."""
    entry = pain.entry
    return NewPain(
        score=score,
        kind=entry.kind,
        sites=[(row.site, row.side) for row in pain.sites],
        aggravators=entry.aggravators,
        note=entry.note,
        radiates=entry.radiates,
        qualities=entry.qualities,
        timing=entry.timing,
    )


async def record_pain(session: ClinicSession, client: Client, new: NewPain, when: When, now: datetime) -> PainEntry:
    day = checked_day(session, client, when, now)
    refuse(_problems(new))
    seq = await next_seq(session, client.id)
    told = Told(_fields(new) | {"day": day}, {"sites": [list(pair) for pair in new.sites]})
    entry, fresh = await keep(session, PainEntry, client, when, told, seq, now)
    if fresh is not Fresh.SAME:
        with session.no_autoflush:
            entry.flare_until = flare_until(entry.score, entry.done_at, (await clinic(session)).flare_score)
        if fresh is Fresh.CORRECTED:
            await drop_sites(session, entry)
        add_sites(session, entry, new.sites, seq, now)
    return entry


def _fields(new: NewPain) -> dict[str, object]:
    """The library lists times among what brings pain on, and people tell them so: each is kept as what it is."""
    times = set(shipped().timing)
    return {
        "kind": new.kind,
        "score": new.score,
        "radiates": new.radiates,
        "qualities": sorted(set(new.qualities)),
        "timing": sorted({*new.timing, *new.aggravators} & times),
        "aggravators": sorted(set(new.aggravators) - times),
        "note": new.note,
    }


def _problems(new: NewPain) -> list[FieldProblem]:
    wrong_score = pain_score_problem(new.score)
    problems = [field_problem("/score", wrong_score)] if wrong_score else []
    problems += _wrong_sites(new)
    if new.radiates is not None and new.radiates not in shipped().radiates:
        problems.append(FieldProblem("/radiates", "unknown", "Use one of the answers of the catalogue."))
    if new.note is not None and len(new.note) > LONGEST_NOTE:
        problems.append(FieldProblem("/note", "too_long", "Use at most 2000 characters."))
    return problems + _unknown_codes(new)


def _wrong_sites(new: NewPain) -> Iterator[FieldProblem]:
    known = {site.id for site in shipped().sites}
    for index, (site, side) in enumerate(new.sites):
        if site is None and side is None:
            yield FieldProblem(f"/sites/{index}", "empty", "Say a site, a side or both.")
        if site is not None and site not in known:
            yield FieldProblem(f"/sites/{index}/site", "unknown", "Use a site of the catalogue.")
        if side not in (None, "left", "right", "both"):
            yield FieldProblem(f"/sites/{index}/side", "unknown", "Use left, right or both.")


def _unknown_codes(new: NewPain) -> list[FieldProblem]:
    lists = [
        ("aggravators", new.aggravators, shipped().aggravators, "Use an aggravator of the catalogue."),
        (
            "qualities",
            new.qualities,
            [quality.id for quality in shipped().qualities],
            "Use a quality of the catalogue.",
        ),
        ("timing", new.timing, shipped().timing, "Use a time of the catalogue, such as evening."),
    ]
    return [
        FieldProblem(f"/{name}/{index}", "unknown", hint)
        for name, codes, known, hint in lists
        for index, code in enumerate(codes)
        if code not in known
    ]


async def drop_sites(session: ClinicSession, entry: PainEntry) -> None:
    for row in await queries.sites_of(session, entry.client_id, [entry.id]):
        await session.delete(row)
    # Those that come stand in their places.
    await session.flush()


def add_sites(session: ClinicSession, entry: PainEntry, sites: Sequence[Place], seq: int, now: datetime) -> None:
    session.add_all(
        PainSite(
            clinic_id=session.clinic_id,
            id=new_id(now),
            client_id=entry.client_id,
            sync_seq=seq,
            created_at=now,
            pain_entry_id=entry.id,
            pain_entry=entry,
            position=position,
            site=site,
            side=side,
        )
        for position, (site, side) in enumerate(sites)
    )
