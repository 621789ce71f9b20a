"""The stages that ask: a scale from 0 to 10, a few answers, words to the therapist.

Every question is skipped with one key, and what is not answered is not booked.
"""

from collections.abc import Callable
from typing import Final

from hep_vision.coach.pain import Advice, advice_after, advice_before
from hep_vision.coach.screens import Choice, Scale, Screen, Writing
from hep_vision.coach.stages import Desk, KeyHelp, Look, Stage, Told, Wrote
from hep_vision.core.definition import ExerciseDefinition
from hep_vision.core.types import ReportKind

Next = Callable[[], Stage | None]

LONGEST_MESSAGE: Final = 500
"""Letters of one message to the therapist."""

_SKIP: Final = ("s", "escape")
_DIGITS: Final = tuple("0123456789")
_WORDS: Final = {
    ReportKind.PAIN_BEFORE: ("How much pain do you have now?", "no pain", "worst pain"),
    ReportKind.PAIN_AFTER: ("How much pain do you have now?", "no pain", "worst pain"),
    ReportKind.PAIN_NEXT_MORNING: (
        "How is the pain this morning, after last time?",
        "no pain",
        "worst pain",
    ),
    ReportKind.EFFORT: ("How hard was it?", "no effort", "hardest ever"),
}
_GOES_ON_MS: Final = 1_500
_READS_MS: Final = 5_000
_NOBODY_MS: Final = 60_000


class Ask(Stage):
    """A question with an answer from 0 to 10.

    Args:
        desk: The desk of the sitting.
        report: What is asked.
        then: Returns the stage after it.
        exercise: The exercise it is about; None for the whole sitting.
    """

    on_camera = False

    def __init__(
        self,
        desk: Desk,
        report: ReportKind,
        then: Next,
        exercise: ExerciseDefinition | None = None,
    ) -> None:
        self._desk = desk
        self._report = report
        self._then = then
        self._exercise = exercise
        self._value: int | None = None
        self._typed = ""
        self._done = False
        desk.say(_WORDS[report][0])

    def press(self, key: str) -> bool:
        """Take in a digit, an arrow, or the end of the question."""
        if key in _SKIP:
            self._value, self._done = None, True
        elif key in ("enter", "space"):
            self._done = True
        elif key in _DIGITS:
            self._typed = "10" if self._typed == "1" and key == "0" else key
            self._value = int(self._typed)
            return True
        elif key in ("left", "right"):
            step = -1 if key == "left" else 1
            self._value = 0 if self._value is None else min(10, max(0, self._value + step))
        else:
            return False
        self._typed = ""
        return True

    def after(self, look: Look) -> Stage | None:
        """Go on once it is answered or skipped."""
        if not self._done:
            return self
        self._desk.answer = self._value
        if self._value is not None:
            about = None if self._exercise is None else self._exercise.id
            self._desk.happened.append(Told(self._report, self._value, about))
            self._desk.take_pain(self._report, self._value)
        return self._then()

    def screen(self, now_ms: int) -> Screen:
        """Return the scale, with what follows from the answer marked."""
        question, lowest, highest = _WORDS[self._report]
        if self._exercise is not None:
            question = f"{self._exercise.name}: {question[0].lower()}{question[1:]}"
        advice = self._advice()
        return Scale(
            question,
            lowest,
            highest,
            self._value,
            advice.words if advice else None,
            advice.severity if advice else None,
        )

    @property
    def keys(self) -> KeyHelp:
        """Return digits, confirming and skipping."""
        return (("0-9", "choose"), ("left right", "change"), ("enter", "done"), ("s", "skip"))

    def _advice(self) -> Advice | None:
        if self._value is None or self._report is ReportKind.EFFORT:
            return None
        give = advice_after if self._report is ReportKind.PAIN_AFTER else advice_before
        return give(self._value, self._desk.zones)


class AskBetween(Ask):
    """The pain after an exercise that others follow: one key is enough.

    It goes on by itself a moment after the last key, so that a slip can be mended and "10" be
    typed; longer where there is advice to read. Nobody has to come to the keyboard: after a minute
    without a key it is skipped. The times are our own judgement.
    """

    def __init__(self, desk: Desk, then: Next, exercise: ExerciseDefinition) -> None:
        super().__init__(desk, ReportKind.PAIN_AFTER, then, exercise)
        self._since_ms: int | None = None

    def press(self, key: str) -> bool:
        """Take in a key as any scale does; each one begins the waiting anew."""
        taken = super().press(key)
        if taken:
            self._since_ms = None
        return taken

    def after(self, look: Look) -> Stage | None:
        """Go on once it is answered, skipped, or left alone."""
        if self._since_ms is None:
            self._since_ms = look.now_ms
        self._done |= look.now_ms - self._since_ms >= self._waits_ms()
        return super().after(look)

    @property
    def keys(self) -> KeyHelp:
        """Return digits and skipping."""
        return (("0-9", "answer"), ("s", "skip"))

    def _waits_ms(self) -> int:
        if self._value is None:
            return _NOBODY_MS
        return _GOES_ON_MS if self._advice() is None else _READS_MS


class Pick(Stage):
    """A question with a few answers.

    Args:
        question: What is asked.
        answers: What can be chosen.
        then: Returns the stage after the answer; None where it was skipped.
        under_way: What the question interrupts, and what ends with it.
    """

    on_camera = False

    def __init__(
        self,
        question: str,
        answers: tuple[str, ...],
        then: Callable[[int | None], Stage | None],
        under_way: Stage | None = None,
    ) -> None:
        self._question = question
        self._answers = answers
        self._then = then
        self._under_way = under_way
        self._chosen: int | None = None
        self._done = False

    def press(self, key: str) -> bool:
        """Take in the number of an answer, an arrow, or the end of the question."""
        count = len(self._answers)
        if key in _SKIP:
            self._chosen, self._done = None, True
        elif key in _DIGITS and 1 <= int(key) <= count:
            self._chosen, self._done = int(key) - 1, True
        elif key in ("left", "right"):
            step = -1 if key == "left" else 1
            self._chosen = 0 if self._chosen is None else (self._chosen + step) % count
        elif key in ("enter", "space") and self._chosen is not None:
            self._done = True
        else:
            return False
        return True

    def leave(self) -> None:
        """End what the question interrupts."""
        if self._under_way is not None:
            self._under_way.leave()

    def after(self, look: Look) -> Stage | None:
        """Go on once it is answered or skipped."""
        return self._then(self._chosen) if self._done else self

    def screen(self, now_ms: int) -> Screen:
        """Return the answers."""
        return Choice(self._question, self._answers, self._chosen)

    @property
    def keys(self) -> KeyHelp:
        """Return the numbers, and skipping."""
        return ((f"1-{len(self._answers)}", "choose"), ("s", "skip"))


class Write(Stage):
    """Words to the therapist."""

    on_camera = False

    def __init__(self, desk: Desk, then: Next) -> None:
        self._desk = desk
        self._then = then
        self._text = ""
        self._done = False

    def press(self, key: str) -> bool:
        """Take in a letter, or the end of the text."""
        if key == "escape":
            self._text, self._done = "", True
        elif key == "enter":
            self._done = True
        elif key == "backspace":
            self._text = self._text[:-1]
        elif len(self._text) < LONGEST_MESSAGE and (key == "space" or len(key) == 1):
            self._text += " " if key == "space" else key
        return True

    def after(self, look: Look) -> Stage | None:
        """Go on once it is written or skipped."""
        if not self._done:
            return self
        if self._text.strip():
            self._desk.happened.append(Wrote(self._text.strip()))
        return self._then()

    def screen(self, now_ms: int) -> Screen:
        """Return what is written so far."""
        return Writing("Was anything difficult? A note for your therapist:", self._text)

    @property
    def keys(self) -> KeyHelp:
        """Return ending and skipping."""
        return (("enter", "done"), ("esc", "skip"))
