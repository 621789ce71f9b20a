"""The log of the pictures of the therapist's desk: two weeks of sample clips, some cut short."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from hep_vision.app.analyse import Task, estimate_track, find_model
from hep_vision.app.booking import SessionBook
from hep_vision.app.program import import_program
from hep_vision.core.engine import ExerciseEngine
from hep_vision.core.types import ReportKind, Side
from hep_vision.exercises.loading import find_exercise
from hep_vision.sources.recorded import LandmarkTrack
from hep_vision.store.records import SelfReport, SessionHeader, SourceKind, SourceRecord
from hep_vision.store.sessions import SessionLog

DAYS: Final = 12
EXERCISES: Final = {"squat": "squat_side", "straight_leg_raise": "straight_leg_raise_side"}
_PROGRAM: Final = """patient = "Alex"
therapist = "your therapist"
start = {start}
review = {review}
goals = ["Climb the stairs without holding on."]
precautions = ["Keep a chair within reach."]

[[exercises]]
id = "squat"
sets = 1
reps = 5
times_per_day = 1
goal_deg = 90

[[exercises]]
id = "straight_leg_raise"
sets = 1
reps = 5
times_per_day = 1
goal_deg = 50
"""
_PAIN: Final = {8: 7, 9: 4}
"""Pain after it, by the day; 2 on the others."""
_SAID: Final = {DAYS - 2: "The left knee clicks on the way up. It does not hurt."}
_SHARES: Final = (1.0, 0.85, 1.0, 0.7)
"""How much of a clip there is, day by day."""


def fill_desk(log: SessionLog, samples: Path, folder: Path, today: date) -> str:
    """Enter sittings with landmarks up to the day before; return the newest session of squats."""
    tracks = {name: _landmarks(samples / f"{clip}.mp4", name, folder)
              for name, clip in EXERCISES.items()}  # fmt: skip
    first = today - timedelta(days=DAYS)
    text = _PROGRAM.format(start=first, review=today + timedelta(weeks=4))
    ref = import_program(log, text.encode(), "it", find_exercise, _at(first, 8)).row.ref
    newest = ""
    for ahead in range(DAYS):
        at = _at(first + timedelta(days=ahead), 9)
        plan = [
            {"exercise": name, "place": place, "reps": 5} for place, name in enumerate(tracks, 1)
        ]
        sitting = log.sittings.begin({"sets": plan}, at, "0.1.0", ref)
        for place, (name, track) in enumerate(tracks.items(), 1):
            cut = _cut(track, _SHARES[(ahead + place) % len(_SHARES)])
            session_id = _book(log, name, cut, at, (sitting.sitting_id, place))
            newest = session_id if name == "squat" else newest
        sitting.report(SelfReport(ReportKind.PAIN_AFTER, _PAIN.get(ahead, 2), at))
        sitting.report(SelfReport(ReportKind.EFFORT, 5, at))
        if ahead in _SAID:
            sitting.say(_SAID[ahead])
        sitting.finish(at)
    return newest


def _at(day: date, hour: int) -> str:
    return datetime.combine(day, time(hour), UTC).isoformat()


def _landmarks(clip: Path, exercise_id: str, folder: Path) -> LandmarkTrack:
    model = find_model("full", folder)
    return estimate_track(Task(clip, find_exercise(exercise_id), model=model))


def _cut(track: LandmarkTrack, share: float) -> LandmarkTrack:
    number = round(share * len(track))
    return LandmarkTrack(
        track.timestamp_ms[:number],
        track.image_px[:number],
        track.world_m[:number],
        track.visibility[:number],
        track.image_size_px,
    )


def _book(
    log: SessionLog, exercise_id: str, track: LandmarkTrack, at: str, place: tuple[str, int]
) -> str:
    """Count a set from its landmarks, as a live session does, and book it."""
    exercise = find_exercise(exercise_id)
    engine = ExerciseEngine(exercise)
    source = SourceRecord(SourceKind.WEBCAM, "0")
    side = exercise.side or Side.BOTH
    header = SessionHeader(
        exercise_id, exercise.revision, side, source, at, "0.1.0", sitting_id=place[0],
        set_number=place[1],
    )  # fmt: skip
    writer = log.begin(header)
    book = SessionBook(exercise, exercise.side, track.image_size_px, writer, lambda: at)
    for pose in track.poses():
        events = engine.process(pose)
        book.take(pose, engine.state, events)
    book.add(engine.finish())
    book.close(track, book.audit(track))
    return writer.session_id
