"""The questions of a sitting, before and after: pain, effort, words to the therapist, the end.

Every question is skipped with one key, and what is not answered is not booked.
"""

from collections.abc import Callable
from typing import Final

from hep_vision.coach.pain import STOP_AT_ONCE, Advice, advice_after, advice_before
from hep_vision.coach.screens import Choice, Scale, Screen, Summary, Writing
from hep_vision.coach.spoken import Urgency
from hep_vision.coach.stages import (
    Desk,
    KeyHelp,
    Look,
    Stage,
    Stopped,
    Told,
    Wrote,
)
from hep_vision.core.pain import Zone
from hep_vision.core.types import ReportKind, Severity, StopReason

Next = Callable[[], Stage | None]

_SKIP: Final = ("s", "escape")
_DIGITS: Final = tuple("0123456789")
_LONGEST_TEXT: Final = 500
_SUMMARY_MS: Final = 8_000
_SUMMARY_LONGEST_MS: Final = 120_000
_WORDS: Final = {
    ReportKind.PAIN_BEFORE: ("How much pain do you have now?", "no pain", "worst pain"),
    ReportKind.PAIN_AFTER: ("How much pain do you have now?", "no pain", "worst pain"),
    ReportKind.EFFORT: ("How hard was it?", "no effort", "hardest ever"),
}
_WHY: Final = "Why do you stop?"
_STOP_ANSWERS: Final = (
    (StopReason.PAIN, "Pain"),
    (StopReason.TIRED, "Tired"),
    (StopReason.OTHER, "Something else"),
)


class Ask(Stage):
    """A question with an answer from 0 to 10."""

    on_camera = False

    def __init__(self, desk: Desk, report: ReportKind, then: Next) -> None:
        self._desk = desk
        self._report = report
        self._then = then
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
        if self._value is not None:
            self._desk.happened.append(Told(self._report, self._value))
            if self._report is ReportKind.PAIN_BEFORE:
                self._desk.pain_before = self._value
            elif self._report is ReportKind.PAIN_AFTER:
                self._desk.pain_after = self._value
        return self._then()

    def screen(self, now_ms: int) -> Screen:
        """Return the scale, with what follows from the answer marked."""
        question, lowest, highest = _WORDS[self._report]
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
        give = advice_before if self._report is ReportKind.PAIN_BEFORE else advice_after
        return give(self._value, self._desk.zones)


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
        elif len(self._text) < _LONGEST_TEXT and (key == "space" or len(key) == 1):
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


class End(Stage):
    """What it all came to."""

    on_camera = False

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._since_ms: int | None = None
        self._closed = False
        self._summary = _summary(desk)
        if self._summary.advice is not None and desk.pain_after is not None:
            red = self._summary.severity is Severity.STOP
            desk.say(self._summary.advice, Urgency.SAFETY if red else Urgency.CUE)
        desk.say(f"{self._summary.title}. {self._summary.well}", Urgency.PRAISE)

    def press(self, key: str) -> bool:
        """Close with any key that ends something."""
        closes = key in ("space", "enter", "escape", "q", "s")
        self._closed |= closes
        return closes

    def after(self, look: Look) -> Stage | None:
        """Stay for a while, longer where somebody is there to read."""
        if self._since_ms is None:
            self._since_ms = look.now_ms
        longest_ms = _SUMMARY_LONGEST_MS if self._desk.ask else _SUMMARY_MS
        over = self._closed or look.now_ms - self._since_ms >= longest_ms
        return None if over or (look.ended and not self._desk.ask) else self

    def screen(self, now_ms: int) -> Screen:
        """Return the summary."""
        return self._summary

    @property
    def keys(self) -> KeyHelp:
        """Return closing."""
        return (("space", "close"),)


def questions_before(desk: Desk, begin: Next) -> Stage | None:
    """Return the stage before the first set."""
    if not desk.ask:
        return begin()

    def after_pain() -> Stage | None:
        score = desk.pain_before
        if score is None or desk.zones.zone(score) is not Zone.RED:
            return begin()
        advice = advice_before(score, desk.zones)
        assert advice is not None
        desk.say(advice.words, Urgency.SAFETY)
        return Pick(advice.words, ("Rest today", "My therapist said to go on"), decided)

    def decided(chosen: int | None) -> Stage | None:
        if chosen == 1:
            return begin()
        desk.happened.append(Stopped(StopReason.PAIN))
        return End(desk)

    return Ask(desk, ReportKind.PAIN_BEFORE, after_pain)


def questions_after(desk: Desk) -> Stage | None:
    """Return the stage after the last set."""
    if not desk.ask:
        return End(desk)

    def end() -> Stage | None:
        return End(desk)

    def write() -> Stage | None:
        return Write(desk, end)

    def effort() -> Stage | None:
        return Ask(desk, ReportKind.EFFORT, write)

    return Ask(desk, ReportKind.PAIN_AFTER, effort)


def ask_why(desk: Desk, under_way: Stage) -> Stage:
    """Return the question why somebody stops; its last answer goes on instead.

    Args:
        desk: The desk of the sitting.
        under_way: The stage that the patient wants to leave.
    """

    def decided(chosen: int | None) -> Stage | None:
        if chosen == len(_STOP_ANSWERS):
            return under_way
        reason = None if chosen is None else _STOP_ANSWERS[chosen][0]
        under_way.leave()
        desk.stopped = reason
        desk.happened.append(Stopped(reason))
        if reason is StopReason.PAIN:
            desk.say(STOP_AT_ONCE, Urgency.SAFETY)
        return questions_after(desk)

    words = tuple(words for _, words in _STOP_ANSWERS)
    desk.say(_WHY)
    return Pick(_WHY, (*words, "Go on"), decided, under_way)


def _summary(desk: Desk) -> Summary:
    outcomes = desk.outcomes
    faults = [outcome.work_on for outcome in outcomes if outcome.work_on is not None]
    advice = _advice_at_end(desk)
    everything = len(outcomes) == len(desk.plan) and all(o.complete for o in outcomes)
    if not outcomes:
        title, well = "See you next time", "Listening to your body is right, too."
    else:
        title = "Well done" if everything else "Good that you did some"
        well = _what_went_well(desk)
    return Summary(
        title,
        tuple(outcome.line for outcome in outcomes),
        well,
        faults[-1].cue if faults else None,
        advice.words if advice else None,
        advice.severity if advice else None,
    )


def _advice_at_end(desk: Desk) -> Advice | None:
    advice = None
    if desk.pain_after is not None:
        advice = advice_after(desk.pain_after, desk.zones)
    elif not desk.outcomes and desk.pain_before is not None:
        advice = advice_before(desk.pain_before, desk.zones)
    if advice is None and desk.stopped is StopReason.PAIN:
        return Advice(STOP_AT_ONCE, Severity.STOP)
    return advice


def _what_went_well(desk: Desk) -> str:
    counted = sum(o.done for o in desk.outcomes if not o.plan.timed)
    held_s = sum(o.held_ms for o in desk.outcomes) // 1000
    parts = [f"{counted} repetitions"] if counted else []
    parts += [f"{held_s} seconds held"] if held_s else []
    if not parts:
        return "You made a start."
    clean = all(not outcome.summary.deviations for outcome in desk.outcomes)
    return f"{' and '.join(parts)}{', all of them clean' if clean else ''}. Every one counts."
