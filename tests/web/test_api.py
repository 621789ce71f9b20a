"""The interface for programs: what it answers, to whom, and that it is what the commands print."""

import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from asked import NONE, ids, pages, read, refused
from hep_vision.app.program import program_of, today_of
from hep_vision.app.progress import Span, progress_of
from hep_vision.core.types import ReportKind
from hep_vision.exercises.loading import find_exercise
from hep_vision.exercises.schema import exercise_schema
from hep_vision.exports.log_export import session_document
from hep_vision.exports.program_json import program_document, today_document
from hep_vision.exports.progress_json import progress_document
from hep_vision.sources.recorded import read_track
from hep_vision.store.sessions import SessionLog
from hep_vision.web.access import Access
from logged import (
    FRAMES,
    bare_session,
    counted_rep,
    live_session,
    lose_track,
    some_track,
    whole_session,
)
from practised import PROGRAM, day, enter_program, moment, practise
from prescriptions import ZONE

OTHER = PROGRAM.replace("A. B.", "E. F.")
ORIGIN = "http://127.0.0.1:8765"


@pytest.fixture
def practised(log: SessionLog) -> list[str]:
    """Days of a program and two recordings; the ids of the sittings, the latest last."""
    ref = enter_program(log)
    sittings = [practise(log, ref, ahead, faults=1) for ahead in (0, 2)]
    sittings.append(practise(log, ref, 4, said={ReportKind.PAIN_AFTER: 2}, complete=False))
    whole_session(log)
    bare_session(log)
    return sittings


# -- the same documents ----------------------------------------------------------------------------


def test_a_session_is_what_the_command_prints(
    program: TestClient, log: SessionLog, practised: list[str]
) -> None:
    for row in log.sessions():
        found = read(program, f"/sessions/{row.session_id}")
        assert found == json.loads(json.dumps(session_document(log.session(row.session_id))))


def test_program_day_and_progress_are_what_the_commands_print(
    program: TestClient, log: SessionLog, practised: list[str]
) -> None:
    row = log.programs.newest()[0]
    shown = program_document(program_of(row, find_exercise), 1)
    assert read(program, f"/programs/{row.ref.program_id}") == shown
    assert read(program, f"/programs/{row.ref.program_id}/versions/1") == shown
    found, _ = today_of(log, None, find_exercise, moment(4, 12), ZONE)
    assert read(program, "/today") == json.loads(json.dumps(today_document(found)))
    course = progress_of(log, None, find_exercise, Span(day(1), day(4)), ZONE)
    assert read(program, "/progress", since=day(1)) == progress_document(course)
    only = progress_document(course.only("squat"))
    assert read(program, "/progress", since=day(1), exercise="squat") == only


def test_the_program_is_given_as_it_was_written(
    program: TestClient, log: SessionLog, practised: list[str]
) -> None:
    program_id = log.programs.newest()[0].ref.program_id
    answer = program.get(f"/api/v1/programs/{program_id}/versions/1/toml")
    assert answer.text == PROGRAM
    assert answer.headers["content-type"].startswith("application/toml")


def test_versions_come_newest_first_and_say_how_long_each_held(
    program: TestClient, log: SessionLog
) -> None:
    ref = enter_program(log)
    enter_program(log, PROGRAM.replace("sets = 2", "sets = 3"), 3)
    lines = read(program, f"/programs/{ref.program_id}/versions")["items"]
    assert [line["version"] for line in lines] == [2, 1]
    assert lines[0]["valid_until"] is None
    assert lines[1]["valid_until"] == lines[0]["valid_from"]
    exercises = read(program, f"/programs/{ref.program_id}")["exercises"]
    assert [one["sets"] for one in exercises] == [3]
    exercises = read(program, f"/programs/{ref.program_id}/versions/1")["exercises"]
    assert [one["sets"] for one in exercises] == [2]


def test_a_line_of_a_list_is_the_session_without_its_events(
    program: TestClient, practised: list[str]
) -> None:
    for line in read(program, "/sessions")["items"]:
        whole = read(program, f"/sessions/{line['id']}")
        for key in ("reps", "holds", "deviations", "corrections"):
            del whole[key]
        del whole["tracking"]["lost"]
        assert line == whole


def test_a_sitting_tells_of_its_sets_and_what_was_said(
    program: TestClient, practised: list[str]
) -> None:
    newest = read(program, "/sittings")["items"][0]
    assert newest["id"] == practised[-1]
    assert [(one["kind"], one["value"]) for one in newest["reports"]] == [("pain_after", 2)]
    assert [one["status"] for one in newest["sets"]] == ["finished", "interrupted"]
    whole = read(program, f"/sittings/{newest['id']}")
    assert {key: whole[key] for key in newest} == newest
    assert ids(whole["sessions"]) == [one["session"] for one in newest["sets"]]
    assert [one["counts"]["counted"] for one in whole["sessions"]] == [5, 5]
    assert whole["plan"] == {"sets": []}


def test_the_track_comes_as_numbers_and_as_the_file(
    program: TestClient, log: SessionLog, tmp_path: Path
) -> None:
    session_id = whole_session(log)
    found = read(program, f"/sessions/{session_id}/track")
    assert found["timestamp_ms"] == [0, 40, 80]
    assert found["image_size"] == [640, 480]
    assert len(found["landmarks"]) == 33
    assert [frame[0] for frame in found["image_px"]] == [[None, None], [12.25, 12.25], [12.25] * 2]
    assert found["world_m"] == [[[None] * 3] * 33] * FRAMES
    copy = tmp_path / "copy.npz"
    copy.write_bytes(program.get(f"/api/v1/sessions/{session_id}/track.npz").content)
    np.testing.assert_array_equal(read_track(copy).image_px, some_track().image_px)


def test_a_track_that_is_not_there_is_told(
    program: TestClient, log: SessionLog, tmp_path: Path
) -> None:
    bare, gone = bare_session(log), whole_session(log)
    lose_track(tmp_path / "log", gone)
    for session_id in (bare, gone):
        for form in ("track", "track.npz"):
            assert refused(program, f"/sessions/{session_id}/{form}")[0] == 404


def test_the_calendar_reminds_of_the_program(program: TestClient, log: SessionLog) -> None:
    enter_program(log)
    answer = program.get("/api/v1/calendar.ics", params={"time": "17:30", "silent": "true"})
    assert answer.headers["content-type"].startswith("text/calendar")
    assert "DTSTART:20260302T173000" in answer.text
    assert "VALARM" not in answer.text
    assert "squat" not in answer.text.lower()
    named = program.get("/api/v1/calendar.ics", params={"names": "true", "alarm_min": "5"}).text
    assert "Squat" in named
    assert "-PT5M" in named


def test_exercises_are_those_of_the_catalogue_and_ones_own(
    program: TestClient, tmp_path: Path
) -> None:
    found = [line["id"] for page in pages(program, "/exercises") for line in page]
    assert found == sorted(found)
    assert "squat" in found
    shown = read(program, "/exercises/squat")
    squat = find_exercise("squat")
    assert shown["measured"]["goal"] == squat.shown.goal
    assert [one["id"] for one in shown["checks"]] == [check.id for check in squat.checks]
    assert read(program, "/schemas/exercise") == exercise_schema()


def test_an_exercise_is_no_path(program: TestClient, tmp_path: Path) -> None:
    (tmp_path / "log" / "secret.toml").write_text("x = 1")
    for name in ("..%2Fsecret", "..%2Fsecret.toml", "%2Fetc%2Fpasswd", "squat.toml", "%00"):
        status, line = refused(program, f"/exercises/{name}")
        assert status == 404
        assert str(tmp_path) not in line


# -- lists -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/sessions", "/sittings"])
def test_pages_hold_every_line_once_and_newest_first(
    program: TestClient, practised: list[str], path: str
) -> None:
    whole = ids(read(program, path)["items"])
    split = [ids(page) for page in pages(program, path, limit=2)]
    assert [len(page) for page in split[:-1]] == [2] * (len(split) - 1)
    assert [one for page in split for one in page] == whole
    assert len(set(whole)) == len(whole)
    begun = [line["started_at"] for line in read(program, path)["items"]]
    assert begun == sorted(begun, reverse=True)


def test_new_sessions_shift_no_page(
    program: TestClient, log: SessionLog, practised: list[str]
) -> None:
    before = ids(read(program, "/sessions")["items"])
    found = []
    for page in pages(program, "/sessions", limit=3):
        found += ids(page)
        whole_session(log, 5)
    assert found == before


def test_pages_of_what_is_no_log_go_on_likewise(program: TestClient) -> None:
    whole = ids(read(program, "/exercises", limit=200)["items"])
    assert [one for page in pages(program, "/exercises", limit=7) for one in ids(page)] == whole


def test_the_next_page_keeps_the_filters_and_is_a_header_too(
    program: TestClient, practised: list[str]
) -> None:
    answer = program.get("/api/v1/sessions", params={"exercise": "squat", "limit": 2})
    following = answer.json()["next"]
    assert following.startswith("/api/v1/sessions?")
    assert "exercise=squat" in following
    assert answer.headers["link"] == f'<{following}>; rel="next"'
    last = list(pages(program, "/sessions", exercise="squat", limit=2))[-1]
    assert {line["exercise"]["id"] for line in last} == {"squat"}


def test_filters(program: TestClient, practised: list[str]) -> None:
    def number(**parameters: Any) -> int:
        return len(read(program, "/sessions", **parameters)["items"])

    assert number() == 8
    assert number(exercise="plank") == 1
    assert number(exercise="none") == 0
    assert number(status="interrupted") == 1
    assert number(status="running") == 1
    assert number(since=day(2)) == 4
    assert number(until=day(2)) == 6
    assert number(since=day(2), until=day(2)) == 2
    assert number(since="0001-01-01", until="9999-12-31") == 8
    assert number(since="9999-12-31") == 0
    assert number(until="0001-01-01") == 0
    assert number(sitting=practised[0]) == 2
    assert number(sitting=NONE) == 0
    assert number(patient="A. B.") == 6
    assert len(read(program, "/sittings", since=day(1), until=day(3))["items"]) == 1
    assert len(read(program, "/sittings", status="running")["items"]) == 0


def test_a_day_is_the_patients_own(program: TestClient, log: SessionLog) -> None:
    ref = enter_program(log)
    midnight = moment(2, 0)  # 23:00 of the day before in UTC
    assert midnight.date() == day(1)
    practise(log, ref, 1, sets=1)
    log.sittings.begin({"sets": []}, midnight.isoformat(), "0.1.0", ref)
    assert len(read(program, "/sittings", since=day(2))["items"]) == 1
    assert len(read(program, "/sittings", until=day(1))["items"]) == 1


# -- what is malformed, and what is not there ------------------------------------------------------


MALFORMED: list[tuple[str, dict[str, Any]]] = [
    ("/sessions", {"limit": 0}),
    ("/sessions", {"limit": 201}),
    ("/sessions", {"limit": "many"}),
    ("/sessions", {"since": "yesterday"}),
    ("/sessions", {"since": "2026-02-30"}),
    ("/sessions", {"until": "20260302"}),
    ("/sessions", {"until": "1772409600"}),
    ("/sessions", {"since": "2026-03-02T00:00:00Z"}),
    ("/sessions", {"status": "gone"}),
    ("/sessions", {"cursor": "x"}),
    ("/sessions", {"cursor": "é"}),
    ("/sessions", {"cursor": ""}),
    ("/sessions", {"cursor": "e30"}),  # {}
    ("/sessions", {"cursor": "WzEsMl0"}),  # [1,2]
    ("/sessions", {"cursor": "WyJcdWQ4MDAiLDFd"}),  # ["\ud800",1]
    (
        "/sessions",
        {"cursor": "WyIiLDk5OTk5OTk5OTk5OTk5OTk5OTk5XQ"},
    ),  # 20 digits
    ("/sittings", {"since": "2026-13-01"}),
    ("/progress", {"since": "2026-3-2"}),
    ("/calendar.ics", {"time": "25:00"}),
    ("/calendar.ics", {"alarm_min": -1}),
    (f"/programs/{NONE}/versions/0", {}),
    (f"/programs/{NONE}/versions/99999999999999999999", {}),
]


def test_what_is_malformed_is_named(program: TestClient) -> None:
    for path, parameters in MALFORMED:
        status, line = refused(program, path, **parameters)
        assert status == 422, parameters
        assert next(iter(parameters), "version") in line


MISSING = [
    f"/sessions/{NONE}",
    f"/sessions/{NONE}/track",
    f"/sittings/{NONE}",
    f"/programs/{NONE}",
    f"/programs/{NONE}/versions",
    f"/programs/{NONE}/versions/1",
    f"/programs/{NONE}/versions/1/toml",
    "/exercises/none",
    "/sessions/%25",
    "/sessions/_",
    "/today?patient=none",
    "/progress?exercise=none",
    "/none",
    "",
]


def test_what_is_not_there_is_not_found(program: TestClient, practised: list[str]) -> None:
    for path in MISSING:
        assert refused(program, path)[0] == 404, path


def test_the_beginning_of_an_id_is_no_id(program: TestClient, practised: list[str]) -> None:
    assert refused(program, f"/sittings/{practised[0][:8]}")[0] == 404


def test_an_empty_log_has_empty_lists(program: TestClient) -> None:
    for path in ("/sessions", "/sittings", "/programs", "/suggestions"):
        assert read(program, path) == {"items": [], "next": None}
    assert refused(program, "/today")[0] == 404
    assert refused(program, "/calendar.ics")[0] == 404
    assert read(program, "/progress")["adherence"] is None


def test_progress_of_any_days_is_answered(program: TestClient, practised: list[str]) -> None:
    whole = read(program, "/progress")
    assert read(program, "/progress", since="0001-01-01", until="9999-12-31") == whole
    assert read(program, "/progress", since="9999-12-31")["since"] == day(4).isoformat()
    before = read(program, "/progress", since="0001-01-01", until="0001-01-01")
    assert before["days"] == before["adherence"]["calendar"] == []


def test_a_program_that_cannot_be_read_any_more_is_told(
    program: TestClient, log: SessionLog, tmp_path: Path
) -> None:
    log.programs.enter('patient = "A. B."\n', "A. B.", moment(-1).isoformat())
    program_id = log.programs.newest()[0].ref.program_id
    for path in ("/today", "/progress", "/calendar.ics", f"/programs/{program_id}"):
        assert refused(program, path)[0] == 409
    assert len(read(program, "/programs")["items"]) == 1


def test_a_review_that_is_over_leaves_no_calendar(
    program: TestClient, log: SessionLog, now: list[Any]
) -> None:
    enter_program(log)
    now[0] = moment(100)
    status, line = refused(program, "/calendar.ics")
    assert status == 409
    assert "review" in line


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_what_cannot_be_done_is_told(program: TestClient, method: str) -> None:
    answer = program.request(method, "/api/v1/sessions")
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"


# -- tags ------------------------------------------------------------------------------------------


def test_what_did_not_change_is_not_sent_again(
    program: TestClient, log: SessionLog, practised: list[str]
) -> None:
    session_id = log.sessions(limit=1)[0].session_id
    for path in (
        "/sessions",
        f"/sessions/{session_id}",
        "/sittings",
        "/today",
        "/progress",
        "/calendar.ics",
        "/exercises/squat",
    ):
        first = program.get(f"/api/v1{path}")
        tag = first.headers["etag"]
        for kept in (tag, f'"other", {tag}', f"W/{tag}", "*"):
            again = program.get(f"/api/v1{path}", headers={"if-none-match": kept})
            assert again.status_code == 304, path
            assert not again.content
            assert again.headers["etag"] == tag
        other = program.get(f"/api/v1{path}", headers={"if-none-match": '"other"'})
        assert other.content == first.content


def test_what_changed_has_another_tag(program: TestClient, log: SessionLog) -> None:
    session_id = whole_session(log)
    addresses = (f"/api/v1/sessions/{session_id}", "/api/v1/sessions")
    tags = [program.get(path).headers["etag"] for path in addresses]
    program.post(f"/api/v1/sessions/{session_id}/corrections", json={"count": 7})
    for path, tag in zip(addresses, tags, strict=True):
        assert program.get(path, headers={"if-none-match": tag}).status_code == 200


def test_head_is_get_without_the_text(program: TestClient, practised: list[str]) -> None:
    for path in ("/sessions", "/today", "/progress", "/exercises/squat", "/sessions/none"):
        asked = program.get(f"/api/v1{path}")
        head = program.head(f"/api/v1{path}")
        assert head.status_code == asked.status_code
        assert not head.content
        for name in ("content-type", "content-length", "etag"):
            assert head.headers.get(name) == asked.headers.get(name)


# -- corrections -----------------------------------------------------------------------------------


def test_a_correction_stands_beside_what_was_measured(program: TestClient, log: SessionLog) -> None:
    session_id = whole_session(log)
    counted = read(program, f"/sessions/{session_id}")["counts"]
    answer = program.post(
        f"/api/v1/sessions/{session_id}/corrections", json={"count": 4, "note": "seen"}
    )
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/v1/sessions/{session_id}"
    found = read(program, f"/sessions/{session_id}")
    assert answer.json() == found
    assert found["corrected"] == 4
    assert [one["count"] for one in found["corrections"]] == [2, 4]
    assert found["corrections"][-1]["note"] == "seen"
    assert found["corrections"][-1]["corrected_at"].startswith("2026-03-06T")
    assert found["counts"] == counted


BAD_CORRECTIONS = [
    b"",
    b"{",
    b"[]",
    b"\xff",
    b"{}",
    b'{"count": -1}',
    b'{"count": 100001}',
    b'{"count": "5"}',
    b'{"count": true}',
    b'{"count": 1.5}',
    b'{"count": NaN}',
    b'{"count": 1, "cuont": 2}',
    b'{"count": 1, "note": 5}',
    b'{"count": 1, "note": "\\ud800"}',
]


def test_a_malformed_correction_changes_nothing(program: TestClient, log: SessionLog) -> None:
    session_id = whole_session(log)
    address, json_ = f"/api/v1/sessions/{session_id}/corrections", "application/json"
    for content in BAD_CORRECTIONS:
        answer = program.post(address, content=content, headers={"content-type": json_})
        assert answer.status_code in (400, 422), content
        assert answer.headers["content-type"] == "application/problem+json"
    assert len(log.session(session_id).row.corrections) == 1


def test_a_correction_of_no_session_is_not_found(program: TestClient) -> None:
    answer = program.post(f"/api/v1/sessions/{NONE}/corrections", json={"count": 1})
    assert answer.status_code == 404


# -- who sees what ---------------------------------------------------------------------------------


def test_what_is_for_the_therapist_is_not_for_the_patient(
    patient: TestClient, log: SessionLog, practised: list[str]
) -> None:
    session_id = log.sessions(limit=1)[0].session_id
    status, line = refused(patient, "/suggestions")
    assert status == 403
    assert "--therapist" in line
    answer = patient.post(f"/api/v1/sessions/{session_id}/corrections", json={"count": 1})
    assert answer.status_code == 403
    assert log.session(session_id).row.corrections == ()
    for path in ("/sessions", "/sittings", "/programs", "/today", "/progress", "/exercises"):
        read(patient, path)


def test_a_correction_from_another_page_changes_nothing(
    therapist: TestClient, log: SessionLog
) -> None:
    session_id = whole_session(log)
    address = f"/api/v1/sessions/{session_id}/corrections"
    answer = therapist.post(address, json={"count": 1}, headers={"origin": "http://evil.example"})
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert therapist.post(address, json={"count": 1}).status_code == 201


def test_suggestions_say_what_speaks_for_them(program: TestClient, log: SessionLog) -> None:
    ref = enter_program(log)
    for ahead in (0, 2, 4):
        practise(log, ref, ahead, faults=4)
    (found,) = read(program, "/suggestions")["items"]
    assert found["kind"] == "show_again"
    assert found["exercise"] == "squat"
    assert "knees_in" in found["evidence"][0]


def test_a_therapist_asks_for_one_of_several_patients(program: TestClient, log: SessionLog) -> None:
    refs = {"A. B.": enter_program(log), "E. F.": enter_program(log, OTHER, 0)}
    sittings = {alias: practise(log, ref, 2, sets=1) for alias, ref in refs.items()}
    assert len(read(program, "/sittings")["items"]) == 2
    for alias, sitting in sittings.items():
        assert ids(read(program, "/sittings", patient=alias)["items"]) == [sitting]
        (only,) = read(program, "/sessions", patient=alias)["items"]
        assert only["sitting"] == sitting
        assert read(program, "/today", patient=alias)["patient"] == alias
    status, line = refused(program, "/today")
    assert status == 409
    assert "A. B." in line
    for path in ("/today", "/progress", "/sessions", "/sittings", "/calendar.ics"):
        assert refused(program, path, patient="none")[0] == 404


def test_a_patient_does_not_see_another(patient: TestClient, log: SessionLog) -> None:
    refs = [enter_program(log), enter_program(log, OTHER, 0)]
    sittings = [practise(log, ref, 2, sets=1) for ref in refs]
    for path in ("/sessions", "/sittings", "/today", f"/sittings/{sittings[0]}"):
        assert refused(patient, path)[0] == 409  # nobody said whose pages these are
        assert refused(patient, path, patient="A. B.")[0] in (403, 409)


# -- the description -------------------------------------------------------------------------------


def test_the_description_needs_a_session_and_lists_every_route(
    program: TestClient, access: Access
) -> None:
    found = program.get("/openapi.json").json()
    assert found["openapi"].startswith("3.1")
    assert "/api/v1/sessions/{session_id}" in found["paths"]
    del program.headers["authorization"]
    assert program.get("/openapi.json").status_code == 401


def test_every_route_is_listed_on_a_page_without_assets(therapist: TestClient) -> None:
    text = therapist.get("/api").text
    for path, item in therapist.get("/openapi.json").json()["paths"].items():
        for method in item:
            assert f"{method.upper()} {path}" in text
    assert not re.search(r"(src|href)=\"(?!/)", text.replace('href="#main"', ""))
    assert "<script" not in text
    assert "style=" not in text


# -- while a session is being written --------------------------------------------------------------


def test_two_programs_read_while_a_session_is_written(
    program: TestClient, practised: list[str], tmp_path: Path
) -> None:
    repetitions, written = 40, threading.Event()

    def ask(session_id: str) -> list[int]:
        """Return what was counted each time that was asked, the last time after the end."""
        client = TestClient(program.app, base_url=ORIGIN, headers=program.headers)
        counts = []
        while True:
            over = written.is_set()
            for path in ("/sessions", "/sittings", "/progress"):
                read(client, path)
            counts.append(read(client, f"/sessions/{session_id}")["counts"]["counted"])
            if over:
                return counts

    # A log of its own, as another process has it.
    with SessionLog.open(tmp_path / "log") as other, ThreadPoolExecutor(2) as readers:
        writer = live_session(other)
        asked = [readers.submit(ask, writer.session_id) for _ in range(2)]
        try:
            for index in range(1, repetitions + 1):
                writer.record(counted_rep(index))
        finally:
            written.set()
        for one in asked:
            counts = one.result()
            assert counts == sorted(counts)
            assert counts[-1] == repetitions
