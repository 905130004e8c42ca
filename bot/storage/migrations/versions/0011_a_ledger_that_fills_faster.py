"""A ledger that fills faster: fewer foreign keys, indexes without fresh copies.

Revision: 0011, after 0010. See decision 0047.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ADDRESS, ANNOUNCEMENT = "fk_delivery_address_id_address", "fk_delivery_announcement_id_announcement"
REPLY = "uq_delivery_inbox_id_ordinal_part"


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f(ADDRESS), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f(ANNOUNCEMENT), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f(REPLY), type_="unique")
        batch_op.drop_index("ix_delivery_address")
    _index("ix_delivery_reply", ["inbox_id", "ordinal", "part"], "inbox_id IS NOT NULL", True)
    _index("ix_delivery_address", ["address_id", "lane", "state"], "announcement_id IS NULL")
    _index("ix_delivery_message", ["address_id", "message_id"], "message_id <> ''")


def _index(name: str, columns: list[str], where: str, unique: bool = False) -> None:
    only = sa.text(where)
    op.create_index(
        name, "delivery", columns, unique=unique, sqlite_where=only, postgresql_where=only
    )


def downgrade() -> None:
    """Undo the change."""
    for name in ("ix_delivery_message", "ix_delivery_address", "ix_delivery_reply"):
        op.drop_index(name, table_name="delivery")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index("ix_delivery_address", ["address_id", "lane", "state"], unique=False)
        batch_op.create_unique_constraint(batch_op.f(REPLY), ["inbox_id", "ordinal", "part"])
        batch_op.create_foreign_key(
            batch_op.f(ANNOUNCEMENT), "announcement", ["announcement_id"], ["id"]
        )
        batch_op.create_foreign_key(batch_op.f(ADDRESS), "address", ["address_id"], ["id"])
