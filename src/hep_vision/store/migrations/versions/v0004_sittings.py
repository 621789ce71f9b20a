"""Several sets as one sitting, and what the patient says of pain and effort."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add sittings; older sessions belong to none."""
    _create_sitting()
    _create_self_report()
    # A new column with a named foreign key needs the table to be written anew in SQLite.
    with op.batch_alter_table("session") as session:
        session.add_column(sa.Column("sitting_key", sa.Integer))
        session.add_column(sa.Column("set_number", sa.Integer))
        session.create_foreign_key(
            "fk_session_sitting_key", "sitting", ["sitting_key"], ["key"], ondelete="SET NULL"
        )
    op.create_index("ix_session_sitting_key", "session", ["sitting_key"])


def _create_sitting() -> None:
    op.create_table(
        "sitting",
        sa.Column("key", sa.Integer, nullable=False),
        sa.Column("id", sa.String, nullable=False),
        sa.Column("started_at", sa.String, nullable=False),
        sa.Column("ended_at", sa.String),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("plan", sa.JSON, nullable=False),
        sa.Column("stop_reason", sa.String(16)),
        sa.Column("message", sa.String),
        sa.Column("hep_vision_version", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_sitting"),
        sa.UniqueConstraint("id", name="uq_sitting_id"),
    )
    op.create_index("ix_sitting_started_at", "sitting", ["started_at"])


def _create_self_report() -> None:
    op.create_table(
        "self_report",
        sa.Column("key", sa.Integer, nullable=False),
        sa.Column("sitting_key", sa.Integer, nullable=False),
        sa.Column("exercise_id", sa.String),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("value", sa.Integer, nullable=False),
        sa.Column("reported_at", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_self_report"),
        sa.ForeignKeyConstraint(
            ["sitting_key"],
            ["sitting.key"],
            name="fk_self_report_sitting_key",
            ondelete="CASCADE",
        ),
        sa.CheckConstraint("value BETWEEN 0 AND 10", name="ck_self_report_on_the_scale"),
    )
    op.create_index("ix_self_report_sitting_key", "self_report", ["sitting_key"])
