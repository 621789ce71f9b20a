"""Spoken words and ticks of a live session, which never make the pictures wait.

Every call returns at once: a thread for the words and one for the sounds do the waiting. What is
said too late is worse than what is not said, so nothing queues up: a newer line takes the place of
an unspoken one of the same kind, and a line that has waited too long is dropped.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from hep_vision.coach.loudspeaker import (
    Engine,
    LoudspeakerError,
    Utterance,
    find_sounds,
    find_speech,
)
from hep_vision.coach.spoken import Sound, Urgency


class Level(StrEnum):
    """How much is heard."""

    SILENT = "silent"
    """Nothing."""
    TICKS = "ticks"
    """Sounds only."""
    COUNTS = "counts"
    """Sounds, counted numbers, and what concerns safety."""
    FULL = "full"
    """Everything."""


class Voice(Protocol):
    """What the patient hears. No call waits, and none raises."""

    muted: bool
    """Muting ends what is being said and drops what waits; unmuting tries a failed voice again."""

    def say(self, words: str, urgency: Urgency) -> None:
        """Say this when its turn comes; see `Urgency`."""

    def tick(self, kind: Sound) -> None:
        """Play this."""

    @property
    def available(self) -> bool:
        """Whether anything of what the level asks for can be heard, as far as is known."""

    @property
    def problem(self) -> str | None:
        """One line on what cannot be heard and why, or None. A failure shows after a moment."""

    def close(self) -> None:
        """Stop in the middle of a word and end all threads and processes. May be called twice."""


class SilentVoice:
    """Nothing is heard, and that is meant."""

    available: Final = False
    problem: Final = None

    def __init__(self) -> None:
        self.muted = False

    def say(self, words: str, urgency: Urgency) -> None:
        """Say nothing."""

    def tick(self, kind: Sound) -> None:
        """Play nothing."""

    def close(self) -> None:
        """Do nothing."""


def open_voice(
    level: Level,
    clock_ms: Callable[[], float],
    *,
    speech: Callable[[], Engine] = find_speech,
    sounds: Callable[[], Engine] = find_sounds,
) -> Voice:
    """Return what speaks and ticks on this machine; where nothing can, its `problem` says why.

    Args:
        level: How much is heard.
        clock_ms: A clock that never goes back; it is read from other threads.
        speech: Finds what speaks; raises LoudspeakerError where nothing does.
        sounds: Finds what plays sounds; raises LoudspeakerError where nothing does.
    """
    if level is Level.SILENT:
        return SilentVoice()
    mouth = None if level is Level.TICKS else _Mouth("speech", speech, clock_ms)
    return _LiveVoice(level, mouth, _Mouth("sounds", sounds, clock_ms))


def examine_audio(
    speech: Callable[[], Engine] = find_speech, sounds: Callable[[], Engine] = find_sounds
) -> tuple[str, str]:
    """Return what speaks and what plays sounds here, or why nothing does: "speech: espeak-ng"."""
    return _examine("speech", speech), _examine("sounds", sounds)


def _examine(what: str, find: Callable[[], Engine]) -> str:
    try:
        engine = find()
        try:
            engine.prepare().run()
        finally:
            engine.close()
    except LoudspeakerError as error:
        return f"{what}: none, {error}"
    return f"{what}: {engine.name}"


@dataclass(frozen=True, slots=True)
class _Manner:
    """How lines of one kind are treated.

    Attributes:
        rank: The highest goes first; among equals, who came first.
        fresh_ms: A line that has waited longer is dropped. Infinite for one that interrupts.
    """

    rank: int
    fresh_ms: float

    @property
    def interrupts(self) -> bool:
        return self.fresh_ms == float("inf")


# Own judgement: a count that comes a second late belongs to the next repetition, a cue that comes
# two seconds late to a fault that is over, and a tick is of use in its moment only.
_MANNERS: Final = {
    Urgency.PRAISE: _Manner(0, 2000.0),
    Urgency.COUNT: _Manner(1, 1000.0),
    Urgency.CUE: _Manner(1, 2000.0),
    Urgency.SAFETY: _Manner(2, float("inf")),
}
_TICK: Final = _Manner(0, 300.0)

_GIVE_UP_AFTER: Final = 3
"""Failures in a row: a device may be busy once, and is gone for good the third time."""

_END_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class _Line:
    words: str
    kind: Urgency | Sound
    manner: _Manner
    since_ms: float


class _Mouth:
    """One engine and the thread that waits for it."""

    def __init__(
        self, what: str, find: Callable[[], Engine], clock_ms: Callable[[], float]
    ) -> None:
        self.problem: str | None = None
        self._what = what
        self._clock_ms = clock_ms
        self._changed = threading.Condition()
        self._waiting: list[_Line] = []
        self._current: Utterance | None = None
        self._interruptible = False
        self._failures = 0
        self._closed = False
        self._engine: Engine | None = None
        try:
            self._engine = find()
        except LoudspeakerError as error:
            self._explain(error)
            return
        self._current = self._engine.prepare()
        self._thread = threading.Thread(
            target=self._work, args=(self._engine,), name=f"hep-vision {what}", daemon=True
        )
        self._thread.start()

    @property
    def works(self) -> bool:
        return self._engine is not None and not self._closed and self._failures < _GIVE_UP_AFTER

    def offer(self, words: str, kind: Urgency | Sound, manner: _Manner) -> None:
        with self._changed:
            if not self.works:
                return
            if manner.interrupts:
                self._make_way(words)
            else:
                self._waiting = [line for line in self._waiting if line.kind is not kind]
            self._waiting.append(_Line(words, kind, manner, self._clock_ms()))
            self._changed.notify_all()

    def forget(self) -> None:
        """Drop what waits."""
        with self._changed:
            self._waiting.clear()

    def hush(self) -> None:
        """Drop what waits and end what is being said."""
        with self._changed:
            self._waiting.clear()
            if self._current is not None:
                self._current.stop()

    def try_again(self) -> None:
        with self._changed:
            self._failures = 0

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self.hush()
        if self._engine is not None:
            self._thread.join(_END_S)
            self._engine.close()

    def _make_way(self, words: str) -> None:
        self._waiting = [
            line for line in self._waiting if line.manner.interrupts and line.words != words
        ]
        if self._current is not None and self._interruptible:
            self._current.stop()

    def _work(self, engine: Engine) -> None:
        utterance = self._current
        while utterance is not None:
            try:
                utterance.run()
            except LoudspeakerError as error:
                self._failures += 1
                self._explain(error)
            else:
                self._failures = 0
                self.problem = None
            utterance = self._next(engine)

    def _next(self, engine: Engine) -> Utterance | None:
        with self._changed:
            self._current = None
            while not self._closed:
                line = self._take()
                if line is not None:
                    self._current = engine.utterance(line.words)
                    self._interruptible = not line.manner.interrupts
                    break
                self._changed.wait()
            return self._current

    def _take(self) -> _Line | None:
        now_ms = self._clock_ms()
        self._waiting = [
            line
            for line in self._waiting
            if self.works and now_ms - line.since_ms <= line.manner.fresh_ms
        ]
        if not self._waiting:
            return None
        line = max(self._waiting, key=lambda line: line.manner.rank)
        self._waiting.remove(line)
        return line

    def _explain(self, error: LoudspeakerError) -> None:
        self.problem = f"no {self._what}: {error}"


class _LiveVoice:
    def __init__(self, level: Level, speech: _Mouth | None, sounds: _Mouth) -> None:
        self._urgencies = set(Urgency) if level is Level.FULL else {Urgency.COUNT, Urgency.SAFETY}
        self._speech = speech
        self._sounds = sounds
        self._muted = False

    @property
    def muted(self) -> bool:
        return self._muted

    @muted.setter
    def muted(self, muted: bool) -> None:
        self._muted = muted
        for mouth in self._mouths:
            if not muted:
                mouth.try_again()
            elif mouth is self._speech:
                mouth.hush()
            else:
                # A sound is over sooner than its process would be back.
                mouth.forget()

    @property
    def available(self) -> bool:
        return any(mouth.works and mouth.problem is None for mouth in self._mouths)

    @property
    def problem(self) -> str | None:
        problems = [mouth.problem for mouth in self._mouths if mouth.problem is not None]
        return "; ".join(problems) or None

    def say(self, words: str, urgency: Urgency) -> None:
        if self._speech is not None and urgency in self._urgencies and not self._muted:
            self._speech.offer(words, urgency, _MANNERS[urgency])

    def tick(self, kind: Sound) -> None:
        if not self._muted:
            self._sounds.offer(kind.value, kind, _TICK)

    def close(self) -> None:
        for mouth in self._mouths:
            mouth.close()

    @property
    def _mouths(self) -> list[_Mouth]:
        return [self._sounds] if self._speech is None else [self._speech, self._sounds]
