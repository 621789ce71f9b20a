"""From the log to what was done, from what is due to sets, and this machine's clock."""

import json
import time as clock
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from hep_vision.app.live_plan import from_plain, sets_due, to_plain
from hep_vision.app.machine_zone import MachineZone
from hep_vision.app.program import done_sets, import_program, program_by, today_of
from hep_vision.core.pain import PainZones
from hep_vision.core.targets import Targets
from hep_vision.core.tempo import Tempo
from hep_vision.core.types import Side
from hep_vision.errors import ProgramError
from hep_vision.exercises.loading import find_exercise
from hep_vision.program.schedule import DoneSet, Due, local_day
from hep_vision.program.spec import Works
from hep_vision.store.locations import LogPlace
from hep_vision.store.records import LoggedSet, LoggedSitting, SessionStatus
from hep_vision.store.sessions import SessionLog
from prescriptions import ZONE, prescribe

FINISHED, INTERRUPTED = SessionStatus.FINISHED, SessionStatus.INTERRUPTED
AT = "2026-03-02T08:00:00.000Z"
LATER = "2026-03-02T09:00:00.000Z"
MOMENT = datetime(2026, 3, 2, 8, tzinfo=UTC)


def sitting(
    *sets: LoggedSet, status: SessionStatus = FINISHED, plan: dict | None = None
) -> LoggedSitting:
    return LoggedSitting("some-id", AT, status, plan or {"sets": []}, sets)


def logged(place: int, status: SessionStatus, at: str = AT) -> LoggedSet:
    return LoggedSet("squat", Side.BOTH, at, status, place)


# -- what was done --------------------------------------------------------------------------------


def test_a_set_that_was_taken_up_again_is_one_set() -> None:
    found = done_sets(
        [
            sitting(
                logged(1, INTERRUPTED),
                logged(1, FINISHED, LATER),
                logged(2, INTERRUPTED),
                status=INTERRUPTED,
            )
        ],
        find_exercise,
    )
    assert found == [
        DoneSet(MOMENT + timedelta(hours=1), "squat", Side.BOTH, complete=True),
        DoneSet(MOMENT, "squat", Side.BOTH, complete=False),
    ]


@pytest.mark.parametrize(("status", "done"), [(FINISHED, 1), (INTERRUPTED, 0)])
def test_what_no_camera_judges_is_done_with_its_sitting(status: SessionStatus, done: int) -> None:
    plan = {
        "sets": [
            {"exercise": "stretch_hold", "side": "left"},
            {"exercise": "squat", "side": "both"},
            {"exercise": "gone_since", "side": "both"},
        ]
    }
    found = done_sets([sitting(status=status, plan=plan)], find_exercise)
    assert found == [DoneSet(MOMENT, "stretch_hold", Side.LEFT, tried=1, counted=1)] * done


def recorded(**found: object) -> LoggedSitting:
    """A recording that followed the person, of an exercise planned for each side."""
    plan = {
        "sets": [
            {"exercise": "squat", "side": side, "reps": 2, "hold_ms": 10_000}
            for side in ("left", "right")
        ]
    }
    one = LoggedSet("squat", Side.BOTH, AT, FINISHED, 1, **found)  # type: ignore[arg-type]
    return sitting(one, plan=plan)


def test_a_recording_of_both_sides_is_done_by_the_count_of_each() -> None:
    found = done_sets([recorded(counted={Side.LEFT: 2, Side.RIGHT: 1})], find_exercise)
    assert found == [
        DoneSet(MOMENT, "squat", Side.LEFT, complete=True, tried=2, counted=2),
        DoneSet(MOMENT, "squat", Side.RIGHT, complete=False, tried=1, counted=1),
    ]
    (only,) = done_sets([recorded(counted={Side.RIGHT: 5, Side.BOTH: 1})], find_exercise)
    assert only == DoneSet(MOMENT, "squat", Side.RIGHT, tried=5, counted=5)


def test_holds_of_a_recording_count_where_they_came_near_enough_to_the_goal() -> None:
    held = ((Side.LEFT, 9_000), (Side.LEFT, 30_000), (Side.RIGHT, 9_000), (Side.RIGHT, 8_999))
    found = done_sets([recorded(held_ms=held)], find_exercise)
    assert [(one.side, one.complete) for one in found] == [(Side.LEFT, True), (Side.RIGHT, False)]


# -- what is due, as sets -------------------------------------------------------------------------

RAISE = prescribe(
    "straight_leg_raise",
    2,
    works=Works.EACH,
    hold_ms=4_000,
    rest_ms=30_000,
    times_per_day=2,
    targets=Targets(goal=40.0, hold_ms=4_000, measure="hip_flexion"),
)
SQUAT = prescribe("squat", 2, tempo=Tempo(2_000, 0, 2_000))


def test_what_is_due_is_done_in_order_with_sides_rests_and_targets(tmp_path: Path) -> None:
    plan = sets_due([Due(RAISE, (0, 0)), Due(SQUAT, (0,))], tmp_path)
    assert [(one.exercise.id, one.side, one.number, one.of, one.place) for one in plan] == [
        ("straight_leg_raise", Side.LEFT, 1, 4, 1),
        ("straight_leg_raise", Side.RIGHT, 2, 4, 2),
        ("straight_leg_raise", Side.LEFT, 3, 4, 3),
        ("straight_leg_raise", Side.RIGHT, 4, 4, 4),
        ("squat", Side.BOTH, 1, 2, 5),
        ("squat", Side.BOTH, 2, 2, 6),
    ]
    first, last = plan[0], plan[-1]
    assert (first.reps, first.hold_ms, first.rest_ms) == (10, 4_000, 30_000)
    assert first.targets == RAISE.targets
    assert first.exercise.shown.goal == 40.0
    assert last.tempo == SQUAT.tempo
    assert last.rest_ms == find_exercise("squat").dose.rest_ms


def test_what_of_this_time_is_done_is_left_out(tmp_path: Path) -> None:
    plan = sets_due([Due(RAISE, (2, 1)), Due(SQUAT, (2,))], tmp_path)
    assert [(one.side, one.number, one.place) for one in plan] == [(Side.RIGHT, 4, 1)]
    second_time = sets_due([Due(RAISE, (3, 2))], tmp_path)
    assert [(one.side, one.number) for one in second_time] == [
        (Side.RIGHT, 2),
        (Side.LEFT, 3),
        (Side.RIGHT, 4),
    ]
    assert sets_due([Due(RAISE, (4, 4)), Due(SQUAT, (9,))], tmp_path) == ()


def test_several_exercises_come_back_from_the_log_as_they_were(tmp_path: Path) -> None:
    plan = sets_due([Due(RAISE, (0, 1)), Due(SQUAT, (0,))], tmp_path)
    assert from_plain(json.loads(json.dumps(to_plain(plan))), tmp_path) == plan


# -- versions -------------------------------------------------------------------------------------

TEXT = """
patient = "Ann"
therapist = "B."
start = 2026-03-02
review = 2026-04-13
[pain]
red_from = 5
[[exercises]]
id = "squat"
sets = 1
reps = 5
times_per_day = 1
"""


@pytest.fixture
def log(place: LogPlace) -> Iterator[SessionLog]:
    with SessionLog.open(place) as opened:
        yield opened


def test_the_pain_zones_are_those_of_the_version(log: SessionLog) -> None:
    first = import_program(log, TEXT.encode(), "a", find_exercise, AT)
    changed = TEXT.replace("red_from = 5", "red_from = 4").encode()
    second = import_program(log, changed, "a", find_exercise, LATER)
    assert program_by(log, first.row.ref, find_exercise).zones == PainZones(3, 5)
    assert program_by(log, second.row.ref, find_exercise).zones == PainZones(3, 4)


def test_each_day_is_judged_by_its_own_version(log: SessionLog) -> None:
    import_program(log, TEXT.encode(), "a", find_exercise, AT)
    more = TEXT.replace("sets = 1", "sets = 3").encode()
    import_program(log, more, "a", find_exercise, "2026-03-04T08:00:00Z")
    today, ref = today_of(log, "Ann", find_exercise, datetime(2026, 3, 5, 9, tzinfo=UTC), ZONE)
    assert ref.number == 2
    assert [one.sets_due for one in today.week] == [1, 1, 3, 3, 3, 3, 3]


def test_days_of_a_version_that_cannot_be_read_any_more_are_rest_days(
    log: SessionLog, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    squat = Path(str(find_exercise.__code__.co_filename)).parent / "catalogue" / "squat.toml"
    text = squat.read_text().replace('id = "squat"', 'id = "my_squat"', 1)
    (own / "my_squat.toml").write_text(text)

    def find(exercise_id: str):
        return find_exercise(exercise_id, own)

    mine = TEXT.replace('"squat"', '"my_squat"').encode()
    import_program(log, mine, "a", find, AT)
    import_program(log, TEXT.encode(), "a", find, "2026-03-04T08:00:00Z")
    (own / "my_squat.toml").unlink()
    now = datetime(2026, 3, 5, 9, tzinfo=UTC)
    today, _ = today_of(log, None, find, now, ZONE)
    assert [one.sets_due for one in today.week] == [0, 0, 1, 1, 1, 1, 1]

    (own / "my_squat.toml").write_text(text)
    import_program(log, mine, "a", find, "2026-03-06T08:00:00Z")
    (own / "my_squat.toml").unlink()
    with pytest.raises(ProgramError, match="version 3 of the program: exercises"):
        today_of(log, None, find, now, ZONE)


# -- the clock of this machine --------------------------------------------------------------------


@pytest.fixture
def european(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set this machine to central European time, by a rule that needs no table of zones."""
    if not hasattr(clock, "tzset"):
        pytest.skip("this system cannot change the zone of a process")
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    clock.tzset()
    yield
    monkeypatch.undo()
    clock.tzset()


@pytest.mark.usefixtures("european")
@pytest.mark.parametrize("change", [date(2026, 3, 29), date(2026, 10, 25)])
def test_the_machine_changes_its_clock_as_its_zone_does(change: date) -> None:
    zone = MachineZone()
    midnight = datetime(change.year, change.month, change.day, tzinfo=UTC) - timedelta(hours=2)
    for half_hours in range(60):
        moment = midnight + timedelta(minutes=30 * half_hours)
        here, there = moment.astimezone(zone), moment.astimezone(ZONE)
        assert here.replace(tzinfo=None) == there.replace(tzinfo=None)
        assert here.fold == there.fold
        assert here.utcoffset() == there.utcoffset()
        assert here.astimezone(UTC) == moment
        assert local_day(moment, zone) == local_day(moment, ZONE)
