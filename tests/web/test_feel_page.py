"""How it felt, told later on a page."""

from html import unescape

import pytest
from starlette.testclient import TestClient

from hep_vision.core.types import ReportKind
from hep_vision.store.records import SittingRow
from hep_vision.store.sessions import SessionLog
from practised import enter_program, practise


@pytest.fixture
def sitting(log: SessionLog) -> str:
    return practise(log, enter_program(log), 2)


def row(log: SessionLog, sitting: str) -> SittingRow:
    return log.sittings.sitting(sitting)


def test_before_the_first_exercises_there_is_nothing_to_tell(
    patient: TestClient, log: SessionLog
) -> None:
    enter_program(log)
    answer = patient.get("/feel")
    assert answer.status_code == 200
    assert "nothing to tell of yet" in answer.text
    assert "<form" not in answer.text


@pytest.mark.usefixtures("sitting")
def test_it_asks_about_the_last_exercises_by_name(patient: TestClient) -> None:
    text = patient.get("/feel").text
    assert "Wednesday 4 March 2026" in text
    assert '<option value="squat">Squat</option>' in text
    assert text.count('name="pain_next_morning"') == 11


def test_what_is_said_is_kept_and_answered_by_the_zones(
    patient: TestClient, log: SessionLog, sitting: str
) -> None:
    answer = patient.post(
        "/feel",
        data={"pain_next_morning": "7", "effort": "4", "message": " It <b>hurts</b> & clicks. "},
    )
    assert answer.status_code == 200
    assert "Thank you" in answer.text
    assert "contact your therapist" in unescape(answer.text)
    kept = row(log, sitting)
    assert kept.reported(ReportKind.PAIN_NEXT_MORNING) == 7
    assert kept.reported(ReportKind.EFFORT) == 4
    assert kept.reported(ReportKind.PAIN_AFTER) is None
    assert kept.message == "It <b>hurts</b> & clicks."
    assert "<b>hurts" not in answer.text


def test_a_score_may_be_about_one_exercise(
    patient: TestClient, log: SessionLog, sitting: str
) -> None:
    patient.post("/feel", data={"pain_after": "2", "exercise": "squat"})
    assert row(log, sitting).reported(ReportKind.PAIN_AFTER, "squat") == 2
    assert row(log, sitting).reported(ReportKind.PAIN_AFTER) is None


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"message": "  "},
        {"pain_after": "11"},
        {"pain_after": "-1"},
        {"pain_after": "much"},
        {"pain_after": "2", "exercise": "bridge"},
        {"message": "x" * 501},
    ],
)
def test_what_cannot_be_kept_is_said_and_nothing_is_kept(
    patient: TestClient, log: SessionLog, sitting: str, data: dict[str, str]
) -> None:
    answer = patient.post("/feel", data=data)
    assert answer.status_code < 500
    assert "Thank you" not in answer.text
    kept = row(log, sitting)
    assert (kept.reports, kept.message) == ((), None)
