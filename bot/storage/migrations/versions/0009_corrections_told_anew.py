"""Corrections are told by announcements of their own; parts are laid out anew.

Revision: 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_KEY = "fk_announcement_change_telling_id_announcement"
_ONCE = "uq_announcement_change_telling_id"


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("announcement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("laid_out", sa.Integer(), nullable=False, server_default="1"))
    op.execute("UPDATE announcement SET laid_out = revision")
    with op.batch_alter_table("announcement", schema=None) as batch_op:
        batch_op.alter_column("laid_out", server_default=None)
    with op.batch_alter_table("announcement_change", schema=None) as batch_op:
        batch_op.add_column(sa.Column("telling_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f(_KEY), "announcement", ["telling_id"], ["id"])
        batch_op.create_unique_constraint(batch_op.f(_ONCE), ["telling_id"])


def downgrade() -> None:
    """Undo the change."""
    with op.batch_alter_table("announcement_change", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f(_ONCE), type_="unique")
        batch_op.drop_constraint(batch_op.f(_KEY), type_="foreignkey")
        batch_op.drop_column("telling_id")
    with op.batch_alter_table("announcement", schema=None) as batch_op:
        batch_op.drop_column("laid_out")
