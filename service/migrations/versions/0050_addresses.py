"""phone numbers and email addresses of clients are sealed, and found by a mark of each"""

import sqlalchemy as sa
from alembic import op

from service.database import box
from service.database.protection import NOTIFIER, grant
from service.database.sealing_plain import Marked, seal_columns

revision = "0050"
down_revision = "0038"
branch_labels = None
depends_on = None

SEALED = [
    Marked("contact_point", "address", "client_id", mark="address_mark"),
    Marked("unplaced_text", "sent_from", "clinic_id", mark="sent_mark"),
]


def upgrade() -> None:
    connection = op.get_bind()
    marking = box.new_marking(box.ring().first.id)
    op.add_column("key_check", sa.Column("marking", sa.LargeBinary(), nullable=True))
    for name in ("phone_e164", "email_shape"):
        op.drop_constraint(op.f(f"ck_contact_point_{name}"), "contact_point", type_="check")
    op.drop_constraint(op.f("uq_contact_point_clinic_id_client_id_channel_address"), "contact_point", type_="unique")
    op.drop_index("ix_contact_point_address", "contact_point")
    for one in SEALED:
        op.add_column(one.table, sa.Column(one.mark, sa.LargeBinary(), server_default="", nullable=False))
    seal_columns(connection, SEALED, marking)
    connection.execute(sa.text("UPDATE key_check SET marking = :marking"), {"marking": marking})
    op.alter_column("key_check", "marking", nullable=False)
    for one in SEALED:
        op.alter_column(one.table, one.mark, server_default=None)
    op.create_unique_constraint(
        op.f("uq_contact_point_clinic_id_client_id_channel_address_mark"),
        "contact_point",
        ["clinic_id", "client_id", "channel", "address_mark"],
    )
    op.create_index("ix_contact_point_address", "contact_point", ["address_mark"])
    for table, name, condition in (
        ("contact_point", "address_length", "octet_length(address) BETWEEN 32 AND 1045"),
        ("contact_point", "mark_length", "octet_length(address_mark) = 16"),
        ("unplaced_text", "mark_length", "octet_length(sent_mark) = 16"),
    ):
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
    # Of what it opens, the notifier may read addresses alone.
    grant(op.execute, NOTIFIER, "SELECT", ("owner_key",))
