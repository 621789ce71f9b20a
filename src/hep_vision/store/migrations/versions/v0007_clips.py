"""Clips of flagged repetitions, and what people say of what was flagged."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both tables; of older logs there are no clips, and nobody said anything."""
    _add_clips()
    _add_verdicts()


def _add_clips() -> None:
    op.create_table(
        "clip",
        sa.Column("key", sa.Integer, nullable=False),
        sa.Column("id", sa.String, nullable=False),
        sa.Column("session_key", sa.Integer, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("check_ids", sa.JSON, nullable=False),
        sa.Column("start_ms", sa.Integer, nullable=False),
        sa.Column("end_ms", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String, nullable=False),
        sa.Column("size_bytes", sa.Integer, nullable=False),
        sa.Column("width_px", sa.Integer, nullable=False),
        sa.Column("height_px", sa.Integer, nullable=False),
        sa.Column("fps", sa.Double, nullable=False),
        sa.Column("blurred", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_clip"),
        sa.UniqueConstraint("id", name="uq_clip_id"),
        sa.UniqueConstraint("session_key", "ordinal", name="uq_clip_session_key_ordinal"),
        sa.CheckConstraint("end_ms > start_ms", name="ck_clip_lasts"),
        sa.ForeignKeyConstraint(
            ["session_key"], ["session.key"], name="fk_clip_session_key", ondelete="CASCADE"
        ),
    )


def _add_verdicts() -> None:
    op.create_table(
        "verdict",
        sa.Column("key", sa.Integer, nullable=False),
        sa.Column("session_key", sa.Integer, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("check_id", sa.String, nullable=False),
        sa.Column("finding", sa.String(16), nullable=False),
        sa.Column("note", sa.String, nullable=True),
        sa.Column("decided_at", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_verdict"),
        sa.ForeignKeyConstraint(
            ["session_key"], ["session.key"], name="fk_verdict_session_key", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_verdict_session_key_ordinal", "verdict", ["session_key", "ordinal"])
