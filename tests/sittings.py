"""A room with a camera, a patient who does what the figure does, and a sitting, in virtual time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import synthetic
from hep_vision.coach.plan import PlannedSet, sets_of
from hep_vision.coach.screens import Screen
from hep_vision.coach.seen import Light, Seen
from hep_vision.coach.sitting import Sitting
from hep_vision.coach.spoken import Sound
from hep_vision.coach.stages import CameraTrouble, Happening, Look, Shown, Watched
from hep_vision.core.definition import ExerciseDefinition
from hep_vision.core.types import Event, PoseFrame, Side
from hep_vision.exercises.loading import find_exercise
from moving import done_by
from synthetic import Camera, Effort

FPS: Final = 15.0
SIZE_PX: Final = (1280, 720)
DAYLIGHT: Final = Light(130.0, 120.0, 132.0)
GONE: Final = CameraTrouble("The camera is gone.", "Check its plug.")


def planned(exercise: str | ExerciseDefinition, **parts: Any) -> PlannedSet:
    """One set of an exercise by its own dose, without a rest; ``parts`` replace what matters."""
    found = find_exercise(exercise) if isinstance(exercise, str) else exercise
    dose = found.dose
    first = PlannedSet(found, Side.BOTH, 1, 1, dose.reps, dose.hold_ms, 0)
    return replace(first, **parts)


def planned_sets(exercise: str, sets: int, **parts: Any) -> tuple[PlannedSet, ...]:
    """Some sets of one exercise, each on the side of ``parts``."""
    first = planned(exercise, **parts)
    return sets_of(first, sets, (first.side,))


def camera_for(exercise: ExerciseDefinition, side: Side = Side.BOTH) -> Camera:
    """Where the exercise wants the camera, the working side the near one."""
    return Camera(view=exercise.camera.view, faces_right=side is not Side.LEFT)


def at_rest(exercise: ExerciseDefinition, side: Side = Side.BOTH) -> PoseFrame:
    """The start position, seen from where the exercise wants it."""
    if exercise.motion is None:
        motion = synthetic.stillness(100)
    else:
        motion = done_by(exercise, [Effort(0.0)], side)
    return synthetic.record(motion, camera_for(exercise, side), fps=FPS)[0]


def doing(
    exercise: ExerciseDefinition,
    plan: Sequence[Effort],
    side: Side = Side.BOTH,
    *,
    fps: float = FPS,
) -> list[PoseFrame]:
    """The exercise done as planned; amplitudes are shares of the way to the goal."""
    return synthetic.record(
        done_by(exercise, list(plan), side), camera_for(exercise, side), fps=fps
    )


@dataclass
class Room:
    """Steps a sitting with what the camera sees; everything that came out is kept.

    Attributes:
        sitting: The sitting under way.
        resting: What the patient looks like while nothing is done.
        now_ms: The clock of the camera.
        shown: What each look brought.
        times_ms: When.
    """

    sitting: Sitting
    resting: PoseFrame
    now_ms: int = 1_000
    shown: list[Shown] = field(default_factory=list)
    times_ms: list[int] = field(default_factory=list)

    def look(self, seen: Iterable[Seen] = (), **parts: Any) -> Shown:
        """Step once, at the present time."""
        shown = self.sitting.step(Look(self.now_ms, list(seen), **parts))
        self.shown.append(shown)
        self.times_ms.append(self.now_ms)
        return shown

    def see(
        self,
        pose: PoseFrame | None = None,
        *,
        light: Light = DAYLIGHT,
        people: int | None = None,
        **parts: Any,
    ) -> Shown:
        """Let a picture's time pass and show one pose, that at rest if no other."""
        self.now_ms += round(1000.0 / FPS)
        pose = replace(pose or self.resting, timestamp_ms=self.now_ms)
        return self.look([Seen(pose, light, people)], **parts)

    def press(self, *keys: str) -> Shown:
        """Press keys, all at once."""
        return self.look(keys=keys)

    def keys(self, *keys: str) -> Shown:
        """Press keys one after the other."""
        for key in keys:
            self.press(key)
        return self.shown[-1]

    def play(self, poses: Sequence[PoseFrame], *, while_: type | None = None) -> Shown:
        """Show poses in their own rhythm; ``while_`` stops with the screen of that kind."""
        begin_ms = self.now_ms + round(1000.0 / FPS) - poses[0].timestamp_ms
        for pose in poses:
            self.now_ms = begin_ms + pose.timestamp_ms
            shown = self.look([Seen(replace(pose, timestamp_ms=self.now_ms), DAYLIGHT)])
            if while_ is not None and not isinstance(shown.screen, while_):
                break
        return self.shown[-1]

    def stay(self, duration_ms: int, pose: PoseFrame | None = None, **parts: Any) -> Shown:
        """Keep one posture."""
        until_ms = self.now_ms + duration_ms
        while self.now_ms < until_ms:
            self.see(pose, **parts)
        return self.shown[-1]

    def until(self, screen: type, longest_ms: int = 60_000) -> Shown:
        """Stay at rest until a screen of this kind is shown."""
        until_ms = self.now_ms + longest_ms
        while not isinstance(self.see().screen, screen):
            assert self.now_ms < until_ms, f"no {screen.__name__}, still {self.screen}"
        return self.shown[-1]

    # -- what came out -----------------------------------------------------------------------------

    @property
    def screen(self) -> Screen:
        """What is shown now."""
        return self.shown[-1].screen

    def happened(self, kind: type | None = None) -> list[Any]:
        """What is to be booked, or what of one kind."""
        every: list[Happening] = [one for shown in self.shown for one in shown.happened]
        return [one for one in every if kind is None or isinstance(one, kind)]

    @property
    def events(self) -> list[Event]:
        """What the engine found while the poses were watched."""
        return [event for one in self.happened(Watched) for event in one.events]

    def said(self) -> list[tuple[int, str]]:
        """What was spoken, and when."""
        return [
            (at_ms, saying.words)
            for at_ms, shown in zip(self.times_ms, self.shown, strict=True)
            for saying in shown.sayings
        ]

    def words(self) -> list[str]:
        """What was spoken."""
        return [words for _, words in self.said()]

    def heard(self, sound: Sound) -> list[int]:
        """When a sound was to be heard."""
        return [
            at_ms
            for at_ms, shown in zip(self.times_ms, self.shown, strict=True)
            for one in shown.sounds
            if one is sound
        ]


def room(*plan: PlannedSet, ask: bool = False, fills: Side | None = None) -> Room:
    """A room in which the patient stands as the first set wants it."""
    first = plan[0]
    side = fills or first.side
    return Room(Sitting(plan, ask=ask), at_rest(first.exercise, side))
