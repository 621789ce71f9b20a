"""What the live window shows at one moment, as plain values.

`hep_vision.coach.sitting` decides which screen is shown, `hep_vision.coach.stage` draws it. Words
are for a patient two metres away: plain, kind, at most one line.
"""

from dataclasses import dataclass
from enum import StrEnum

from hep_vision.coach.overlay import OverlayState
from hep_vision.core.definition import Motion
from hep_vision.core.types import Severity, Side, View


class Tick(StrEnum):
    """How far one point of a checklist is."""

    DONE = "done"
    WAITING = "waiting"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the checklist before a set: "whole body in view"."""

    words: str
    tick: Tick


@dataclass(frozen=True, slots=True)
class Caption:
    """The one line at the bottom, as it is spoken.

    Attributes:
        severity: Marks a form cue; None for everything else.
    """

    words: str
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Stance:
    """The drawn figure that shows where to stand and how to turn.

    Attributes:
        view: How to turn to the camera.
        side: The side that works, or the one to turn to the camera; both where it does not matter.
        motion: The exercise's figure, whose posture at rest is drawn; None draws somebody upright.
    """

    view: View
    side: Side
    motion: Motion | None


@dataclass(frozen=True, slots=True)
class GettingReady:
    """The checklist that turns green by itself.

    Attributes:
        title: Exercise as a person reads it.
        setting: "Set 1 of 3 · left side"; empty where there is one set only.
        setup: How to stand, sit or lie, in one sentence of the exercise file.
        points: The checklist, in the order in which it is worked off.
        stance: What the drawn figure shows.
        holding_share: How far the still start pose is on its way to a start, 0..1.
        caption: What to do next; None says nothing.
    """

    title: str
    setting: str
    setup: str
    points: tuple[Point, ...]
    stance: Stance
    holding_share: float = 0.0
    caption: Caption | None = None


@dataclass(frozen=True, slots=True)
class Countdown:
    """3, 2, 1."""

    title: str
    setting: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Pace:
    """The tempo guide: a dot that goes out and back as fast as the exercise wants it.

    Attributes:
        share: Where the guide is, 0 at rest to 1 at the goal.
        word: "up slowly", "hold", "back".
    """

    share: float
    word: str


@dataclass(frozen=True, slots=True)
class Working:
    """A set under way.

    Attributes:
        overlay: Figure, count, ring and message, as on an analysed video.
        setting: "Set 2 of 3 · left side".
        popped: 1 at the moment a repetition was counted, falling to 0 while the count settles.
        waiting: A first repetition was seen that counts as soon as another one like it follows.
        hold_goal_ms: How long to hold, where a hold is prescribed; its clock is the overlay's.
        pace: Where the tempo guide is; None shows none.
        following: What comes after this set: "next: heel raise"; None at the end.
        muted: Whether the voice is off.
    """

    overlay: OverlayState
    setting: str
    popped: float = 0.0
    waiting: bool = False
    hold_goal_ms: int | None = None
    pace: Pace | None = None
    following: str | None = None
    muted: bool = False


@dataclass(frozen=True, slots=True)
class Rest:
    """The pause between two sets.

    Attributes:
        left_ms: Time left.
        whole_ms: How long the rest is in all.
        done: What the set came to: "10 of 10 repetitions".
        praise: What went well in it, or None.
        work_on: The one thing to work on, or None.
        following: What comes next: "Set 3 of 3 · right side".
    """

    left_ms: int
    whole_ms: int
    done: str
    praise: str | None
    work_on: str | None
    following: str


@dataclass(frozen=True, slots=True)
class Paused:
    """The session waits.

    Attributes:
        why: "Paused" or "You left the picture".
        how: How to go on: "Raise both hands, or press space".
        share: How far the gesture that goes on is, 0..1.
    """

    why: str
    how: str
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """The camera does not work; everything done so far is kept.

    Attributes:
        what: "The camera is gone".
        advice: What to do: "Check its plug. It is tried again by itself."
        waited_ms: How long it has been so.
    """

    what: str
    advice: str
    waited_ms: int


@dataclass(frozen=True, slots=True)
class Scale:
    """A question with an answer from 0 to 10.

    Attributes:
        question: "How much pain do you have now?"
        lowest: What 0 means: "no pain".
        highest: What 10 means: "the worst you can think of".
        value: The answer marked; None before one is.
        advice: What follows from it, in the words of the pain rules, or None.
        severity: How urgent the advice is; None with no advice.
    """

    question: str
    lowest: str
    highest: str
    value: int | None
    advice: str | None = None
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A question with a few answers, numbered from 1.

    Attributes:
        chosen: The answer marked, from 0; None before one is.
    """

    question: str
    answers: tuple[str, ...]
    chosen: int | None = None


@dataclass(frozen=True, slots=True)
class Writing:
    """A question answered in one's own words."""

    question: str
    text: str


@dataclass(frozen=True, slots=True)
class SetLine:
    """What one set came to, for a row of the summary.

    Attributes:
        label: "Squat · set 1 · left side".
        done: "10 of 10" or "28 s of 30 s".
        extra: "2 partial · about 95°, at best 105°"; empty where there is nothing to say.
    """

    label: str
    done: str
    extra: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What the whole sitting came to.

    Attributes:
        title: "Well done" and the like.
        sets: One line for each set, in order.
        well: What went well.
        work_on: The one thing to work on, or None.
        advice: Advice that follows from the pain told, or None.
        severity: How urgent that advice is.
    """

    title: str
    sets: tuple[SetLine, ...]
    well: str
    work_on: str | None = None
    advice: str | None = None
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence in large letters: before the camera is open, or at the end."""

    words: str
    detail: str = ""


Screen = (
    Message
    | GettingReady
    | Countdown
    | Working
    | Rest
    | Paused
    | Trouble
    | Scale
    | Choice
    | Writing
    | Summary
)
"""Everything the window can show. `GettingReady`, `Countdown`, `Working`, `Rest`, `Paused` lie over
the mirrored camera picture; the others stand by themselves."""
