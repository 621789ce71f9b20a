"""Sessions with their repetitions, holds, lost tracking and deviations."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the first tables."""
    _create_session()
    _create_rep()
    _create_hold()
    _create_tracking_loss()
    _create_deviation()


def _create_session() -> None:
    op.create_table(
        "session",
        sa.Column("key", sa.Integer, nullable=False),
        sa.Column("id", sa.String, nullable=False),
        sa.Column("exercise_id", sa.String, nullable=False),
        sa.Column("exercise_revision", sa.Integer, nullable=False),
        sa.Column("side", sa.String(16), nullable=False),
        sa.Column("source_kind", sa.String(16), nullable=False),
        sa.Column("source_path", sa.String, nullable=False),
        sa.Column("source_size_bytes", sa.Integer),
        sa.Column("source_width_px", sa.Integer),
        sa.Column("source_height_px", sa.Integer),
        sa.Column("source_duration_ms", sa.Integer),
        sa.Column("source_sha256", sa.String),
        sa.Column("model_name", sa.String),
        sa.Column("model_sha256", sa.String),
        sa.Column("hep_vision_version", sa.String, nullable=False),
        sa.Column("mediapipe_version", sa.String),
        sa.Column("schema_revision", sa.String, nullable=False),
        sa.Column("started_at", sa.String, nullable=False),
        sa.Column("ended_at", sa.String),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("status_reason", sa.String),
        sa.Column("frame_count", sa.Integer),
        sa.Column("detected_ratio", sa.Double),
        sa.Column("view", sa.String(16)),
        sa.Column("view_ok", sa.Boolean),
        sa.Column("track_file", sa.String),
        sa.PrimaryKeyConstraint("key", name="pk_session"),
        sa.UniqueConstraint("id", name="uq_session_id"),
    )
    op.create_index("ix_session_exercise_id_started_at", "session", ["exercise_id", "started_at"])
    op.create_index("ix_session_started_at", "session", ["started_at"])


def _create_rep() -> None:
    op.create_table(
        "rep",
        *_event_columns("rep"),
        sa.Column("number", sa.Integer),
        sa.Column("side", sa.String(16), nullable=False),
        sa.Column("peak_ms", sa.Integer, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("reason", sa.String),
        sa.Column("peak_deg", sa.Double),
        sa.Column("rom_deg", sa.Double),
        sa.Column("uncertainty_deg", sa.Double),
        sa.Column("concentric_ms", sa.Integer, nullable=False),
        sa.Column("eccentric_ms", sa.Integer, nullable=False),
        sa.Column("hold_ms", sa.Integer, nullable=False),
        sa.Column("not_checked", sa.JSON, nullable=False),
    )


def _create_hold() -> None:
    op.create_table(
        "hold",
        *_event_columns("hold"),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("side", sa.String(16), nullable=False),
        sa.Column("counted_ms", sa.Integer, nullable=False),
        sa.Column("not_checked", sa.JSON, nullable=False),
    )


def _create_tracking_loss() -> None:
    op.create_table("tracking_loss", *_event_columns("tracking_loss"))


def _event_columns(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("key", sa.Integer, nullable=False),
        sa.Column("session_key", sa.Integer, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("start_ms", sa.Integer, nullable=False),
        sa.Column("end_ms", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("key", name=f"pk_{table}"),
        sa.ForeignKeyConstraint(
            ["session_key"], ["session.key"], name=f"fk_{table}_session_key", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("session_key", "ordinal", name=f"uq_{table}_session_key_ordinal"),
    ]


def _create_deviation() -> None:
    op.create_table(
        "deviation",
        sa.Column("key", sa.Integer, nullable=False),
        sa.Column("rep_key", sa.Integer),
        sa.Column("hold_key", sa.Integer),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("check_id", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("side", sa.String(16), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("start_ms", sa.Integer, nullable=False),
        sa.Column("end_ms", sa.Integer, nullable=False),
        sa.Column("value", sa.Double, nullable=False),
        sa.Column("threshold", sa.Double, nullable=False),
        sa.Column("unit", sa.String, nullable=False),
        sa.Column("cue", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_deviation"),
        sa.ForeignKeyConstraint(
            ["rep_key"], ["rep.key"], name="fk_deviation_rep_key", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["hold_key"], ["hold.key"], name="fk_deviation_hold_key", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("rep_key", "ordinal", name="uq_deviation_rep_key_ordinal"),
        sa.UniqueConstraint("hold_key", "ordinal", name="uq_deviation_hold_key_ordinal"),
        sa.CheckConstraint(
            "(rep_key IS NULL) <> (hold_key IS NULL)", name="ck_deviation_one_owner"
        ),
    )
