"""The stages of a sitting in front of the camera: get ready, 3-2-1, the set, the rest."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from hep_vision.coach.getting_ready import GetReady, Readiness
from hep_vision.coach.questions import question_between, questions_after
from hep_vision.coach.screens import Caption, Countdown, GettingReady, Paused, Rest, Screen, Stance
from hep_vision.coach.seen import RaisedHands, Seen, hands_are_up, raises_hands
from hep_vision.coach.set_run import SetOutcome, SetRun
from hep_vision.coach.spoken import Sound, Urgency
from hep_vision.coach.stages import Desk, KeyHelp, Look, SetBegan, SetEnded, Stage, Watched
from hep_vision.core.types import Event

_COUNT_MS: Final = 3_000
_LEAD_IN_MS: Final = 1_500
"""What the engine sees of the time before the start: the quiet baseline."""
_LEFT_MS: Final = 3_000
"""Longer than any gap that a repetition survives."""
_BACK_MS: Final = 1_000
_NAG_MS: Final = 10_000
_FIRST_HINT_MS: Final = 4_000
"""The name of the exercise is said before."""


class Ready(Stage):
    """The checklist before a set."""

    def __init__(self, desk: Desk, index: int) -> None:
        self._desk = desk
        self._index = index
        self._plan = desk.plan[index]
        self._watch = GetReady(self._plan.exercise, self._plan.side)
        self._readiness: Readiness | None = None
        self._lead_in: deque[Seen] = deque()
        self._started = False
        self._skipped = False
        self._next_hint_ms: int | None = None
        setting = self._plan.setting.replace(" · ", ", ")
        desk.say(". ".join(part for part in (self._plan.exercise.name, setting) if part))

    def see(self, seen: Seen) -> None:
        """Judge one picture."""
        self._readiness = self._watch.update(seen)
        _keep(self._lead_in, seen)

    def press(self, key: str) -> bool:
        """Start, ready or not, or leave this set out."""
        if key in ("space", "enter"):
            self._started = True
        elif key == "n":
            self._skipped = True
        else:
            return False
        return True

    def lose_camera(self) -> None:
        """Begin anew with the next picture."""
        self._watch = GetReady(self._plan.exercise, self._plan.side)
        self._readiness = None
        self._started = False
        self._lead_in.clear()

    def after(self, look: Look) -> Stage | None:
        """Go on when everything is right and the start pose was held, or at a key."""
        if look.ended:
            return questions_after(self._desk)
        if self._skipped:
            return _next_set(self._desk, self._index)
        still = self._readiness is not None and self._readiness.still_share >= 1.0
        if self._lead_in and (still or self._started):
            self._started = False
            return _Count(self._desk, self._index, look.now_ms, self._lead_in, self)
        self._nag(look.now_ms)
        return self

    def screen(self, now_ms: int) -> Screen:
        """Return the checklist."""
        plan, found = self._plan, self._readiness
        return GettingReady(
            plan.exercise.name,
            plan.setting,
            plan.exercise.setup,
            found.points if found else (),
            Stance(plan.exercise.camera.view, plan.side, plan.exercise.motion),
            found.still_share if found else 0.0,
            Caption(self._caption()),
        )

    @property
    def keys(self) -> KeyHelp:
        """Return the keys that mean something here."""
        return (("space", "start"), ("n", "skip"), ("esc", "stop"), ("m", "mute"), ("h", "help"))

    def _caption(self) -> str:
        return self._advice() or "One moment."

    def _advice(self) -> str | None:
        if self._readiness is None:
            return None
        return "Good. Hold still to start." if self._readiness.ready else self._readiness.hint

    def _nag(self, now_ms: int) -> None:
        if self._next_hint_ms is None:
            self._next_hint_ms = now_ms + _FIRST_HINT_MS
        advice = self._advice()
        if advice is not None and now_ms >= self._next_hint_ms:
            self._next_hint_ms = now_ms + _NAG_MS
            self._desk.say(advice)


class _Count(Stage):
    """3, 2, 1."""

    def __init__(
        self, desk: Desk, index: int, now_ms: int, lead_in: deque[Seen], ready: Ready
    ) -> None:
        self._desk = desk
        self._index = index
        self._plan = desk.plan[index]
        self._since_ms = now_ms
        self._lead_in = lead_in
        self._ready = ready
        self._interrupted = False
        self._told: int | None = None

    def see(self, seen: Seen) -> None:
        """Keep what the engine begins with."""
        _keep(self._lead_in, seen)

    def lose_camera(self) -> None:
        """Do not start without a picture, or while the patient is asked something."""
        self._ready.lose_camera()
        self._interrupted = True

    def after(self, look: Look) -> Stage | None:
        """Go on when the time is over."""
        if look.ended:
            return questions_after(self._desk)
        if self._interrupted:
            return self._ready
        seconds = self._seconds(look.now_ms)
        if seconds <= 0:
            self._desk.sounds.append(Sound.GO)
            return _Set(self._desk, self._index, self._lead_in)
        if seconds != self._told:
            self._told = seconds
            self._desk.sounds.append(Sound.COUNTDOWN)
            self._desk.say(str(seconds), Urgency.COUNT)
        return self

    def screen(self, now_ms: int) -> Screen:
        """Return the seconds left."""
        seconds = max(1, self._seconds(now_ms))
        return Countdown(self._plan.exercise.name, self._plan.setting, seconds)

    @property
    def keys(self) -> KeyHelp:
        """Return the key that stops."""
        return (("esc", "stop"),)

    def _seconds(self, now_ms: int) -> int:
        return -((now_ms - self._since_ms - _COUNT_MS) // 1000)


class _Set(Stage):
    """A set under way, or paused."""

    def __init__(self, desk: Desk, index: int, lead_in: deque[Seen]) -> None:
        self._desk = desk
        self._index = index
        self._plan = desk.plan[index]
        self._run = SetRun(self._plan)
        self._pose = lead_in[-1].pose
        self._hands = None if raises_hands(self._plan.exercise) else RaisedHands()
        self._paused: Paused | None = None
        self._returns_alone = False
        self._seen_ms: int | None = self._pose.timestamp_ms
        self._back_since_ms: int | None = None
        self._back: deque[Seen] = deque()
        self._wants_end = False
        self._ended = False
        desk.happened.append(SetBegan(self._plan))
        for seen in lead_in:
            self._watched(seen, self._run.prepare(seen.pose))

    def see(self, seen: Seen) -> None:
        """Feed the engine, unless paused; look for the sign of both hands."""
        now_ms = seen.pose.timestamp_ms
        self._pose = seen.pose
        sign = self._hands is not None and self._hands.update(seen.pose)
        if sign:
            self._toggle()
        if self._paused is not None:
            self._look_for_return(seen)
            return
        if seen.pose.detected or self._seen_ms is None:
            self._seen_ms = now_ms
        elif now_ms - self._seen_ms >= _LEFT_MS:
            self._pause("You left the picture", "Come back, and it goes on by itself", alone=True)
            return
        self._watched(seen, self._run.take(seen.pose))

    def press(self, key: str) -> bool:
        """Pause and go on, or end the set."""
        if key in ("space", "p"):
            self._toggle()
        elif key == "n":
            self._wants_end = True
        else:
            return False
        return True

    def lose_camera(self) -> None:
        """Pause until there is a picture again."""
        if self._paused is None:
            self._pause("Paused", "It goes on by itself as soon as you are seen", alone=True)

    def after(self, look: Look) -> Stage | None:
        """Go on when the set is done, or was ended."""
        if not (self._run.done or self._wants_end or look.ended):
            return self
        outcome = self._end()
        if outcome.complete:
            self._desk.sounds.append(Sound.SET_DONE)
        if self._index + 1 == len(self._desk.plan) or look.ended:
            return questions_after(self._desk)
        return _between(self._desk, self._index, lambda: self._rest(outcome, look.now_ms))

    def _rest(self, outcome: SetOutcome, since_ms: int) -> Stage:
        """Return the rest, which began with the end of the set, or what follows it."""
        if self._desk.now_ms - since_ms >= self._plan.rest_ms:
            self._desk.say(outcome.praise, Urgency.PRAISE)
            return Ready(self._desk, self._index + 1)
        return _Rest(self._desk, self._index, since_ms)

    def leave(self) -> None:
        """End the set as far as it got."""
        self._end()

    def _end(self) -> SetOutcome:
        events = self._run.finish()
        outcome = self._run.outcome()
        if not self._ended:
            self._ended = True
            self._desk.outcomes.append(outcome)
            self._desk.happened.append(SetEnded(tuple(events), outcome))
        return outcome

    def screen(self, now_ms: int) -> Screen:
        """Return the set, or why it waits."""
        if self._paused is not None:
            share = 0.0 if self._hands is None else self._hands.share
            return replace(self._paused, share=share)
        return self._run.screen(
            self._pose,
            angles=self._desk.angles,
            muted=self._desk.muted,
            following=_following(self._desk, self._index),
        )

    @property
    def keys(self) -> KeyHelp:
        """Return the keys that mean something here."""
        what = "pause" if self._paused is None else "go on"
        hands = () if self._hands is None else (("both hands up", what),)
        return (*hands, ("space", what), ("n", "next"), ("esc", "stop"), ("h", "help"))

    def _watched(self, seen: Seen, events: list[Event]) -> None:
        self._desk.happened.append(Watched(seen.pose, tuple(events), self._run.engine.state))
        self._desk.sayings += self._run.sayings
        self._desk.sounds += self._run.sounds
        self._run.sayings.clear()
        self._run.sounds.clear()

    def _toggle(self) -> None:
        if self._paused is None:
            how = "Press space" if self._hands is None else "Raise both hands, or press space"
            self._pause("Paused", how, alone=False)
        else:
            self._go_on()

    def _pause(self, why: str, how: str, *, alone: bool) -> None:
        self._paused = Paused(why, how)
        self._returns_alone = alone
        self._back_since_ms = None
        self._back.clear()
        self._run.pause()
        self._desk.say(f"{why}.")

    def _go_on(self) -> None:
        self._paused = None
        self._seen_ms = None
        self._desk.say("Going on.")

    def _look_for_return(self, seen: Seen) -> None:
        if not self._returns_alone:
            return
        now_ms = seen.pose.timestamp_ms
        if not seen.pose.detected:
            self._back_since_ms = None
            self._back.clear()
            return
        _keep(self._back, seen)
        if self._back_since_ms is None:
            self._back_since_ms = now_ms
        elif now_ms - self._back_since_ms >= _BACK_MS and not hands_are_up(seen.pose):
            self._go_on()
            # Who comes back may exercise on at once.
            for missed in self._back:
                self._watched(missed, self._run.take(missed.pose))


class _Rest(Stage):
    """The pause between two sets."""

    def __init__(self, desk: Desk, index: int, now_ms: int) -> None:
        self._desk = desk
        self._index = index
        self._outcome = desk.outcomes[-1]
        self._since_ms = now_ms
        self._hands = RaisedHands()
        self._skipped = False
        work_on = self._outcome.work_on
        desk.say(f"{self._outcome.praise} Rest now.", Urgency.PRAISE)
        if work_on is not None:
            desk.say(f"Next time: {work_on.cue}")

    def see(self, seen: Seen) -> None:
        """Look for the sign that skips the rest."""
        self._skipped |= self._hands.update(seen.pose)

    def press(self, key: str) -> bool:
        """Skip the rest."""
        skips = key in ("space", "enter", "n")
        self._skipped |= skips
        return skips

    def after(self, look: Look) -> Stage | None:
        """Go on when the rest is over."""
        if look.ended:
            return questions_after(self._desk)
        if self._skipped or self._left_ms(look.now_ms) <= 0:
            return Ready(self._desk, self._index + 1)
        return self

    def screen(self, now_ms: int) -> Screen:
        """Return the time left and what the set came to."""
        work_on = self._outcome.work_on
        return Rest(
            max(0, self._left_ms(now_ms)),
            self._outcome.plan.rest_ms,
            self._outcome.done_words,
            self._outcome.praise,
            work_on.cue if work_on is not None else None,
            _following(self._desk, self._index) or "",
        )

    @property
    def keys(self) -> KeyHelp:
        """Return the keys that mean something here."""
        return (("both hands up", "go on"), ("space", "go on"), ("esc", "stop"), ("h", "help"))

    def _left_ms(self, now_ms: int) -> int:
        return self._outcome.plan.rest_ms - (now_ms - self._since_ms)


def _keep(lead_in: deque[Seen], seen: Seen) -> None:
    lead_in.append(seen)
    while lead_in[0].pose.timestamp_ms < seen.pose.timestamp_ms - _LEAD_IN_MS:
        lead_in.popleft()


def _next_set(desk: Desk, index: int) -> Stage | None:
    if index + 1 == len(desk.plan):
        return questions_after(desk)
    return _between(desk, index, lambda: Ready(desk, index + 1))


def _between(desk: Desk, index: int, go_on: Callable[[], Stage | None]) -> Stage | None:
    """Return the stage after a set that another one follows; a new exercise is asked about."""
    now, then = desk.plan[index], desk.plan[index + 1]
    return go_on() if then.exercise.id == now.exercise.id else question_between(desk, go_on)


def _following(desk: Desk, index: int) -> str | None:
    """Return what comes after a set: its setting alone where the exercise stays the same."""
    if index + 1 >= len(desk.plan):
        return None
    now, then = desk.plan[index], desk.plan[index + 1]
    return then.setting if then.exercise.id == now.exercise.id else then.label
