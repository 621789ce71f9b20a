"""Export a part of the log in one of several formats.

A further format is one entry in `FORMATS`: a function that takes an `Export` and a place.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import partial
from pathlib import Path
from typing import Final

from hep_vision.app.opensim import MotionFormat, export_motion
from hep_vision.core.engine import ExerciseEngine
from hep_vision.core.measures import MEASURES as INFO
from hep_vision.core.measures import SIDES
from hep_vision.errors import ExerciseSpecError, SourceError
from hep_vision.exercises.loading import find_exercise
from hep_vision.exports import tables
from hep_vision.exports.columns import Row, Table
from hep_vision.exports.drafts import own_draft, own_folder_draft
from hep_vision.exports.fhir import BEGIN as FHIR_BEGIN
from hep_vision.exports.fhir import write_bundle
from hep_vision.exports.table_files import write_csv, write_parquet
from hep_vision.exports.tables_json import write_json
from hep_vision.sources.recorded import read_track
from hep_vision.store.records import ProgramVersionRow, SessionDetail, SittingRow
from hep_vision.store.review_records import ClipRow, ClipState
from hep_vision.store.selection import Selection
from hep_vision.store.sessions import SessionLog

_MOTION: Final = tuple(f".{one}" for one in MotionFormat)


@dataclass(frozen=True, slots=True)
class Export:
    """What is to be exported; every part is read as it is asked for, a batch at a time.

    Attributes:
        log: The log; it is only read.
        selection: The part of it.
        own_dir: Folder with exercise files of one's own.
        measures: Whether the time series of the measures is wanted.
        replace: Whether a file that is not ours may be replaced.
        tell: Takes one line about what cannot be exported.
        advance: Takes how many sessions are done.
    """

    log: SessionLog
    selection: Selection
    own_dir: Path
    measures: bool = False
    replace: bool = False
    tell: Callable[[str], None] = lambda _: None
    advance: Callable[[int], None] = lambda _: None

    def programs(self) -> list[ProgramVersionRow]:
        """Return the versions of programs."""
        return self.log.programs.chosen(self.selection)

    def sittings(self) -> Iterator[SittingRow]:
        """Yield the sittings, without their sets."""
        return self.log.sittings.chosen(self.selection)

    def sessions(self) -> Iterator[SessionDetail]:
        """Yield the sessions, and advance."""
        for done, session in enumerate(self.log.chosen(self.selection), start=1):
            yield session
            self.advance(done)

    def clips(self) -> Iterator[tuple[ClipRow, ClipState]]:
        """Yield the clips, each with how its file is found."""
        for row in self.log.clips.chosen(self.selection):
            yield row, self.log.clips.state(row)

    def measured(self, session: SessionDetail) -> Iterator[tables.MeasureValue]:
        """Yield what is measured in the landmark track of a session, or tell why nothing is."""
        path, header = session.row.track_path, session.row.header
        if path is None:
            self._no_measures(session, "no landmarks were kept")
            return
        try:
            engine = ExerciseEngine(find_exercise(header.exercise_id, self.own_dir), header.side)
            poses = read_track(path).poses()
        except (SourceError, ExerciseSpecError) as error:
            self._no_measures(session, str(error))
            return
        for pose in poses:
            engine.process(pose)
            for name, values in engine.measured.items():
                for side, value in zip(SIDES, values, strict=True):
                    if math.isfinite(value):
                        yield tables.MeasureValue(
                            pose.timestamp_ms, name, side.value, value, INFO[name].unit
                        )

    def rows(self) -> Iterator[Row]:
        """Yield the rows of all tables."""
        yield from tables.program_rows(self.programs())
        yield from tables.sitting_rows(self.sittings())
        for session in self.sessions():
            yield from tables.session_rows(session)
            if self.measures:
                yield from tables.measure_rows(session.row.session_id, self.measured(session))
        yield from tables.clip_rows(self.clips())

    def _no_measures(self, session: SessionDetail, why: str) -> None:
        self.tell(f"Session {session.row.session_id[:8]} has no measures: {why}")


def _tables(export: Export) -> tuple[Table, ...]:
    return (*tables.TABLES, tables.MEASURES) if export.measures else tables.TABLES


def _csv(export: Export, place: Path) -> None:
    write_csv(_tables(export), export.rows(), place)


def _parquet(export: Export, place: Path) -> None:
    write_parquet(_tables(export), export.rows(), place)


def _json(export: Export, place: Path) -> None:
    sessions = (
        (session, export.measured(session) if export.measures else None)
        for session in export.sessions()
    )
    write_json(
        export.programs(),
        export.sittings(),
        sessions,
        export.clips(),
        place,
        replace=export.replace,
    )


def _fhir(export: Export, place: Path) -> None:
    programs: dict[str, list[ProgramVersionRow]] = {}
    for row in export.programs():
        programs.setdefault(row.ref.program_id, []).append(row)
    with (
        own_draft(place.absolute(), FHIR_BEGIN, replace=export.replace) as draft,
        draft.open("w", encoding="ascii", newline="") as out,
    ):
        write_bundle(
            out,
            programs=programs.values(),
            sittings=export.sittings(),
            sessions=export.sessions(),
            find=partial(find_exercise, extra_dir=export.own_dir),
        )


def _motion(motion_format: MotionFormat, export: Export, place: Path) -> None:
    rows = (session.row for session in export.sessions())
    with own_folder_draft(place, "motion", lambda name: name.endswith(_MOTION)) as folder:
        for one in export_motion(rows, folder, motion_format, export.own_dir):
            if one.problem is not None:
                export.tell(f"Session {one.session_id[:8]} is left out: {one.problem}")


@dataclass(frozen=True, slots=True)
class Format:
    """One format.

    Attributes:
        place: Where it goes unless another place is given.
        write: Writes an export to a place, whole or not at all; raises `ExportError`.
    """

    place: str
    write: Callable[[Export, Path], None]


FORMATS: Final = {
    "csv": Format("hep-vision-export", _csv),
    "fhir": Format("hep-vision-fhir.json", _fhir),
    "json": Format("hep-vision-export.json", _json),
    "mot": Format("hep-vision-motion", partial(_motion, MotionFormat.MOT)),
    "parquet": Format("hep-vision-export", _parquet),
    "trc": Format("hep-vision-motion", partial(_motion, MotionFormat.TRC)),
}


def first_moment(text: str, zone: tzinfo) -> str:
    """Return the moment that ``--since`` means: that of a day, or a whole ISO 8601 moment.

    Args:
        text: ``2026-03-01``, or with a time; without an offset by the clock of ``zone``.
        zone: The patient's.

    Raises:
        ValueError: It is neither.
    """
    return _moment(text, zone, timedelta(0))


def end_moment(text: str, zone: tzinfo) -> str:
    """Return the first moment that ``--until`` leaves out: a day is in it to its end.

    Args and errors are those of `first_moment`.
    """
    return _moment(text, zone, timedelta(days=1))


def _moment(text: str, zone: tzinfo, after: timedelta) -> str:
    try:
        moment = datetime.combine(date.fromisoformat(text) + after, time(), zone)
    except ValueError:
        moment = datetime.fromisoformat(text)
        if moment.utcoffset() is None:
            moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC).isoformat()
