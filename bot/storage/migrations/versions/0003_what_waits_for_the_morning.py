"""Claiming steps over what waits for the morning.

Revision: 0003, after 0002.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

CLAIM = ["platform", "account", "lane", "state"]


def upgrade() -> None:
    """Apply the change."""
    _index([*CLAIM, "not_before", "id"])


def downgrade() -> None:
    """Take the change back."""
    _index([*CLAIM, "id"])


def _index(columns: list[str]) -> None:
    op.drop_index("ix_delivery_claim", table_name="delivery")
    op.create_index("ix_delivery_claim", "delivery", columns, unique=False)
