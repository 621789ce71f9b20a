"""Judge kept landmarks again: everything that comes after the pose estimation, and nothing else.

    for answer in rejudge(questions, processes=4):
        answer.change.before, answer.change.after

A question is plain, and another process answers it without the log.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from hep_vision.app.workers import Report, spread
from hep_vision.core.definition import ExerciseDefinition
from hep_vision.core.engine import ExerciseEngine
from hep_vision.core.personal import PersonalRange
from hep_vision.core.summary import summarise
from hep_vision.core.targets import Targets, prescribed
from hep_vision.core.types import Event, Side
from hep_vision.errors import SourceError, TargetsError
from hep_vision.sources.recorded import LandmarkTrack, read_track

_AT_ONCE: Final = 16
"""Sessions for a process at a time; as few as that are not worth a process of their own."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found in a session.

    Attributes:
        counted: Repetitions that counted.
        partial: Repetitions that fell short.
        rejected: Excursions that were another movement or lost from view.
        held_ms: Time of all holds.
        deviations: How often each was found, by check id.
    """

    counted: int
    partial: int
    rejected: int
    held_ms: int
    deviations: dict[str, int]


@dataclass(frozen=True, slots=True)
class Change:
    """One session judged twice.

    Attributes:
        session_id: The session.
        exercise_id: The exercise it was.
        from_log: Whether ``before`` is what was kept of the session; otherwise it was judged
            again with the exercise that judged it then.
        before: As it was.
        after: With the changed exercise.
        problem: In place of ``before`` and ``after``, why it could not be judged.
    """

    session_id: str
    exercise_id: str
    from_log: bool = False
    before: Judgement | None = None
    after: Judgement | None = None
    problem: str | None = None

    @property
    def differs(self) -> bool:
        """Whether it would be judged differently."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Setup:
    """How a session is judged.

    Attributes:
        exercise: The exercise as the catalogue has it.
        side: The prescribed side.
        targets: What was set for the patient, or None.
        personal: The usual range it begins with, or None.
    """

    exercise: ExerciseDefinition
    side: Side | None
    targets: Targets | None = None
    personal: PersonalRange | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What a session would be judged as.

    Attributes:
        session_id: The session.
        exercise_id: The exercise it was.
        track: Its landmarks, or None where none were kept.
        before: What was found in it, or how it was judged.
        after: How it would be judged.
    """

    session_id: str
    exercise_id: str
    track: Path | None
    before: Judgement | Setup
    after: Setup


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a question, from how many frames."""

    change: Change
    frames: int = 0


def rejudge(
    questions: Iterable[Question],
    *,
    processes: int,
    progress: Callable[[int], None] = lambda _: None,
) -> Iterator[Answer]:
    """Yield the answers, in the order of the questions within each portion.

    Args:
        questions: What is asked.
        processes: How many work at once.
        progress: Takes how many are answered.
    """
    remaining = iter(questions)
    portions = list(iter(lambda: tuple(islice(remaining, _AT_ONCE)), ()))
    answered = 0
    few = len(portions) <= 1
    for done in spread(_answer_all, portions, processes=1 if few else processes):
        answers = done.value
        if answers is None:
            answers = tuple(_unanswered(one, done.problem) for one in portions[done.index])
        answered += len(answers)
        progress(answered)
        yield from answers


def answer(question: Question) -> Answer:
    """Judge one session twice."""
    if question.track is None:
        return _unanswered(question, "no landmarks were kept")
    try:
        track = read_track(question.track)
        after = judgement(judged(track, question.after))
        if isinstance(question.before, Judgement):
            before = question.before
        else:
            before = judgement(judged(track, question.before))
    except (SourceError, TargetsError) as error:
        return _unanswered(question, str(error))
    from_log = isinstance(question.before, Judgement)
    change = Change(question.session_id, question.exercise_id, from_log, before, after)
    return Answer(change, len(track))


def judged(track: LandmarkTrack, setup: Setup) -> list[Event]:
    """Return the events of a track.

    Raises:
        TargetsError: The targets do not go with the exercise.
    """
    exercise = setup.exercise
    if setup.targets is not None:
        exercise = prescribed(exercise, setup.targets)
    return ExerciseEngine(exercise, setup.side, setup.personal).replay(track.poses())


def judgement(events: Sequence[Event]) -> Judgement:
    """Return what was found, as far as two judgements are compared."""
    summary = summarise(events)
    found = Counter(deviation.id for deviation in summary.deviations)
    return Judgement(
        summary.counted, summary.partial, summary.rejected, summary.held_ms, dict(found)
    )


def _answer_all(questions: tuple[Question, ...], report: Report) -> tuple[Answer, ...]:
    answers = []
    frames = 0
    for place, question in enumerate(questions, start=1):
        answers.append(answer(question))
        frames += answers[-1].frames
        report(place / len(questions), frames)
    return tuple(answers)


def _unanswered(question: Question, problem: str) -> Answer:
    return Answer(Change(question.session_id, question.exercise_id, problem=problem))
