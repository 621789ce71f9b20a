"""What was practised, in totals, against the events that were logged."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hep_vision.core.audit import Audit
from hep_vision.core.targets import Targets
from hep_vision.core.types import (
    Deviation,
    Hold,
    Rep,
    ReportKind,
    RepStatus,
    Severity,
    Side,
    View,
)
from hep_vision.program.performed import BEST_REPS, Felt, SideRange
from hep_vision.store.locations import LogPlace
from hep_vision.store.records import (
    Correction,
    ProgramRef,
    SelfReport,
    SessionHeader,
    SourceKind,
    SourceRecord,
    TrackingQuality,
)
from hep_vision.store.sessions import SessionLog

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SEEN = TrackingQuality(100, 1.0, View.SIDE, view_ok=True)


@pytest.fixture
def log(place: LogPlace) -> Iterator[SessionLog]:
    with SessionLog.open(place) as opened:
        yield opened


def stamp(hours: int = 0) -> str:
    return (NOON + timedelta(hours=hours)).isoformat()


def deviation(check: str, severity: Severity = Severity.WARN) -> Deviation:
    return Deviation(check, 1, Side.BOTH, severity, 0, 1, 2.0, 1.0, "deg", "Cue.")


def rep(
    peak: float | None = 60.0,
    status: RepStatus = RepStatus.COUNTED,
    side: Side = Side.BOTH,
    deviations: tuple[Deviation, ...] = (),
) -> Rep:
    rom = None if peak is None else peak - 5
    error = None if peak is None else 8.0
    index = 1 if status is RepStatus.COUNTED else None
    why = None if index else "too small"
    return Rep(index, side, 0, 1, 2, status, why, peak, rom, error, 1, 1, 0, deviations)


def enter(
    log: SessionLog,
    *events: Rep | Hold,
    hours: int = 0,
    quality: TrackingQuality = SEEN,
    audit: Audit | None = None,
    **header: object,
) -> str:
    values = {
        "exercise_id": "squat",
        "exercise_revision": 1,
        "side": Side.BOTH,
        "source": SourceRecord(SourceKind.WEBCAM, "0"),
        "started_at": stamp(hours),
        "hep_vision_version": "0.1.0",
    }
    writer = log.begin(SessionHeader(**(values | header)))  # type: ignore[arg-type]
    for event in events:
        writer.record(event)
    if audit:
        writer.keep_audit(audit)
    writer.finish(stamp(hours), quality)
    return writer.session_id


def test_a_set_comes_back_in_totals(log: SessionLog) -> None:
    fault, hint = deviation("knees_in"), deviation("deeper", Severity.INFO)
    session_id = enter(
        log,
        rep(60, deviations=(fault, fault)),
        rep(62, deviations=(hint,)),
        rep(64),
        rep(90, RepStatus.PARTIAL, deviations=(fault,)),
        rep(None, RepStatus.REJECTED),
        targets=Targets(goal=70.0),
    )
    (one,) = log.practice.sets()
    assert (one.session_id, one.exercise_id, one.at) == (session_id, "squat", NOON)
    assert (one.tried, one.counted, one.clean) == (4, 3, 2)
    assert one.flags == {"knees_in": 1, "deeper": 1}
    assert one.ranges == (SideRange(Side.BOTH, (64.0, 62.0, 60.0), 8.0),)
    assert (one.view, one.targets, one.finished) == (View.SIDE, Targets(goal=70.0), True)
    assert (one.sitting_id, one.version, one.set_number) == (None, None, None)


def test_holds_are_counted_with_their_time(log: SessionLog) -> None:
    enter(
        log,
        Hold(1, Side.LEFT, 0, 30_000, 28_000),
        Hold(2, Side.LEFT, 0, 9_000, 9_000, deviations=(deviation("sag"),)),
    )
    (one,) = log.practice.sets()
    assert (one.tried, one.counted, one.clean, one.held_ms) == (2, 2, 1, 37_000)
    assert one.flags == {"sag": 1}


def test_form_that_was_not_seen_is_not_clean(log: SessionLog) -> None:
    enter(log, rep(None), quality=replace(SEEN, view_ok=False))
    (one,) = log.practice.sets()
    assert (one.counted, one.clean, one.ranges) == (1, None, ())


def test_what_was_entered_by_hand_holds(log: SessionLog) -> None:
    session_id = enter(log, rep(), rep(), audit=Audit(5, uncertain=True))
    assert log.practice.sets()[0].uncertain
    log.correct(session_id, Correction(4, stamp()))
    log.correct(session_id, Correction(1, stamp()))
    (one,) = log.practice.sets()
    assert (one.tried, one.counted, one.clean, one.uncertain) == (2, 1, 1, False)


def test_what_is_under_way_is_not_there_yet(log: SessionLog) -> None:
    log.begin(
        SessionHeader("squat", 1, Side.BOTH, SourceRecord(SourceKind.WEBCAM, "0"), stamp(), "0.1.0")
    ).record(rep())
    assert log.practice.sets() == []


def sitting(log: SessionLog, ref: ProgramRef | None, hours: int, *said: SelfReport) -> str:
    writer = log.sittings.begin({"sets": []}, stamp(hours), "0.1.0", ref)
    for one in said:
        writer.report(one)
    enter(log, rep(), hours=hours, sitting_id=writer.sitting_id, set_number=1)
    writer.finish(stamp(hours))
    return writer.sitting_id


def test_sets_and_answers_are_those_of_one_program_since_a_moment(log: SessionLog) -> None:
    ann, _ = log.programs.enter("a", "Ann", stamp(-9))
    bob, _ = log.programs.enter("b", "Bob", stamp(-8))
    before = SelfReport(ReportKind.PAIN_BEFORE, 2, stamp())
    changed = SelfReport(ReportKind.PAIN_BEFORE, 3, stamp())
    about = SelfReport(ReportKind.PAIN_AFTER, 4, stamp(), "squat")
    first = sitting(log, ann.ref, 0, before, changed, about)
    second, _ = log.programs.enter("a2", "Ann", stamp(1))
    later = sitting(log, second.ref, 2, before)
    sitting(log, bob.ref, 3, before)
    enter(log, rep(), hours=4)

    sets = log.practice.sets(ann.ref.program_id)
    assert [(one.sitting_id, one.version) for one in sets] == [(first, 1), (later, 2)]
    assert len(log.practice.sets()) == 4
    assert [one.sitting_id for one in log.practice.sets(ann.ref.program_id, since=stamp(1))] == [
        later
    ]
    assert log.practice.sets(exercise_id="heel_slide") == []
    assert log.practice.said(ann.ref.program_id) == [
        Felt(NOON, ReportKind.PAIN_BEFORE, 3, first),
        Felt(NOON, ReportKind.PAIN_AFTER, 4, first, "squat"),
        Felt(NOON + timedelta(hours=2), ReportKind.PAIN_BEFORE, 2, later),
    ]
    assert [one.sitting_id for one in log.practice.said(since=stamp(3))] != []


peaks = st.floats(-90, 180).map(lambda value: round(value, 2))
reps = st.builds(
    rep,
    st.none() | peaks,
    st.sampled_from(RepStatus),
    st.sampled_from(Side),
    st.lists(
        st.builds(deviation, st.sampled_from("ab"), st.sampled_from(Severity)), max_size=2
    ).map(tuple),
)


@settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.lists(reps, max_size=8), max_size=4))
def test_totals_are_those_of_the_events(
    tmp_path_factory: pytest.TempPathFactory, sets: list
) -> None:
    with SessionLog.open(tmp_path_factory.mktemp("log")) as log:
        for hours, events in enumerate(sets):
            enter(log, *events, hours=hours)
        found = log.practice.sets()
    assert len(found) == len(sets)
    for one, events in zip(found, sets, strict=True):
        counted = [each for each in events if each.status is RepStatus.COUNTED]
        grave = (Severity.WARN, Severity.STOP)
        assert one.counted == len(counted)
        assert one.tried == len(counted) + sum(e.status is RepStatus.PARTIAL for e in events)
        assert one.clean == sum(all(d.severity not in grave for d in e.deviations) for e in counted)
        for side in Side:
            mine = [e for e in counted if e.side is side and e.peak_deg is not None]
            best = sorted(mine, key=lambda e: -abs(e.rom_deg))[:BEST_REPS]
            told = [each.peaks for each in one.ranges if each.side is side]
            assert told == ([tuple(e.peak_deg for e in best)] if best else [])
        for check in "ab":
            with_it = sum(any(d.id == check for d in e.deviations) for e in counted)
            assert one.flags.get(check, 0) == with_it
