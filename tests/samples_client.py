"""A believable client page: Maria after 60 days, and Kim who never began."""

from datetime import timedelta

import msgspec
from msgspec.structs import replace

from service.diary.rules import DayState
from service.review import schemas as review
from service.review.rules import Rule, Tier
from service.review.schemas import texts
from service.review.schemas.alerts import QuestionsAnswered, RedFlagShown
from service.review.schemas.forms import Sent
from service.review.schemas.proposals import StepTaken
from service.review.views.noting import noting
from tests.samples import TODAY, at, days_back, diary_of_pain, sample_id, trailing_means
from tests.samples_caseload import BAR, MARIA
from tests.samples_helping import HELPING
from tests.samples_record import (
    adherence_days,
    entries,
    habit_links,
    habit_strip,
    ledger,
    messages,
    plan_version,
    proposal,
)


def client_view() -> review.ClientView:
    days = days_back(60)
    pain = diary_of_pain(6, -2.4, 0.84, 60, 3)
    pain[15:22] = [None] * 7
    pain[-1] = 6
    changed = TODAY - timedelta(days=11)
    return review.ClientView(
        bar=BAR,
        entry=sample_id(190),
        noting=noting("en"),
        helping=HELPING,
        client_id=MARIA,
        name="Maria Lopez",
        as_of=at(0, 10, 24),
        zone="America/Chicago",
        language="English",
        tier=Tier.LOOK,
        reason="Pain 6 today after a long drive. Usual is 4.",
        summary="Pain about 4 in the last 7 days, was 6 at the start: much better. "
        "Did 31 of 36 planned days, 4 not logged. Last change Nov 8: clamshell from 10 to 12.",
        pain=list(zip(days, pain, strict=True)),
        pain_means=list(zip(days, trailing_means(pain), strict=True)),
        plan_changes=[
            review.PlanChange(days[9], "A", "Side-stepping added."),
            review.PlanChange(changed, "B", "Clamshell from 10 to 12."),
        ],
        adherence=adherence_days(days),
        habits=[
            habit_strip("Stood evenly on both feet", days, 0.6, 1),
            habit_strip("Car, 60 min or less", days, 0.5, 2),
            habit_strip("Slept on back or good side", days, 0.7, 3),
        ],
        plan=plan_version(3, changed, 12, "Clamshell from 10 to 12."),
        older_versions=[
            plan_version(2, days[9], 10, "Side-stepping added.", changed - timedelta(days=1)),
            msgspec.structs.replace(plan_version(1, days[9], 10, "First version"), never_ran=True),
        ],
        entries=entries(),
        messages=messages(),
        ledger=ledger(),
        contacts=[
            review.Contact(
                "phone",
                "+1 202 555 0142",
                True,
                "Yes, send me texts about my plan.",
                at(61, 11, 2),
            ),
            review.Contact("email", "maria.lopez@example.com", True, stopped_at=at(30, 18, 20)),
        ],
        contexts=["Outer-hip tendon pain"],
        baseline=6,
        adherence_words=review.AdherenceWords(14, 16, 1, 1),
        habit_links=habit_links(),
        too_small=(4.0, 8.0),
        proposals=[
            proposal(
                "glu-clam", "Clamshell", "advance", "the last 3 sessions went well, and so did the mornings after"
            ),
            proposal(
                "glu-bridge-double", "Double-leg bridge", "hold", "pain during up to 5 on 2 of the last 3 sessions"
            ),
        ],
        steps=[
            StepTaken(
                "From Tue, Mar 10. A step that was allowed ahead: on to Clamshell with a band, by Sam Carter."
                " Why: the last 3 sessions went well, and so did the mornings after.",
                f"/clients/{MARIA}/plan/new?from=version:{sample_id(41)}",
            )
        ],
        snoozed=[review.Snoozed(Tier.CALL, "Pain 8 today. Usual is 4.", TODAY + timedelta(days=2))],
        clinic_now=at(0, 11, 24),
        since=days[0],
        next_visit=at(-4, 10, 30),
        questions=[QuestionsAnswered(at(3, 8), 0, 4, 22), QuestionsAnswered(at(17, 8), 0, 22, 22)],
        waiting_since=at(0, 8, 12),
    )


def client_new() -> review.ClientView:
    days = days_back(60)
    return review.ClientView(
        bar=BAR,
        entry=sample_id(190),
        noting=noting("en"),
        helping=replace(HELPING, helpers=[]),
        client_id=sample_id(108),
        name="Kim Tran",
        as_of=at(0, 10, 24),
        zone="America/Chicago",
        language="English",
        tier=Tier.QUIET,
        reason="Invited 6 days ago. No log yet.",
        rule=Rule.NEVER_LOGGED,
        summary="Nothing logged yet.",
        pain=[(day, None) for day in days],
        pain_means=[(day, None) for day in days],
        plan_changes=[],
        adherence=[(day, DayState.NOT_YET) for day in days],
        habits=[],
        plan=None,
        older_versions=[],
        entries=[],
        messages=[],
        ledger=[],
        contacts=[review.Contact("phone", "+1 202 555 0177", False, invalid_at=at(2, 9))],
        waiting_since=at(6, 9),
    )


def client_warned() -> review.ClientView:
    opened = RedFlagShown(
        id=sample_id(161),
        opened_at=at(0, 7, 5),
        source="screen",
        lines=["Did you fall or get a knock, and now the leg takes no weight, looks shorter or turns out?"],
        care="emergency care now",
    )
    cleared = RedFlagShown(
        id=sample_id(162),
        opened_at=at(20, 7, 5),
        source="text",
        lines=["“i fell in the kitchen”"],
        cleared_at=at(19, 9),
        cleared_by="Sam",
        note="Seen in the clinic, only a bruise.",
    )
    return replace(
        client_view(),
        tier=Tier.CALL,
        rule=Rule.DANGER,
        reason="Answered yes on Tue, Nov 24 at 7:05 AM: “Did you fall or get a knock?”",
        waiting_since=at(0, 7, 5),
        look_by=at(0, 9),
        is_overdue=True,
        red_flags=[opened, cleared],
        questions=[QuestionsAnswered(at(0, 7, 5), 1, 21, 22)],
        sent=Sent("note", {"note": ""}, {"note": "Write what you found, in at most 2000 characters."}),
        forget_asked_at=at(2, 9),
    )


def texts_view() -> review.TextsView:
    text = texts.UnplacedText
    both = [(MARIA, "Maria Lopez"), (sample_id(108), "Kim Tran")]
    return review.TextsView(
        bar=replace(BAR, unplaced=3, is_danger=True),
        texts=[
            text(sample_id(191), at(0, 9, 2), "I fell on the stairs", "+12025550142", True, True, False, both),
            text(sample_id(192), at(0, 8, 40), "6 R car", "+12025550142", True, False, True, both),
            text(sample_id(193), at(1, 17), "Is this the clinic?", "+12025550177", False, False, False, []),
        ],
    )


def client_record_pages() -> dict[str, tuple[str, object]]:
    return {
        "texts": ("review/texts.html", texts_view()),
        "client": ("review/client.html", client_view()),
        "client_warned": ("review/client.html", client_warned()),
        "client_new": ("review/client.html", client_new()),
    }
