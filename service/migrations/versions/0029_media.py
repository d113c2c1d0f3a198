"""pictures and videos of a clinic's own for its exercises, their bytes in rows that a range can pick from"""

import sqlalchemy as sa
from alembic import op

from service.database.protection import APP, grant, protect

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _media()
    _chunk()
    for table in ("exercise_media", "exercise_media_chunk"):
        protect(op.execute, table)
        grant(op.execute, APP, "SELECT, INSERT, UPDATE", (table,))
    grant(op.execute, APP, "DELETE", ("exercise_media_chunk",))
    # Pictures and videos are packed already; unpacked, a part of a row is read without the rest of it.
    op.execute("ALTER TABLE exercise_media_chunk ALTER COLUMN bytes SET STORAGE EXTERNAL")


def _media() -> None:
    op.create_table(
        "exercise_media",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("exercise_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("alt", sa.String(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('picture', 'video')", name=op.f("ck_exercise_media_kind_known")),
        sa.CheckConstraint(
            "content_type IN ('image/jpeg', 'image/png', 'image/webp', 'video/mp4')",
            name=op.f("ck_exercise_media_content_type_known"),
        ),
        sa.CheckConstraint("size BETWEEN 1 AND 30000000", name=op.f("ck_exercise_media_size_range")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_exercise_media_sha256_length")),
        sa.CheckConstraint(
            "width BETWEEN 1 AND 4096 AND height BETWEEN 1 AND 4096", name=op.f("ck_exercise_media_pixels_range")
        ),
        sa.CheckConstraint("length(trim(alt)) BETWEEN 1 AND 200", name=op.f("ck_exercise_media_alt_given")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "exercise_id"],
            ["exercise.clinic_id", "exercise.id"],
            name=op.f("fk_exercise_media_clinic_id_exercise_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "created_by"],
            ["staff.clinic_id", "staff.id"],
            name=op.f("fk_exercise_media_clinic_id_created_by"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_exercise_media")),
    )
    op.create_index(
        "uq_exercise_media_current",
        "exercise_media",
        ["clinic_id", "exercise_id", "kind"],
        unique=True,
        postgresql_where=sa.text("retired_at IS NULL"),
    )


def _chunk() -> None:
    op.create_table(
        "exercise_media_chunk",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("media_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("position >= 0", name=op.f("ck_exercise_media_chunk_position_counted")),
        sa.CheckConstraint("length(bytes) BETWEEN 1 AND 262144", name=op.f("ck_exercise_media_chunk_bytes_range")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "media_id"],
            ["exercise_media.clinic_id", "exercise_media.id"],
            name=op.f("fk_exercise_media_chunk_clinic_id_media_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "media_id", "position", name=op.f("pk_exercise_media_chunk")),
    )
