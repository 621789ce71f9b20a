"""What the inbox puts first, why, and how one gets through all the rest."""

import re
from datetime import datetime
from pathlib import Path

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from hep_vision.core.targets import Targets
from hep_vision.core.types import ReportKind
from hep_vision.store.sessions import SessionLog
from hep_vision.web.pages.review import PAGE_ROWS
from practised import PROGRAM, enter_program, moment, practise
from reviewed import recorded
from synthetic import Effort


def _part(text: str, heading: str) -> str:
    """Return what stands under a heading."""
    return text.split(heading)[1].split("<h2")[0]


def test_an_empty_log_says_how_something_comes_here(therapist: TestClient) -> None:
    text = therapist.get("/review").text
    assert "Nothing is logged yet" in text
    assert "hep-vision analyze" in text


def test_red_pain_comes_before_a_message_and_each_says_why(
    log: SessionLog, therapist: TestClient
) -> None:
    ref = enter_program(log)
    practise(log, ref, 0, said={ReportKind.PAIN_AFTER: 7})
    later = practise(log, ref, 2)
    log.sittings.resume(later).say("May I go on?")
    first = _part(therapist.get("/review").text, "To look at first")
    assert first.index("7 after") < first.index("May I go on?")
    assert "A. B." in first


def test_days_without_anything_odd_are_not_put_first(
    log: SessionLog, therapist: TestClient
) -> None:
    practise(log, enter_program(log), 2, said={ReportKind.PAIN_AFTER: 1})
    text = therapist.get("/review").text
    assert "<li class=" not in _part(text, "To look at first")
    assert "Squat 5 + 5" in _part(text, "Everything, newest first")


def test_what_is_older_than_the_span_is_looked_up_on_request(
    log: SessionLog, therapist: TestClient, now: list[datetime]
) -> None:
    practise(log, enter_program(log), 0, said={ReportKind.PAIN_AFTER: 7})
    now[0] = moment(30)
    assert "7 after" not in _part(therapist.get("/review").text, "To look at first")
    assert "7 after" in _part(therapist.get("/review?days=60").text, "To look at first")


def test_a_recording_beyond_the_limit_comes_first(
    log: SessionLog, therapist: TestClient, tmp_path: Path, now: list[datetime]
) -> None:
    targets = Targets(goal=60.0, limit=80.0, measure="knee_flexion")
    session_id = recorded(log, tmp_path, [Effort(1.3), Effort(1.3)], targets=targets)
    now[0] = datetime.fromisoformat(log.session(session_id).row.header.started_at)
    first = _part(therapist.get("/review").text, "To look at first")
    assert "beyond the safety limit 2 times" in first
    assert f"/review/sessions/{session_id}" in first


def test_what_comes_back_is_named_as_people_read_it(log: SessionLog, therapist: TestClient) -> None:
    ref = enter_program(log)
    for day in (0, 1, 2):
        practise(log, ref, day, faults=4)
    first = _part(therapist.get("/review").text, "To look at first")
    assert "Squat: knees drifting in on 8 of 10" in first


def test_two_patients_are_told_apart(log: SessionLog, therapist: TestClient) -> None:
    practise(log, enter_program(log), 1, said={ReportKind.PAIN_AFTER: 8})
    other = enter_program(log, PROGRAM.replace("A. B.", "E. F."))
    practise(log, other, 2, said={ReportKind.PAIN_AFTER: 9})
    practise(log, None, 3, said={ReportKind.PAIN_AFTER: 10})
    first = _part(therapist.get("/review").text, "To look at first")
    lines = re.findall(r"<li.*?</li>", first)
    assert [("E. F." in line, "A. B." in line) for line in lines] == [
        (False, False), (True, False), (False, True),
    ]  # fmt: skip


def test_everything_is_there_once_over_the_pages(log: SessionLog, therapist: TestClient) -> None:
    ref = enter_program(log)
    ids = {practise(log, ref, day, sets=1, reps=1) for day in range(PAGE_ROWS + 3)}
    texts = [therapist.get(f"/review?number={number}").text for number in (1, 2)]
    found = [re.findall(r"/review/sittings/([0-9a-f-]+)", _part(t, "Everything")) for t in texts]
    assert [len(one) for one in found] == [PAGE_ROWS, 3]
    assert {one for page in found for one in page} == ids
    assert 'rel="next"' in texts[0]
    assert 'rel="next"' not in texts[1]


@pytest.mark.parametrize("number", ["-1", "0", "99999999"])
def test_a_page_that_is_not_there_shows_the_nearest(
    log: SessionLog, therapist: TestClient, number: str
) -> None:
    practise(log, enter_program(log), 0)
    assert "Squat 5 + 5" in therapist.get(f"/review?number={number}").text


def test_a_message_is_text_and_never_a_page(log: SessionLog, therapist: TestClient) -> None:
    sitting_id = practise(log, enter_program(log), 2)
    log.sittings.resume(sitting_id).say("<script>alert(1)</script><b>sore</b>")
    for path in ("/review", f"/review/sittings/{sitting_id}", "/review/patient"):
        text = therapist.get(path).text
        assert "<script>alert" not in text, path
        assert "&lt;b&gt;sore" in text, path


def test_a_sitting_shows_its_sets_and_what_was_said(log: SessionLog, therapist: TestClient) -> None:
    sitting_id = practise(log, enter_program(log), 2, said={ReportKind.EFFORT: 4}, complete=False)
    text = therapist.get(f"/review/sittings/{sitting_id}").text
    assert text.count("/review/sessions/") == 2
    assert "interrupted" in text
    assert "Effort" in text


@pytest.mark.parametrize(
    "path",
    [
        "/review/sittings/none",
        "/review/sessions/none",
        "/review/sessions/%2e%2e%2flog.sqlite",
        "/review/sessions/none/landmarks",
        "/review/sessions/none/curve",
        "/review/clips/none.mp4",
        "/review/programs/none",
        "/review/rescore/none",
        "/review/exercises/none",
        "/review/exercises/none/edit",
        "/review/exercises/none/figure.svg",
        "/review/exercises/learning/none",
        "/review/patient?program=none",
        "/review/patient/plots/none.svg",
        "/review/compare?a=none&b=none",
    ],
)
def test_what_is_not_there_is_told_in_a_line(therapist: TestClient, path: str) -> None:
    answer = therapist.get(path)
    assert answer.status_code == 404
    assert "Traceback" not in answer.text


def test_an_id_of_which_a_session_begins_is_no_session(
    log: SessionLog, therapist: TestClient, tmp_path: Path
) -> None:
    session_id = recorded(log, tmp_path)
    assert therapist.get(f"/review/sessions/{session_id[:8]}").status_code == 404


def test_the_page_of_a_long_log_asks_as_often_as_that_of_a_short_one(
    log: SessionLog, therapist: TestClient
) -> None:
    ref = enter_program(log)
    asked: list[int] = []
    for days in (range(5), range(5, 60)):
        for day in days:
            practise(log, ref, day, sets=1, reps=1)
        engine = log.inbox._database.engine
        seen = _Counting(engine)
        log.inbox.page(5)
        asked.append(seen.stop())
    assert asked[0] == asked[1]


class _Counting:
    """Counts the statements that an engine executes."""

    def __init__(self, engine: object) -> None:
        from sqlalchemy import event

        self._engine, self.number = engine, 0
        event.listen(engine, "before_cursor_execute", self._one)

    def _one(self, *_: object) -> None:
        self.number += 1

    def stop(self) -> int:
        from sqlalchemy import event

        event.remove(self._engine, "before_cursor_execute", self._one)
        return self.number


def test_the_zone_of_the_patient_dates_a_sitting(log: SessionLog, therapist: TestClient) -> None:
    practise(log, enter_program(log), 2)
    assert "Wed 4 Mar 2026, 09:00" in therapist.get("/review").text  # 08:00 by UTC


NOWHERE = [
    ("GET", "/review/none"),
    ("GET", "/review/sessions"),
    ("GET", "/review/a/b/c/d"),
    ("GET", "/review/%ff"),
    ("GET", "/review/clips/none"),
    ("POST", "/review/sittings/none/read"),
    ("POST", "/review/sessions/none/verdicts?ordinal=0"),
    ("PUT", "/review/none"),
]
CANNOT = [("PUT", "/review"), ("DELETE", "/review/programs"), ("POST", "/review/checks")]
MALFORMED = [
    ("GET", "/review?days=many", "days"),
    ("GET", "/review?number=1.5", "number"),
    ("GET", "/review/patient?days=%ff", "days"),
    ("GET", "/review/patient?all=maybe", "all"),
    ("GET", "/review/patient/plots/range.svg?days=x", "days"),
    ("GET", "/review/compare?a=1", "b"),
    ("GET", "/review/sessions/none/landmarks?start_ms=-1", "start_ms"),
    ("GET", "/review/exercises/squat?saved=x", "saved"),
    ("POST", "/review/sessions/none/verdicts", "ordinal"),
    ("POST", "/review/sittings/none/read", "days"),
]


def _is_kind_page(answer: Response) -> bool:
    """Return whether it is a page with the ways on, and no other document."""
    html = answer.headers["content-type"].startswith("text/html")
    return html and "A word first" in answer.text and 'href="/review"' in answer.text


@pytest.mark.parametrize(("method", "path"), NOWHERE)
def test_an_address_that_is_none_shows_a_page(
    therapist: TestClient, method: str, path: str
) -> None:
    fields = {"ordinal": "0", "check_id": "knees_in", "finding": "confirmed"}
    answer = therapist.request(method, path, data=fields if method == "POST" else None)
    assert answer.status_code == 404
    assert _is_kind_page(answer)


@pytest.mark.parametrize(("method", "path"), CANNOT)
def test_what_cannot_be_done_shows_a_page(therapist: TestClient, method: str, path: str) -> None:
    answer = therapist.request(method, path)
    assert answer.status_code == 405
    assert _is_kind_page(answer)
    assert "Nothing was changed" in answer.text


@pytest.mark.parametrize(("method", "path", "part"), MALFORMED)
def test_a_malformed_part_is_named_on_a_page(
    therapist: TestClient, method: str, path: str, part: str
) -> None:
    fields = {"days": "many", "ordinal": "first", "check_id": "knees_in", "finding": "confirmed"}
    answer = therapist.request(method, path, data=fields if method == "POST" else None)
    assert answer.status_code == 422
    assert _is_kind_page(answer)
    assert f"cannot be read: {part}." in answer.text


def test_a_form_that_cannot_be_read_shows_a_page(therapist: TestClient) -> None:
    answer = therapist.post(
        "/review/exercises/learn",
        content=b"no parts",
        headers={"content-type": "multipart/form-data"},
    )
    assert answer.status_code == 400
    assert _is_kind_page(answer)


def test_the_interface_for_programs_is_among_the_therapists_ways_alone(
    therapist: TestClient,
) -> None:
    assert '<a href="/api">For software</a>' in therapist.get("/review").text
    assert '<a href="/api" aria-current="page">' in therapist.get("/api").text


def test_the_patient_is_not_led_to_the_interface_for_programs(
    log: SessionLog, patient: TestClient
) -> None:
    enter_program(log)
    assert "/api" not in patient.get("/").text


def test_all_years_of_a_patient_are_shown_on_request(
    log: SessionLog, therapist: TestClient, now: list[datetime]
) -> None:
    ref = enter_program(log, PROGRAM.replace("2026-04-13", "2029-04-13"))
    for ahead in (0, 2, 800):
        practise(log, ref, ahead, sets=1)
    now[0] = moment(801, 12)
    last = therapist.get("/review/patient?days=365").text
    way = re.search(r'href="(/review/patient[^"]*all=1)">all years', last)
    assert way is not None
    whole = therapist.get(way[1].replace("&amp;", "&")).text
    assert '<strong aria-current="true">all years</strong>' in whole
    assert "2026-03-02 to" in whole
    assert "2026-03-02 to" not in last
    counted = [re.search(r'<th scope="row">Squat</th><td>([^<]*)', one) for one in (last, whole)]
    assert [found and found[1] for found in counted] == ["5", "15"]
    plots = re.findall(r'src="(/review/patient/plots/[^"]+)"', whole)
    assert plots
    assert all("all=1" in one for one in plots)
    drawn = therapist.get(plots[0].replace("&amp;", "&"))
    assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/svg+xml")
