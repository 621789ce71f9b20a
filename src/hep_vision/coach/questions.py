"""The questions of a sitting: pain before, between and after, effort, words, and its end."""

from typing import Final

from hep_vision.coach.asking import Ask, AskBetween, Next, Pick, Write
from hep_vision.coach.pain import STOP_AT_ONCE, Advice, advice_after, advice_before
from hep_vision.coach.screens import Screen, Summary
from hep_vision.coach.spoken import Urgency
from hep_vision.coach.stages import Desk, KeyHelp, Look, Stage, Stopped
from hep_vision.core.pain import Zone
from hep_vision.core.types import ReportKind, Severity, StopReason

_SUMMARY_MS: Final = 8_000
_SUMMARY_LONGEST_MS: Final = 120_000
_WHY: Final = "Why do you stop?"
_STOP_ANSWERS: Final = (
    (StopReason.PAIN, "Pain"),
    (StopReason.TIRED, "Tired"),
    (StopReason.OTHER, "Something else"),
)


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

    def ask_pain() -> Stage | None:
        return Ask(desk, ReportKind.PAIN_BEFORE, after_pain)

    if desk.ask_morning:
        return Ask(desk, ReportKind.PAIN_NEXT_MORNING, ask_pain)
    return ask_pain()


def question_between(desk: Desk, go_on: Next) -> Stage | None:
    """Return the stage between an exercise and the next one.

    Args:
        desk: The desk of the sitting.
        go_on: Returns what comes next where the patient does not stop.
    """
    if not (desk.ask and desk.ask_each and len(desk.outcomes) > desk.outcomes_asked):
        return go_on()
    desk.outcomes_asked = len(desk.outcomes)

    def after_pain() -> Stage | None:
        score = desk.answer
        if score is None or desk.zones.zone(score) is not Zone.RED:
            return go_on()
        advice = advice_after(score, desk.zones)
        assert advice is not None
        desk.say(advice.words, Urgency.SAFETY)
        return Pick(advice.words, ("Stop for today", "Go on with the next exercise"), decided)

    def decided(chosen: int | None) -> Stage | None:
        if chosen == 1:
            return go_on()
        desk.stopped = StopReason.PAIN
        desk.happened.append(Stopped(StopReason.PAIN))
        return questions_after(desk)

    return AskBetween(desk, after_pain, desk.outcomes[-1].plan.exercise)


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

    asked, desk.outcomes_asked = desk.outcomes_asked, len(desk.outcomes)
    if not (desk.ask_each and desk.outcomes):
        return Ask(desk, ReportKind.PAIN_AFTER, effort)
    if asked == len(desk.outcomes):  # told a moment ago, and nothing was done since
        return effort()
    return Ask(desk, ReportKind.PAIN_AFTER, effort, desk.outcomes[-1].plan.exercise)


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
