"""A screen of the live session in words and controls: what a page says beside the picture."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from hep_vision.coach.screens import (
    Choice,
    Countdown,
    GettingReady,
    Message,
    Paused,
    Rest,
    Scale,
    Screen,
    Summary,
    Tick,
    Trouble,
    Working,
    Writing,
)
from hep_vision.coach.stages import KeyHelp

_NAMED: Final = {"esc": "escape", "space": "space", "enter": "enter"}
_NOT_PRESSED: Final = ("h",)
"""The help lists the keys; a page shows them as buttons anyway."""
SKIP: Final = "s"


@dataclass(frozen=True, slots=True)
class Told:
    """A screen as a page says it.

    Attributes:
        title: What is going on: the exercise, a question.
        count: The large number: repetitions, seconds; empty where there is none.
        unit: What it counts: "of 10", "seconds held", "seconds of rest".
        words: The one line that matters now; read out when it changes.
        more: Further lines.
        question: What is asked: "scale", "choice", "writing"; empty where nothing is.
        lowest: What 0 means, of a scale.
        highest: What 10 means.
        answers: Of a choice.
        value: The answer marked.
        text: What is written so far.
        marks: Whether an answer of the scale can be marked before it is given, so that what
            follows from it is said first.
        buttons: Keys and what each does.
    """

    title: str
    count: str = ""
    unit: str = ""
    words: str = ""
    more: tuple[str, ...] = ()
    question: str = ""
    lowest: str = ""
    highest: str = ""
    answers: tuple[str, ...] = ()
    value: int | None = None
    marks: bool = False
    text: str = ""
    buttons: tuple[tuple[str, str], ...] = ()

    @property
    def form(self) -> str:
        """Return what tells the controls of this screen from those of another."""
        return "|".join((self.question, self.title if self.question else "", *self._keys()))

    def _keys(self) -> Sequence[str]:
        return [f"{key} {what}" for key, what in self.buttons]

    def to_plain(self) -> dict[str, Any]:
        """Return the words as JSON values, for a script that shows them."""
        plain = asdict(self)
        for name in ("lowest", "highest", "answers", "text", "buttons"):
            del plain[name]
        return plain | {"form": self.form}


def told(screen: Screen, keys: KeyHelp) -> Told:
    """Return a screen in words, with what can be pressed in it."""
    found = _told(screen)
    if found.question:
        return replace(found, marks=any(key == "enter" for key, _ in keys))
    buttons = {
        _NAMED.get(key, key): what.capitalize()
        for key, what in keys
        if (key in _NAMED or len(key) == 1) and key not in _NOT_PRESSED
    }
    return replace(found, buttons=tuple(buttons.items()))


def _told(screen: Screen) -> Told:
    match screen:
        case GettingReady():
            return _getting_ready(screen)
        case Countdown():
            return Told(_of(screen.title, screen.setting), words=_counted_down(screen.seconds))
        case Working():
            return _working(screen)
        case Rest():
            more = tuple(filter(None, (screen.praise, screen.work_on, _next(screen.following))))
            left = str(math.ceil(max(0, screen.left_ms) / 1000))
            return Told("Rest", left, "seconds of rest", screen.done, more)
        case Paused():
            return Told(screen.why, words=screen.how)
        case Summary():
            return _summary(screen)
        case _:
            return _asked_or_said(screen)


def _asked_or_said(screen: Trouble | Message | Scale | Choice | Writing) -> Told:
    match screen:
        case Trouble():
            return Told(screen.what, words=screen.advice)
        case Message():
            return Told(screen.words, words=screen.detail)
        case Scale():
            return Told(
                screen.question,
                words=screen.advice or "",
                question="scale",
                lowest=screen.lowest,
                highest=screen.highest,
                value=screen.value,
            )
        case Choice():
            return Told(
                screen.question, question="choice", answers=screen.answers, value=screen.chosen
            )
        case Writing():
            return Told(screen.question, question="writing", text=screen.text)


def _getting_ready(screen: GettingReady) -> Told:
    caption = "" if screen.caption is None else screen.caption.words
    waiting = (f"Still needed: {one.words}" for one in screen.points if one.tick is Tick.WAITING)
    title = _of(screen.title, screen.setting)
    return Told(title, words=caption or screen.setup, more=(screen.setup, *waiting))


def _counted_down(seconds: int) -> str:
    return f"Starts in {seconds}" if seconds > 0 else "Go"


def _working(screen: Working) -> Told:
    state = screen.overlay
    count, unit = "", ""
    if state.hold_ms is not None:
        goal = "" if screen.hold_goal_ms is None else f" of {screen.hold_goal_ms // 1000}"
        count, unit = str(state.hold_ms // 1000), f"seconds held{goal}"
    elif state.count is not None:
        goal = "" if state.target is None else f" of {state.target}"
        count, unit = str(state.count), f"repetitions{goal}"
    muted = "The voice is off." if screen.muted else ""
    notes = (state.view_note or "", _next(screen.following), muted)
    title = _of(state.exercise, screen.setting)
    return Told(title, count, unit, state.message or "", tuple(filter(None, notes)))


def _summary(screen: Summary) -> Told:
    lines = [f"{one.label}: {one.done}" for one in screen.sets]
    if screen.advice is None:
        words, more = screen.well, (screen.work_on or "", *lines)
    else:
        words, more = screen.advice, (screen.well, screen.work_on or "", *lines)
    return Told(screen.title, words=words, more=tuple(filter(None, more)))


def _next(following: str | None) -> str:
    return f"Next: {following}" if following else ""


def _of(title: str, setting: str) -> str:
    return f"{title}, {setting}" if setting else title


# -- answers --------------------------------------------------------------------------------------


def keys_of_mark(asked: Told, answer: str) -> list[str]:
    """Return the keys that mark an answer of a scale and do not give it yet."""
    if asked.question == "scale" and asked.marks:
        return [key for key in keys_of_answer(asked, answer) if key not in ("enter", SKIP)]
    return []


def keys_of_answer(asked: Told, answer: str) -> list[str]:
    """Return the keys that give an answer; none where it is no answer to what is asked.

    Args:
        asked: The question.
        answer: A number of the scale, the number of a choice from 1, or what was written; empty
            skips the question.
    """
    match asked.question:
        case "scale" if not answer:
            return [SKIP]
        case "scale" if answer.isascii() and answer.isdecimal() and int(answer[:3]) <= 10:
            # An arrow first: a digit after a typed 1 would make ten.
            return ["left", *str(int(answer)), "enter"]
        case "choice" if not answer:
            return [SKIP]
        case "choice" if answer in {str(k) for k in range(1, len(asked.answers) + 1)}:
            return [answer]
        case "writing" if not answer.strip():
            return ["escape"]
        case "writing":
            wiped = ["backspace"] * len(asked.text)
            letters = " ".join(answer.split())
            return [*wiped, *("space" if each == " " else each for each in letters), "enter"]
    return []
