"""The tables of the log.

    program_version ─< sitting ─┬─< self_report
                                ├─< message_reading
                                └─< session ─┬─< rep ──────┬─< deviation
                                             ├─< hold ─────┘
                                             ├─< tracking_loss
                                             ├─< correction
                                             ├─< clip
                                             └─< verdict

A version of a program holds from its moment until the next one of the same program; which
milestones its patient was told of is in a table by itself.
A sitting is one time in front of the camera; each set of it is a session, and so is a recording
that belongs to none. A sitting that is removed leaves its sessions, and takes along what the
patient said.

``ordinal`` is the order in which the events of a session were recorded, over its three tables
together. Totals are never stored: they follow from the rows. ``recount`` is no total of theirs but
a count of its own, and a correction stands beside what was measured, never in its place. Columns
carry the names of the fields of `hep_vision.core.types`, except ``number`` for an index that people
count from 1.

A clip and a verdict belong to the repetition or hold with their ``ordinal``, the verdict to one
check of it; of several verdicts the last holds. The file of a clip is named by its id alone. A
reading has the words of the message that was read.

A change here needs a new file in ``migrations/versions`` and its number in `SCHEMA_REVISION`.
"""

from enum import StrEnum
from typing import Any, ClassVar, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Double,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    UniqueConstraint,
    select,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, column_property, mapped_column, relationship
from sqlalchemy.types import TypeEngine

from hep_vision.core.types import ReportKind, RepStatus, Severity, Side, StopReason, View
from hep_vision.store.records import SessionStatus, SourceKind
from hep_vision.store.review_records import Finding

SCHEMA_REVISION: Final = "0008"


def _words(enum: type[StrEnum], length: int = 16) -> Enum:
    return Enum(
        enum,
        native_enum=False,
        length=length,
        values_callable=lambda members: [member.value for member in members],
    )


class Base(DeclarativeBase):
    """Base of all tables; constraints are named so that a migration can drop them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, TypeEngine[Any]]] = {
        float: Double(),
        int: BigInteger().with_variant(Integer(), "sqlite"),  # 64 bits in both
        **{
            enum: _words(enum)
            for enum in (
                Finding,
                RepStatus,
                SessionStatus,
                Severity,
                Side,
                SourceKind,
                StopReason,
                View,
            )
        },
        ReportKind: _words(ReportKind, 24),
    }


class StoredProgramVersion(Base):
    """A home exercise program, as it held from one moment on."""

    __tablename__ = "program_version"
    __table_args__ = (
        UniqueConstraint("program_id", "number"),
        UniqueConstraint("program_id", "valid_from"),
        CheckConstraint("number >= 1", name="from_one"),
    )

    key: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[str]
    number: Mapped[int]
    patient: Mapped[str]
    valid_from: Mapped[str]
    plan: Mapped[str]
    created_at: Mapped[str]


class StoredToldMilestone(Base):
    """Something a patient has reached and was told of; ``milestone`` is its key."""

    __tablename__ = "told_milestone"
    __table_args__ = (UniqueConstraint("program_id", "milestone"),)

    key: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[str]
    milestone: Mapped[str]
    told_at: Mapped[str]


class StoredSitting(Base):
    """One time in front of the camera."""

    __tablename__ = "sitting"
    __table_args__ = (Index(None, "started_at"), Index(None, "program_version_key"))

    key: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    started_at: Mapped[str]
    ended_at: Mapped[str | None]
    status: Mapped[SessionStatus]
    plan: Mapped[dict[str, Any]] = mapped_column(JSON)
    stop_reason: Mapped[StopReason | None]
    message: Mapped[str | None]
    hep_vision_version: Mapped[str]
    program_version_key: Mapped[int | None] = mapped_column(
        ForeignKey("program_version.key", ondelete="SET NULL")
    )

    program_version: Mapped["StoredProgramVersion | None"] = relationship(lazy="joined")
    reports: Mapped[list["StoredSelfReport"]] = relationship(
        order_by="StoredSelfReport.key", passive_deletes=True
    )
    readings: Mapped[list["StoredMessageReading"]] = relationship(
        order_by="StoredMessageReading.key", passive_deletes=True
    )
    sets: Mapped[list["StoredSession"]] = relationship(
        order_by="StoredSession.key", passive_deletes=True
    )


class StoredSelfReport(Base):
    """What the patient said of pain or effort; of several of a kind the one entered last holds."""

    __tablename__ = "self_report"
    __table_args__ = (
        Index(None, "sitting_key"),
        CheckConstraint("value BETWEEN 0 AND 10", name="on_the_scale"),
    )

    key: Mapped[int] = mapped_column(primary_key=True)
    sitting_key: Mapped[int] = mapped_column(ForeignKey("sitting.key", ondelete="CASCADE"))
    exercise_id: Mapped[str | None]
    kind: Mapped[ReportKind]
    value: Mapped[int]
    reported_at: Mapped[str]


class StoredMessageReading(Base):
    """That somebody read a message with these words."""

    __tablename__ = "message_reading"
    __table_args__ = (Index(None, "sitting_key"),)

    key: Mapped[int] = mapped_column(primary_key=True)
    sitting_key: Mapped[int] = mapped_column(ForeignKey("sitting.key", ondelete="CASCADE"))
    message: Mapped[str]
    read_at: Mapped[str]
    read_by: Mapped[str | None]


class StoredSession(Base):
    """One exercise once: a set of a sitting, or a recording."""

    __tablename__ = "session"
    __table_args__ = (
        Index(None, "exercise_id", "started_at"),
        Index(None, "started_at"),
        Index(None, "sitting_key"),
    )

    key: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    exercise_id: Mapped[str]
    exercise_revision: Mapped[int]
    side: Mapped[Side]
    source_kind: Mapped[SourceKind]
    source_path: Mapped[str]
    source_size_bytes: Mapped[int | None]
    source_width_px: Mapped[int | None]
    source_height_px: Mapped[int | None]
    source_duration_ms: Mapped[int | None]
    source_sha256: Mapped[str | None]
    model_name: Mapped[str | None]
    model_sha256: Mapped[str | None]
    hep_vision_version: Mapped[str]
    mediapipe_version: Mapped[str | None]
    schema_revision: Mapped[str]
    started_at: Mapped[str]
    ended_at: Mapped[str | None]
    status: Mapped[SessionStatus]
    status_reason: Mapped[str | None]
    frame_count: Mapped[int | None]
    detected_ratio: Mapped[float | None]
    view: Mapped[View | None]
    view_ok: Mapped[bool | None]
    track_file: Mapped[str | None]
    recount: Mapped[int | None]
    uncertain: Mapped[bool | None]
    targets: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    personal_range: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    sitting_key: Mapped[int | None] = mapped_column(ForeignKey("sitting.key", ondelete="SET NULL"))
    set_number: Mapped[int | None]

    # Read along with the row: a list of sessions would ask once more for each of them.
    sitting_id: Mapped[str | None] = column_property(
        select(StoredSitting.id).where(StoredSitting.key == sitting_key).scalar_subquery()
    )
    program_id: Mapped[str | None] = column_property(
        select(StoredProgramVersion.program_id)
        .join(StoredSitting, StoredSitting.program_version_key == StoredProgramVersion.key)
        .where(StoredSitting.key == sitting_key)
        .correlate_except(StoredSitting, StoredProgramVersion)
        .scalar_subquery()
    )
    program_number: Mapped[int | None] = column_property(
        select(StoredProgramVersion.number)
        .join(StoredSitting, StoredSitting.program_version_key == StoredProgramVersion.key)
        .where(StoredSitting.key == sitting_key)
        .correlate_except(StoredSitting, StoredProgramVersion)
        .scalar_subquery()
    )

    reps: Mapped[list["StoredRep"]] = relationship(passive_deletes=True)
    holds: Mapped[list["StoredHold"]] = relationship(passive_deletes=True)
    losses: Mapped[list["StoredTrackingLoss"]] = relationship(passive_deletes=True)
    corrections: Mapped[list["StoredCorrection"]] = relationship(
        order_by="StoredCorrection.key", passive_deletes=True
    )


class StoredRep(Base):
    """An excursion from rest, of any status."""

    __tablename__ = "rep"
    __table_args__ = (UniqueConstraint("session_key", "ordinal"),)

    key: Mapped[int] = mapped_column(primary_key=True)
    session_key: Mapped[int] = mapped_column(ForeignKey("session.key", ondelete="CASCADE"))
    ordinal: Mapped[int]
    index: Mapped[int | None] = mapped_column("number")
    side: Mapped[Side]
    start_ms: Mapped[int]
    peak_ms: Mapped[int]
    end_ms: Mapped[int]
    status: Mapped[RepStatus]
    reason: Mapped[str | None]
    peak_deg: Mapped[float | None]
    rom_deg: Mapped[float | None]
    uncertainty_deg: Mapped[float | None]
    concentric_ms: Mapped[int]
    eccentric_ms: Mapped[int]
    hold_ms: Mapped[int]
    not_checked: Mapped[list[str]] = mapped_column(JSON)

    deviations: Mapped[list["StoredDeviation"]] = relationship(
        order_by="StoredDeviation.ordinal", passive_deletes=True
    )


class StoredHold(Base):
    """A timed hold."""

    __tablename__ = "hold"
    __table_args__ = (UniqueConstraint("session_key", "ordinal"),)

    key: Mapped[int] = mapped_column(primary_key=True)
    session_key: Mapped[int] = mapped_column(ForeignKey("session.key", ondelete="CASCADE"))
    ordinal: Mapped[int]
    index: Mapped[int] = mapped_column("number")
    side: Mapped[Side]
    start_ms: Mapped[int]
    end_ms: Mapped[int]
    counted_ms: Mapped[int]
    not_checked: Mapped[list[str]] = mapped_column(JSON)

    deviations: Mapped[list["StoredDeviation"]] = relationship(
        order_by="StoredDeviation.ordinal", passive_deletes=True
    )


class StoredTrackingLoss(Base):
    """A span in which the landmarks needed were not seen."""

    __tablename__ = "tracking_loss"
    __table_args__ = (UniqueConstraint("session_key", "ordinal"),)

    key: Mapped[int] = mapped_column(primary_key=True)
    session_key: Mapped[int] = mapped_column(ForeignKey("session.key", ondelete="CASCADE"))
    ordinal: Mapped[int]
    start_ms: Mapped[int]
    end_ms: Mapped[int]


class StoredDeviation(Base):
    """A form deviation of one repetition or one hold; ``ordinal`` is its place there."""

    __tablename__ = "deviation"
    __table_args__ = (
        UniqueConstraint("rep_key", "ordinal"),
        UniqueConstraint("hold_key", "ordinal"),
        CheckConstraint("(rep_key IS NULL) <> (hold_key IS NULL)", name="one_owner"),
    )

    key: Mapped[int] = mapped_column(primary_key=True)
    rep_key: Mapped[int | None] = mapped_column(ForeignKey("rep.key", ondelete="CASCADE"))
    hold_key: Mapped[int | None] = mapped_column(ForeignKey("hold.key", ondelete="CASCADE"))
    ordinal: Mapped[int]
    id: Mapped[str] = mapped_column("check_id")
    rep: Mapped[int] = mapped_column("number")
    side: Mapped[Side]
    severity: Mapped[Severity]
    start_ms: Mapped[int]
    end_ms: Mapped[int]
    value: Mapped[float]
    threshold: Mapped[float]
    unit: Mapped[str]
    cue: Mapped[str]


class StoredCorrection(Base):
    """What a person says the right count is; of several the one entered last holds."""

    __tablename__ = "correction"
    __table_args__ = (
        Index(None, "session_key"),
        CheckConstraint("count >= 0", name="not_negative"),
    )

    key: Mapped[int] = mapped_column(primary_key=True)
    session_key: Mapped[int] = mapped_column(ForeignKey("session.key", ondelete="CASCADE"))
    count: Mapped[int]
    note: Mapped[str | None]
    corrected_at: Mapped[str]


class StoredClip(Base):
    """Pictures of one repetition or hold, in a file named by ``id``."""

    __tablename__ = "clip"
    __table_args__ = (
        UniqueConstraint("session_key", "ordinal"),
        CheckConstraint("end_ms > start_ms", name="lasts"),
    )

    key: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    session_key: Mapped[int] = mapped_column(ForeignKey("session.key", ondelete="CASCADE"))
    ordinal: Mapped[int]
    rep: Mapped[int] = mapped_column("number")
    check_ids: Mapped[list[str]] = mapped_column(JSON)
    start_ms: Mapped[int]
    end_ms: Mapped[int]
    sha256: Mapped[str]
    size_bytes: Mapped[int]
    width_px: Mapped[int]
    height_px: Mapped[int]
    fps: Mapped[float]
    blurred: Mapped[bool]
    created_at: Mapped[str]


class StoredVerdict(Base):
    """What a person says of one deviation; of several the one entered last holds."""

    __tablename__ = "verdict"
    __table_args__ = (Index(None, "session_key", "ordinal"),)

    key: Mapped[int] = mapped_column(primary_key=True)
    session_key: Mapped[int] = mapped_column(ForeignKey("session.key", ondelete="CASCADE"))
    ordinal: Mapped[int]
    check_id: Mapped[str]
    finding: Mapped[Finding]
    note: Mapped[str | None]
    decided_at: Mapped[str]
