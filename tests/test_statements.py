import pytest

from tests.statements import objection


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT set_config('app.clinic_id', 'x', true)",
        "UPDATE message SET due_at = clock_timestamp() WHERE clinic_id = 'x'",
        "WITH a AS (SELECT 1) UPDATE message SET id = gen_random_uuid() WHERE clinic_id = 'x'",
        "SELECT 1 FROM message WHERE clinic_id = 'x' AND due_at < clock_timestamp()",
        "SELECT nextval('lease_seq')",
        "COPY pain_entry FROM STDIN",
        "SET app.clinic_id TO 'x'",
        "SELECT id FROM message WHERE state = 'queued' LIMIT 5 FOR UPDATE SKIP LOCKED",
    ],
)
def test_the_watch_catches(statement: str) -> None:
    assert objection(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SET LOCAL app.clinic_id TO '0'",
        "SELECT id FROM message WHERE clinic_id = 'x' FOR UPDATE SKIP LOCKED",
        "UPDATE message SET lease_until = now() WHERE clinic_id = 'x'",
        "INSERT INTO message (clinic_id) VALUES ('x') ON CONFLICT DO NOTHING",
    ],
)
def test_the_watch_lets_pass(statement: str) -> None:
    assert objection(statement) is None
