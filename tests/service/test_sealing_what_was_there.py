"""An installation from before: what stood there in plain is sealed by the migration, all of it or nothing."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from alembic import command
from sqlalchemy import create_engine, make_url

from service.accounts.tables import Client, ContactPoint
from service.conversation.tables import ThreadMessage, UnplacedText
from service.data_keys import KeySource, new_key
from service.database import box
from service.database.embedded import EmbeddedPostgres
from service.diary.tables import DiaryRevision
from service.errors import WrongSettings
from service.migrate import config, migrate, prepare_roles
from service.review.tables import PlanDraft
from tests.conftest import Urls
from tests.key import KEY
from tests.own_database import urls as urls
from tests.sealed import mark, read

CLINIC, OTHER, STAFF, CLIENT, ROW = (uuid4() for _ in range(5))


@pytest.fixture(scope="module")
def as_0035(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The name of a database as 0035 left it, with one client, and a clinic without any that has a text."""
    name = f"as_0035_{uuid4().hex}"
    url = postgres.superuser_url(name)
    with psycopg.connect(postgres.superuser_url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        prepare_roles(url)
        engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
        with engine.begin() as migrating:
            command.upgrade(config(migrating), "0035")
        engine.dispose()
        _fill(url)
        yield name
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def old(postgres: EmbeddedPostgres, as_0035: str) -> Iterator[str]:
    name = f"old_{uuid4().hex}"
    with psycopg.connect(postgres.superuser_url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {as_0035} STRATEGY file_copy".encode())
        yield postgres.superuser_url(name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _fill(url: str) -> None:
    values = {"clinic": CLINIC, "other": OTHER, "staff": STAFF, "client": CLIENT, "row": ROW}
    own = "clinic_id, id, client_id, sync_seq, created_at"
    with psycopg.connect(url) as connection:
        for statement in (
            "INSERT INTO clinic (clinic_id, name, short_name, country, zone, locale, phone, emergency_number,"
            " quiet_from, quiet_until, texts_per_day, texts_per_week, created_at) SELECT id, 'N', 'N', 'US', 'UTC',"
            " 'en', '1', '911', '21:00', '08:00', 4, 20, now() FROM unnest(ARRAY[%(clinic)s, %(other)s]) AS c(id)",
            "INSERT INTO staff (clinic_id, id, name, email, role, password_hash, active, created_at) VALUES"
            " (%(clinic)s, %(staff)s, 'Sam', 's@x.example', 'owner', 'x', true, now())",
            "INSERT INTO client (clinic_id, id, name, therapist_id, zone, locale, state, sync_seq, created_at) VALUES"
            " (%(clinic)s, %(client)s, 'Zoë Ångström', %(staff)s, 'UTC', 'en', 'active', 1, now())",
            f"INSERT INTO thread_message ({own}, direction, channel, body, sent_at) VALUES"
            " (%(clinic)s, %(row)s, %(client)s, 1, now(), 'in', 'text', 'hurts \\ here', now())",
            "INSERT INTO diary_revision (clinic_id, id, client_id, entry_kind, entry_id, revision, body, replaced_at,"
            " channel) VALUES (%(clinic)s, %(row)s, %(client)s, 'pain_entry', %(row)s, 1,"
            """ '{"note": "é", "score": 4}', now(), 'web')""",
            "INSERT INTO unplaced_text (clinic_id, id, event_key, received_at, sent_from, body, reason, is_danger,"
            " candidates) VALUES (%(other)s, %(row)s, 'SM1', now(), '+12025550142', 'who am I', 'unknown_number',"
            " false, '{}')",
            "INSERT INTO plan_draft (clinic_id, client_id, staff_id, follows, fields, saved_at) VALUES"
            """ (%(clinic)s, %(client)s, %(staff)s, 0, '[["note", "typed"]]', now())""",
            "INSERT INTO contact_point (clinic_id, id, client_id, channel, address, position, created_at) VALUES"
            " (%(clinic)s, %(row)s, %(client)s, 'sms', '+12025550142', 0, now())",
        ):
            connection.execute(statement.encode(), values)


def test_what_stood_there_is_sealed_and_read_as_before(old: str) -> None:
    migrate(old)
    with psycopg.connect(old) as connection:
        assert read(connection, Client, "name") == {CLIENT: "Zoë Ångström"}
        assert read(connection, ThreadMessage, "body") == {ROW: "hurts \\ here"}
        assert read(connection, DiaryRevision, "body") == {ROW: {"note": "é", "score": 4}}
        assert read(connection, PlanDraft, "fields", id="staff_id") == {STAFF: [["note", "typed"]]}
        assert read(connection, UnplacedText, "body") == {ROW: "who am I"}
        assert {owner for (owner,) in connection.execute("SELECT owner_id FROM owner_key")} == {CLIENT, CLINIC, OTHER}
        assert read(connection, ContactPoint, "address") == {ROW: "+12025550142"}
        assert read(connection, UnplacedText, "sent_from") == {ROW: "+12025550142"}
        marks = "SELECT address_mark FROM contact_point UNION ALL SELECT sent_mark FROM unplaced_text"
        assert connection.execute(marks).fetchall() == [(mark(connection, "+12025550142"),)] * 2
        # Nor is the old value left in a page of a table or an index.
        connection.execute("CHECKPOINT")
        for table, word in (("thread_message", "hurts"), ("contact_point", "2025550142"), ("unplaced_text", "5550142")):
            files = "SELECT pg_relation_filepath(oid) FROM pg_class WHERE oid = %(t)s::regclass OR oid IN (SELECT"
            files += " indexrelid FROM pg_index WHERE indrelid = %(t)s::regclass)"
            for (file,) in connection.execute(files.encode(), {"t": table}).fetchall():
                there = "SELECT position(convert_to(%s, 'UTF8') IN pg_read_binary_file(%s))"
                assert connection.execute(there, [word, file]).fetchall() == [(0,)], (table, file)


def test_a_migration_that_is_cut_short_changes_nothing_and_the_next_one_does_all(
    old: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(box, "sealed", _once(box.sealed))
        with pytest.raises(KeyboardInterrupt):
            migrate(old)
    with psycopg.connect(old) as connection:
        assert connection.execute("SELECT name FROM client").fetchall() == [("Zoë Ångström",)]
        assert connection.execute("SELECT to_regclass('public.owner_key')").fetchall() == [(None,)]
    migrate(old)


def _once(seal: Callable[..., bytes]) -> Callable[..., bytes]:
    """Then somebody stops it."""
    left = [seal]

    def sealed(*given: Any) -> bytes:
        if not left:
            raise KeyboardInterrupt
        return left.pop()(*given)

    return sealed


def test_another_key_is_refused_before_a_migration_begins(urls: Urls) -> None:
    box.use(KeySource((new_key(),)))
    try:
        with pytest.raises(WrongSettings, match="another installation"):
            migrate(urls.owner)
    finally:
        box.use(KeySource((KEY,)))
