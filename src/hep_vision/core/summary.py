"""Events to summaries: what was counted, how well it was seen, and what to say when nothing was."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from hep_vision.core.definition import ExerciseDefinition, Kind
from hep_vision.core.types import (
    Deviation,
    Event,
    Hold,
    PoseFrame,
    Rep,
    RepStatus,
    Side,
    TrackingLost,
    View,
)

_BRIEF_MS: Final = 2_000
_BRIEF_SHARE: Final = 0.2


@dataclass(frozen=True, slots=True)
class SetSummary:
    """Totals of one stream of events.

    Attributes:
        counted: Repetitions that count.
        partial: Excursions short of the minimum.
        rejected: Excursions that were not this exercise, or whose tracking was lost.
        open: Repetitions that the end of the stream cut off.
        by_side: Counted repetitions by the side that worked.
        holds: Timed holds.
        held_ms: Time of all holds in which the posture was right.
        deviations: Every deviation, in the order of its repetition.
        not_checked: For each check, in how many repetitions or holds it could not be judged.
        lost: Spans in which tracking was lost.
    """

    counted: int
    partial: int
    rejected: int
    open: int
    by_side: dict[Side, int]
    holds: int
    held_ms: int
    deviations: tuple[Deviation, ...]
    not_checked: dict[str, int]
    lost: tuple[TrackingLost, ...]


def summarise(events: Iterable[Event]) -> SetSummary:
    """Return the totals of ``events``."""
    events = list(events)
    reps = [event for event in events if isinstance(event, Rep)]
    holds = [event for event in events if isinstance(event, Hold)]
    status = Counter(rep.status for rep in reps)
    counted = [rep for rep in reps if rep.status is RepStatus.COUNTED]
    judged: Sequence[Rep | Hold] = [*counted, *holds]
    return SetSummary(
        counted=len(counted),
        partial=status[RepStatus.PARTIAL],
        rejected=status[RepStatus.REJECTED],
        open=status[RepStatus.OPEN],
        by_side={side: sum(rep.side is side for rep in counted) for side in Side},
        holds=len(holds),
        held_ms=sum(hold.counted_ms for hold in holds),
        deviations=tuple(deviation for item in judged for deviation in item.deviations),
        not_checked=dict(Counter(check for item in judged for check in item.not_checked)),
        lost=tuple(event for event in events if isinstance(event, TrackingLost)),
    )


@dataclass(frozen=True, slots=True)
class Tracking:
    """How well the person was seen over a whole stream.

    Attributes:
        frames: Frames looked at.
        detected_ratio: Share of them in which a person was found.
        detected_ms: Media time in which a person was found.
        measured_ms: Media time in which the movement that is counted could be seen.
        view: The view of most of that time.
        view_ok: Whether it is the view the exercise asks for.
    """

    frames: int
    detected_ratio: float
    detected_ms: int
    measured_ms: int
    view: View
    view_ok: bool


class TrackingMeter:
    """Adds up `Tracking` frame by frame."""

    def __init__(self, wanted_view: View) -> None:
        self._wanted_view = wanted_view
        self._frames = self._detected = self._detected_ms = self._measured_ms = 0
        self._views: Counter[View] = Counter()
        self._last_ms: int | None = None

    def add(self, pose: PoseFrame, view: View, *, measured: bool) -> None:
        """Take in one frame and what the engine made of it."""
        elapsed_ms = 0 if self._last_ms is None else pose.timestamp_ms - self._last_ms
        self._last_ms = pose.timestamp_ms
        self._frames += 1
        if pose.detected:
            self._detected += 1
            self._detected_ms += elapsed_ms
            self._views[view] += 1
        self._measured_ms += elapsed_ms if measured else 0

    def tracking(self) -> Tracking:
        """Return the totals so far."""
        view = self._views.most_common(1)[0][0] if self._views else View.UNKNOWN
        return Tracking(
            self._frames,
            self._detected / self._frames if self._frames else 0.0,
            self._detected_ms,
            self._measured_ms,
            view,
            view is self._wanted_view,
        )


def remarks(
    definition: ExerciseDefinition, summary: SetSummary, tracking: Tracking, duration_ms: int
) -> tuple[str, ...]:
    """Return what a person must know beside the numbers, each one line.

    A zero is never silent: nobody seen, limbs out of the picture, nothing like the exercise, and
    attempts that fell short are different answers.
    """
    if definition.kind is Kind.SELF_TIMED:
        return (
            f"{definition.name} is not judged by the camera, and nothing was counted or logged: "
            "time it with a timer and report it yourself.",
        )
    lines = []
    if tracking.detected_ms < min(_BRIEF_MS, _BRIEF_SHARE * duration_ms):
        lines.append(f"A person was seen for only {tracking.detected_ms / 1000:.1f} s.")
    done = summary.holds if definition.kind is Kind.TIMED_HOLD else summary.counted
    if not done:
        lines.append(_nothing(definition, summary, tracking))
    if not tracking.view_ok and tracking.view is not View.UNKNOWN:
        lines.append(
            f"Seen from the {_VIEW_WORDS[tracking.view]}; for angles and all form checks, film "
            f"{definition.name.lower()} from the {_VIEW_WORDS[definition.camera.view]}."
        )
    return tuple(lines)


def _nothing(definition: ExerciseDefinition, summary: SetSummary, tracking: Tracking) -> str:
    if not tracking.measured_ms:
        return (
            "Nothing could be counted: the parts of the body that "
            f"{definition.name.lower()} needs were never clearly in the picture."
        )
    if definition.kind is Kind.TIMED_HOLD:
        return f"The {definition.name.lower()} position was not held long enough to time it."
    attempts = summary.partial + summary.rejected + summary.open
    if not attempts:
        return f"No movement like {definition.name.lower()} was seen."
    parts = [
        f"{count} {words}"
        for count, words in (
            (summary.partial, "too small"),
            (summary.rejected, "another movement or lost from view"),
            (summary.open, "cut off by the end"),
        )
        if count
    ]
    noun = "attempt" if attempts == 1 else "attempts"
    return f"0 of {attempts} {noun} counted: {', '.join(parts)}."


_VIEW_WORDS: Final = {
    View.FRONT: "front",
    View.SIDE: "side",
    View.OBLIQUE: "oblique",
    View.UNKNOWN: "unknown",
}


def about(value: float | None, unit: str) -> str:
    """Return a measured value as people should read it: to 5 degrees, never sharper."""
    if value is None:
        return "-"
    return f"~{5 * round(value / 5)}{unit}" if unit else f"~{value:.2f}"
