"""The log as an HL7 FHIR R4 (4.0.1) Bundle, for a clinic's system to read.

    with out.open("w", encoding="utf-8") as stream:
        write_bundle(
            stream,
            programs=[log.programs.versions(row.ref.program_id) for row in log.programs.newest()],
            sittings=log.sittings.rows(),
            sessions=log.details(),
            find=find_exercise,
        )

The Bundle is a `collection`: a record to read. A `transaction` would be a command to write, and
which server may write what, under which ids, is for whoever reads it to decide.

docs/exports-fhir.md says what becomes which resource, and where every code comes from. The same log
gives the same bytes: ids follow from those in the log, and no clock is read. Entries are written as
they come, so a session is forgotten before the next is read. References are the ``fullUrl`` of an
entry of the same Bundle. A program whose text cannot be read here loses its exercises, and an
exercise that is not known here its name and range; neither stops the export.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Final, TextIO

from hep_vision.core.definition import ExerciseDefinition
from hep_vision.exports.fhir_plans import (
    NOBODY,
    Version,
    exercise_or_none,
    patient,
    program_resources,
    read_versions,
)
from hep_vision.exports.fhir_results import device, device_id, session_resources
from hep_vision.exports.fhir_sittings import SittingRef, sitting_resources
from hep_vision.exports.fhir_values import Resource, url_of
from hep_vision.program.loading import FindExercise
from hep_vision.store.records import ProgramRef, ProgramVersionRow, SessionDetail, SittingRow

FHIR_VERSION: Final = "4.0.1"
BEGIN: Final = '{"resourceType": "Bundle", "type": "collection"'
"""How a bundle of ours begins."""


def write_bundle(
    out: TextIO,
    *,
    programs: Iterable[Sequence[ProgramVersionRow]],
    sittings: Iterable[SittingRow],
    sessions: Iterable[SessionDetail],
    find: FindExercise,
) -> None:
    """Write the log as one FHIR Bundle, as JSON in ASCII.

    Args:
        out: Text stream; it is not closed.
        programs: For each program all its versions, ascending, as `ProgramLog.versions` gives them.
        sittings: Those that are to be in it; a session of any other sitting stands alone.
        sessions: Those that are to be in it, in any order; read one at a time.
        find: Gives an exercise by its id; raises `ExerciseSpecError` where there is none.
    """
    bundle = _Bundle(out)
    exercises = _Exercises(find)
    versions: dict[ProgramRef, Version] = {}
    for rows in programs:
        read = read_versions(rows, exercises.find)
        versions |= {version.row.ref: version for version in read}
        bundle.add(program_resources(read, exercises.find))
    done: dict[str, SittingRef] = {}
    for row in sittings:
        version = versions.get(row.program) if row.program else None
        done[row.sitting_id] = SittingRef(row.sitting_id, version)
        bundle.need_patient(version)
        bundle.add(sitting_resources(row, version))
    for session in sessions:
        header = session.row.header
        sitting = done.get(header.sitting_id) if header.sitting_id else None
        bundle.need_patient(sitting.version if sitting else None)
        bundle.need(device(header), device_id(header))
        bundle.add(session_resources(session, sitting, exercises.known(header.exercise_id)))
    bundle.end()


class _Bundle:
    """Writes entries one by one."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._separator = ',\n"entry": [\n'
        self._there: set[str] = set()
        out.write(BEGIN)

    def add(self, resources: Iterable[Resource]) -> None:
        for resource in resources:
            entry = {"fullUrl": url_of(resource["id"]), "resource": resource}
            self._out.write(self._separator + json.dumps(entry, allow_nan=False))
            self._separator = ",\n"

    def need(self, resource: Resource, wanted_id: str) -> None:
        """Write a resource that many refer to, once."""
        if wanted_id not in self._there:
            self._there.add(wanted_id)
            self.add([resource])

    def need_patient(self, version: Version | None) -> None:
        """Write the Patient that nothing is known of, where no program says whose it is."""
        if version is None:
            self.need(patient(NOBODY, None), NOBODY)

    def end(self) -> None:
        # FHIR knows no empty list.
        self._out.write("}\n" if self._separator.startswith(',\n"entry') else "\n]}\n")


class _Exercises:
    """Reads each exercise once: a log of years has few of them, thousands of times."""

    def __init__(self, find: FindExercise) -> None:
        self._find = find
        self._known: dict[str, ExerciseDefinition | None] = {}

    def find(self, exercise_id: str) -> ExerciseDefinition:
        return self.known(exercise_id) or self._find(exercise_id)

    def known(self, exercise_id: str) -> ExerciseDefinition | None:
        if exercise_id not in self._known:
            self._known[exercise_id] = exercise_or_none(exercise_id, self._find)
        return self._known[exercise_id]
