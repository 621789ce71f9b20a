"""The log as a FHIR bundle: what becomes what, and whether others can read it."""

import io
import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_bundles import checked
from hep_vision.core.audit import Audit
from hep_vision.core.definition import ExerciseDefinition
from hep_vision.core.types import (
    Deviation,
    Hold,
    Rep,
    ReportKind,
    RepStatus,
    Severity,
    Side,
    StopReason,
    TrackingLost,
    View,
)
from hep_vision.errors import UnknownExerciseError
from hep_vision.exercises.loading import find_exercise
from hep_vision.exports.fhir import write_bundle
from hep_vision.store.records import (
    Correction,
    LoggedEvent,
    MessageReading,
    ModelRecord,
    SelfReport,
    SessionCounts,
    SessionDetail,
    SessionHeader,
    SessionRow,
    SessionStatus,
    SittingRow,
    SourceKind,
    SourceRecord,
    TrackingQuality,
)
from hep_vision.store.sessions import SessionLog

FIRST = """
patient = "A. B."
therapist = "C. D."
goals = ["Climb the stairs", "Walk to the shop"]
start = 2026-03-02
review = 2026-04-13
precautions = ["No pain above <5>."]

[[exercises]]
id = "squat"
sets = 2
reps = 10
tempo = "2-1-3"
rest_s = 60
goal_deg = 70
load = "a chair"
days = ["mon", "wed", "fri"]

[[exercises]]
id = "straight_leg_raise"
sets = 2
reps = 10
hold_s = 5
side = "each"
times = ["09:00", "18:00"]

[[exercises]]
id = "wall_sit"
sets = 1
reps = 3
times_per_day = 2
"""
SECOND = FIRST.replace('"Climb the stairs", ', "").replace("2026-04-13", "2026-05-25")
AT = "T18:00:00.000Z"
ENTERED, CHANGED = "2026-03-01T18:00:00Z", "2026-03-16T18:00:00Z"
MESSAGE = "\x00 Knie \x1b[31m<script>alert('x')</script>\r\n\t\u2028日本語 \ud83d \U0001f9b5 \x85"

AGREES = Audit(4, False)
KNEES_IN = Deviation("knees_in", 1, Side.LEFT, Severity.WARN, 3200, 3900, 16.1, 12.0, "deg", "Cue.")
LEAN = replace(KNEES_IN, id="trunk_lean", severity=Severity.INFO)


def rep(number: int, peak: float | None = 70.0, **parts: Any) -> Rep:
    begin_ms = 4000 * number
    values: dict[str, Any] = {
        "index": number, "side": Side.BOTH, "start_ms": begin_ms, "peak_ms": begin_ms + 1000,
        "end_ms": begin_ms + 2500, "status": RepStatus.COUNTED, "reason": None, "peak_deg": peak,
        "rom_deg": None if peak is None else peak - 4.0,
        "uncertainty_deg": None if peak is None else 10.0, "concentric_ms": 1000,
        "eccentric_ms": 1500, "hold_ms": 0,
    }  # fmt: skip
    return Rep(**(values | parts))


def fallen_short(status: RepStatus) -> Rep:
    return rep(9, None, index=None, status=status, reason="too small")


SQUATS: list[LoggedEvent] = [
    rep(1, 61.0),
    rep(2, 75.04, deviations=(KNEES_IN, LEAN), not_checked=("heel_lift",)),
    rep(3, 73.0, deviations=(KNEES_IN,), uncertainty_deg=12.0),
    rep(4, 71.0),
    rep(5, None),
    fallen_short(RepStatus.PARTIAL),
    fallen_short(RepStatus.REJECTED),
    TrackingLost(30_000, 31_500),
]


def book(
    log: SessionLog,
    exercise: str,
    events: Sequence[LoggedEvent] = (),
    *,
    began: str,
    status: SessionStatus = SessionStatus.FINISHED,
    kind: SourceKind = SourceKind.WEBCAM,
    audit: Audit = AGREES,
    **parts: Any,
) -> str:
    """Write one session; ``parts`` go into its header."""
    header = SessionHeader(
        exercise_id=exercise,
        exercise_revision=1,
        side=parts.pop("side", Side.BOTH),
        source=SourceRecord(kind, "camera 0", duration_ms=parts.pop("duration_ms", None)),
        started_at=began,
        hep_vision_version="0.1.0",
        mediapipe_version="0.10.33",
        model=ModelRecord("pose_landmarker_full.task", "cd" * 32),
        **parts,
    )
    writer = log.begin(header)
    for event in events:
        writer.record(event)
    tracking = TrackingQuality(300, 0.9771, View.SIDE, True)
    ended = began.replace(":00Z", ":45Z")
    if status is SessionStatus.FINISHED:
        writer.keep_audit(audit)
        writer.finish(ended, tracking)
    elif status is SessionStatus.INTERRUPTED:
        writer.interrupt(ended, "the patient stopped")
    elif status is SessionStatus.FAILED:
        writer.fail(ended, "the camera was unplugged")
    return writer.session_id


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SessionLog]:
    with SessionLog.open(tmp_path / "log") as opened:
        yield opened


@pytest.fixture
def filled(log: SessionLog) -> SessionLog:
    """A program of two versions, a sitting by each, and what belongs to none."""
    row, _ = log.programs.enter(FIRST, "A. B.", ENTERED)
    early = log.sittings.begin({}, "2026-03-04T09:00:00Z", "0.1.0", row.ref)
    early.report(SelfReport(ReportKind.PAIN_BEFORE, 0, "2026-03-04T09:00:10Z"))
    early.report(SelfReport(ReportKind.PAIN_BEFORE, 2, "2026-03-04T09:00:20Z"))
    within = {"sitting_id": early.sitting_id}
    squat = book(log, "squat", SQUATS, began="2026-03-04T09:01:00Z", set_number=1, **within)
    log.correct(squat, Correction(6, "2026-03-05T08:00:00Z", "one more \x07"))
    log.correct(squat, Correction(7, "2026-03-05T09:00:00Z"))
    left = [rep(1, 44.0, side=Side.LEFT, hold_ms=4000), rep(2, 46.0, side=Side.LEFT, hold_ms=5000)]
    book(
        log, "straight_leg_raise", left, began="2026-03-04T09:05:00Z", set_number=2,
        side=Side.LEFT, **within,
    )  # fmt: skip
    holds = [Hold(1, Side.BOTH, 0, 30_000, 28_500), Hold(2, Side.BOTH, 40_000, 50_000, 9_250)]
    book(log, "wall_sit", holds, began="2026-03-04T09:08:00Z", set_number=3, **within)
    early.report(SelfReport(ReportKind.EFFORT, 6, "2026-03-04T09:12:00Z", "squat"))
    early.say(MESSAGE)
    early.finish("2026-03-04T09:12:00Z")
    log.sittings.report(
        early.sitting_id, SelfReport(ReportKind.PAIN_NEXT_MORNING, 1, "2026-03-05T07:00:00Z")
    )
    newer, _ = log.programs.enter(SECOND, "A. B.", CHANGED)
    late = log.sittings.begin({}, "2026-03-18T09:00:00Z", "0.1.0", newer.ref)
    book(
        log, "squat", [], began="2026-03-18T09:01:00Z", set_number=1,
        status=SessionStatus.INTERRUPTED, sitting_id=late.sitting_id,
    )  # fmt: skip
    late.report(SelfReport(ReportKind.PAIN_AFTER, 7, "2026-03-18T09:02:00Z"))
    late.stop("2026-03-18T09:03:00Z", StopReason.PAIN)
    free = log.sittings.begin({}, "2026-03-20T09:00:00Z", "0.1.0")
    book(
        log, "squat", SQUATS[:1], began="2026-03-20T09:01:00Z", set_number=1,
        status=SessionStatus.RUNNING, sitting_id=free.sitting_id,
    )  # fmt: skip
    book(
        log, "heel_raise", [rep(1, 0.2)], began="2026-03-21T09:00:00Z",
        kind=SourceKind.VIDEO, duration_ms=45_000,
    )  # fmt: skip
    book(log, "squat", began="2026-03-21T10:00:00Z", status=SessionStatus.FAILED)
    log.programs.enter(FIRST.replace("A. B.", "E. F."), "E. F.", CHANGED)
    return log


def bundle_of(log: SessionLog) -> str:
    out = io.StringIO()
    write_bundle(
        out,
        programs=[log.programs.versions(row.ref.program_id) for row in log.programs.newest()],
        sittings=log.sittings.rows(),
        sessions=log.details(),
        find=find_exercise,
    )
    return out.getvalue()


Found = list[dict[str, Any]]


def of_type(resources: Found, kind: str) -> Found:
    return [one for one in resources if one["resourceType"] == kind]


def coded(resources: Found, code: str) -> Found:
    """Those whose code is, or begins with, this one."""
    return [
        one
        for one in resources
        if any(coding["code"].startswith(code) for coding in one.get("code", {}).get("coding", []))
    ]


def about(resources: Found, session_id: str) -> dict[str, dict[str, Any]]:
    """The Observations of one session, by the local code, and its Procedure as ``procedure``."""
    procedure = next(
        one
        for one in of_type(resources, "Procedure")
        if one["identifier"][0]["value"] == session_id
    )
    to = [{"reference": f"urn:uuid:{procedure['id']}"}]
    found = {
        one["code"]["coding"][-1]["code"]: one
        for one in of_type(resources, "Observation")
        if one.get("partOf") == to
    }
    return found | {"procedure": procedure}


def counts_in(observation: dict[str, Any]) -> dict[str, Any]:
    return {
        part["code"]["coding"][0]["code"].removeprefix("count."): part["valueQuantity"]["value"]
        for part in observation["component"]
        if "valueQuantity" in part
    }


def session_named(log: SessionLog, began: str) -> str:
    return next(row.session_id for row in log.sessions() if row.header.started_at.startswith(began))


def test_every_resource_is_as_the_specification_has_it(filled: SessionLog) -> None:
    kinds = Counter(one["resourceType"] for one in checked(bundle_of(filled)))
    sessions, sittings = filled.sessions(), filled.sittings.rows()
    assert kinds["Procedure"] == len(sessions) + len(sittings) == 7 + 3
    assert kinds["Patient"] == 2 + 1  # of two programs, and of what belongs to none
    assert kinds["CarePlan"] == 3
    assert kinds["Goal"] == 2 + 2
    assert kinds["ServiceRequest"] == 3 * 3
    assert kinds["Communication"] == 1
    assert kinds["Device"] == 1


def test_the_same_log_gives_the_same_bytes(filled: SessionLog) -> None:
    assert bundle_of(filled) == bundle_of(filled)


def test_an_empty_log_is_a_bundle_of_nothing(log: SessionLog) -> None:
    assert checked(bundle_of(log)) == []
    assert "entry" not in json.loads(bundle_of(log))


def test_sessions_are_forgotten_one_by_one(filled: SessionLog) -> None:
    out, written = io.StringIO(), []

    def details() -> Iterator[SessionDetail]:
        for detail in filled.details():
            yield detail
            written.append(f'"value": "{detail.row.session_id}"' in out.getvalue())

    write_bundle(out, programs=[], sittings=[], sessions=details(), find=find_exercise)
    assert written == [True] * 7
    assert len(of_type(checked(out.getvalue()), "Procedure")) == 7


class TestProgram:
    def test_a_version_that_was_replaced_is_revoked_and_named(self, filled: SessionLog) -> None:
        plans = {
            one["identifier"][0]["value"]: one
            for one in of_type(checked(bundle_of(filled)), "CarePlan")
        }
        program_id = next(row for row in filled.programs.newest() if row.patient == "A. B.")
        old, new = (plans[f"{program_id.ref.program_id}/{number}"] for number in (1, 2))
        assert (old["status"], new["status"]) == ("revoked", "active")
        assert old["period"] == {"start": "2026-03-02", "end": "2026-03-16T18:00:00.000Z"}
        assert new["period"] == {"start": "2026-03-16", "end": "2026-05-25"}
        assert new["replaces"] == [{"reference": f"urn:uuid:{old['id']}"}]
        assert "replaces" not in old
        assert old["author"] == {"display": "C. D."}
        assert old["note"][0]["text"] == "No pain above \\<5>."

    @pytest.mark.parametrize(
        ("entered", "replaced", "period"),
        [
            ("2026-02-20", None, {"start": "2026-03-02", "end": "2026-04-13"}),
            ("2026-03-20", None, {"start": "2026-03-20", "end": "2026-04-13"}),
            ("2026-04-13", None, {"start": "2026-04-13", "end": "2026-04-13"}),
            ("2026-04-14", None, {"start": "2026-04-14"}),  # the review ends nothing
            ("2026-02-20", "2026-02-25", {"start": f"2026-02-20{AT}", "end": f"2026-02-25{AT}"}),
            ("2026-02-20", "2026-03-02", {"start": f"2026-02-20{AT}", "end": f"2026-03-02{AT}"}),
            ("2026-02-20", "2026-03-03", {"start": "2026-03-02", "end": f"2026-03-03{AT}"}),
            (
                "2026-03-20",
                "2026-03-20T19",
                {"start": f"2026-03-20{AT}", "end": f"2026-03-20T19{AT[3:]}"},
            ),
        ],
    )
    def test_a_version_holds_from_its_start_to_the_next_or_the_review(
        self, log: SessionLog, entered: str, replaced: str | None, period: dict[str, str]
    ) -> None:
        log.programs.enter(FIRST, "A. B.", f"{entered}{AT}")
        if replaced is not None:
            moment = replaced + (AT[3:] if "T" in replaced else AT)
            log.programs.enter(SECOND, "A. B.", moment)
        first, *_ = of_type(checked(bundle_of(log)), "CarePlan")
        assert first["period"] == period

    def test_odd_words_of_a_therapist_are_text(self, log: SessionLog) -> None:
        odd = FIRST.replace("a chair", r"\u00a0<a href='x'>chair\u2003\U0001F9B5\u200b")
        log.programs.enter(odd.replace("C. D.", r"\u202eC. D."), "A. B.", ENTERED)
        orders = of_type(checked(bundle_of(log)), "ServiceRequest")
        assert orders[0]["orderDetail"][-1]["text"] == "with <a href='x'>chair \U0001f9b5"

    def test_a_goal_that_is_not_named_any_more_is_no_longer_sought(
        self, filled: SessionLog
    ) -> None:
        resources = checked(bundle_of(filled))
        plan = next(one for one in of_type(resources, "CarePlan") if "replaces" in one)
        goals = {
            one["description"]["text"]: one["lifecycleStatus"]
            for one in of_type(resources, "Goal")
            if one["subject"] == plan["subject"]
        }
        assert goals == {"Climb the stairs": "completed", "Walk to the shop": "active"}
        assert len(plan["goal"]) == 1

    def test_an_exercise_is_ordered_with_its_dose_and_times(self, filled: SessionLog) -> None:
        resources = checked(bundle_of(filled))
        plan = next(one for one in of_type(resources, "CarePlan") if "replaces" in one)
        by_url = {f"urn:uuid:{one['id']}": one for one in resources}
        squat, raises, sit = (by_url[one["reference"]["reference"]] for one in plan["activity"])
        codes = [(one["system"], one["code"]) for one in squat["code"]["coding"]]
        assert codes == [
            ("http://snomed.info/sct", "229065009"),
            ("urn:hep-vision:code", "exercise.squat"),
        ]
        assert (squat["status"], squat["intent"]) == ("active", "order")
        assert [one["text"] for one in squat["orderDetail"]] == [
            "2 x 10 repetitions",
            "rest 60 s between sets",
            "tempo 2 s out, 1 s held, 3 s back",
            "goal 70 deg of knee flexion",
            "with a chair",
        ]
        assert squat["quantityQuantity"]["value"] == 20
        repeat = squat["occurrenceTiming"]["repeat"]
        assert repeat.pop("boundsPeriod") == plan["period"]
        assert repeat == {
            "frequency": 1,
            "period": 1,
            "periodUnit": "d",
            "dayOfWeek": ["mon", "wed", "fri"],
        }
        assert raises["occurrenceTiming"]["repeat"]["timeOfDay"] == ["09:00:00", "18:00:00"]
        assert not {"frequency", "period"} & raises["occurrenceTiming"]["repeat"].keys()
        assert [one["text"] for one in raises["bodySite"]] == ["left side", "right side"]
        assert raises["quantityQuantity"]["value"] == 40
        assert sit["quantityQuantity"]["code"] == "{holds}"
        assert sit["occurrenceTiming"]["repeat"]["frequency"] == 2
        assert squat["patientInstruction"].startswith(find_exercise("squat").steps[0])

    def test_of_the_patient_only_the_alias_is_there(self, filled: SessionLog) -> None:
        patients = of_type(checked(bundle_of(filled)), "Patient")
        assert all(set(one) <= {"resourceType", "id", "identifier", "name"} for one in patients)
        assert {one["name"][0]["text"] for one in patients} == {
            "A. B.",
            "E. F.",
            "not named in the log",
        }

    def test_two_programs_with_one_alias_are_not_made_one_person(self, log: SessionLog) -> None:
        log.programs.enter(FIRST, "A. B.", ENTERED)
        log.programs.enter(FIRST, "A. B.", ENTERED, program_id="another")
        assert len(of_type(checked(bundle_of(log)), "Patient")) == 2

    def test_a_program_of_an_unknown_exercise_is_there_without_it(self, filled: SessionLog) -> None:
        def find(exercise_id: str) -> ExerciseDefinition:
            if exercise_id == "squat":
                raise UnknownExerciseError("There is no exercise 'squat'.")
            return find_exercise(exercise_id)

        out = io.StringIO()
        versions = [
            filled.programs.versions(row.ref.program_id) for row in filled.programs.newest()
        ]
        write_bundle(
            out,
            programs=versions,
            sittings=filled.sittings.rows(),
            sessions=filled.details(),
            find=find,
        )
        resources = checked(out.getvalue())
        assert len(of_type(resources, "CarePlan")) == 3
        assert not of_type(resources, "ServiceRequest")
        measured = about(resources, session_named(filled, "2026-03-04T09:01"))
        assert measured["repetitions"]["valueQuantity"]["value"] == 7
        assert measured["procedure"]["code"]["text"] == "squat"
        assert not any(code.startswith("peak.") for code in measured)


class TestSession:
    def test_a_set_is_based_on_what_its_version_ordered(self, filled: SessionLog) -> None:
        resources = checked(bundle_of(filled))
        by_url = {f"urn:uuid:{one['id']}": one for one in resources}
        for began, number in (("2026-03-04T09:01", 1), ("2026-03-18T09:01", 2)):
            procedure = about(resources, session_named(filled, began))["procedure"]
            (order,) = (by_url[one["reference"]] for one in procedure["basedOn"])
            (plan,) = (by_url[one["reference"]] for one in order["basedOn"])
            assert order["code"]["text"] == "Squat"
            assert plan["identifier"][0]["value"].endswith(f"/{number}")
            sitting = by_url[procedure["partOf"][0]["reference"]]
            assert sitting["basedOn"] == order["basedOn"]
            assert procedure["subject"] == order["subject"] == sitting["subject"]

    def test_a_set_is_based_on_the_order_of_its_side(self, log: SessionLog) -> None:
        one = FIRST[
            FIRST.index('[[exercises]]\nid = "straight') : FIRST.index('[[exercises]]\nid = "wall')
        ]
        text = FIRST.replace(one, one.replace("each", "left") + one.replace("each", "right"))
        row, _ = log.programs.enter(text, "A. B.", ENTERED)
        sitting = log.sittings.begin({}, "2026-03-04T09:00:00Z", "0.1.0", row.ref)
        for number, side in enumerate((Side.RIGHT, Side.LEFT, Side.BOTH), start=1):
            book(
                log, "straight_leg_raise", began=f"2026-03-04T09:0{number}:00Z", side=side,
                sitting_id=sitting.sitting_id, set_number=number,
            )  # fmt: skip
        resources = checked(bundle_of(log))
        by_url = {f"urn:uuid:{one['id']}": one for one in resources}
        based = [
            [
                by_url[order["reference"]]["bodySite"][0]["text"]
                for order in about(resources, session_named(log, f"2026-03-04T09:0{number}"))[
                    "procedure"
                ]["basedOn"]
            ]
            for number in (1, 2, 3)
        ]
        assert based == [["right side"], ["left side"], ["left side", "right side"]]

    def test_a_set_whose_sitting_is_left_out_stands_alone(self, filled: SessionLog) -> None:
        out = io.StringIO()
        write_bundle(
            out, programs=[], sittings=[], sessions=filled.details(limit=7), find=find_exercise
        )
        resources = checked(out.getvalue())
        assert len(of_type(resources, "Patient")) == 1
        assert not any("partOf" in one for one in of_type(resources, "Procedure"))

    def test_an_end_before_the_beginning_is_no_period(self, log: SessionLog) -> None:
        sitting = log.sittings.begin({}, "2026-03-04T09:00:00Z", "0.1.0")
        sitting.finish("2026-03-04T08:00:00Z")
        (procedure,) = of_type(checked(bundle_of(log)), "Procedure")
        assert procedure["performedPeriod"] == {"start": "2026-03-04T09:00:00.000Z"}

    def test_without_a_program_nothing_is_ordered_and_nobody_is_named(
        self, filled: SessionLog
    ) -> None:
        resources = checked(bundle_of(filled))
        (nobody,) = (one for one in of_type(resources, "Patient") if "identifier" not in one)
        for began in ("2026-03-20T09:01", "2026-03-21T09:00", "2026-03-21T10:00"):
            procedure = about(resources, session_named(filled, began))["procedure"]
            assert "basedOn" not in procedure
            assert procedure["subject"] == {"reference": f"urn:uuid:{nobody['id']}"}

    def test_a_log_that_is_all_of_one_program_needs_no_placeholder(self, log: SessionLog) -> None:
        row, _ = log.programs.enter(FIRST, "A. B.", ENTERED)
        log.sittings.begin({}, "2026-03-04T09:00:00Z", "0.1.0", row.ref)
        assert len(of_type(checked(bundle_of(log)), "Patient")) == 1

    def test_how_far_each_got(self, filled: SessionLog) -> None:
        resources = checked(bundle_of(filled))
        got = {
            began: about(resources, session_named(filled, began))["procedure"]
            for began in ("2026-03-04T09:01", "2026-03-18", "2026-03-20", "2026-03-21T10")
        }
        assert [one["status"] for one in got.values()] == [
            "completed",
            "stopped",
            "unknown",
            "unknown",
        ]
        assert got["2026-03-18"]["statusReason"] == {"text": "the patient stopped"}
        assert got["2026-03-20"]["performedPeriod"] == {"start": "2026-03-20T09:01:00.000Z"}
        assert got["2026-03-04T09:01"]["performedPeriod"] == {
            "start": "2026-03-04T09:01:00.000Z",
            "end": "2026-03-04T09:01:45.000Z",
        }

    def test_when_a_recording_was_made_is_not_known(self, filled: SessionLog) -> None:
        found = about(checked(bundle_of(filled)), session_named(filled, "2026-03-21T09:00"))
        assert "performedPeriod" not in found["procedure"]
        assert "2026-03-21T09:00" in found["procedure"]["performedString"]
        assert found["repetitions"]["issued"] == "2026-03-21T09:00:00.000Z"
        assert not any(key.startswith("effective") for key in found["repetitions"])
        assert found["55411-3"]["valueQuantity"]["value"] == 0.75
        assert found["peak.heel_over_toe"]["valueQuantity"]["code"] == "1"

    def test_a_corrected_count_stands_beside_the_measured_one(self, filled: SessionLog) -> None:
        found = about(checked(bundle_of(filled)), session_named(filled, "2026-03-04T09:01"))
        counted = found["repetitions"]
        assert (counted["status"], counted["valueQuantity"]["value"]) == ("corrected", 7)
        assert counts_in(counted) == {
            "measured": 5, "corrected": 7, "second": 4, "partial": 1, "rejected": 1, "flagged": 2,
        }  # fmt: skip
        assert counted["method"]["text"] == "Entered by hand"
        assert [one["text"] for one in counted["note"]] == ["one more"]

    def test_counts_are_those_of_the_log(self, filled: SessionLog) -> None:
        resources = checked(bundle_of(filled))
        for detail in filled.details():
            row = detail.row
            found = about(resources, row.session_id)
            of = "holds" if row.counts.holds else "repetitions"
            wanted = row.measured_count if row.corrected_count is None else row.corrected_count
            assert found[of]["valueQuantity"]["value"] == wanted
            assert counts_in(found[of])["measured"] == row.measured_count
            assert counts_in(found[of]).get("partial", 0) == row.counts.partial
            flagged = Counter(
                deviation.id
                for event in detail.events
                if not isinstance(event, TrackingLost)
                for deviation in event.deviations
            )
            assert flagged == {
                code.rpartition(".")[2]: one["valueQuantity"]["value"]
                for code, one in found.items()
                if code.startswith("form.")
            }
            listed = {one["reference"] for one in found["set"]["hasMember"]}
            others = found.keys() - {"set", "procedure"}
            assert listed == {f"urn:uuid:{found[code]['id']}" for code in others}

    def test_the_range_is_of_the_best_three_counted_and_shown(self, filled: SessionLog) -> None:
        found = about(checked(bundle_of(filled)), session_named(filled, "2026-03-04T09:01"))
        peak = found["peak.knee_flexion"]
        assert peak["valueQuantity"] == {
            "value": 73.0, "unit": "degrees", "system": "http://unitsofmeasure.org", "code": "deg",
        }  # fmt: skip
        assert [one["valueQuantity"]["value"] for one in peak["component"]] == [12.0, 3]
        assert peak["method"]["text"] == "single-camera pose estimation"
        assert "not a medical device" in peak["note"][0]["text"]
        assert "bodySite" not in peak

    def test_a_doubtful_count_says_so_until_somebody_has_looked(self, log: SessionLog) -> None:
        began = "2026-03-04T09:01:00Z"
        session_id = book(log, "squat", SQUATS, began=began, audit=Audit(8, True))

        def doubtful() -> list[bool]:
            counted = about(checked(bundle_of(log)), session_id)["repetitions"]
            assert counts_in(counted)["second"] == 8
            return [one["valueBoolean"] for one in counted["component"] if "valueBoolean" in one]

        assert doubtful() == [True]
        log.correct(session_id, Correction(5, "2026-03-05T08:00:00Z"))
        assert doubtful() == [False]

    def test_a_peak_that_is_no_number_is_no_range(self, log: SessionLog) -> None:
        session_id = book(log, "squat", SQUATS, began="2026-03-04T09:01:00Z")
        detail = log.session(session_id)
        unknown = [rep(1, math.nan), rep(2, math.inf), rep(3, 60.0, uncertainty_deg=math.nan)]
        for reps, peaks in ((unknown[:2], []), (unknown, [60.0])):
            out = io.StringIO()
            broken = SessionDetail(detail.row, tuple(reps))
            write_bundle(out, programs=[], sittings=[], sessions=[broken], find=find_exercise)
            found = coded(checked(out.getvalue()), "peak.")
            assert [one["valueQuantity"]["value"] for one in found] == peaks

    def test_where_less_is_better_the_smallest_are_the_best(self, log: SessionLog) -> None:
        peaks = [rep(number, peak) for number, peak in enumerate((2.0, 30.0, 4.0, 6.0), start=1)]
        began = "2026-03-04T09:01:00Z"
        session_id = book(log, "sit_to_stand", peaks, began=began)
        found = about(checked(bundle_of(log)), session_id)
        assert found["peak.knee_flexion"]["valueQuantity"]["value"] == 4.0

    def test_a_side_and_its_holds(self, filled: SessionLog) -> None:
        found = about(checked(bundle_of(filled)), session_named(filled, "2026-03-04T09:05"))
        assert found["peak.hip_flexion"]["bodySite"] == {"text": "left side"}
        assert found["held.mean"]["valueQuantity"]["value"] == 4.5
        assert counts_in(found["repetitions"])["left"] == 2

    def test_timed_holds_are_counted_and_added_up(self, filled: SessionLog) -> None:
        found = about(checked(bundle_of(filled)), session_named(filled, "2026-03-04T09:08"))
        assert found["holds"]["valueQuantity"]["value"] == 2
        assert found["held.total"]["valueQuantity"]["value"] == 37.75
        assert found["55411-3"]["valueQuantity"]["value"] == 0.75

    def test_a_set_without_repetitions_is_a_zero(self, filled: SessionLog) -> None:
        found = about(checked(bundle_of(filled)), session_named(filled, "2026-03-18T09:01"))
        assert found["repetitions"]["valueQuantity"]["value"] == 0
        assert found["repetitions"]["status"] == "final"
        assert not any(code.startswith(("peak.", "form.")) for code in found)

    def test_what_was_not_to_its_end_is_preliminary(self, filled: SessionLog) -> None:
        resources = checked(bundle_of(filled))
        for began in ("2026-03-20T09:01", "2026-03-21T10:00"):
            found = about(resources, session_named(filled, began))
            assert found["repetitions"]["status"] == "preliminary"

    def test_the_device_says_what_it_is_not(self, filled: SessionLog) -> None:
        (device,) = of_type(checked(bundle_of(filled)), "Device")
        assert {one["type"]["text"]: one["value"] for one in device["version"]} == {
            "hep-vision": "0.1.0",
            "MediaPipe": "0.10.33",
            "pose model": f"pose_landmarker_full.task sha256:{'cd' * 32}",
        }
        assert "not a medical device" in device["note"][0]["text"]


class TestReports:
    def test_pain_and_effort_are_whole_numbers_with_their_scale(self, filled: SessionLog) -> None:
        resources = checked(bundle_of(filled))
        said = [
            (
                one["code"]["coding"][1]["code"].removeprefix("report."),
                one["code"]["coding"][0]["code"],
                one["valueInteger"],
                len(one["note"]),
            )
            for one in coded(of_type(resources, "Observation"), "report.")
        ]
        assert sorted(said) == [
            ("effort", "82289-0", 6, 1),
            ("pain_after", "72514-3", 7, 1),
            ("pain_before", "72514-3", 0, 2),
            ("pain_before", "72514-3", 2, 1),
            ("pain_next_morning", "72514-3", 1, 1),
        ]
        (effort,) = coded(resources, "report.effort")
        assert "0, none, to 10" in effort["note"][0]["text"]
        exercise = effort["component"][0]["valueCodeableConcept"]["coding"][0]["code"]
        assert exercise == "exercise.squat"

    def test_why_a_sitting_was_stopped(self, filled: SessionLog) -> None:
        stopped = [
            one
            for one in coded(checked(bundle_of(filled)), "sitting")
            if one["status"] == "stopped"
        ]
        assert [one["statusReason"]["coding"][0]["code"] for one in stopped] == ["stop.pain"]

    def test_a_message_is_completed_once_it_was_read(self, filled: SessionLog) -> None:
        (message,) = of_type(checked(bundle_of(filled)), "Communication")
        assert message["status"] == "unknown"
        (sitting_id,) = (row.sitting_id for row in filled.sittings.rows() if row.message)
        filled.sittings.mark_read(sitting_id, MessageReading(ENTERED))
        (message,) = of_type(checked(bundle_of(filled)), "Communication")
        assert message["status"] == "completed"

    def test_the_message_is_text_and_nothing_else(self, filled: SessionLog) -> None:
        (message,) = of_type(checked(bundle_of(filled)), "Communication")
        assert message["payload"] == [
            {
                "contentString": "Knie  [31m<script>alert('x')</script>\r\n\t 日本語 "
                "\\ud83d \U0001f9b5"
            }
        ]


@settings(max_examples=25, deadline=None)
@given(words=st.text(min_size=1, max_size=40), other=st.text(max_size=40))
def test_whatever_people_write_the_bundle_is_sound(words: str, other: str) -> None:
    odd = SessionRow(
        session_id="aaaa0000",
        header=SessionHeader(
            words, 1, Side.LEFT, SourceRecord(SourceKind.WEBCAM, words), ENTERED, other,
            sitting_id="bbbb0000", set_number=1, model=ModelRecord(words, other),
        ),
        status=SessionStatus.FINISHED,
        status_reason=other,
        ended_at=ENTERED,
        tracking=None,
        counts=SessionCounts(counted=1),
        track_path=None,
        corrections=(Correction(1, ENTERED, words),),
    )  # fmt: skip
    one = rep(1, float("nan"), deviations=(replace(KNEES_IN, id=words),), not_checked=(other,))
    sitting = SittingRow(
        "bbbb0000", ENTERED, None, SessionStatus.RUNNING, {}, None, words, other,
        (SelfReport(ReportKind.EFFORT, 3, ENTERED, words),),
    )  # fmt: skip
    out = io.StringIO()
    write_bundle(
        out,
        programs=[],
        sittings=[sitting],
        sessions=[SessionDetail(odd, (one,))],
        find=find_exercise,
    )
    assert of_type(checked(out.getvalue()), "Procedure")
