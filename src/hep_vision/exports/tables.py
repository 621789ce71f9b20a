"""The open tables of the log: each column once, with its kind, unit and meaning.

All formats, and the pages in ``docs/exports.md``, follow from `TABLES`. Rows come as a stream of
`Row`, one for each event of a session, so that no log is too long.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from hep_vision.core.types import Hold, Rep, TrackingLost
from hep_vision.exports.columns import Kind, Row, Table
from hep_vision.exports.columns import column as _c
from hep_vision.store.records import ProgramVersionRow, SessionDetail, SittingRow
from hep_vision.store.review_records import ClipRow, ClipState

SCHEMA: Final = 1


@dataclass(frozen=True, slots=True)
class MeasureValue:
    """One value of the time series.

    Attributes:
        timestamp_ms: Media time.
        measure: Its name.
        side: left or right.
        value: In ``unit``.
        unit: Of the measure.
    """

    timestamp_ms: int
    measure: str
    side: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class _Of:
    """An event and what it belongs to."""

    whole: Any
    part: Any
    kind: str = ""
    place: int = 0


def program_rows(versions: Iterable[ProgramVersionRow]) -> Iterator[Row]:
    """Yield the rows of `PROGRAMS`."""
    for version in versions:
        yield PROGRAMS.row(version)


def sitting_rows(sittings: Iterable[SittingRow]) -> Iterator[Row]:
    """Yield the rows of `SITTINGS` and `REPORTS`."""
    for sitting in sittings:
        yield SITTINGS.row(sitting)
        for place, report in enumerate(sitting.reports, start=1):
            yield REPORTS.row(_Of(sitting, report, place=place))


def session_rows(session: SessionDetail) -> Iterator[Row]:
    """Yield the row of one session, and those of its events and corrections."""
    row = session.row
    yield SESSIONS.row(row)
    for number, event in enumerate(session.events, start=1):
        if isinstance(event, TrackingLost):
            yield LOSSES.row(_Of(row, event, place=number))
            continue
        kind = "rep" if isinstance(event, Rep) else "hold"
        yield (REPS if isinstance(event, Rep) else HOLDS).row(_Of(row, event, place=number))
        for deviation in event.deviations:
            yield DEVIATIONS.row(_Of(row, deviation, kind, number))
    for place, correction in enumerate(row.corrections, start=1):
        yield CORRECTIONS.row(_Of(row, correction, place=place))


def clip_rows(clips: Iterable[tuple[ClipRow, ClipState]]) -> Iterator[Row]:
    """Yield the rows of `CLIPS`, of clips and how their files are found."""
    for row, state in clips:
        yield CLIPS.row(_Of(row, state))


def measure_rows(session_id: str, values: Iterable[MeasureValue]) -> Iterator[Row]:
    """Yield the rows of `MEASURES` of one session."""
    for value in values:
        yield MEASURES.row(_Of(session_id, value))


def _ids(about: _Of) -> tuple[str, ...]:
    part: Rep | Hold = about.part
    return tuple(deviation.id for deviation in part.deviations)


_SESSION: Final = _c("session_id", Kind.TEXT, "the session", "whole", "session_id")
_EVENT: Final = _c(
    "event", Kind.WHOLE, "place among the events of its session, from 1, in the order they were "
    "booked", "place",
)  # fmt: skip
_START: Final = _c("start_ms", Kind.WHOLE, "its start, media time", "part", "start_ms", unit="ms")
_END: Final = _c("end_ms", Kind.WHOLE, "its end, media time", "part", "end_ms", unit="ms")
_SIDE: Final = _c("side", Kind.TEXT, "left, right or both", "part", "side")
_FLAGGED: Final = _c("deviations", Kind.TEXTS, "ids of the deviations found", value=_ids)
_OPEN: Final = _c(
    "not_checked", Kind.TEXTS, "ids of the checks that view or tracking did not allow",
    "part", "not_checked",
)  # fmt: skip
_UNIT: Final = "of the exercise's reported measure"

PROGRAMS: Final = Table(
    "programs",
    "Versions of home exercise programs; a version holds until the next one of its program.",
    (
        _c("program_id", Kind.TEXT, "the program, for all of its versions", "ref", "program_id"),
        _c("program_version", Kind.WHOLE, "number of the version, from 1", "ref", "number"),
        _c("patient", Kind.TEXT, "the alias in it"),
        _c("valid_from", Kind.MOMENT, "from when it holds"),
        _c("created_at", Kind.MOMENT, "when it was entered"),
        _c("plan", Kind.TEXT, "the therapist's file, as it was entered (TOML)"),
    ),
)  # fmt: skip
SITTINGS: Final = Table(
    "sittings",
    "Times in front of the camera, of several sets each.",
    (
        _c("sitting_id", Kind.TEXT, "UUID"),
        _c("program_id", Kind.TEXT, "the program it followed", "program", "program_id"),
        _c("program_version", Kind.WHOLE, "number of its version", "program", "number"),
        _c("started_at", Kind.MOMENT, "when it began"),
        _c("ended_at", Kind.MOMENT, "when it ended; unknown where the process was killed"),
        _c("status", Kind.TEXT, "running, finished or interrupted"),
        _c("stop_reason", Kind.TEXT, "why the patient stopped: pain, tired, other"),
        _c("message", Kind.TEXT, "to the therapist, in the patient's words"),
        _c("message_read_at", Kind.MOMENT, "when somebody read it as it is now", "reading",
           "read_at"),
        _c("message_read_by", Kind.TEXT, "who, in their own words", "reading", "read_by"),
        _c("hep_vision_version", Kind.TEXT, "version that began it"),
    ),
)  # fmt: skip
REPORTS: Final = Table(
    "reports",
    "What patients said of pain and effort; of several of one kind the one entered last holds.",
    (
        _c("sitting_id", Kind.TEXT, "the sitting", "whole", "sitting_id"),
        _c("entry", Kind.WHOLE, "place among the reports of its sitting, from 1", "place"),
        _c("kind", Kind.TEXT, "what was asked: pain_before, pain_after, pain_next_morning, effort",
           "part", "kind"),
        _c("value", Kind.WHOLE, "0 (none) to 10 (the worst imaginable)", "part", "value"),
        _c("exercise_id", Kind.TEXT, "the exercise it is about; unknown: the whole sitting",
           "part", "exercise_id"),
        _c("reported_at", Kind.MOMENT, "when it was said", "part", "reported_at"),
    ),
)  # fmt: skip
SESSIONS: Final = Table(
    "sessions",
    "One exercise once: a set of a sitting, or a recording.",
    (
        _c("session_id", Kind.TEXT, "UUID"),
        _c("sitting_id", Kind.TEXT, "the sitting it is a set of", "header", "sitting_id"),
        _c("set_number", Kind.WHOLE, "number in its sitting, from 1", "header", "set_number"),
        _c("program_id", Kind.TEXT, "the program its sitting followed", "program", "program_id"),
        _c("program_version", Kind.WHOLE, "number of its version", "program", "number"),
        _c("exercise_id", Kind.TEXT, "the exercise", "header", "exercise_id"),
        _c("exercise_revision", Kind.WHOLE, "of the exercise file", "header", "exercise_revision"),
        _c("side", Kind.TEXT, "that was asked for: left, right, both", "header", "side"),
        _c("started_at", Kind.MOMENT, "when it began", "header", "started_at"),
        _c("ended_at", Kind.MOMENT, "when it ended"),
        _c("status", Kind.TEXT, "running, finished, interrupted or failed"),
        _c("status_reason", Kind.TEXT, "why it failed or was interrupted"),
        _c("counted", Kind.WHOLE, "repetitions that counted", "counts", "counted"),
        _c("partial", Kind.WHOLE, "repetitions that fell short", "counts", "partial"),
        _c("rejected", Kind.WHOLE, "excursions that are another movement", "counts", "rejected"),
        _c("open", Kind.WHOLE, "repetitions that the end cut off", "counts", "open"),
        _c("counted_left", Kind.WHOLE, "of the counted, those left", "counts", "counted_left"),
        _c("counted_right", Kind.WHOLE, "of the counted, those right", "counts", "counted_right"),
        _c("counted_both", Kind.WHOLE, "of the counted, those of both", "counts", "counted_both"),
        _c("flagged", Kind.WHOLE, "of the counted, those with a deviation", "counts", "flagged"),
        _c("holds", Kind.WHOLE, "timed holds", "counts", "holds"),
        _c("held_ms", Kind.WHOLE, "time of all holds", "counts", "held_ms", unit="ms"),
        _c("recount", Kind.WHOLE, "repetitions that a second count found", "audit", "recount"),
        _c("uncertain", Kind.TRUTH, "the two counts differ by more than one", "audit", "uncertain"),
        _c("corrected", Kind.WHOLE, "count entered by hand last", "corrected_count"),
        _c("target_goal", Kind.NUMBER, "goal set for the patient", "header", "targets", "goal",
           unit=_UNIT),
        _c("target_minimum", Kind.NUMBER, "smallest range set", "header", "targets", "minimum",
           unit=_UNIT),
        _c("target_limit", Kind.NUMBER, "safety maximum set", "header", "targets", "limit",
           unit=_UNIT),
        _c("target_hold_ms", Kind.WHOLE, "hold set", "header", "targets", "hold_ms", unit="ms"),
        _c("target_side", Kind.TEXT, "side set", "header", "targets", "side"),
        _c("target_measure", Kind.TEXT, "measure that the targets are of", "header", "targets",
           "measure"),
        _c("personal_origin", Kind.TEXT, "where the usual range comes from", "header", "personal",
           "origin"),
        _c("frames", Kind.WHOLE, "frames looked at", "tracking", "frame_count"),
        _c("detected_ratio", Kind.NUMBER, "share of them with a person", "tracking",
           "detected_ratio", unit="ratio"),
        _c("view", Kind.TEXT, "front, oblique, side or unknown", "tracking", "view"),
        _c("view_ok", Kind.TRUTH, "the exercise can be judged from there", "tracking", "view_ok"),
        _c("source_kind", Kind.TEXT, "webcam, video or track", "header", "source", "kind"),
        _c("source_path", Kind.TEXT, "as it was named", "header", "source", "path"),
        _c("source_size_bytes", Kind.WHOLE, "of the file", "header", "source", "size_bytes",
           unit="bytes"),
        _c("source_sha256", Kind.TEXT, "of the file", "header", "source", "sha256"),
        _c("source_width_px", Kind.WHOLE, "of the picture", "header", "source", "width_px",
           unit="px"),
        _c("source_height_px", Kind.WHOLE, "of the picture", "header", "source", "height_px",
           unit="px"),
        _c("source_duration_ms", Kind.WHOLE, "by the container", "header", "source", "duration_ms",
           unit="ms"),
        _c("track", Kind.TEXT, "file name of the landmark track", "track_path", "name"),
        _c("hep_vision_version", Kind.TEXT, "that judged it", "header", "hep_vision_version"),
        _c("mediapipe_version", Kind.TEXT, "that found the landmarks", "header",
           "mediapipe_version"),
        _c("model_name", Kind.TEXT, "pose model", "header", "model", "name"),
        _c("model_sha256", Kind.TEXT, "of the pose model", "header", "model", "sha256"),
    ),
)  # fmt: skip
REPS: Final = Table(
    "reps",
    "Repetitions of every status.",
    (
        _SESSION,
        _EVENT,
        _c("number", Kind.WHOLE, "from 1, of those that counted", "part", "index"),
        _SIDE,
        _c("status", Kind.TEXT, "counted, partial, rejected or open", "part", "status"),
        _c("reason", Kind.TEXT, "why it did not count", "part", "reason"),
        _START,
        _c("peak_ms", Kind.WHOLE, "media time of its extreme", "part", "peak_ms", unit="ms"),
        _END,
        _c("peak_deg", Kind.NUMBER, "its extreme", "part", "peak_deg", unit=_UNIT),
        _c("rom_deg", Kind.NUMBER, "its range from rest", "part", "rom_deg", unit=_UNIT),
        _c("uncertainty_deg", Kind.NUMBER, "half-width of the interval around both", "part",
           "uncertainty_deg", unit=_UNIT),
        _c("concentric_ms", Kind.WHOLE, "the way there", "part", "concentric_ms", unit="ms"),
        _c("eccentric_ms", Kind.WHOLE, "the way back", "part", "eccentric_ms", unit="ms"),
        _c("hold_ms", Kind.WHOLE, "the stay", "part", "hold_ms", unit="ms"),
        _FLAGGED,
        _OPEN,
    ),
)  # fmt: skip
HOLDS: Final = Table(
    "holds",
    "Timed holds.",
    (
        _SESSION,
        _EVENT,
        _c("number", Kind.WHOLE, "from 1", "part", "index"),
        _SIDE,
        _START,
        _END,
        _c("counted_ms", Kind.WHOLE, "time in which the posture was right", "part", "counted_ms",
           unit="ms"),
        _FLAGGED,
        _OPEN,
    ),
)  # fmt: skip
DEVIATIONS: Final = Table(
    "deviations",
    "Form deviations of repetitions and holds.",
    (
        _SESSION,
        _c("of", Kind.TEXT, "rep or hold", "kind"),
        _c("event", Kind.WHOLE, "`event` of that repetition or hold", "place"),
        _c("id", Kind.TEXT, "the check, or over_limit", "part", "id"),
        _c("number", Kind.WHOLE, "number of the repetition or hold", "part", "rep"),
        _SIDE,
        _c("severity", Kind.TEXT, "info, warn or stop", "part", "severity"),
        _START,
        _END,
        _c("value", Kind.NUMBER, "the most deviating value", "part", "value", unit="see `unit`"),
        _c("threshold", Kind.NUMBER, "the bound it crossed", "part", "threshold",
           unit="see `unit`"),
        _c("unit", Kind.TEXT, "deg, ratio, percent or ms", "part", "unit"),
        _c("cue", Kind.TEXT, "what is said to the patient", "part", "cue"),
    ),
)  # fmt: skip
LOSSES: Final = Table(
    "tracking_losses",
    "Spans in which the landmarks needed were not seen.",
    (_SESSION, _EVENT, _START, _END),
)
CORRECTIONS: Final = Table(
    "corrections",
    "Counts entered by hand; of several the one entered last holds.",
    (
        _SESSION,
        _c("entry", Kind.WHOLE, "place among those of its session, from 1", "place"),
        _c("count", Kind.WHOLE, "repetitions, or timed holds", "part", "count"),
        _c("corrected_at", Kind.MOMENT, "when it was entered", "part", "corrected_at"),
        _c("note", Kind.TEXT, "why", "part", "note"),
    ),
)
CLIPS: Final = Table(
    "clips",
    "Short videos of flagged repetitions and holds; the files stay in the folder of the log.",
    (
        _c("clip_id", Kind.TEXT, "UUID", "whole", "clip_id"),
        _SESSION,
        _c("event", Kind.WHOLE, "`event` of the repetition or hold that it shows",
           value=lambda about: about.whole.clip.ordinal + 1),
        _c("number", Kind.WHOLE, "number of the repetition or hold", "whole", "clip", "rep"),
        _c("checks", Kind.TEXTS, "ids of the checks that it was kept for", "whole", "clip",
           "checks"),
        _c("file", Kind.TEXT, "file name, in `clips` in the folder of the log", "whole",
           "file_name"),
        _c("sha256", Kind.TEXT, "of the file that was kept", "whole", "sha256"),
        _c("size_bytes", Kind.WHOLE, "of that file", "whole", "size_bytes", unit="bytes"),
        _c("start_ms", Kind.WHOLE, "its first picture, media time", "whole", "clip", "start_ms",
           unit="ms"),
        _c("end_ms", Kind.WHOLE, "end of its last picture, media time", "whole", "clip", "end_ms",
           unit="ms"),
        _c("width_px", Kind.WHOLE, "of its pictures", "whole", "clip", "width_px", unit="px"),
        _c("height_px", Kind.WHOLE, "of its pictures", "whole", "clip", "height_px", unit="px"),
        _c("fps", Kind.NUMBER, "pictures a second", "whole", "clip", "fps", unit="1/s"),
        _c("blurred", Kind.TRUTH, "faces are hidden in it", "whole", "clip", "blurred"),
        _c("created_at", Kind.MOMENT, "when it was kept", "whole", "clip", "created_at"),
        _c("state", Kind.TEXT, "whole, missing, damaged (another file by its checksum) or "
           "unreadable, at the time of the export", "part"),
    ),
)  # fmt: skip
MEASURES: Final = Table(
    "measures",
    "Every measure that an exercise reads, at every frame; only with `--measures`.",
    (
        _c("session_id", Kind.TEXT, "the session", "whole"),
        _c("timestamp_ms", Kind.WHOLE, "media time", "part", "timestamp_ms", unit="ms"),
        _c("measure", Kind.TEXT, "its name; see exercises.md", "part", "measure"),
        _c("side", Kind.TEXT, "left or right", "part", "side"),
        _c("value", Kind.NUMBER, "its value; what is not seen has no row", "part", "value",
           unit="see `unit`"),
        _c("unit", Kind.TEXT, "deg, px or ratio (of the trunk)", "part", "unit"),
    ),
)  # fmt: skip

TABLES: Final = (
    PROGRAMS, SITTINGS, REPORTS, SESSIONS, REPS, HOLDS, DEVIATIONS, LOSSES, CORRECTIONS,
    CLIPS,
)  # fmt: skip
"""Those of every export; `MEASURES` comes with them on request."""
