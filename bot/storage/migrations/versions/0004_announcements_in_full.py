"""Announcements in full: their timing, corrections, acknowledgements, and resending.

Revision: 0004, after 0003.

New columns that may not be empty get a default of the database's own: rows from before
need one, and so does a statement that does not name them.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "acknowledgement",
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcement.id"],
            name=op.f("fk_acknowledgement_announcement_id_announcement"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_acknowledgement_person_id_person")
        ),
        sa.PrimaryKeyConstraint("announcement_id", "person_id", name=op.f("pk_acknowledgement")),
    )
    with op.batch_alter_table("acknowledgement", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_acknowledgement_person_id"), ["person_id"], unique=False
        )

    op.create_table(
        "announcement_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("follow", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("finished_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcement.id"],
            name=op.f("fk_announcement_change_announcement_id_announcement"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement_change")),
    )
    with op.batch_alter_table("announcement_change", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_announcement_change_announcement_id"), ["announcement_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_announcement_change_state"), ["state"], unique=False)

    op.create_table(
        "announcement_wording",
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("language", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcement.id"],
            name=op.f("fk_announcement_wording_announcement_id_announcement"),
        ),
        sa.PrimaryKeyConstraint(
            "announcement_id", "revision", "language", name=op.f("pk_announcement_wording")
        ),
    )
    with op.batch_alter_table("announcement", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "timing",
                sqlmodel.sql.sqltypes.AutoString(),
                nullable=False,
                server_default="instant",
            )
        )
        batch_op.add_column(sa.Column("before_event_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("before_seconds", sa.Integer(), nullable=False, server_default="0")
        )
        batch_op.add_column(
            sa.Column(
                "repeat", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=""
            )
        )
        batch_op.add_column(
            sa.Column(
                "repeat_until",
                sqlmodel.sql.sqltypes.AutoString(),
                nullable=False,
                server_default="",
            )
        )
        batch_op.add_column(sa.Column("series_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("late_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True)
        )
        batch_op.add_column(
            sa.Column("acknowledge", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("chases_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("recalled_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True)
        )
        batch_op.create_unique_constraint(
            batch_op.f("uq_announcement_series_id_due_local"), ["series_id", "due_local"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_announcement_series_id_announcement"),
            "announcement",
            ["series_id"],
            ["id"],
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_announcement_before_event_id_event"),
            "event",
            ["before_event_id"],
            ["id"],
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_announcement_chases_id_announcement"),
            "announcement",
            ["chases_id"],
            ["id"],
        )

    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("change_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.add_column(sa.Column("resent", sa.Integer(), nullable=False, server_default="0"))
        batch_op.create_index(
            "ix_delivery_change",
            ["change_id", "source_id", "kind"],
            unique=True,
            sqlite_where=sa.text("change_id IS NOT NULL"),
            postgresql_where=sa.text("change_id IS NOT NULL"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_delivery_change_id_announcement_change"),
            "announcement_change",
            ["change_id"],
            ["id"],
        )


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_delivery_change_id_announcement_change"), type_="foreignkey"
        )
        batch_op.drop_index(
            "ix_delivery_change",
            sqlite_where=sa.text("change_id IS NOT NULL"),
            postgresql_where=sa.text("change_id IS NOT NULL"),
        )
        batch_op.drop_column("resent")
        batch_op.drop_column("source_id")
        batch_op.drop_column("change_id")
        batch_op.drop_column("revision")

    with op.batch_alter_table("announcement", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_announcement_chases_id_announcement"), type_="foreignkey"
        )
        batch_op.drop_constraint(
            batch_op.f("fk_announcement_before_event_id_event"), type_="foreignkey"
        )
        batch_op.drop_constraint(
            batch_op.f("fk_announcement_series_id_announcement"), type_="foreignkey"
        )
        batch_op.drop_constraint(batch_op.f("uq_announcement_series_id_due_local"), type_="unique")
        batch_op.drop_column("recalled_at")
        batch_op.drop_column("chases_id")
        batch_op.drop_column("revision")
        batch_op.drop_column("acknowledge")
        batch_op.drop_column("late_until")
        batch_op.drop_column("series_id")
        batch_op.drop_column("repeat_until")
        batch_op.drop_column("repeat")
        batch_op.drop_column("before_seconds")
        batch_op.drop_column("before_event_id")
        batch_op.drop_column("timing")

    op.drop_table("announcement_wording")
    with op.batch_alter_table("announcement_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_announcement_change_state"))
        batch_op.drop_index(batch_op.f("ix_announcement_change_announcement_id"))

    op.drop_table("announcement_change")
    with op.batch_alter_table("acknowledgement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_acknowledgement_person_id"))

    op.drop_table("acknowledgement")
