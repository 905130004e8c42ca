"""Replies to announcements.

Revision: 0008, after 0007.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_REFERS = ("announcement", "account", "person", "room", "question")
_FOUND_BY = ("announcement_id", "account_id", "person_id")


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "announcement_reply",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("question_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("met", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("quoted", sa.Boolean(), nullable=False),
        sa.Column("said_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [f"{one}_id"], [f"{one}.id"], name=op.f(f"fk_announcement_reply_{one}_id_{one}")
            )
            for one in _REFERS
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement_reply")),
    )
    with op.batch_alter_table("announcement_reply", schema=None) as batch_op:
        for one in _FOUND_BY:
            batch_op.create_index(batch_op.f(f"ix_announcement_reply_{one}"), [one], unique=False)


def downgrade() -> None:
    """Undo the change."""
    op.drop_table("announcement_reply")
