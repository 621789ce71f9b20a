"""Milestones that a patient was told of, so that each is said once."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what was told; of older logs nothing was."""
    op.create_table(
        "told_milestone",
        sa.Column("key", sa.Integer, nullable=False),
        sa.Column("program_id", sa.String, nullable=False),
        sa.Column("milestone", sa.String, nullable=False),
        sa.Column("told_at", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_told_milestone"),
        sa.UniqueConstraint(
            "program_id", "milestone", name="uq_told_milestone_program_id_milestone"
        ),
    )
