"""What a session came to, in words: the title of its plot and the text in place of the picture."""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

from hep_vision.core.types import Deviation, Event, Hold, Rep, RepStatus, TrackingLost

STATUS_WORDS: Final = {
    RepStatus.PARTIAL: "partial",
    RepStatus.REJECTED: "rejected",
    RepStatus.OPEN: "unfinished",
}


@dataclass(frozen=True, slots=True)
class Found:
    """The events of a session that say what happened, by kind."""

    reps: tuple[Rep, ...]
    holds: tuple[Hold, ...]
    lost: tuple[TrackingLost, ...]

    @classmethod
    def of(cls, events: Iterable[Event]) -> Self:
        """Sort events; ticks and phase changes are left out."""
        listed = list(events)
        return cls(
            tuple(e for e in listed if isinstance(e, Rep)),
            tuple(e for e in listed if isinstance(e, Hold)),
            tuple(e for e in listed if isinstance(e, TrackingLost)),
        )

    @property
    def all(self) -> tuple[Rep | Hold | TrackingLost, ...]:
        """Return all of them, kind by kind."""
        return (*self.reps, *self.holds, *self.lost)

    def with_status(self, status: RepStatus) -> list[Rep]:
        """Return the repetitions that ended in a status."""
        return [rep for rep in self.reps if rep.status is status]

    def deviations(self) -> dict[str, list[Deviation]]:
        """Return all deviations by their name in plain words."""
        kinds: dict[str, list[Deviation]] = defaultdict(list)
        per_event = [rep.deviations for rep in self.reps] + [hold.deviations for hold in self.holds]
        for deviations in per_event:
            for deviation in deviations:
                kinds[deviation.id.replace("_", " ")].append(deviation)
        return kinds


def state_finding(exercise_name: str, events: Iterable[Event]) -> str:
    """Return the result of a session as one line: "Squat: 10 counted, knees in on rep 4"."""
    found = Found.of(events)
    parts: list[str] = []
    counted = len(found.with_status(RepStatus.COUNTED))
    if found.reps or not found.holds:
        parts.append(f"{counted} counted" if counted else "no repetition counted")
    for status, word in STATUS_WORDS.items():
        if reps := found.with_status(status):
            parts.append(f"{len(reps)} {word}")
    if found.holds:
        longest = max(hold.counted_ms for hold in found.holds) // 1000
        several = f"{len(found.holds)} holds, the longest " if len(found.holds) > 1 else "held "
        parts.append(f"{several}{longest} s")
    parts.extend(_deviation_parts(found))
    if lost_ms := sum(lost.end_ms - lost.start_ms for lost in found.lost):
        parts.append(f"not seen for {math.ceil(lost_ms / 1000)} s")
    return f"{exercise_name}: {', '.join(parts)}"


def _deviation_parts(found: Found) -> list[str]:
    kinds = sorted(found.deviations().items(), key=lambda kind: -len(kind[1]))
    noun, total = (
        ("hold", len(found.holds))
        if found.holds
        else (
            "rep",
            len(found.with_status(RepStatus.COUNTED)),
        )
    )
    parts = []
    for name, deviations in kinds[:2]:
        numbers = sorted({deviation.rep for deviation in deviations})
        if len(numbers) > 3:
            parts.append(f"{name} on {len(numbers)} of {total} {noun}s")
        elif len(numbers) > 1:
            most = ", ".join(map(str, numbers[:-1]))
            parts.append(f"{name} on {noun}s {most} and {numbers[-1]}")
        else:
            parts.append(f"{name} on {noun} {numbers[0]}")
    if (more := len(kinds) - 2) > 0:
        parts.append(f"{more} other flag{'s' if more > 1 else ''}")
    return parts
