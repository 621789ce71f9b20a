"""The page of one session: its table, curve and landmarks, and what a therapist enters there."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from hep_vision.core.types import Rep
from hep_vision.store.review_records import Finding, NewClip
from hep_vision.store.sessions import SessionLog
from hep_vision.web.pages.review_session import LONGEST_PART_MS
from practised import enter_program, practise
from reviewed import FULL, SHORT, recorded
from synthetic import Effort

FLAG = {"ordinal": "2", "check_id": "incomplete_rom"}


@pytest.fixture
def session_id(log: SessionLog, tmp_path: Path) -> str:
    """Two full squats, and one that falls short and is flagged for it."""
    return recorded(log, tmp_path, (FULL, FULL, SHORT))


def test_the_table_has_each_repetition_with_its_error_and_flag(
    therapist: TestClient, session_id: str
) -> None:
    text = therapist.get(f"/review/sessions/{session_id}").text
    assert "Squat: 3 counted" in text
    assert text.count("± 10") == 3
    rows = re.findall(r'<tr id="rep-\d+".*?</tr>', text, re.DOTALL)
    assert ["Short of the full range" in row for row in rows] == [False, False, True]
    assert "knees drifting in" in text  # not checked from the side


def test_the_curve_has_a_band_for_each_repetition_and_its_lines(
    therapist: TestClient, session_id: str
) -> None:
    text = therapist.get(f"/review/sessions/{session_id}").text
    assert len(re.findall(r'class="band counted"', text)) == 3
    assert len(re.findall(r'class="mark info"', text)) == 1
    for line in ("goal 90°", "limit 140°", "smallest 30°"):
        assert line in text
    assert "style=" not in text
    assert "<script>" not in text


def test_the_curve_as_numbers_peaks_where_the_repetitions_do(
    log: SessionLog, therapist: TestClient, session_id: str
) -> None:
    found = therapist.get(f"/review/sessions/{session_id}/curve").json()
    times = np.array(found["time_ms"])
    values = np.array([np.nan if v is None else v for v in found["curves"][0]["values"]])
    assert found["goal"] == 90.0
    for rep in log.session(session_id).reps:
        within = (times >= rep.start_ms) & (times < rep.end_ms)
        assert rep.peak_deg == pytest.approx(float(np.nanmax(values[within])), abs=4.0)


def test_the_landmarks_are_those_of_the_part_that_was_asked_for(
    therapist: TestClient, session_id: str
) -> None:
    address = f"/review/sessions/{session_id}/landmarks"
    whole = therapist.get(address).json()
    part = therapist.get(address, params={"start_ms": 1_000, "end_ms": 2_000}).json()
    assert whole["time_ms"][-1] < LONGEST_PART_MS
    inside = [(at, i) for i, at in enumerate(whole["time_ms"]) if 1_000 <= at < 2_000]
    assert part["time_ms"] == [at for at, _ in inside]
    assert part["frames"] == [whole["frames"][i] for _, i in inside]
    joints = len(part["frames"][0])
    assert all(0 <= place < joints for edge in part["edges"] for place in edge)
    assert [one["name"] for one in whole["flags"]] == ["incomplete rom"]
    assert therapist.get(address, params={"start_ms": 10**9}).json()["frames"] == []


@pytest.mark.parametrize("start", ["-1", "x", "9" * 400])
def test_a_part_that_is_no_time_is_refused(
    therapist: TestClient, session_id: str, start: str
) -> None:
    address = f"/review/sessions/{session_id}/landmarks"
    assert therapist.get(address, params={"start_ms": start}).status_code == 422


def test_a_verdict_is_kept_with_its_note_and_can_be_changed(
    log: SessionLog, therapist: TestClient, session_id: str
) -> None:
    address = f"/review/sessions/{session_id}"
    for finding, note in (("confirmed", ""), ("dismissed", "the camera stood <askew>")):
        answer = therapist.post(
            f"{address}/verdicts", data={**FLAG, "finding": finding, "note": note}
        )
        assert answer.status_code == 200
    said = log.verdicts.of_session(session_id)
    assert [one.finding for one in said] == [Finding.CONFIRMED, Finding.DISMISSED]
    text = therapist.get(address).text
    assert "Dismissed." in text
    assert "the camera stood &lt;askew&gt;" in text


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({**FLAG, "ordinal": "0", "finding": "confirmed"}, 404),
        ({**FLAG, "check_id": "none", "finding": "confirmed"}, 404),
        ({**FLAG, "ordinal": "99999", "finding": "confirmed"}, 404),
        ({**FLAG, "finding": "perhaps"}, 422),
        ({**FLAG, "ordinal": "-1", "finding": "confirmed"}, 422),
        ({**FLAG, "ordinal": str(10**30), "finding": "confirmed"}, 422),
        ({}, 422),
    ],
)
def test_a_verdict_on_nothing_is_refused(
    log: SessionLog, therapist: TestClient, session_id: str, data: dict[str, str], status: int
) -> None:
    answer = therapist.post(f"/review/sessions/{session_id}/verdicts", data=data)
    assert answer.status_code == status
    assert log.verdicts.of_session(session_id) == []


def test_a_corrected_count_stands_beside_the_measured_one(
    log: SessionLog, therapist: TestClient, session_id: str
) -> None:
    address = f"/review/sessions/{session_id}"
    answer = therapist.post(f"{address}/count", data={"count": "2", "note": "one was a stumble"})
    assert "one was a stumble" in answer.text
    row = log.session(session_id).row
    assert (row.corrected_count, row.measured_count) == (2, 3)


@pytest.mark.parametrize("count", ["", "-1", "2.5", "two", "1e3", "99999999999", "٣", "9" * 5_000])
def test_what_is_no_count_changes_nothing_and_says_so(
    log: SessionLog, therapist: TestClient, session_id: str, count: str
) -> None:
    answer = therapist.post(f"/review/sessions/{session_id}/count", data={"count": count})
    assert answer.status_code == 400
    assert "whole number" in answer.text
    assert log.session(session_id).row.corrections == ()


def _remove(path: Path) -> None:
    path.unlink()


def _damage(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:200])


@pytest.mark.parametrize("harm", [_remove, _damage])
def test_without_its_landmarks_a_session_keeps_its_table_and_forms(
    log: SessionLog, therapist: TestClient, session_id: str, harm: Callable[[Path], None]
) -> None:
    track = log.session(session_id).row.track_path
    assert track is not None
    harm(track)
    text = therapist.get(f"/review/sessions/{session_id}").text
    assert "missing or damaged" in text
    assert "review.js" not in text
    assert text.count("± 10") == 3
    assert 'value="confirmed"' in text
    assert therapist.get(f"/review/sessions/{session_id}/landmarks").status_code == 404


def test_a_replay_follows_its_track(
    log: SessionLog, therapist: TestClient, session_id: str
) -> None:
    address = f"/review/sessions/{session_id}"
    assert "review.js" in therapist.get(address).text
    track = log.session(session_id).row.track_path
    assert track is not None
    track.unlink()
    assert "missing or damaged" in therapist.get(address).text


def _clip(log: SessionLog, session_id: str, content: bytes = b"a film") -> str:
    draft = log.clips.draft()
    draft.write_bytes(content)
    new = NewClip(
        2, 3, ("incomplete_rom",), 8_000, 12_000, 64, 48, 10.0,
        blurred=False, created_at="2026-03-02T09:00:00Z",
    )  # fmt: skip
    return log.clips.add(session_id, new, draft).clip_id


def test_a_clip_is_shown_and_sent_in_parts(
    log: SessionLog, therapist: TestClient, session_id: str
) -> None:
    clip_id = _clip(log, session_id, b"0123456789")
    text = therapist.get(f"/review/sessions/{session_id}").text
    assert f'src="/review/clips/{clip_id}.mp4" data-start="8000" data-end="12000"' in text
    answer = therapist.get(f"/review/clips/{clip_id}.mp4", headers={"range": "bytes=2-4"})
    assert (answer.status_code, answer.content) == (206, b"234")
    assert answer.headers["content-type"] == "video/mp4"


@pytest.mark.parametrize(("harm", "word"), [(_remove, "missing"), (_damage, "damaged")])
def test_a_clip_that_is_gone_or_another_is_told_and_not_sent(
    log: SessionLog,
    therapist: TestClient,
    session_id: str,
    harm: Callable[[Path], None],
    word: str,
) -> None:
    clip_id = _clip(log, session_id, b"x" * 1_000)
    harm(log.clips.path(log.clips.row(clip_id)))
    text = therapist.get(f"/review/sessions/{session_id}").text
    assert f"is {word}" in text
    assert "<video" not in text
    assert therapist.get(f"/review/clips/{clip_id}.mp4").status_code == 404


def test_a_timed_hold_has_its_time_and_bands(
    log: SessionLog, therapist: TestClient, tmp_path: Path
) -> None:
    plan = [Effort(1.0, hold_ms=8_000), Effort(1.0, hold_ms=8_000)]
    session_id = recorded(log, tmp_path, plan, exercise_id="wall_sit")
    holds = log.session(session_id).holds
    assert holds
    text = therapist.get(f"/review/sessions/{session_id}").text
    assert f"{holds[0].counted_ms / 1000:.1f} s" in text
    assert text.count('class="band counted"') == len(holds)


def test_sides_that_worked_alone_have_a_curve_each(
    log: SessionLog, therapist: TestClient, tmp_path: Path
) -> None:
    session_id = recorded(log, tmp_path, [FULL, FULL], exercise_id="straight_leg_raise")
    sides = {rep.side for rep in log.session(session_id).events if isinstance(rep, Rep)}
    found = therapist.get(f"/review/sessions/{session_id}/curve").json()
    assert {one["label"].split()[0] for one in found["curves"]} == {str(side) for side in sides}


def test_an_exercise_that_is_gone_leaves_its_session_readable(
    log: SessionLog, therapist: TestClient
) -> None:
    practise(log, enter_program(log), 0, exercise_id="squat", sets=1)
    session_id = log.sessions()[0].session_id
    text = therapist.get(f"/review/sessions/{session_id}").text
    assert "No landmarks were kept" in text
    assert "review.js" not in text


def test_two_sessions_stand_on_one_scale(
    log: SessionLog, therapist: TestClient, session_id: str, tmp_path: Path
) -> None:
    other = recorded(log, tmp_path, (FULL, FULL))
    text = therapist.get("/review/compare", params={"a": session_id, "b": other}).text
    scales = re.findall(r'data-begin="([\d.]+)" data-end="([\d.]+)"', text)
    assert len(scales) == 2
    assert scales[0] == scales[1]
    levels = [
        re.findall(r'class="grid"[^>]*y1="([\d.]+)"', part) for part in text.split("<svg")[1:]
    ]
    assert levels[0] == levels[1]
    assert "3 counted" in text
    assert "2 counted" in text


def test_two_exercises_are_not_compared(
    log: SessionLog, therapist: TestClient, session_id: str, tmp_path: Path
) -> None:
    other = recorded(log, tmp_path, (FULL, FULL), exercise_id="straight_leg_raise")
    answer = therapist.get("/review/compare", params={"a": session_id, "b": other})
    assert answer.status_code == 400
    assert "two exercises" in answer.text


def test_checks_show_how_many_flags_were_right_month_by_month(
    log: SessionLog, therapist: TestClient, session_id: str, tmp_path: Path
) -> None:
    assert "Nobody has said yet" in therapist.get("/review/checks").text
    other = recorded(log, tmp_path, (FULL, FULL, SHORT))
    for one, finding in (
        (session_id, "dismissed"),
        (session_id, "confirmed"),
        (other, "dismissed"),
    ):
        therapist.post(f"/review/sessions/{one}/verdicts", data={**FLAG, "finding": finding})
    text = therapist.get("/review/checks").text
    assert "(50 %)" in text  # of the first session the last verdict alone counts
    assert "2026-03" in text
