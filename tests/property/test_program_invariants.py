"""Laws of a schedule, whatever is prescribed and done, across the changes of the clock."""

import uuid
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate, groupby, pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hep_vision.core.types import Side
from hep_vision.program.schedule import (
    DoneSet,
    due_now,
    dues,
    local_day,
    moment_of,
    next_occasion,
    streak,
    tally,
)
from hep_vision.program.spec import WEEK, Prescription, Works
from hep_vision.store.records import utc_stamp
from hep_vision.store.sessions import SessionLog
from prescriptions import ZONE, version

MANY = settings(max_examples=50, deadline=None)
EXERCISES = ("squat", "heel_slide", "bird_dog")

moments = st.integers(0, 230 * 24 * 60).map(
    lambda minutes: datetime(2026, 3, 20, tzinfo=UTC) + timedelta(minutes=minutes)
)
days = st.dates(date(2026, 3, 21), date(2026, 11, 4))
done_sets = st.lists(
    st.builds(
        DoneSet, moments, st.sampled_from(EXERCISES), st.sampled_from(list(Side)), st.booleans()
    ),
    max_size=30,
)


@st.composite
def prescriptions(draw: st.DrawFn, exercise_id: str = "squat") -> Prescription:
    chosen = draw(st.sets(st.sampled_from(WEEK), min_size=1))
    times = sorted(draw(st.sets(st.times().map(lambda at: at.replace(fold=0)), max_size=3)))
    return Prescription(
        exercise_id,
        draw(st.integers(1, 3)),
        10,
        tuple(day for day in WEEK if day in chosen),
        len(times) or draw(st.integers(1, 3)),
        tuple(times),
        works=draw(st.sampled_from(list(Works))),
    )


@st.composite
def versions(draw: st.DrawFn) -> list:
    froms = sorted(draw(st.sets(moments, min_size=1, max_size=3)))
    return [
        version(
            *(draw(prescriptions(one)) for one in EXERCISES[: draw(st.integers(1, 3))]),
            number=number,
            valid_from=valid_from,
            start=draw(days),
        )
        for number, valid_from in enumerate(froms, 1)
    ]


def in_full(one: Prescription, day: date) -> list[DoneSet]:
    """Return what does an exercise in full on a day."""
    noon = moment_of(day, time(12), ZONE)
    number = one.sets * one.times_per_day
    return [DoneSet(noon, one.exercise_id, side) for side in one.sides for _ in range(number)]


@MANY
@given(versions(), done_sets, days, st.randoms())
def test_done_and_left_make_what_is_due_and_their_order_does_not_matter(plan, done, day, random):
    found = dues(plan, done, day, ZONE)
    for one in found:
        assert 0 <= one.sets_done <= one.sets_due
        assert one.sets_done + one.sets_left == one.sets_due
        assert one.complete == (one.times_done == one.prescription.times_per_day)
        assert one.complete == (sum(left for _, left in one.left_at_next()) == 0)
    random.shuffle(done)
    assert dues(plan, done, day, ZONE) == found


@MANY
@given(versions(), days)
def test_doing_what_is_left_at_the_next_time_as_often_as_there_are_times_completes_the_day(
    plan, day
):
    done = []
    for _ in range(max((e.times_per_day for v in plan for e in v.program.exercises), default=0)):
        for one in dues(plan, done, day, ZONE):
            for side, left in one.left_at_next():
                done += [
                    DoneSet(moment_of(day, time(12), ZONE), one.prescription.exercise_id, side)
                    for _ in range(left)
                ]
    assert all(one.complete for one in dues(plan, done, day, ZONE))


@MANY
@given(prescriptions(), st.lists(moments, max_size=40))
def test_every_set_is_of_one_day(one, at):
    plan = version(one, valid_from=datetime(2026, 3, 1, tzinfo=UTC))
    done = [DoneSet(moment, "squat", side) for moment in at for side in one.sides]
    span = [date(2026, 3, 19) + timedelta(days=n) for n in range(240)]
    found = [local_day(moment, ZONE) for moment in at]
    assert set(found) <= set(span)
    for day in tally([plan], done, span, ZONE):
        if not day.rest:
            most = day.sets_due // len(one.sides)
            assert day.sets_done == len(one.sides) * min(found.count(day.day), most)


@MANY
@given(prescriptions(), days, st.integers(0, 40), st.integers(0, 40))
def test_a_streak_is_the_due_days_since_the_last_one_left_out(one, today, length, missed_ago):
    first = today - timedelta(days=length)
    plan = version(one, valid_from=moment_of(first, time(), ZONE), start=first)
    span = [first + timedelta(days=n) for n in range(length + 1)]
    missed = today - timedelta(days=missed_ago)
    done = [each for day in span if day != missed for each in in_full(one, day)]
    due = [day for day in span if WEEK[day.weekday()] in one.days]
    expected = [day for day in due if day > missed or missed not in due or missed == today]
    assert streak([plan], done, today, ZONE) == len([day for day in expected if day != missed])


@MANY
@given(versions(), done_sets, moments)
def test_what_is_next_is_to_come_and_nothing_is_due_before_it(plan, done, now):
    assume(max(one.valid_from for one in plan) <= now)
    today = local_day(now, ZONE)
    found = next_occasion(plan, done, now, ZONE)
    assert found is not None
    assert found.exercise_ids
    assert found.day >= today
    if found.at is None:
        assert found.day > today
    else:
        assert found.at > now
        assert local_day(found.at, ZONE) == found.day
    between = [today + timedelta(days=n) for n in range(1, (found.day - today).days)]
    assert all(day.rest for day in tally(plan, [], between, ZONE))


@MANY
@given(versions(), done_sets, moments)
def test_what_is_due_stays_due_until_the_day_is_over(plan, done, now):
    today = local_day(now, ZONE)
    times = dues(plan, done, today, ZONE)
    midnight = moment_of(today + timedelta(days=1), time(), ZONE)
    early = due_now(times, today, now, ZONE)
    late = due_now(times, today, midnight, ZONE)
    assert set(early) <= set(late)
    assert set(late) == {one for one in times if not one.complete}


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    with SessionLog.open(tmp_path_factory.mktemp("log")) as opened:
        yield opened


def stamp(minutes: int) -> str:
    return utc_stamp((datetime(2026, 3, 20, tzinfo=UTC) + timedelta(minutes=minutes)).isoformat())


@MANY
@given(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=6),
    st.lists(st.integers(1, 500), min_size=6, max_size=6),
    st.integers(0, 3_500),
)
def test_exactly_one_version_holds_from_the_first_on(log, texts, gaps, asked):
    patient, entered_at = str(uuid.uuid4()), list(accumulate(gaps))
    held = {}
    for text, minutes in zip(texts, entered_at, strict=False):
        row, _ = log.programs.enter(text, patient, stamp(minutes))
        held[minutes] = text
    versions = log.programs.versions(row.ref.program_id)
    assert [one.ref.number for one in versions] == list(range(1, len(versions) + 1))
    assert [one.plan for one in versions] == [text for text, _ in groupby(texts)]
    assert all(one.valid_from < other.valid_from for one, other in pairwise(versions))
    began = [minutes for minutes in held if minutes <= asked]
    current = log.programs.current(row.ref.program_id, stamp(asked))
    assert (current.plan if current else None) == (held[began[-1]] if began else None)
