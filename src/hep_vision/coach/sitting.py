"""A sitting from the first question to the last: what stage it is in, and what leads to the next.

    pain before -> [get ready -> 3 2 1 -> set -> rest] for each set -> pain, effort, words -> end

Where each exercise is asked about, the pain after it comes between its last set and the rest.

Pure: pictures, keys and the time come in with a `Look`, screens, words, sounds and what is to be
booked go out with a `Shown`. The same looks give the same sitting, live or in a test.
"""

from collections.abc import Sequence
from typing import Final

from hep_vision.coach.on_camera import Ready
from hep_vision.coach.plan import PlannedSet
from hep_vision.coach.questions import ask_why, questions_before
from hep_vision.coach.screens import (
    Message,
    Screen,
    SetLine,
    Trouble,
)
from hep_vision.coach.spoken import Sound, Urgency
from hep_vision.coach.stages import (
    Desk,
    Happening,
    KeyHelp,
    Look,
    Shown,
)
from hep_vision.core.pain import PainZones

_TELL_AGAIN_MS: Final = 10_000
_EVERYWHERE: Final = (("m", "mute"), ("a", "degrees"), ("h", "help"))
_STOP_KEYS: Final = ("escape", "q")


class Sitting:
    """Goes through the sets of a plan.

    Args:
        plan: The sets, in order.
        ask: Whether pain and the like are asked.
        zones: Limits of the pain rule.
        ask_each: Whether the pain is asked after each exercise, instead of after the last.
        ask_morning: Whether the pain of the morning after the sitting before is asked first.
    """

    def __init__(
        self,
        plan: Sequence[PlannedSet],
        *,
        ask: bool = True,
        zones: PainZones | None = None,
        ask_each: bool = False,
        ask_morning: bool = False,
    ) -> None:
        self._desk = Desk(tuple(plan), zones or PainZones(), ask, ask_each, ask_morning)
        self._stage = questions_before(self._desk, lambda: Ready(self._desk, 0))
        self._help_open = False
        self._trouble_since_ms: int | None = None
        self._trouble_told_ms: int | None = None

    def step(self, look: Look) -> Shown:
        """Take in what came since the last look; return what is shown, said and to be booked."""
        desk = self._desk
        desk.now_ms = look.now_ms
        for seen in look.seen:
            desk.last = seen
            if self._stage is not None:
                self._stage.see(seen)
        for key in look.keys:
            self._press(key)
        self._note_trouble(look)
        while self._stage is not None and (after := self._stage.after(look)) is not self._stage:
            self._stage = after
        shown = Shown(
            self._screen(look),
            desk.last.pose if desk.last is not None else None,
            self._keys(),
            self._help_open,
            tuple(desk.sayings),
            tuple(desk.sounds),
            tuple(desk.happened),
            desk.muted,
            over=self._stage is None,
        )
        desk.sayings.clear()
        desk.sounds.clear()
        desk.happened.clear()
        return shown

    @property
    def lines(self) -> tuple[SetLine, ...]:
        """What the sets done so far came to."""
        return tuple(outcome.line for outcome in self._desk.outcomes)

    def stop(self) -> tuple[Happening, ...]:
        """End at once, as when the window is closed; return what is still to be booked."""
        if self._stage is not None:
            self._stage.leave()
        self._stage = None
        left = tuple(self._desk.happened)
        self._desk.happened.clear()
        return left

    def _keys(self) -> KeyHelp:
        """Return the keys of the stage; with the help open, those that work everywhere, too."""
        keys = self._stage.keys if self._stage is not None else ()
        if not self._help_open:
            return keys
        return (*keys, *(key for key in _EVERYWHERE if key not in keys))

    def _press(self, key: str) -> None:
        if self._stage is None or self._stage.press(key):
            return
        # Caps lock is no reason to be deaf; where capitals matter the stage has taken them.
        if len(key) == 1 and key.isupper():
            self._press(key.lower())
        elif key == "escape" and self._help_open:
            self._help_open = False
        elif key in _STOP_KEYS and self._stage.on_camera:
            self._stage.lose_camera()
            self._stage = ask_why(self._desk, self._stage)
        elif key == "m":
            self._desk.muted = not self._desk.muted
        elif key == "a":
            self._desk.angles = not self._desk.angles
        elif key in ("h", "?"):
            self._help_open = not self._help_open

    def _note_trouble(self, look: Look) -> None:
        if look.trouble is None:
            self._trouble_since_ms = None
        elif self._stage is not None and self._stage.on_camera:
            if self._trouble_since_ms is None:
                self._trouble_since_ms = look.now_ms
                self._tell_trouble(look.trouble.what, look.now_ms)
            self._stage.lose_camera()

    def _tell_trouble(self, what: str, now_ms: int) -> None:
        """Say it, unless it was just said: a loose plug comes and goes."""
        told_ms = self._trouble_told_ms
        if told_ms is None or now_ms - told_ms >= _TELL_AGAIN_MS:
            self._trouble_told_ms = now_ms
            self._desk.sounds.append(Sound.TROUBLE)
            self._desk.say(what, Urgency.SAFETY)

    def _screen(self, look: Look) -> Screen:
        if self._stage is None:
            return Message("Good-bye")
        if look.trouble and self._stage.on_camera and self._trouble_since_ms is not None:
            waited_ms = look.now_ms - self._trouble_since_ms
            return Trouble(look.trouble.what, look.trouble.advice, waited_ms)
        return self._stage.screen(look.now_ms)
