"""Run many exercises over one recording and look at every pose once.

Most of the time of an engine goes into telling whose a pose is and measuring it, and both are the
same for every exercise. Here they are done once for all; everything else is the engine's own.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from hep_vision.core.definition import ExerciseDefinition, Kind
from hep_vision.core.engine import ExerciseEngine
from hep_vision.core.history import Moment
from hep_vision.core.measures import MEASURES, PLACES
from hep_vision.core.patient import PatientLock
from hep_vision.core.signal import VisibilityTracker
from hep_vision.core.types import Event, Hold, PoseFrame, Rep, RepStatus

_ALL: Final = tuple(MEASURES)


class Followed(PatientLock):
    """Lets every pose pass: it was looked at before."""

    def follow(self, pose: PoseFrame) -> PoseFrame:
        return pose


class _Sight(ExerciseEngine):
    """Measures everything and counts nothing."""

    def __init__(self, definition: ExerciseDefinition) -> None:
        super().__init__(definition)
        self._names = _ALL
        self._places = [_ALL.index(name) for name in PLACES]
        self._visibility = VisibilityTracker(_ALL)
        self._lock = Followed()

    def moments(self, frames: Iterable[PoseFrame]) -> list[Moment]:
        """Return what every pose measures."""
        return list(self._measured([self._see(frame) for frame in frames]))


class _Seeing(ExerciseEngine):
    """An engine to which somebody tells what the poses of the patient measure."""

    def __init__(self, definition: ExerciseDefinition, moments: Iterable[Moment]) -> None:
        super().__init__(definition)
        self._rows = [_ALL.index(name) for name in self._names]
        self._told = iter(moments)

    def _see(self, pose: PoseFrame) -> Any:
        return pose  # it was seen before

    def _measured(self, seen: Sequence[Any]) -> Iterator[Moment]:
        for told in islice(self._told, len(seen)):
            yield Moment(
                told.timestamp_ms, told.measures[self._rows], told.weights[self._rows], told.stance
            )


def run_together(
    definitions: Sequence[ExerciseDefinition], frames: Sequence[PoseFrame]
) -> dict[str, list[Event]]:
    """Return every event of one stream for each exercise, by its id."""
    lock = PatientLock()
    poses = [lock.follow(frame) for frame in frames]
    moments = _Sight(definitions[0]).moments(poses)
    found: dict[str, list[Event]] = {}
    for definition in definitions:
        found[definition.id] = _Seeing(definition, moments).replay(frames)
    return found


def counts(
    definitions: Mapping[str, ExerciseDefinition], frames: Sequence[PoseFrame]
) -> dict[str, int]:
    """Return how much of each exercise is found: repetitions, or the holds of a timed one."""
    judged = [found for found in definitions.values() if found.kind is not Kind.SELF_TIMED]
    return {
        name: sum(map(_counts, events)) for name, events in run_together(judged, frames).items()
    }


def _counts(event: Event) -> bool:
    if isinstance(event, Rep):
        return event.status is RepStatus.COUNTED
    return isinstance(event, Hold)
