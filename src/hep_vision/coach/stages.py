"""What the stages of a sitting share: what comes in, what goes out, and the desk between them."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field

from hep_vision.coach.plan import PlannedSet
from hep_vision.coach.screens import Screen
from hep_vision.coach.seen import Seen
from hep_vision.coach.set_run import SetOutcome
from hep_vision.coach.spoken import Saying, Sound, Urgency
from hep_vision.core.engine import EngineState
from hep_vision.core.pain import PainZones
from hep_vision.core.types import Event, PoseFrame, ReportKind, StopReason

KeyHelp = tuple[tuple[str, str], ...]
"""Keys and what they do, for the line at the bottom."""


@dataclass(frozen=True, slots=True)
class CameraTrouble:
    """Why there is no picture, in words for a patient."""

    what: str
    advice: str


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What came in since the last look.

    Attributes:
        now_ms: Time on the clock of the camera.
        seen: New pictures, in time order.
        keys: Keys pressed: a character, or ``space``, ``enter``, ``escape``, ``backspace``,
            ``left``, ``right``.
        trouble: Set while the camera gives no usable picture.
        ended: The recording that stands for a camera is over.
    """

    now_ms: int
    seen: Sequence[Seen] = ()
    keys: Sequence[str] = ()
    trouble: CameraTrouble | None = None
    ended: bool = False


@dataclass(frozen=True, slots=True)
class SetBegan:
    """A set begins with the next pose watched."""

    plan: PlannedSet


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """The engine took in a pose of the set under way."""

    pose: PoseFrame
    events: tuple[Event, ...]
    state: EngineState


@dataclass(frozen=True, slots=True)
class SetEnded:
    """The set under way is over; ``events`` are those that its end brought."""

    events: tuple[Event, ...]
    outcome: SetOutcome


@dataclass(frozen=True, slots=True)
class Told:
    """The patient answered.

    Attributes:
        report: What was asked; the pain of the next morning is about the sitting before this one.
        value: 0 to 10.
        exercise_id: The exercise it is about; None for the whole sitting.
    """

    report: ReportKind
    value: int
    exercise_id: str | None = None


@dataclass(frozen=True, slots=True)
class Wrote:
    """The patient wrote to the therapist."""

    text: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The patient ended the sitting early; ``reason`` is None where none was given."""

    reason: StopReason | None


Happening = SetBegan | Watched | SetEnded | Told | Wrote | Stopped


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What goes out after a look.

    Attributes:
        pose: The pose that belongs to the picture shown; None before any.
        over: The sitting is over; nothing more will happen.
    """

    screen: Screen
    pose: PoseFrame | None
    keys: KeyHelp
    help_open: bool
    sayings: tuple[Saying, ...]
    sounds: tuple[Sound, ...]
    happened: tuple[Happening, ...]
    muted: bool
    over: bool


@dataclass(slots=True)
class Desk:
    """What all stages of one sitting know and write to.

    Attributes:
        plan: All sets, in order.
        ask: Whether questions are asked.
        outcomes: What the sets done came to.
        angles: Whether degrees are shown.
        last: The last picture seen.
        ask_each: Whether the pain is asked after each exercise, instead of after the last.
        ask_morning: Whether the pain of the morning after the sitting before is asked.
        now_ms: Time of the last look.
        pain_before: The score told before exercise; None where none was. The pain of the morning
            stands for it as long as no other was told.
        pain_after: The highest score told after an exercise.
        outcomes_asked: How many of the outcomes a pain question has followed.
        answer: The score told to the last question; None where it was skipped.
        stopped: Why the patient ended the sitting early; None where no reason was given.
    """

    plan: tuple[PlannedSet, ...]
    zones: PainZones
    ask: bool
    ask_each: bool = False
    ask_morning: bool = False
    now_ms: int = 0
    outcomes_asked: int = 0
    outcomes: list[SetOutcome] = field(default_factory=list)
    sayings: list[Saying] = field(default_factory=list)
    sounds: list[Sound] = field(default_factory=list)
    happened: list[Happening] = field(default_factory=list)
    muted: bool = False
    angles: bool = False
    last: Seen | None = None
    pain_before: int | None = None
    pain_after: int | None = None
    answer: int | None = None
    stopped: StopReason | None = None

    def say(self, words: str, urgency: Urgency = Urgency.CUE) -> None:
        """Have something spoken."""
        self.sayings.append(Saying(words, urgency))

    def take_pain(self, report: ReportKind, value: int) -> None:
        """Take in a score that the patient told."""
        if report in (ReportKind.PAIN_BEFORE, ReportKind.PAIN_NEXT_MORNING):
            self.pain_before = value
        elif report is ReportKind.PAIN_AFTER:
            self.pain_after = max(value, self.pain_after or 0)


class Stage(ABC):
    """One stage of a sitting: it sees pictures, hears keys, and says what comes after it."""

    on_camera = True
    """Whether the stage lies over the camera picture, and needs it."""

    def see(self, seen: Seen) -> None:  # noqa: B027 -- most stages do not look
        """Take in one picture, in time order."""

    def press(self, key: str) -> bool:
        """Take in one key; return whether it meant something here."""
        return False

    def lose_camera(self) -> None:  # noqa: B027 -- only a set minds
        """Take in that there is no usable picture now."""

    def leave(self) -> None:  # noqa: B027 -- only a set has something to end
        """End what is under way, before the sitting ends early."""

    @abstractmethod
    def after(self, look: Look) -> "Stage | None":
        """Return the stage to be in now: this one, the next one, or None at the end."""

    @abstractmethod
    def screen(self, now_ms: int) -> Screen:
        """Return what is shown."""

    @property
    def keys(self) -> KeyHelp:
        """Return the keys that mean something here."""
        return ()
