"""Cards that show staff how far an announcement is, and who was reached by hand.

Revision: 0006, after 0004.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "reached_by_hand",
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("how", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("day", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("noted_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcement.id"],
            name=op.f("fk_reached_by_hand_announcement_id_announcement"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_reached_by_hand_person_id_person")
        ),
        sa.PrimaryKeyConstraint("announcement_id", "person_id", name=op.f("pk_reached_by_hand")),
    )
    with op.batch_alter_table("reached_by_hand", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_reached_by_hand_person_id"), ["person_id"], unique=False
        )

    op.create_table(
        "announcement_card",
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("address_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("shown", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["address_id"], ["address.id"], name=op.f("fk_announcement_card_address_id_address")
        ),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcement.id"],
            name=op.f("fk_announcement_card_announcement_id_announcement"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_announcement_card_person_id_person")
        ),
        sa.PrimaryKeyConstraint("announcement_id", "address_id", name=op.f("pk_announcement_card")),
    )
    with op.batch_alter_table("announcement_card", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_announcement_card_person_id"), ["person_id"], unique=False
        )


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("announcement_card", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_announcement_card_person_id"))

    op.drop_table("announcement_card")
    with op.batch_alter_table("reached_by_hand", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reached_by_hand_person_id"))

    op.drop_table("reached_by_hand")
