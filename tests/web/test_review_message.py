"""Messages on the therapist's pages: marked as read, they leave the inbox and stay elsewhere."""

import html
import re

import pytest
from starlette.testclient import TestClient

from hep_vision.store.sessions import SessionLog
from practised import PROGRAM, enter_program, practise

WORDS = "It clicks.\nMay I <go> on?"


@pytest.fixture
def sitting_id(log: SessionLog) -> str:
    found = practise(log, enter_program(log), 2)
    log.sittings.say(found, WORDS)
    return found


def first(client: TestClient) -> str:
    """Return what the inbox puts first."""
    return client.get("/review").text.split("Everything, newest first")[0]


def form_on(client: TestClient, page: str) -> tuple[str, dict[str, str]]:
    """Return where the form of a message leads, and what it carries."""
    text = client.get(page).text
    found = re.search(r'<form[^>]* action="([^"]+/read)">(.*?)</form>', text, re.DOTALL)
    assert found is not None, page
    fields = re.findall(r'name="(\w+)" value="([^"]*)"', found[2])
    return found[1], {name: html.unescape(value) for name, value in fields}


def pages_of(log: SessionLog, sitting_id: str) -> list[str]:
    session_id = log.sittings.sitting(sitting_id).sets[0].session.session_id
    return ["/review", f"/review/sittings/{sitting_id}", f"/review/sessions/{session_id}"]


@pytest.mark.parametrize("place", range(3), ids=["inbox", "sitting", "session"])
def test_a_message_that_was_read_leaves_the_inbox_and_stays(
    log: SessionLog, therapist: TestClient, sitting_id: str, place: int
) -> None:
    page = pages_of(log, sitting_id)[place]
    address, fields = form_on(therapist, page)
    assert "May I &lt;go&gt; on?" in first(therapist)
    answer = therapist.post(address, data=fields, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(page)
    assert therapist.get(answer.headers["location"]).status_code == 200
    assert "May I" not in first(therapist)
    assert "message, read" in therapist.get("/review").text
    for other in pages_of(log, sitting_id)[1:]:
        text = therapist.get(other).text
        assert "It clicks.\nMay I &lt;go&gt; on?" in text
        assert "Mark as read" not in text
        assert "Read, Fri 6 Mar 2026, 12:00." in text


def test_who_read_it_is_kept(log: SessionLog, therapist: TestClient, sitting_id: str) -> None:
    address, fields = form_on(therapist, f"/review/sittings/{sitting_id}")
    answer = therapist.post(address, data=fields | {"by": " <C.>  D. "})
    assert "Read by &lt;C.&gt; D., Fri 6 Mar 2026" in answer.text
    reading = log.sittings.sitting(sitting_id).reading
    assert reading is not None
    assert reading.read_by == "<C.> D."
    again = therapist.post(address, data=fields | {"by": "E. F."})  # the first reading stays
    assert "Read by &lt;C.&gt; D." in again.text


def test_what_the_patient_added_meanwhile_is_not_taken_for_read(
    log: SessionLog, therapist: TestClient, sitting_id: str
) -> None:
    address, fields = form_on(therapist, "/review")
    log.sittings.say(sitting_id, "It hurts.")
    answer = therapist.post(address, data=fields)
    assert answer.status_code == 409
    assert "wrote more meanwhile" in answer.text
    assert log.sittings.sitting(sitting_id).reading is None
    assert "It hurts." in first(therapist)
    address, fields = form_on(therapist, "/review")
    therapist.post(address, data=fields)
    assert "It hurts." not in first(therapist)
    log.sittings.say(sitting_id, "Much better.")
    assert "Much better." in first(therapist)


def test_messages_without_a_program_are_marked_likewise(
    log: SessionLog, therapist: TestClient, sitting_id: str
) -> None:
    enter_program(log, PROGRAM.replace("A. B.", "E. F."))
    alone = practise(log, None, 3)
    log.sittings.say(alone, "Whose am I?")
    address, fields = form_on(therapist, f"/review/sittings/{alone}")
    assert "Whose am I?" in first(therapist)
    therapist.post(address, data=fields)
    assert "Whose am I?" not in first(therapist)
    assert "May I &lt;go&gt; on?" in first(therapist)


def test_the_patients_progress_does_not_show_it_to_the_therapist_again(
    log: SessionLog, therapist: TestClient, sitting_id: str
) -> None:
    assert "It clicks." in therapist.get("/review/patient").text
    address, fields = form_on(therapist, "/review")
    therapist.post(address, data=fields)
    assert "It clicks." not in therapist.get("/review/patient").text
    assert "It clicks." in therapist.get(f"/history/{sitting_id}").text


def test_only_a_therapist_marks_and_only_what_is_there(
    log: SessionLog, patient: TestClient, sitting_id: str
) -> None:
    answer = patient.post(f"/review/sittings/{sitting_id}/read", data={"seen": "x"})
    assert answer.status_code == 403
    assert log.sittings.sitting(sitting_id).reading is None


@pytest.mark.parametrize("back", ["none", "//evil.example", "../x", "http://evil.example/"])
def test_the_way_back_leads_to_no_other_place(
    log: SessionLog, therapist: TestClient, sitting_id: str, back: str
) -> None:
    address, fields = form_on(therapist, "/review")
    answer = therapist.post(address, data=fields | {"back": back}, follow_redirects=False)
    assert (answer.status_code, "location" in answer.headers) == (404, False)
    assert log.sittings.sitting(sitting_id).reading is None


def test_a_sitting_that_is_not_there_and_a_message_that_is_none(
    log: SessionLog, therapist: TestClient
) -> None:
    silent = practise(log, None, 3)
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # of nothing
    for seen in ("", "x", empty):
        answer = therapist.post(f"/review/sittings/{silent}/read", data={"seen": seen})
        assert answer.status_code == 409
    assert therapist.post("/review/sittings/none/read", data={"seen": "x"}).status_code == 404
