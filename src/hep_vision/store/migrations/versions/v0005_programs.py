"""Versions of home exercise programs, and which of them a sitting was done by."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add versions; older sittings were done by none."""
    op.create_table(
        "program_version",
        sa.Column("key", sa.Integer, nullable=False),
        sa.Column("program_id", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("patient", sa.String, nullable=False),
        sa.Column("valid_from", sa.String, nullable=False),
        sa.Column("plan", sa.String, nullable=False),
        sa.Column("created_at", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_program_version"),
        sa.UniqueConstraint("program_id", "number", name="uq_program_version_program_id_number"),
        sa.UniqueConstraint(
            "program_id", "valid_from", name="uq_program_version_program_id_valid_from"
        ),
        sa.CheckConstraint("number >= 1", name="ck_program_version_from_one"),
    )
    # A new column with a named foreign key needs the table to be written anew in SQLite.
    with op.batch_alter_table("sitting") as sitting:
        sitting.add_column(sa.Column("program_version_key", sa.Integer))
        sitting.create_foreign_key(
            "fk_sitting_program_version_key",
            "program_version",
            ["program_version_key"],
            ["key"],
            ondelete="SET NULL",
        )
    op.create_index("ix_sitting_program_version_key", "sitting", ["program_version_key"])
