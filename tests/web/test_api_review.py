"""Clips, flags, verdicts, concerns and messages for programs: what is answered, and to whom."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from asked import NONE, ids, pages, read, refused
from hep_vision.app.concerns import concerns_of
from hep_vision.app.progress import Span, progress_of
from hep_vision.app.replay import clip_landmarks
from hep_vision.core.types import ReportKind
from hep_vision.exercises.loading import find_exercise
from hep_vision.exports.clip_json import clip_document
from hep_vision.exports.concerns_json import concerns_document
from hep_vision.sources.recorded import read_track
from hep_vision.store.records import MessageReading
from hep_vision.store.review_records import ClipState, Finding, Verdict
from hep_vision.store.sessions import SessionLog
from logged import bare_session, keep_clip, lose_track, whole_session
from practised import PROGRAM, day, enter_program, moment, practise
from prescriptions import ZONE

OTHER = PROGRAM.replace("A. B.", "E. F.")
CONTENT = b"0123456789"


@pytest.fixture
def session_id(log: SessionLog) -> str:
    return whole_session(log)


@pytest.fixture
def clip_id(log: SessionLog, session_id: str) -> str:
    return keep_clip(log, session_id, CONTENT)


def said(session_id: str, ordinal: int = 0, check: str = "knees_in") -> str:
    return f"/sessions/{session_id}/flags/{ordinal}/{check}/verdicts"


def post(client: TestClient, path: str, **body: Any) -> tuple[int, Any]:
    answer = client.post(f"/api/v1{path}", json=body)
    return answer.status_code, answer.json()


# -- clips -----------------------------------------------------------------------------------------


def test_a_clip_is_what_the_command_prints_with_the_ways_to_its_files(
    program: TestClient, log: SessionLog, session_id: str, clip_id: str
) -> None:
    (found,) = read(program, f"/sessions/{session_id}/clips")["items"]
    row = log.clips.row(clip_id)
    shown = json.loads(json.dumps(clip_document(row, ClipState.WHOLE)))
    ways = {name: f"/api/v1/clips/{clip_id}/{name}" for name in ("video", "landmarks")}
    assert found == shown | ways | {"video": f"{ways['video']}.mp4"}
    assert read(program, f"/clips/{clip_id}") == found
    assert read(program, "/clips")["items"] == [found]
    assert program.get(found["video"]).content == CONTENT


def test_the_landmarks_of_a_clip_are_those_of_its_span(
    program: TestClient, log: SessionLog, session_id: str, clip_id: str
) -> None:
    path = log.session(session_id).row.track_path
    assert path is not None
    found = read(program, f"/clips/{clip_id}/landmarks")
    assert found == json.loads(json.dumps(clip_landmarks(read_track(path), 0, 80)))
    assert [frame["t_ms"] for frame in found["frames"]] == [0, 40]


@pytest.mark.parametrize(
    ("asked", "status", "content", "part"),
    [
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=-99", 206, CONTENT, "bytes 0-9/10"),
        ("bytes=9-99", 206, b"9", "bytes 9-9/10"),
        ("bytes=4-2", 200, CONTENT, None),
        ("bytes=1-2,4-5", 200, CONTENT, None),
        ("bytes=a-b", 200, CONTENT, None),
        ("lines=1-2", 200, CONTENT, None),
        ("bytes=-", 200, CONTENT, None),
        ("bytes=10-", 416, None, "bytes */10"),
        ("bytes=-0", 416, None, "bytes */10"),
        ("bytes=999999999999999999-", 416, None, "bytes */10"),
    ],
)
def test_a_clip_is_given_in_parts(
    program: TestClient,
    clip_id: str,
    asked: str,
    status: int,
    content: bytes | None,
    part: str | None,
) -> None:
    answer = program.get(f"/api/v1/clips/{clip_id}/video.mp4", headers={"range": asked})
    assert answer.status_code == status
    assert answer.headers.get("content-range") == part
    if content is None:
        assert answer.headers["content-type"] == "application/problem+json"
    else:
        assert (answer.content, answer.headers["content-type"]) == (content, "video/mp4")


def test_a_part_of_what_is_another_clip_by_now_is_not_given(
    program: TestClient, clip_id: str
) -> None:
    path = f"/api/v1/clips/{clip_id}/video.mp4"
    tag = program.get(path).headers["etag"]
    for asked, status in ((tag, 206), ('"other"', 200)):
        headers = {"range": "bytes=2-4", "if-range": asked}
        assert program.get(path, headers=headers).status_code == status
    assert program.get(path, headers={"if-none-match": tag}).status_code == 304
    head = program.head(path)
    assert (head.status_code, head.headers["content-length"], head.content) == (200, "10", b"")


def _remove(path: Path) -> None:
    path.unlink()


def _damage(path: Path) -> None:
    path.write_bytes(b"x" * len(CONTENT))


@pytest.mark.parametrize(("harm", "state"), [(_remove, "missing"), (_damage, "damaged")])
def test_a_clip_that_is_gone_or_another_says_so_and_is_not_given(
    program: TestClient, log: SessionLog, clip_id: str, harm: Callable[[Path], None], state: str
) -> None:
    harm(log.clips.path(log.clips.row(clip_id)))
    found = read(program, f"/clips/{clip_id}")
    assert (found["state"], found["video"]) == (state, None)
    status, line = refused(program, f"/clips/{clip_id}/video.mp4")
    assert status == 404
    assert state in line


def test_a_clip_without_landmarks_says_so(
    program: TestClient, log: SessionLog, session_id: str, clip_id: str, tmp_path: Path
) -> None:
    lose_track(tmp_path / "log", session_id)
    assert refused(program, f"/clips/{clip_id}/landmarks")[0] == 404
    assert read(program, f"/clips/{clip_id}/landmarks".removesuffix("/landmarks"))["landmarks"]


def test_clips_come_page_by_page_newest_first(program: TestClient, log: SessionLog) -> None:
    kept = [keep_clip(log, whole_session(log)) for _ in range(5)]
    found = [ids(page) for page in pages(program, "/clips", limit=2)]
    assert [len(page) for page in found] == [2, 2, 1]
    assert [one for page in found for one in page] == kept[::-1]


def test_a_clip_is_its_patients_own(
    patient: TestClient, log: SessionLog, session_id: str, clip_id: str
) -> None:
    assert ids(read(patient, "/clips")["items"]) == [clip_id]  # nobody else is in this log
    enter_program(log)
    enter_program(log, OTHER, 0)
    for path in ("/clips", f"/clips/{clip_id}", f"/clips/{clip_id}/video.mp4"):
        assert refused(patient, path)[0] == 409  # nobody said whose pages these are


# -- flags, and what is said of them ---------------------------------------------------------------


def test_a_flag_is_a_deviation_with_its_place_its_clip_and_what_holds(
    program: TestClient, session_id: str, clip_id: str
) -> None:
    (flag,) = read(program, f"/sessions/{session_id}/flags")["items"]
    (deviation,) = read(program, f"/sessions/{session_id}")["deviations"]
    assert flag == deviation | {"ordinal": 0, "clip": clip_id, "verdict": None}


def test_of_several_verdicts_all_stay_and_the_last_holds(
    program: TestClient, log: SessionLog, session_id: str
) -> None:
    path = said(session_id)
    assert read(program, path)["items"] == []
    assert post(program, path, finding="unsure")[0] == 201
    answer = program.post(f"/api/v1{path}", json={"finding": "dismissed", "note": "a bow"})
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/v1{path}"
    (flag,) = read(program, f"/sessions/{session_id}/flags")["items"]
    assert answer.json() == flag
    assert (flag["verdict"]["finding"], flag["verdict"]["note"]) == ("dismissed", "a bow")
    assert flag["verdict"]["decided_at"].startswith("2026-03-06T")
    assert [one["finding"] for one in read(program, path)["items"]] == ["unsure", "dismissed"]
    assert [len(page) for page in pages(program, path, limit=1)] == [1, 1]
    last = log.verdicts.of_session(session_id)[-1]
    assert (last.finding, last.note) == (Finding.DISMISSED, "a bow")


BAD_VERDICTS = [
    b"",
    b"{",
    b"[]",
    b"\xff",
    b"{}",
    b'{"finding": "right"}',
    b'{"finding": null}',
    b'{"finding": "unsure", "nota": "x"}',
    b'{"finding": "unsure", "note": 5}',
    b'{"finding": "unsure", "note": "\\ud800"}',
    b'{"finding": "unsure", "note": "' + b"x" * 1_001 + b'"}',
]


def test_a_malformed_verdict_changes_nothing(
    program: TestClient, log: SessionLog, session_id: str
) -> None:
    for content in BAD_VERDICTS:
        headers = {"content-type": "application/json"}
        answer = program.post(f"/api/v1{said(session_id)}", content=content, headers=headers)
        assert answer.status_code in (400, 422), content
        assert answer.headers["content-type"] == "application/problem+json"
    assert log.verdicts.of_session(session_id) == []


def test_what_was_not_flagged_takes_no_verdict(
    program: TestClient, log: SessionLog, session_id: str
) -> None:
    for path in (
        said(session_id, 1),
        said(session_id, 99),
        said(session_id, check="none"),
        said(NONE),
    ):
        assert refused(program, path)[0] == 404
        assert post(program, path, finding="confirmed")[0] == 404
    for path in (said(session_id, -1), said(session_id, 10**9)):
        assert refused(program, path)[0] == 422
        assert post(program, path, finding="confirmed")[0] == 422
    assert log.verdicts.of_session(session_id) == []


def test_checks_say_how_often_each_was_right(
    program: TestClient, log: SessionLog, session_id: str
) -> None:
    second = whole_session(log)
    for one, finding, ahead in (
        (session_id, Finding.DISMISSED, 1),
        (session_id, Finding.CONFIRMED, 2),
        (second, Finding.DISMISSED, 40),
    ):
        at = moment(ahead).isoformat()
        log.verdicts.decide(one, Verdict(0, "knees_in", finding, at))
    right = {"confirmed": 1, "dismissed": 0, "unsure": 0, "precision": 1.0}
    wrong = {"confirmed": 0, "dismissed": 1, "unsure": 0, "precision": 0.0}
    assert read(program, "/checks")["items"] == [
        {
            "exercise": "squat",
            "check": "knees_in",
            **{"confirmed": 1, "dismissed": 1, "unsure": 0, "precision": 0.5},
            "months": [{"month": "2026-03", **right}, {"month": "2026-04", **wrong}],
        }
    ]
    assert read(program, "/checks", exercise="plank")["items"] == []
    assert len(read(program, "/checks", exercise="squat")["items"]) == 1


# -- what has to be seen first, and messages -------------------------------------------------------


def test_concerns_are_what_the_command_prints(program: TestClient, log: SessionLog) -> None:
    ref = enter_program(log)
    practise(log, ref, 0, said={ReportKind.PAIN_AFTER: 8})
    practise(log, ref, 2, faults=4)
    begin = moment(-24, 0)
    lately = progress_of(log, None, find_exercise, Span(day(-24), day(4)), ZONE)
    shown = concerns_document(
        concerns_of(log, None, begin, find_exercise), begin, lately.suggestions
    )
    found = read(program, "/concerns")
    assert found == json.loads(json.dumps(shown))
    assert [one["kind"] for one in found["concerns"]] == ["red_pain"]
    assert read(program, "/concerns", since=day(1))["concerns"] == []
    assert read(program, "/concerns", since="0001-01-01")["concerns"] == found["concerns"]
    assert read(program, "/concerns", since="9999-12-31")["concerns"] == []
    tag = program.get("/api/v1/concerns").headers["etag"]
    again = program.get("/api/v1/concerns", headers={"if-none-match": tag})
    assert again.status_code == 304


def test_a_message_that_was_read_is_no_concern_and_stays(
    program: TestClient, log: SessionLog
) -> None:
    sitting_id = practise(log, enter_program(log), 2)
    log.sittings.say(sitting_id, "It clicks.\nMay I go on?")
    kinds = [one["kind"] for one in read(program, "/concerns")["concerns"]]
    assert kinds == ["message"]
    message = read(program, f"/sittings/{sitting_id}")["message"]
    path = f"/sittings/{sitting_id}/readings"
    answer = program.post(f"/api/v1{path}", json={"message": message, "by": "C. D."})
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/v1/sittings/{sitting_id}"
    found = read(program, f"/sittings/{sitting_id}")
    assert answer.json() == found
    assert found["message"] == message
    assert found["message_read"] == {"read_at": "2026-03-06T11:00:00.000Z", "read_by": "C. D."}
    assert read(program, "/sittings")["items"][0]["message_read"] == found["message_read"]
    assert read(program, "/concerns")["concerns"] == []
    assert post(program, path, message=message, by="E. F.")[1]["message_read"]["read_by"] == "C. D."


def test_words_that_came_since_are_not_taken_for_read(program: TestClient, log: SessionLog) -> None:
    sitting_id = practise(log, enter_program(log), 2)
    path = f"/sittings/{sitting_id}/readings"
    assert post(program, path, message="")[0] == 409  # there is none
    log.sittings.say(sitting_id, "It clicks.")
    assert post(program, path, message="It clicks.")[0] == 201
    log.sittings.say(sitting_id, "It hurts.")
    status, problem = post(program, path, message="It clicks.")
    assert status == 409
    assert "other words" in problem["detail"]
    found = read(program, f"/sittings/{sitting_id}")
    assert found["message_read"] is None
    assert [one["kind"] for one in read(program, "/concerns")["concerns"]] == ["message"]
    assert post(program, path, message=found["message"])[0] == 201
    assert read(program, "/concerns")["concerns"] == []


def test_a_malformed_reading_changes_nothing(program: TestClient, log: SessionLog) -> None:
    sitting_id = practise(log, enter_program(log), 2)
    log.sittings.say(sitting_id, "It clicks.")
    path = f"/sittings/{sitting_id}/readings"
    for body in ({}, {"message": 1}, {"message": "It clicks.", "at": "now"}, {"by": "C. D."}):
        assert program.post(f"/api/v1{path}", json=body).status_code == 422
    too_long = {"message": "It clicks.", "by": "x" * 101}
    assert program.post(f"/api/v1{path}", json=too_long).status_code == 422
    assert post(program, f"/sittings/{NONE}/readings", message="It clicks.")[0] == 404
    assert log.sittings.sitting(sitting_id).reading is None


# -- what is missing, and who sees what ------------------------------------------------------------


def test_what_is_not_there_is_not_found(program: TestClient, clip_id: str) -> None:
    for path in (
        "/clips/none",
        f"/clips/{clip_id[:8]}",
        f"/clips/{NONE}/video.mp4",
        f"/clips/{NONE}/landmarks",
        "/clips/%25/video.mp4",
        "/clips/..%2Flog",
        f"/sessions/{NONE}/clips",
        f"/sessions/{NONE}/flags",
        "/concerns?patient=none",
    ):
        assert refused(program, path)[0] == 404, path


def test_a_session_without_anything_has_empty_lists(program: TestClient, log: SessionLog) -> None:
    bare = bare_session(log)
    for path in (f"/sessions/{bare}/clips", f"/sessions/{bare}/flags", "/clips", "/checks"):
        assert read(program, path) == {"items": [], "next": None}
    assert read(program, "/concerns")["concerns"] == []


def test_what_is_said_of_flags_is_for_the_therapist(
    patient: TestClient, log: SessionLog, session_id: str
) -> None:
    sitting_id = practise(log, enter_program(log), 2)
    log.sittings.say(sitting_id, "It clicks.")
    practised = log.sessions(limit=1)[0].session_id
    for path in ("/checks", "/concerns", f"/sessions/{practised}/flags", said(practised)):
        assert refused(patient, path)[0] == 403
    assert post(patient, said(session_id), finding="confirmed")[0] == 403
    assert post(patient, f"/sittings/{sitting_id}/readings", message="It clicks.")[0] == 403
    assert log.verdicts.of_session(session_id) == []
    assert log.sittings.sitting(sitting_id).reading is None


def test_another_page_enters_nothing(
    therapist: TestClient, log: SessionLog, session_id: str
) -> None:
    sitting_id = practise(log, None, 2)
    log.sittings.say(sitting_id, "It clicks.")
    for path, body in (
        (said(session_id), {"finding": "confirmed"}),
        (f"/sittings/{sitting_id}/readings", {"message": "It clicks."}),
    ):
        headers = {"origin": "http://evil.example"}
        answer = therapist.post(f"/api/v1{path}", json=body, headers=headers)
        assert answer.status_code == 403
        assert therapist.post(f"/api/v1{path}", json=body).status_code == 201


def test_a_reader_is_kept_as_text(log: SessionLog) -> None:
    sitting_id = practise(log, None, 2)
    log.sittings.say(sitting_id, "It clicks.")
    row = log.sittings.mark_read(sitting_id, MessageReading(moment(3).isoformat(), "C.\udc80"))
    assert row.reading == MessageReading("2026-03-05T08:00:00.000Z", "C.\\udc80")
