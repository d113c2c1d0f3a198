"""intakes in versions, goals, visits and hands-on treatments"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from service.database.protection import APP, grant, protect

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

SITES = (
    "'lateral_hip', 'deep_buttock', 'groin_front', 'si_upper_buttock', 'low_back', 'posterior_thigh', 'sit_bone', "
    "'lateral_thigh', 'lateral_knee', 'front_thigh_knee', 'calf', 'heel_foot', 'groin_pelvic'"
)
QUALITIES = "'ache', 'dull', 'sharp', 'burning', 'shooting', 'tingling', 'throbbing', 'stiff', 'snapping', 'pinching'"
TIMING = "'on_waking', 'morning', 'during_day', 'evening', 'night_lying_on_side', 'night_any_position'"
AGGRAVATORS = (
    "'first_steps', 'sitting', 'rising_from_chair', 'walking', 'running', 'cycling', 'stairs_up', 'stairs_down', "
    "'standing_long', 'standing_on_one_leg', 'lying_on_sore_side', 'crossing_legs', 'driving', 'coughing_or_straining'"
)
FLAGS = (
    "'rf-saddle', 'rf-bladder', 'rf-sex', 'rf-bileg', 'rf-weakleg', 'rf-fall', 'rf-noweight', 'rf-hotfever', "
    "'rf-belly', 'rf-pulsation', 'rf-testicle', 'rf-dvt', 'rf-chest', 'rf-cancer', 'rf-fever', 'rf-constitutional', "
    "'rf-nightrest', 'rf-pelvic', 'rf-stress', 'rf-steroid', 'rf-child', 'rf-surgery'"
)


def upgrade() -> None:
    _intake()
    _client_goal()
    _visit()
    _treatment()
    tables = ("intake", "client_goal", "visit", "treatment")
    for table in tables:
        protect(op.execute, table)
    # The notifier has no business with any of it. An intake and its goals are never changed.
    grant(op.execute, APP, "SELECT, INSERT", ("intake", "client_goal"))
    grant(op.execute, APP, "SELECT, INSERT, UPDATE", ("visit", "treatment"))


def _owned(table: str) -> list[sa.schema.SchemaItem]:
    """What every row of a client's record has."""
    return [
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("sync_seq", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f(f"fk_{table}_clinic_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f(f"pk_{table}")),
    ]


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _intake() -> None:
    coded = {"qualities": QUALITIES, "timing": TIMING, "aggravators": AGGRAVATORS, "red_flags": FLAGS}
    op.create_table(
        "intake",
        *_owned("intake"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("entered_by", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("sites", postgresql.JSONB(), nullable=False),
        sa.Column("radiates", sa.String(), nullable=True),
        sa.Column("qualities", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("timing", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("aggravators", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("onset", sa.String(), nullable=True),
        sa.Column("previous_care", sa.String(), nullable=True),
        sa.Column("habits", postgresql.JSONB(), nullable=False),
        sa.Column("red_flags", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.UniqueConstraint("clinic_id", "client_id", "version", name=op.f("uq_intake_clinic_id_client_id_version")),
        _check("intake", "entered_by_known", "entered_by IN ('client', 'helper', 'therapist')"),
        _check("intake", "channel_known", "channel IN ('web', 'api', 'app', 'text', 'email', 'link', 'demo')"),
        _check("intake", "version_counts", "version >= 1"),
        _check("intake", "sites_listed", "jsonb_typeof(sites) = 'array'"),
        _check("intake", "habits_by_name", "jsonb_typeof(habits) = 'object'"),
        _check(
            "intake",
            "radiates_known",
            "radiates IS NULL OR radiates IN ('no', 'to_thigh', 'to_knee', 'to_calf', 'to_foot')",
        ),
        *(
            _check("intake", f"{column}_known", f"{column} <@ ARRAY[{codes}]::text[]")
            for column, codes in coded.items()
        ),
        _check("intake", "onset_length", "length(onset) <= 1000"),
        _check("intake", "previous_care_length", "length(previous_care) <= 1000"),
    )


def _client_goal() -> None:
    op.create_table(
        "client_goal",
        *_owned("client_goal"),
        sa.Column("intake_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("now_score", sa.Integer(), nullable=True),
        sa.Column("wanted_score", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "intake_id"],
            ["intake.clinic_id", "intake.id"],
            name=op.f("fk_client_goal_clinic_id_intake_id"),
        ),
        sa.UniqueConstraint(
            "clinic_id", "intake_id", "position", name=op.f("uq_client_goal_clinic_id_intake_id_position")
        ),
        _check("client_goal", "words_length", "length(words) BETWEEN 1 AND 200"),
        _check("client_goal", "now_range", "now_score IS NULL OR now_score BETWEEN 0 AND 10"),
        _check("client_goal", "wanted_range", "wanted_score IS NULL OR wanted_score BETWEEN 0 AND 10"),
    )


def _by_staff(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "staff_id"],
            ["staff.clinic_id", "staff.id"],
            name=op.f(f"fk_{table}_clinic_id_staff_id"),
        ),
        _check(table, "note_length", "length(note) <= 2000"),
    ]


def _visit() -> None:
    op.create_table("visit", *_owned("visit"), *_by_staff("visit"), sa.Column("note", sa.String(), nullable=True))
    op.create_index(
        "uq_visit_day",
        "visit",
        ["clinic_id", "client_id", "day"],
        unique=True,
        postgresql_where="deleted_at IS NULL",
    )


def _treatment() -> None:
    op.create_table(
        "treatment",
        *_owned("treatment"),
        *_by_staff("treatment"),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=True),
        sa.Column("side", sa.String(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        _check("treatment", "kind_known", "kind IN ('massage', 'trigger_point', 'myofascial', 'other')"),
        _check("treatment", "site_known", f"site IS NULL OR site IN ({SITES})"),
        _check("treatment", "side_known", "side IS NULL OR side IN ('left', 'right', 'both')"),
        _check("treatment", "minutes_range", "minutes IS NULL OR minutes BETWEEN 1 AND 240"),
        _check("treatment", "other_is_named", "kind <> 'other' OR note IS NOT NULL"),
    )
    op.create_index("ix_treatment_day", "treatment", ["clinic_id", "client_id", "day"])
