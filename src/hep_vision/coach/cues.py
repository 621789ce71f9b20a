"""Which one thing is said, and when: safety before form, form before tempo, tempo before praise.

A fault is said when it was seen in two of the last three repetitions, and then not again for a
while: who hears the same thing after every repetition stops listening. What improves is told. The
numbers are own judgement, after how physiotherapists coach: little, specific, and in time.
"""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from hep_vision.core.definition import Direction, ExerciseDefinition, RepValue
from hep_vision.core.measures import MEASURES
from hep_vision.core.types import Deviation, Event, Hold, Rep, RepStatus, Severity

_OF_REPS: Final = 3
_SEEN_IN: Final = 2
_SAME_AGAIN_MS: Final = 15_000
_BETWEEN_MS: Final = 4_000
_IMPROVED_FOR: Final = 2
_BEST_FROM_REP: Final = 3
"""Before, "your best" says nothing."""
_PARTIALS: Final = 2
_LONG_SET: Final = 6
_TEMPO: Final = frozenset({RepValue.EFFORT_MS, RepValue.RETURN_MS, RepValue.HOLD_MS})
_DEEPER: Final = frozenset({"knee_flexion", "knee_flexion_depth", "hip_bend"})


class Urgency(IntEnum):
    """What goes before what."""

    PRAISE = 1
    TEMPO = 2
    FORM = 3
    SAFETY = 4


@dataclass(frozen=True, slots=True)
class Cue:
    """One thing to say.

    Attributes:
        about: What it is about; the same thing is not said again soon.
        severity: That of the deviation, None for praise and encouragement.
        deviation: The deviation, for the arrow and the segments; None for the others.
    """

    words: str
    urgency: Urgency
    about: str
    severity: Severity | None = None
    deviation: Deviation | None = None


class CueChooser:
    """Chooses what to say in one set.

    Args:
        exercise: What is done.
        target: Repetitions or holds to do.
        already: How many of them were done before.
    """

    def __init__(self, exercise: ExerciseDefinition, target: int, already: int = 0) -> None:
        self._exercise = exercise
        self._target = target
        self._checks = {check.id: check for check in exercise.checks}
        self._recent: deque[frozenset[str]] = deque(maxlen=_OF_REPS)
        self._latest: dict[str, Deviation] = {}
        self._told: dict[str, int] = {}
        self._to_improve: dict[str, int] = {}
        self._last_ms: int | None = None
        self._partials = 0
        self._counted = already
        self._best_of = 0
        self._best: float | None = None

    def choose(self, events: Iterable[Event], now_ms: int) -> Cue | None:
        """Take in what the engine found in one picture; return what to say now, if anything."""
        candidates: list[Cue] = []
        for event in events:
            if isinstance(event, Rep):
                candidates += self._of_rep(event)
            elif isinstance(event, Hold):
                candidates += self._of_done(event)
        for cue in sorted(candidates, key=lambda one: -one.urgency):
            if self._may_say(cue, now_ms):
                self._told[cue.about] = self._last_ms = now_ms
                if cue.deviation is not None:
                    self._to_improve[cue.about] = 0
                return cue
        return None

    def _may_say(self, cue: Cue, now_ms: int) -> bool:
        before_ms = self._told.get(cue.about)
        if before_ms is not None and now_ms - before_ms < _SAME_AGAIN_MS:
            return False
        if cue.urgency is Urgency.SAFETY or self._last_ms is None:
            return True
        return now_ms - self._last_ms >= _BETWEEN_MS

    def _of_rep(self, rep: Rep) -> list[Cue]:
        if rep.status is RepStatus.PARTIAL:
            self._partials += 1
            if self._partials >= _PARTIALS:
                self._partials = 0
                return [Cue("A little further, then it counts.", Urgency.FORM, "partial")]
            return []
        if rep.status is not RepStatus.COUNTED:
            return []
        self._partials = 0
        self._counted += 1
        return [*self._of_done(rep), *self._best_yet(rep), *self._milestone()]

    def _of_done(self, done: Rep | Hold) -> list[Cue]:
        """Return cues for the faults of a repetition or hold, and praise for those overcome."""
        found = {deviation.id: deviation for deviation in done.deviations}
        self._latest.update(found)
        self._recent.append(frozenset(found))
        counts = Counter(name for names in self._recent for name in names)
        needed = 1 if isinstance(done, Hold) else _SEEN_IN
        cues = [
            self._cue(deviation)
            for name, deviation in found.items()
            if counts[name] >= needed or deviation.severity is Severity.STOP
        ]
        return cues + self._overcome(found, done.not_checked)

    def _cue(self, deviation: Deviation) -> Cue:
        check = self._checks.get(deviation.id)
        if deviation.severity is Severity.STOP:
            urgency = Urgency.SAFETY
        elif check is not None and check.measure in _TEMPO:
            urgency = Urgency.TEMPO
        else:
            urgency = Urgency.FORM
        return Cue(deviation.cue, urgency, deviation.id, deviation.severity, deviation)

    def _overcome(self, found: Iterable[str], not_checked: Sequence[str]) -> list[Cue]:
        """Return praise for a fault that was said and has not been seen for two repetitions."""
        cues = []
        for name in list(self._to_improve):
            if name in not_checked:
                continue
            self._to_improve[name] = 0 if name in found else self._to_improve[name] + 1
            if self._to_improve[name] >= _IMPROVED_FOR:
                del self._to_improve[name]
                cues.append(Cue("Yes, that is better. Keep it so.", Urgency.PRAISE, f"+{name}"))
        return cues

    def _best_yet(self, rep: Rep) -> list[Cue]:
        """Return praise for a range beyond all before, by more than could be error."""
        reported = self._exercise.reported
        if reported is None or rep.rom_deg is None or rep.peak_deg is None:
            return []
        towards = 1.0 if reported.direction is Direction.INCREASE else -1.0
        rom = towards * rep.rom_deg
        if towards * (rep.peak_deg - reported.limit) > 0.0:
            return []
        self._best_of += 1
        before, self._best = self._best, rom if self._best is None else max(self._best, rom)
        if before is None or self._best_of < _BEST_FROM_REP or rep.deviations:
            return []
        # Within one set and view the error is much the same in every repetition.
        if rom - before < MEASURES[reported.measure].uncertainty / 2.0:
            self._best = before
            return []
        word = "deepest" if reported.measure in _DEEPER else "furthest"
        return [Cue(f"That was your {word} yet.", Urgency.PRAISE, "best")]

    def _milestone(self) -> list[Cue]:
        left = self._target - self._counted
        if left == 1 and self._target > 1:
            return [Cue("One more.", Urgency.PRAISE, "last")]
        if self._target >= _LONG_SET and self._counted == (self._target + 1) // 2:
            return [Cue("Half-way there. Well done.", Urgency.PRAISE, "half")]
        return []
