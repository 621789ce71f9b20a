"""Whatever a patient does and a camera fails at, a sitting keeps its books and its manners."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from hep_vision.coach.screens import Paused, Trouble
from hep_vision.coach.seen import Light
from hep_vision.coach.sitting import Sitting
from hep_vision.coach.spoken import Sound
from hep_vision.coach.stages import SetBegan, SetEnded, Stopped, Told, Watched
from hep_vision.core.engine import ExerciseEngine
from hep_vision.core.tempo import Tempo
from hep_vision.core.types import PoseFrame, RepTick, Side
from hep_vision.exercises.loading import find_exercise
from sittings import GONE, SIZE_PX, Room, at_rest, camera_for, doing, planned
from synthetic import Effort, Posture, record, stillness

SQUAT = find_exercise("squat")
NOBODY = PoseFrame.unseen(0, SIZE_PX)
HANDS_UP = record(stillness(100, Posture(shoulder=175.0)), camera_for(SQUAT))[0]
SQUATTING = doing(SQUAT, [Effort(1.0, 1_500, pause_ms=300)] * 2, fps=10)

KEYS = (*"0123456789spnmahq?x", "space", "enter", "escape", "backspace", "left", "right", "²")
HINTS = ("Step", "It is too", "Only you", "Turn", "Good. Hold still")

PLAN = (
    planned("squat", reps=3, rest_ms=3_000, tempo=Tempo(2_000, 0, 2_000)),
    planned("straight_leg_raise", reps=2, hold_ms=1_000, side=Side.LEFT, place=2),
    planned("stretch_hold", reps=2, hold_ms=2_000, rest_ms=2_000, place=3),
    planned("front_plank", reps=1, hold_ms=3_000, place=4),
)

acts = st.one_of(
    st.tuples(st.just("keys"), st.lists(st.sampled_from(KEYS), min_size=1, max_size=3)),
    st.tuples(st.just("still"), st.integers(100, 4_000)),
    st.tuples(st.just("nobody"), st.integers(100, 4_000)),
    st.tuples(st.just("hands"), st.integers(100, 2_500)),
    st.tuples(st.just("dark"), st.integers(100, 2_000)),
    st.tuples(st.just("trouble"), st.integers(1, 20)),
    st.tuples(st.just("wait"), st.integers(1, 200)),
    st.tuples(st.sampled_from(["squats", "begin", "next"]), st.just(0)),
)


def act(made: Room, what: str, much) -> None:
    shown = {"still": made.resting, "nobody": NOBODY, "hands": HANDS_UP}
    if what in shown:
        made.stay(much, shown[what])
    elif what == "keys":
        made.look(keys=much)
    elif what == "dark":
        made.stay(much, light=Light(10.0, 10.0, 10.0))
    elif what == "squats":
        made.play(SQUATTING)
    elif what == "begin":
        made.stay(200)
        made.keys("s", "space")
        made.stay(3_200)
    elif what == "next":
        made.keys("n", "space")
    else:
        for _ in range(much):
            made.now_ms += 200
            made.look(trouble=GONE if what == "trouble" else None)


@settings(max_examples=25, deadline=None)
@given(
    asks=st.tuples(st.booleans(), st.booleans(), st.booleans()),
    doings=st.lists(acts, min_size=4, max_size=20),
    ended=st.booleans(),
)
def test_a_sitting_keeps_its_books_and_its_manners(asks, doings, ended):
    ask, each, morning = asks
    sitting = Sitting(PLAN, ask=ask, ask_each=each, ask_morning=morning)
    made = Room(sitting, at_rest(SQUAT))
    for what, much in [("begin", 0), ("squats", 0), *doings]:
        act(made, what, much)
    if ended:
        made.look(ended=True)
    left = made.sitting.stop()
    happened = [*made.happened(), *left]
    check_books(happened)
    check_ticks(made)
    hints_ms = [at_ms for at_ms, words in made.said() if words.startswith(HINTS)]
    assert all(b - a >= 10_000 for a, b in pairwise(hints_ms) if not new_set(made, a, b))
    over = [shown.over for shown in made.shown]
    assert over == sorted(over), "what is over stays over"
    for shown in made.shown:
        if isinstance(shown.screen, Paused | Trouble):
            assert not any(isinstance(one, RepTick) for one in events_of(shown))


def events_of(shown) -> list:
    return [event for one in shown.happened if isinstance(one, Watched) for event in one.events]


def new_set(made: Room, since_ms: int, until_ms: int) -> bool:
    """Whether a set was announced in between: its list is another one."""
    names = tuple(one.exercise.name for one in PLAN)
    return any(
        since_ms < at_ms <= until_ms and words.startswith(names) for at_ms, words in made.said()
    )


def check_books(happened: list) -> None:
    """Each set begins and ends once, and its poses are those of an engine that found the same."""
    engine, last_ms, done = None, -1, 0
    for one in happened:
        match one:
            case SetBegan(plan):
                assert engine is None
                side = None if plan.side is Side.BOTH else plan.side
                engine = ExerciseEngine(plan.exercise, side, plan.personal)
            case Watched(pose, events):
                assert engine is not None
                assert pose.timestamp_ms > last_ms
                last_ms = pose.timestamp_ms
                assert list(events) == engine.process(pose)
            case SetEnded(events, outcome):
                assert engine is not None
                assert list(events) == engine.finish()
                assert outcome.done >= 0
                engine, done = None, done + 1
            case Told(_, value, about):
                assert 0 <= value <= 10
                assert about is None or about in {one.exercise.id for one in PLAN}
    assert engine is None
    assert done <= len(PLAN)
    assert sum(isinstance(one, Stopped) for one in happened) <= 1


def check_ticks(made: Room) -> None:
    """What is counted is heard, once, and at the latest when it is counted."""
    heard = counted = 0
    for shown in made.shown:
        heard += sum(sound is Sound.REP for sound in shown.sounds)
        counted += sum(isinstance(event, RepTick) for event in events_of(shown))
        assert heard >= counted
