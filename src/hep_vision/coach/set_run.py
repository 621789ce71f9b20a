"""One set under way: the engine, what is counted and timed, and what is said and shown of it."""

import math
from dataclasses import dataclass, replace
from statistics import median
from typing import Final

from hep_vision.coach.cues import Cue, CueChooser
from hep_vision.coach.cues import Urgency as Priority
from hep_vision.coach.describe import overlay_state
from hep_vision.coach.plan import PlannedSet
from hep_vision.coach.screens import Pace, SetLine, Working
from hep_vision.coach.spoken import Saying, Sound, Urgency
from hep_vision.core.definition import Direction, Kind
from hep_vision.core.engine import EngineState, ExerciseEngine
from hep_vision.core.measures import MEASURES
from hep_vision.core.summary import SetSummary, about, summarise
from hep_vision.core.tempo import Tempo
from hep_vision.core.types import (
    Deviation,
    Event,
    Phase,
    PhaseChange,
    PoseFrame,
    Rep,
    RepStatus,
    RepTick,
    Side,
)
from hep_vision.core.verdict import ALONE

_CAPTION_MS: Final = 3_500
_POP_MS: Final = 500
_SETTLE_MS: Final = 3_000
"""The last repetition is judged once its return is known, or after this at the latest."""
_VOICES: Final = {
    Priority.PRAISE: Urgency.PRAISE,
    Priority.TEMPO: Urgency.CUE,
    Priority.FORM: Urgency.CUE,
    Priority.SAFETY: Urgency.SAFETY,
}


@dataclass(frozen=True, slots=True)
class SetOutcome:
    """What a set came to.

    Attributes:
        plan: What was to be done.
        summary: Totals of what the engine found.
        done: Repetitions or holds done, those from before an interruption too.
        held_ms: Time held right, where holds are timed or the person times it.
        best: Farthest value of the reported measure; None where the view cannot show it.
        usual: Median of it.
        complete: Whether all of it was done.
    """

    plan: PlannedSet
    summary: SetSummary
    done: int
    held_ms: int
    best: float | None
    usual: float | None
    complete: bool

    @property
    def done_words(self) -> str:
        """Return "10 of 10" or "28 s of 30 s"."""
        if self.plan.timed and self.plan.reps == 1:
            return f"{self.held_ms // 1000} s of {self.plan.hold_ms // 1000} s"
        noun = "holds" if self.plan.timed else "repetitions"
        return f"{self.done} of {self.plan.reps} {noun}"

    @property
    def line(self) -> SetLine:
        """Return a row of the summary."""
        extra = []
        if self.summary.partial:
            extra.append(f"{self.summary.partial} partial")
        reported = self.plan.exercise.reported
        in_degrees = reported is not None and MEASURES[reported.measure].unit == "deg"
        if in_degrees and self.usual is not None and self.best is not None:
            usual, best = (about(value, "\N{DEGREE SIGN}") for value in (self.usual, self.best))
            extra.append(f"usually {usual}, at best {best}")
        return SetLine(self.plan.label, self.done_words, " \N{MIDDLE DOT} ".join(extra))

    @property
    def praise(self) -> str:
        """Return what went well."""
        flagged = {deviation.rep for deviation in self.summary.deviations}
        clean = self.summary.counted - len(flagged)
        if self.complete and not flagged:
            return "All done, and cleanly. Well done."
        if self.complete:
            return "All done. Well done."
        if not self.plan.timed and clean >= 2:
            return f"{clean} good repetitions."
        return "Every bit counts."

    @property
    def work_on(self) -> Deviation | None:
        """Return the deviation seen most often, the one to work on; None where nothing was."""
        by_check: dict[str, list[Deviation]] = {}
        for deviation in self.summary.deviations:
            by_check.setdefault(deviation.id, []).append(deviation)
        often = [found for found in by_check.values() if len(found) > 1 or self.plan.timed]
        return max(often, key=len)[0] if often else None


class SetRun:
    """Runs one set from pose to pose.

    What was found is in ``events``; what is to be heard since the last call in ``sounds`` and
    ``sayings``, which the caller empties. The poses from before the start go to `prepare`.
    """

    def __init__(self, plan: PlannedSet) -> None:
        side = None if plan.side is Side.BOTH else plan.side
        self.plan = plan
        self.engine = ExerciseEngine(plan.exercise, side, plan.personal)
        self.events: list[Event] = []
        self.sounds: list[Sound] = []
        self.sayings: list[Saying] = []
        self._cues = CueChooser(plan.exercise, plan.reps, plan.already)
        self._cue: Cue | None = None
        self._cue_ms = 0
        self._began_ms: int | None = None
        self._now_ms = 0
        self._left_out_ms = 0
        self._stopped = False
        self._acknowledged = False
        self._counted_ms: int | None = None
        self._peak_ms: int | None = None
        self._hold_told = False
        self._holds_told = 0
        self._finished = False

    def prepare(self, pose: PoseFrame) -> list[Event]:
        """Take in a pose from before the start: the baseline, which no clock counts."""
        self._now_ms = pose.timestamp_ms
        return self._look(pose)

    def take(self, pose: PoseFrame) -> list[Event]:
        """Take in one pose, in time order; return what the engine found with it."""
        if self._stopped:
            self._left_out_ms += pose.timestamp_ms - self._now_ms
            self._stopped = False
        self._now_ms = pose.timestamp_ms
        if self._began_ms is None:
            self._began_ms = self._now_ms
        return self._look(pose)

    def pause(self) -> None:
        """Stop the clocks until the next pose."""
        self._stopped = True

    def finish(self) -> list[Event]:
        """End the set; harmless when repeated."""
        if self._finished:
            return []
        self._finished = True
        events = self.engine.finish()
        self.events += events
        return events

    @property
    def done(self) -> bool:
        """Whether everything that was prescribed is done, and its last repetition judged."""
        if not self.plan.left:
            return True
        if self.plan.timed:
            return self._holds_done() >= self.plan.left
        if self.engine.state.counted < self.plan.left or self._counted_ms is None:
            return False
        counted = sum(_is_counted(event) for event in self.events)
        return counted >= self.plan.left or self._now_ms - self._counted_ms >= _SETTLE_MS

    def screen(
        self, pose: PoseFrame, *, angles: bool, muted: bool, following: str | None
    ) -> Working:
        """Return what is shown now.

        Args:
            pose: The pose of the picture shown.
            angles: Whether the patient wants to see degrees.
            muted: Whether the voice is off.
            following: What comes after this set.
        """
        state = self.engine.state
        recent = self._cue if self._now_ms - self._cue_ms < _CAPTION_MS else None
        overlay = overlay_state(
            self.plan.exercise, pose, state, recent.deviation if recent else None
        )
        overlay = replace(
            overlay,
            count=None if self.plan.timed else self._shown_count(state),
            target=None if self.plan.timed else self.plan.reps,
            angle_value=overlay.angle_value if angles else None,
            hold_ms=self._hold_clock_ms(state),
            message=recent.words if recent else None,
            severity=recent.severity if recent else None,
        )
        since_ms = math.inf if self._counted_ms is None else self._now_ms - self._counted_ms
        return Working(
            overlay,
            self._setting(),
            popped=max(0.0, 1.0 - since_ms / _POP_MS),
            waiting=state.waiting,
            hold_goal_ms=self.plan.hold_ms or None,
            pace=_pace(self.plan.tempo, self._elapsed_ms()) if self.plan.tempo else None,
            following=following,
            muted=muted,
        )

    def outcome(self) -> SetOutcome:
        """Return what the set came to so far."""
        summary = summarise(self.events)
        counted = [e for e in self.events if isinstance(e, Rep) and _is_counted(e)]
        peaks = [rep.peak_deg for rep in counted if rep.peak_deg is not None]
        reported = self.plan.exercise.reported
        best = None
        if peaks and reported is not None:
            best = max(peaks) if reported.direction is Direction.INCREASE else min(peaks)
        done = self._holds_done() if self.plan.timed else summary.counted
        done += self.plan.already
        return SetOutcome(
            self.plan,
            summary,
            done,
            self._elapsed_ms() if self._self_timed else summary.held_ms,
            best,
            median(peaks) if peaks else None,
            done >= self.plan.reps,
        )

    def _look(self, pose: PoseFrame) -> list[Event]:
        events = self.engine.process(pose)
        self._acknowledge(events)
        self._note(events)
        self._note_hold()
        return events

    def _acknowledge(self, events: list[Event]) -> None:
        """Sound once for every repetition, when it is seen; say the newest number."""
        ticks = [event for event in events if isinstance(event, RepTick)]
        if any(isinstance(event, Rep) and event.reason == ALONE.reason for event in events):
            self._acknowledged = False
        if ticks:
            # The first of two that count together was heard when it was seen.
            self.sounds += [Sound.REP] * (len(ticks) - self._acknowledged)
            self._acknowledged = False
            self._counted_ms = ticks[-1].timestamp_ms
            number = self.plan.already + ticks[-1].count
            self.sayings.append(Saying(str(number), Urgency.COUNT))
        if self.engine.state.waiting and not self._acknowledged:
            self._acknowledged = True
            self.sounds.append(Sound.REP)

    def _note(self, events: list[Event]) -> None:
        self.events += events
        for event in events:
            if isinstance(event, PhaseChange):
                self._peak_ms = event.timestamp_ms if event.phase is Phase.PEAK else None
                self._hold_told = False
        cue = self._cues.choose(events, self._now_ms)
        if cue is not None:
            self._cue, self._cue_ms = cue, self._now_ms
            self.sayings.append(Saying(cue.words, _VOICES[cue.urgency]))

    def _note_hold(self) -> None:
        """Sound once when a hold has lasted as long as it should."""
        if self.plan.timed:
            self._note_timed()
            return
        held_ms = self._hold_clock_ms(self.engine.state) or 0
        if self.plan.hold_ms and held_ms >= self.plan.hold_ms and not self._hold_told:
            self._hold_told = True
            self.sounds.append(Sound.HOLD_REACHED)

    def _note_timed(self) -> None:
        done = self._holds_done()
        if done <= self._holds_told:
            return
        self._holds_told = done
        self.sounds.append(Sound.HOLD_REACHED)
        if done < self.plan.left:
            number = self.plan.already + done
            self.sayings.append(Saying(f"{number} of {self.plan.reps}", Urgency.COUNT))

    def _hold_clock_ms(self, state: EngineState) -> int | None:
        if self._self_timed:
            # One hold follows the other; the last one stays full.
            whole_ms = self.plan.hold_ms * min(self._holds_done(), max(0, self.plan.left - 1))
            return self._elapsed_ms() - whole_ms
        if self.plan.timed:
            return state.holding_ms
        if not self.plan.hold_ms or self._peak_ms is None:
            return None
        return self._now_ms - self._peak_ms

    def _holds_done(self) -> int:
        if self._self_timed:
            return self._elapsed_ms() // self.plan.hold_ms if self.plan.hold_ms else 0
        ended = self.plan.done_in(self.events)
        held_ms = 0 if self._finished else self.engine.state.holding_ms
        return ended + (0 < self.plan.hold_ms <= held_ms)

    def _setting(self) -> str:
        """Return which set this is, and which of its holds comes next or runs."""
        parts = [self.plan.setting] if self.plan.setting else []
        if self.plan.timed and self.plan.reps > 1:
            number = min(self.plan.reps, self.plan.already + self._holds_done() + 1)
            parts.append(f"Hold {number} of {self.plan.reps}")
        return " \N{MIDDLE DOT} ".join(parts)

    def _shown_count(self, state: EngineState) -> int:
        return self.plan.already + state.counted

    def _elapsed_ms(self) -> int:
        began_ms = self._now_ms if self._began_ms is None else self._began_ms
        return self._now_ms - began_ms - self._left_out_ms

    @property
    def _self_timed(self) -> bool:
        return self.plan.exercise.kind is Kind.SELF_TIMED


def _is_counted(event: Event) -> bool:
    return isinstance(event, Rep) and event.status is RepStatus.COUNTED


def _pace(tempo: Tempo, elapsed_ms: int) -> Pace:
    at_ms = elapsed_ms % tempo.whole_ms
    if at_ms < tempo.out_ms:
        return Pace(at_ms / tempo.out_ms, "out")
    at_ms -= tempo.out_ms
    if at_ms < tempo.hold_ms:
        return Pace(1.0, "hold")
    return Pace(1.0 - (at_ms - tempo.hold_ms) / tempo.back_ms, "back")
