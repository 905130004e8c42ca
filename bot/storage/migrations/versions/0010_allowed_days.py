"""Days on which announcements may come, and quiet hours of organisations.

Revision: 0010, after 0009.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_ADDED = {"organisation": ("quiet_from", "quiet_until", "days"), "person": ("days",)}


def upgrade() -> None:
    """Apply the change."""
    for table, names in _ADDED.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name in names:
                text = sqlmodel.sql.sqltypes.AutoString()
                batch_op.add_column(sa.Column(name, text, nullable=False, server_default=""))


def downgrade() -> None:
    """Undo the change."""
    for table, names in _ADDED.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name in names:
                batch_op.drop_column(name)
