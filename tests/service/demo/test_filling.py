"""A clinic filled at twenty past three in the morning, when hardly anything of today can have happened."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest

from scheduler.messages import Claimed
from scheduler.render import Renderer
from service.accounts import queries as people
from service.conversation.tables import ThreadMessage
from service.database.tenancy import SYSTEM, Database
from service.demo.filling import Filling
from service.demo.folder import Filled
from service.demo.stories import NAMED
from service.diary.rules.screening import FLAGS
from service.diary.tables import DiaryRevision
from service.outbox.rules import MessageKind
from service.plans.queries import contents, contexts
from service.plans.starting import in_programme
from service.reminders.facts import facts
from service.reminders.history import awake, histories
from service.reminders.moments import Moment
from service.reminders.saying import this_morning
from service.review.queries.cases import Case, cases
from service.review.rules import Rule, Tier
from service.settings import Settings
from tests.conftest import Urls
from tests.own_database import database as database
from tests.own_database import urls as urls
from tests.sealed import client_called, read

pytestmark = pytest.mark.anyio

NEW_YORK = ZoneInfo("America/New_York")
FOLLOWED = ("Maria Lopez", "Aisha Khan")
NOW = datetime(2026, 11, 23, 3, 20, tzinfo=NEW_YORK).astimezone(UTC)
SETTINGS = Settings(secret_key="s" * 40, public_url="http://127.0.0.1:8000", inbox=True)


@pytest.fixture(scope="module")
async def filled(database: Database, anyio_backend: str) -> Filled:
    said: list[str] = []
    made = await Filling(database, 7, NOW, said.append, SETTINGS.secret_key, SETTINGS.public_url, NAMED).fill()
    assert said == [f"  {number} of 9 people" for number in range(1, 10)]
    return made


@pytest.fixture(scope="module")
async def caseload(database: Database, filled: Filled) -> dict[str, Case]:
    async with database.clinic_tx(filled.clinic_id, SYSTEM) as session:
        clients = await people.clients_of(session, None)
        found = await cases(session, clients, NOW.astimezone(NEW_YORK), 60)
    return {case.client.name: case for case in found}


async def test_each_named_story_is_what_the_caseload_says(caseload: dict[str, Case]) -> None:
    shown = {name: (case.triage.tier, case.triage.rule) for name, case in caseload.items()}
    on_track = (Tier.ON_TRACK, Rule.ON_TRACK)
    assert {story.name: shown[story.name] for story in NAMED} == {
        "Maria Lopez": on_track,
        "Tom Becker": (Tier.CALL, Rule.PAIN_JUMP),
        "Aisha Khan": (Tier.QUIET, Rule.WENT_QUIET),
        "Ben Ortiz": on_track,
        "Ngozi Obi": on_track,
        "Luca Rossi": (Tier.QUIET, Rule.TEXTS_STOPPED),
        "Ines Silva": on_track,
        "Pat Murphy": on_track,
        "Kim Tran": (Tier.QUIET, Rule.NEVER_LOGGED),
    }
    assert len(caseload) == 9


async def test_the_reasons_name_the_days_of_the_stories(caseload: dict[str, Case]) -> None:
    parts = {name: case.triage.reason.params for name, case in caseload.items()}
    assert (parts["Tom Becker"]["score"], parts["Tom Becker"]["usual"]) == (8, 4)
    assert parts["Aisha Khan"]["count"] == 9
    assert parts["Luca Rossi"]["day"] == datetime(2026, 10, 14).date()
    assert parts["Kim Tran"]["days"] == 3


def test_tom_said_no_to_every_danger_that_his_pain_of_today_asks_about(urls: Urls, filled: Filled) -> None:
    with psycopg.connect(urls.owner) as connection:
        tom = Book(connection, "Tom Becker")
        answers = tom.rows("t.answered_at, t.why, t.yes, t.no, t.entered_by, t.channel", "red_flag_screen")
        [(told_at,)] = tom.rows("t.done_at", "pain_entry", "t.score = 8")
        assert answers[-1] == (told_at, "pain", [], sorted(FLAGS), "client", "web")
        assert tom.rows("t.id", "red_flag") == []


@dataclass(frozen=True)
class Book:
    """The rows of one person, straight from the tables."""

    connection: psycopg.Connection[tuple[object, ...]]
    name: str

    def rows(self, columns: str, table: str, where: str = "true") -> list[tuple[object, ...]]:
        statement = (
            f"SELECT {columns} FROM {table} t JOIN client c ON c.clinic_id = t.clinic_id AND c.id = t.client_id "
            f"WHERE c.id = %s AND {where} ORDER BY 1"
        )
        return self.connection.execute(statement, [client_called(self.connection, self.name)]).fetchall()


def test_aisha_was_offered_something_easy_and_is_asked_no_oftener_than_her_rhythm_says(
    urls: Urls, filled: Filled
) -> None:
    with psycopg.connect(urls.owner) as connection:
        aisha = Book(connection, "Aisha Khan")
        offered = aisha.rows("t.day, t.channel, t.state", "message", "t.kind = 'lapse_3'")
        [rhythm] = aisha.rows("t.rung, t.rung_on, t.keeps_time", "reminder_rhythm")
        mails = aisha.rows("t.id", "message", "t.channel = 'email' AND t.occurrence_id IS NOT NULL")
        ways_out = aisha.rows("t.id", "link", "t.purpose = 'unsubscribe'")
        lately = "t.slot = 0 AND t.day BETWEEN '2026-11-16' AND '2026-11-22'"
        ledger = aisha.rows("t.day, t.state, t.reason", "occurrence", lately)
    assert offered == [(date(2026, 11, 17), "email", "accepted")]
    assert rhythm == (3, date(2026, 11, 17), True)
    assert len(mails) == len(ways_out)
    # On Mondays and Thursdays since the 16th: two days without a word made it oftener by a step.
    asked = [(str(day)[-2:], state, reason) for day, state, reason in ledger]
    assert [day for day, state, _ in asked if state == "sent"] == ["16", "16", "19", "19"]
    assert {(state, reason) for day, state, reason in asked if day not in ("16", "19")} == {("skipped", "taper")}


def test_maria_is_asked_on_mondays_only_since_her_rhythm_is_good(urls: Urls, filled: Filled) -> None:
    with psycopg.connect(urls.owner) as connection:
        maria = Book(connection, "Maria Lopez")
        told = maria.rows("t.day, t.params, t.state", "message", "t.kind = 'taper'")
        [rhythm] = maria.rows("t.texts_a_week, t.ask_days, t.stepped_on", "reminder_rhythm")
        asked = maria.rows("t.day", "message", "t.kind IN ('check_in', 'plan') AND t.day >= '2026-10-09'")
    # At least 14 days from the first step to the next.
    assert told == [
        (date(2026, 10, 9), {"days": "Mon and Thu"}, "accepted"),
        (date(2026, 10, 24), {"days": "Mon"}, "accepted"),
    ]
    assert rhythm == (1, 0b0000001, date(2026, 10, 24))
    mondays_and_thursdays, mondays = {"10-12", "10-15", "10-19", "10-22"}, {"10-26", "11-02", "11-09", "11-16"}
    assert {f"{day:%m-%d}" for (day,) in asked} == mondays_and_thursdays | mondays


async def test_the_scheduler_goes_on_where_the_story_of_the_rhythm_stops(database: Database, filled: Filled) -> None:
    """Its own reading, and what it says on the next mornings at nine when nothing more is told."""

    async def said(day: int) -> dict[str, list[MessageKind | None]]:
        morning = datetime(2026, 11, day, 9, 1, tzinfo=NEW_YORK).astimezone(UTC)
        async with database.clinic_tx(filled.clinic_id, SYSTEM) as session:
            names = {client.id: client.name for client in await people.clients_of(session, None)}
            awake_now = [one for one in await awake(session, morning, 20) if names[one.client_id] in FOLLOWED]
            known = await histories(session, awake_now, morning)
            words = {one: this_morning(one, known[one.client_id], date(2026, 11, day)) for one in awake_now}
            return {names[one.client_id]: [word.kind for word in told] for one, told in words.items()}

    assert await said(23) == {"Maria Lopez": ["recheck"], "Aisha Khan": ["week"]}
    assert await said(24) == {"Maria Lopez": ["recheck"], "Aisha Khan": ["lapse_10"]}


def test_nobody_waits_for_the_key_of_the_clinic_until_anothers_story_is_written(urls: Urls, filled: Filled) -> None:
    made = "SELECT k.xmin = s.xmin FROM owner_key k JOIN staff s USING (clinic_id) WHERE k.owner_id = k.clinic_id"
    with psycopg.connect(urls.owner) as connection:
        assert set(connection.execute(made).fetchall()) == {(True,)}


def test_who_answers_by_text_has_a_thread_of_questions_and_answers(urls: Urls, filled: Filled) -> None:
    with psycopg.connect(urls.owner) as connection:
        ben = Book(connection, "Ben Ortiz")
        assert {row[0] for row in ben.rows("t.channel", "pain_entry")} == {"text"}
        assert ben.rows("t.id", "habit_mark") == []
        texts = ben.rows("t.sent_at::date, t.reading", "thread_message", "t.direction = 'in'")
        assert (texts[0][0], len(texts) > 80) == (date(2026, 9, 26), True)
        assert {reading for _, reading in texts} <= {"pain", "done", "some", "skip"}
        kinds = Counter(row[0] for row in ben.rows("t.kind", "message"))
        acks = kinds["check_in_ack"] + kinds["plan_ack"] + kinds["skip_ack"] + kinds["high_ack"]
        assert (acks, ben.rows("t.channel", "message", "t.kind = 'welcome'")) == (len(texts), [("sms",)])
        assert kinds["check_in"] == 59


def test_some_tell_how_it_felt_and_the_mornings_after_up_to_yesterdays(urls: Urls, filled: Filled) -> None:
    with psycopg.connect(urls.owner) as connection:
        for name in ("Maria Lopez", "Ngozi Obi"):
            told = Book(connection, name).rows("t.day", "morning_after")
            assert 3 <= len(told) <= 10, name
            assert (datetime(2026, 11, 23).date(),) not in told
            assert Book(connection, name).rows("t.pain_during", "exercise_session", "t.effort = 'somewhat_hard'")
        assert Book(connection, "Tom Becker").rows("t.day", "morning_after") == []


def test_every_text_is_kept_as_the_provider_would_have_told_it(urls: Urls, filled: Filled) -> None:
    with psycopg.connect(urls.owner) as connection:
        told = connection.execute("SELECT count(*), count(acted_at), count(body) FROM provider_event").fetchone()
        linked = connection.execute("SELECT count(DISTINCT provider_event_id) FROM thread_message").fetchone()
    assert told is not None
    assert linked is not None
    assert told == (linked[0], linked[0], 0)


def test_all_messages_of_the_past_are_in_the_inbox_and_none_waits(urls: Urls, filled: Filled) -> None:
    with psycopg.connect(urls.owner) as connection:
        states = connection.execute(
            "SELECT m.state, count(*), count(a.id), count(i.id), max(m.accepted_at), bool_and(m.created_at <= m.due_at)"
            " FROM message m LEFT JOIN attempt a ON a.message_id = m.id AND a.outcome = 'accepted' "
            "LEFT JOIN test_inbox_message i ON i.message_id = m.id AND i.attempt_id = a.id GROUP BY 1"
        ).fetchall()
    [(state, messages, attempts, kept, last, in_time)] = states
    assert (state, in_time) == ("accepted", True)
    assert messages == attempts == kept > 150
    assert last < NOW


def test_luca_said_stop_and_no_text_was_sent_since(urls: Urls, filled: Filled) -> None:
    with psycopg.connect(urls.owner) as connection:
        luca = Book(connection, "Luca Rossi")
        [(stopped_at,)] = luca.rows("t.opted_out_at", "contact_point", "t.channel = 'sms'")
        [(sent_at, id)] = luca.rows("t.sent_at, t.id", "thread_message")
        body = read(connection, ThreadMessage, "body")[id]
        assert (sent_at, body) == (stopped_at, "STOP")
        assert luca.rows("t.kind", "message", f"t.channel = 'sms' AND t.due_at >= '{stopped_at}'") == [("stopped",)]
        ledger = luca.rows("t.day, t.state = 'suppressed'", "occurrence", "t.channel = 'sms'")
        left_alone = luca.rows("t.day", "occurrence", "t.kind = 'plan' AND t.slot = 0 AND t.reason = 'silent'")
    # From the 25th of September to the 14th of October, and since then.
    assert ledger == [(date(2026, 9, 25) + timedelta(days=days), days >= 20) for days in range(59)]
    assert left_alone == [(date(2026, 10, 26) + timedelta(days=days),) for days in range(28)]


def test_pats_phone_brought_fourteen_things_late_and_one_of_them_stood_otherwise(urls: Urls, filled: Filled) -> None:
    with psycopg.connect(urls.owner) as connection:
        pat = Book(connection, "Pat Murphy")
        late = "t.received_at - t.done_at > interval '2 hours'"
        late_ones = [pat.rows("t.day", table, late) for table in ("pain_entry", "habit_mark")]
        handed_over = pat.rows("t.day", "exercise_session", "t.channel = 'app' AND t.received_at - t.done_at > '2 h'")
        [(id, kind, channel)] = pat.rows("t.id, t.entry_kind, t.channel", "diary_revision")
        outcome = read(connection, DiaryRevision, "body")[id]["outcome"]
    assert [len(rows) for rows in (*late_ones, handed_over)] == [3, 8, 2]
    assert (kind, channel, outcome) == ("exercise_session", "app", "partly")


def test_ngozis_plan_changed_on_the_thirtieth_day(urls: Urls, filled: Filled) -> None:
    with psycopg.connect(urls.owner) as connection:
        ngozi = Book(connection, "Ngozi Obi")
        [first, second] = ngozi.rows("t.number, t.starts_on", "plan_version")
        assert str(second[1]) == "2026-10-24"
        load = "SELECT v.number, sum(i.sets * i.reps) FROM plan_item i JOIN plan_version v ON v.id = i.plan_version_id"
        load += " WHERE i.client_id = %s GROUP BY 1 ORDER BY 1"
        steps = connection.execute(load, [client_called(connection, "Ngozi Obi")]).fetchall()
    assert first[0] == 1
    assert steps[0][1] < steps[1][1]


def test_the_scheduler_goes_on_with_the_reminders_from_now(urls: Urls, filled: Filled) -> None:
    with psycopg.connect(urls.owner) as connection:
        clocks = connection.execute("SELECT min(next_at), max(next_at), count(*) FROM reminder_clock").fetchone()
    nine, half_past_five_in_chicago = datetime(2026, 11, 23, 14, tzinfo=UTC), datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    assert clocks == (nine, half_past_five_in_chicago, 2 * len(NAMED))


def test_kim_was_asked_and_never_answered(urls: Urls, filled: Filled) -> None:
    with psycopg.connect(urls.owner) as connection:
        kim = Book(connection, "Kim Tran")
        days, states = ({row[0] for row in kim.rows(f"t.{what}", "occurrence")} for what in ("day", "state"))
        assert kim.rows("t.id", "pain_entry") == []
    assert (min(map(str, days)), max(map(str, days)), states) == ("2026-11-19", "2026-11-22", {"sent"})


async def test_a_message_of_the_past_reads_as_the_scheduler_writes_it(database: Database, filled: Filled) -> None:
    columns = "m.id, m.client_id, m.contact_point_id, m.channel, m.kind, m.params, m.occurrence_id, m.day"
    statement = (
        f"SELECT {columns}, m.lease_token, m.priority, m.due_at, m.expires_at, m.created_at, m.soft_fails, c.zone,"
        "  i.body, i.subject "
        "FROM message m JOIN client c ON c.clinic_id = m.clinic_id AND c.id = m.client_id "
        "JOIN test_inbox_message i ON i.clinic_id = m.clinic_id AND i.message_id = m.id"
    )
    async with database.clinic_tx(filled.clinic_id, SYSTEM) as session:
        connection = await session.connection()
        rows = (await connection.exec_driver_sql(f"{statement} WHERE m.clinic_id = %s", (filled.clinic_id,))).all()
        one_of_each = {(row.kind, row.channel): row for row in rows}
        for row in one_of_each.values():
            values = dict(row._mapping)
            body, subject = values.pop("body"), values.pop("subject")
            claimed = Claimed(**values, reminder_id=None)
            asked = Moment(row.id, row.client_id, row.contact_point_id, row.due_at.date(), NOW)
            [known] = (await facts(session, [asked], NOW)).values()
            parcel = Renderer(SETTINGS).parcel(filled.clinic_id, claimed, known, row.id, claimed.expires_at, 0)
            assert (parcel.text, parcel.subject) == (body, subject)
    assert {("check_in", "sms"), ("plan", "email"), ("plan", "sms"), ("check_in_ack", "sms")} <= set(one_of_each)


async def test_two_follow_a_programme_and_one_of_them_may_go_on(
    database: Database, filled: Filled, caseload: dict[str, Case]
) -> None:
    told = {}
    async with database.clinic_tx(filled.clinic_id, SYSTEM) as session:
        for name, case in caseload.items():
            labels = [row.context for row in await contexts(session, case.client.id)]
            found = await in_programme(session, await contents(session, case.client.id), labels, case.progress.today)
            if found is not None:
                told[name] = (found.place.programme, found.place.phase, found.due and found.due.phase)
    assert told == {"Ines Silva": ("prog-basic", 3, None), "Pat Murphy": ("prog-oa", 2, 3)}
