"""A second count beside the measured one, and corrections by hand beside both."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what is not known of older sessions, and nowhere touch what was measured."""
    op.add_column("session", sa.Column("recount", sa.Integer))
    op.add_column("session", sa.Column("uncertain", sa.Boolean))
    op.create_table(
        "correction",
        sa.Column("key", sa.Integer, nullable=False),
        sa.Column("session_key", sa.Integer, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("note", sa.String),
        sa.Column("corrected_at", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_correction"),
        sa.ForeignKeyConstraint(
            ["session_key"],
            ["session.key"],
            name="fk_correction_session_key",
            ondelete="CASCADE",
        ),
        sa.CheckConstraint("count >= 0", name="ck_correction_not_negative"),
    )
    op.create_index("ix_correction_session_key", "correction", ["session_key"])
