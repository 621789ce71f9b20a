"""Who read the messages of patients, and when."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what was read; of older messages nobody said so."""
    op.create_table(
        "message_reading",
        sa.Column("key", sa.Integer, nullable=False),
        sa.Column("sitting_key", sa.Integer, nullable=False),
        sa.Column("message", sa.String, nullable=False),
        sa.Column("read_at", sa.String, nullable=False),
        sa.Column("read_by", sa.String, nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_message_reading"),
        sa.ForeignKeyConstraint(
            ["sitting_key"],
            ["sitting.key"],
            name="fk_message_reading_sitting_key",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_message_reading_sitting_key", "message_reading", ["sitting_key"])
