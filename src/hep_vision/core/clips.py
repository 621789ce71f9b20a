"""Which repetitions of a set are worth a clip, and which span of the recording that is.

A clip is for a second look at something that was flagged, not a recording of the exercise: most
sets need none. All limits here are own judgement; the rolls are those of the mission.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hep_vision.core.types import Deviation, Event, Hold, Rep, Severity, TrackingLost

PRE_ROLL_MS: Final = 2_000
POST_ROLL_MS: Final = 1_000
LONGEST_MS: Final = 15_000
"""A flagged hold can last minutes; what was seen in it is shown with this much round it."""

_RANK: Final = {Severity.STOP: 0, Severity.WARN: 1, Severity.INFO: 2}


class ClipScope(StrEnum):
    """What is worth a clip: what may harm, also what keeps coming back, or whatever is flagged."""

    SERIOUS = "serious"
    REPEATED = "repeated"
    EVERY = "every"


@dataclass(frozen=True, slots=True)
class ClipSpan:
    """A repetition or hold that is worth a clip.

    Attributes:
        ordinal: Its place among what the log keeps of the set, from 0.
        number: Its number as people count, from 1.
        checks: Ids of the checks that make it worth one, the most severe first.
        start_ms: Media time of the clip, with the time before the repetition.
        end_ms: Likewise, with the time after it.
    """

    ordinal: int
    number: int
    checks: tuple[str, ...]
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class ClipPolicy:
    """Picks the repetitions of a set that are worth a clip.

    A deviation of severity ``stop``, such as ``over_limit``, is worth one whenever it is seen. A
    warning is worth one when it is seen ``repeated_from`` times in the set, and then its worst
    repetition alone: the others show the same.

    Attributes:
        scope: What counts at all.
        repeated_from: In how many repetitions the same check must be flagged.
        most: Clips a set may have.

    Raises:
        ValueError: A number is below 1.
    """

    scope: ClipScope = ClipScope.REPEATED
    repeated_from: int = 2
    most: int = 3

    def __post_init__(self) -> None:
        if min(self.repeated_from, self.most) < 1:
            raise ValueError("a clip policy needs numbers of 1 or more")

    def pick(self, events: Sequence[Event]) -> tuple[ClipSpan, ...]:
        """Return what to keep of a finished set, the worst first."""
        return self._ranked(events, self.repeated_from)[: self.most]

    def candidates(self, events: Sequence[Event]) -> tuple[ClipSpan, ...]:
        """Return what `pick` may still choose when the set under way goes on, the worst first."""
        return self._ranked(events, repeated_from=1)

    def _ranked(self, events: Sequence[Event], repeated_from: int) -> tuple[ClipSpan, ...]:
        flagged = [(place, one) for place, one in _logged(events) if one.deviations]
        seen = Counter(d for _, one in flagged for d in {each.id for each in one.deviations})
        worst: dict[str, int] = {}
        for place, one in flagged:
            for deviation in one.deviations:
                before = worst.get(deviation.id)
                if before is None or _excess(deviation) > _excess_in(flagged, before, deviation.id):
                    worst[deviation.id] = place
        ranked = []
        for place, one in flagged:
            reasons = [
                each
                for each in one.deviations
                if self._is_reason(
                    each, worst=worst[each.id] == place, again=seen[each.id] >= repeated_from
                )
            ]
            if reasons:
                reasons.sort(key=lambda each: (_RANK[each.severity], -seen[each.id]))
                first = reasons[0]
                key = (_RANK[first.severity], worst[first.id] != place, -seen[first.id], place)
                ranked.append((key, _span(place, one, reasons)))
        return tuple(span for _, span in sorted(ranked, key=lambda item: item[0]))

    def _is_reason(self, deviation: Deviation, *, worst: bool, again: bool) -> bool:
        if deviation.severity is Severity.STOP or self.scope is ClipScope.EVERY:
            return True
        if self.scope is ClipScope.SERIOUS or deviation.severity is Severity.INFO:
            return False
        return worst and again


def _logged(events: Iterable[Event]) -> Iterator[tuple[int, Rep | Hold]]:
    """Yield repetitions and holds with their place among the events that a log keeps."""
    kept = (event for event in events if isinstance(event, Rep | Hold | TrackingLost))
    for place, event in enumerate(kept):
        if isinstance(event, Rep | Hold):
            yield place, event


def _excess(deviation: Deviation) -> float:
    return abs(deviation.value - deviation.threshold)


def _excess_in(flagged: Sequence[tuple[int, Rep | Hold]], place: int, check: str) -> float:
    (one,) = (each for at, each in flagged if at == place)
    return max(_excess(each) for each in one.deviations if each.id == check)


def _span(place: int, one: Rep | Hold, reasons: Sequence[Deviation]) -> ClipSpan:
    start_ms, end_ms = one.start_ms - PRE_ROLL_MS, one.end_ms + POST_ROLL_MS
    if end_ms - start_ms > LONGEST_MS:
        middle_ms = (reasons[0].start_ms + reasons[0].end_ms) // 2
        start_ms = min(max(start_ms, middle_ms - LONGEST_MS // 2), end_ms - LONGEST_MS)
        end_ms = start_ms + LONGEST_MS
    checks = tuple(dict.fromkeys(each.id for each in reasons))
    return ClipSpan(place, reasons[0].rep, checks, start_ms, end_ms)
