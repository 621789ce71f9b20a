"""Programs in the browser: checked, saved as versions, and never lost between two tabs."""

import os
import re
import subprocess
import sys
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from hep_vision.core.types import ReportKind
from hep_vision.store.sessions import SessionLog
from practised import PROGRAM, enter_program, moment, practise

CHANGED = PROGRAM.replace("goal_deg = 60", "goal_deg = 75")


@pytest.fixture
def program_id(log: SessionLog) -> str:
    return enter_program(log).program_id


def _typed(text: str) -> str:
    """Return a text as a browser sends it."""
    return text.replace("\n", "\r\n")


def _plans(log: SessionLog, program_id: str) -> list[str]:
    return [row.plan for row in log.programs.versions(program_id)]


def _shown(page: str) -> str:
    """Return the text in the editor, without the newline that a browser leaves out too."""
    found = re.search(r'<textarea id="text"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert found is not None
    return unescape(found.group(1))


def test_the_editor_shows_the_version_that_holds(therapist: TestClient, program_id: str) -> None:
    text = therapist.get(f"/review/programs/{program_id}").text
    assert _shown(text) == PROGRAM
    assert 'name="based_on" value="1"' in text


def test_saving_makes_a_version_and_keeps_the_one_before(
    log: SessionLog, therapist: TestClient, program_id: str
) -> None:
    address = f"/review/programs/{program_id}"
    answer = therapist.post(address, data={"text": _typed(CHANGED), "based_on": "1"})
    assert "version 2 holds" in answer.text
    assert _plans(log, program_id) == [PROGRAM, CHANGED]
    earlier = therapist.get(f"{address}?number=2").text
    assert "-goal_deg = 60" in earlier
    assert "+goal_deg = 75" in earlier


def test_saving_without_a_change_makes_no_version(
    log: SessionLog, therapist: TestClient, program_id: str
) -> None:
    therapist.post(
        f"/review/programs/{program_id}", data={"text": _typed(PROGRAM), "based_on": "1"}
    )
    assert _plans(log, program_id) == [PROGRAM]


@pytest.mark.parametrize(
    ("broken", "where"),
    [
        (PROGRAM.replace('"squat"', '"sqat"'), "exercises[sqat].id"),
        (PROGRAM.replace("goal_deg = 60", "goal_deg = 900"), "exercises[squat].goal_deg"),
        (PROGRAM.replace("reps = 5", "reps = "), "line 9"),
        ("", "patient"),
    ],
)
def test_what_is_wrong_is_said_beside_the_text_and_nothing_is_saved(
    log: SessionLog, therapist: TestClient, program_id: str, broken: str, where: str
) -> None:
    answer = therapist.post(
        f"/review/programs/{program_id}", data={"text": _typed(broken), "based_on": "1"}
    )
    assert answer.status_code == 400
    assert where in unescape(answer.text)
    assert _shown(answer.text) == broken
    assert _plans(log, program_id) == [PROGRAM]


def test_the_second_of_two_tabs_is_told_and_its_text_is_kept(
    log: SessionLog, therapist: TestClient, program_id: str, now: list[datetime]
) -> None:
    address = f"/review/programs/{program_id}"
    other = PROGRAM.replace("reps = 5", "reps = 9")
    therapist.post(address, data={"text": _typed(CHANGED), "based_on": "1"})
    answer = therapist.post(address, data={"text": _typed(other), "based_on": "1"})
    assert answer.status_code == 409
    assert "version 2 holds" in answer.text
    assert _shown(answer.text) == other
    assert "goal_deg = 75" in answer.text  # what holds stands beside it
    assert _plans(log, program_id) == [PROGRAM, CHANGED]
    # Having seen it, the therapist may save on top of it.
    now[0] += timedelta(minutes=1)
    assert 'name="based_on" value="2"' in answer.text
    therapist.post(address, data={"text": _typed(other), "based_on": "2"})
    assert _plans(log, program_id) == [PROGRAM, CHANGED, other]


def test_a_program_saved_at_the_terminal_meanwhile_is_noticed_too(
    log: SessionLog, therapist: TestClient, program_id: str
) -> None:
    enter_program(log, CHANGED, ahead=0)
    other = PROGRAM.replace("reps = 5", "reps = 9")
    answer = therapist.post(f"/review/programs/{program_id}", data={"text": other, "based_on": "1"})
    assert answer.status_code == 409


def test_a_save_that_is_killed_leaves_the_version_before(
    log: SessionLog, program_id: str, tmp_path: Path
) -> None:
    killed = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from sqlalchemy import event\n"
        "from sqlalchemy.orm import Session\n"
        "from hep_vision.store.sessions import SessionLog\n"
        "folder, program_id, plan = sys.argv[1:]\n"
        "with SessionLog.open(Path(folder)) as log:\n"
        "    event.listen(Session, 'before_commit', lambda _: os._exit(9))\n"
        "    log.programs.enter(plan, 'A. B.', '2026-03-05T09:00:00Z', program_id, 1)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", killed, str(tmp_path / "log"), program_id, CHANGED],
        env=environment,
        check=False,
    )
    assert done.returncode == 9
    assert _plans(log, program_id) == [PROGRAM]


def test_a_new_program_is_entered_and_a_second_of_a_patient_is_not(
    log: SessionLog, therapist: TestClient
) -> None:
    assert "There is no program yet" in therapist.get("/review/programs").text
    outline = _shown(therapist.get("/review/programs/new").text)
    assert "[[exercises]]" in outline
    therapist.post("/review/programs/new", data={"text": _typed(PROGRAM)})
    again = therapist.post("/review/programs/new", data={"text": _typed(CHANGED)})
    assert again.status_code == 400
    assert "already" in again.text
    (row,) = log.programs.newest()
    assert (row.plan, row.ref.number) == (PROGRAM, 1)


def test_text_that_is_no_html_is_shown_as_it_is(
    log: SessionLog, therapist: TestClient, program_id: str
) -> None:
    sly = PROGRAM.replace('therapist = "C. D."', "therapist = '</textarea><script>x</script>'")
    answer = therapist.post(f"/review/programs/{program_id}", data={"text": sly, "based_on": "1"})
    assert "<script>x" not in answer.text
    assert _shown(answer.text) == sly


def test_progress_shows_suggestions_and_plots(
    log: SessionLog, therapist: TestClient, now: list[datetime]
) -> None:
    ref = enter_program(log)
    for day in (0, 2, 4):
        practise(log, ref, day, faults=4, said={ReportKind.PAIN_AFTER: 7})
    now[0] = moment(5)
    text = therapist.get("/review/patient").text
    assert "Consider easing off: Squat" in text
    assert "in the red zone" in text
    sources = re.findall(r'<img [^>]*src="([^"]+)" alt="([^"]+)"', text)
    assert len(sources) == 5
    for source, words in sources:
        assert len(words) > 20
        answer = therapist.get(unescape(source))
        assert answer.headers["content-type"].startswith("image/svg+xml")
        assert answer.text.startswith("<svg")
    assert "Consider" not in therapist.get("/").text  # the patient never sees it


def test_the_report_is_a_file(log: SessionLog, therapist: TestClient, now: list[datetime]) -> None:
    ref = enter_program(log)
    practise(log, ref, 0, said={ReportKind.PAIN_AFTER: 7})
    now[0] = moment(1)
    answer = therapist.get(f"/review/report?program={ref.program_id}")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "A. B." in answer.text
    assert therapist.get("/review/report?program=none").status_code == 404


def test_of_several_patients_one_is_chosen_first(log: SessionLog, therapist: TestClient) -> None:
    enter_program(log)
    other = enter_program(log, PROGRAM.replace("A. B.", "E. F."))
    text = therapist.get("/review/patient").text
    assert "A. B." in text
    assert "E. F." in text
    assert "Progress of E. F." in therapist.get(f"/review/patient?program={other.program_id}").text
