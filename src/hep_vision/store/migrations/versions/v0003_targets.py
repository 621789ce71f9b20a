"""What was set for the patient, and the usual range that the session began with."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what older sessions did without: they were judged by the catalogue alone."""
    op.add_column("session", sa.Column("targets", sa.JSON))
    op.add_column("session", sa.Column("personal_range", sa.JSON))
