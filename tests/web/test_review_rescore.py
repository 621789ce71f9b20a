"""A target is tried on every stored session before it is saved, and exercises are edited."""

import re
import threading
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from hep_vision.app.jobs import Jobs
from hep_vision.app.rejudge import Change, answer
from hep_vision.app.rescore import before_and_after
from hep_vision.core.targets import Targets
from hep_vision.errors import LearningError
from hep_vision.exercises.loading import exercise_text, find_exercise
from hep_vision.sources.recorded import TrackRecorder, write_track
from hep_vision.store.sessions import SessionLog
from hep_vision.web.pages import review_rescore
from practised import PROGRAM, enter_program, practise
from reviewed import FULL, SHORT, recorded
from sittings import doing


class _AtOnce(Jobs):
    """Does the work before the form is answered, so that nothing has to be waited for."""

    def start(self, work: Callable[[Callable[[float], None]], object]) -> object:  # type: ignore[override]
        over = threading.Event()

        def done(progress: Callable[[float], None]) -> object:
            try:
                return work(progress)
            finally:
                over.set()

        job = super().start(done)
        assert over.wait(60)
        with self._turn:  # the result is there once the turn is over
            return job


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = _AtOnce()
    monkeypatch.setattr(review_rescore, "jobs_of", lambda _: jobs)
    monkeypatch.setattr("hep_vision.web.pages.review_exercises.jobs_of", lambda _: jobs)


def _try(therapist: TestClient, **values: str) -> str:
    answer = therapist.post("/review/rescore", data={"exercise": "squat", **values})
    assert answer.status_code == 200
    return answer.text


def test_a_smaller_goal_takes_the_flag_off_a_short_repetition(
    log: SessionLog, therapist: TestClient, tmp_path: Path
) -> None:
    short, full = recorded(log, tmp_path), recorded(log, tmp_path, (FULL, FULL))
    text = _try(therapist, goal="60")
    rows = {
        one: re.search(rf"<tr><th[^>]*><a[^>]*{one}.*?</tr>", text, re.DOTALL)
        for one in (short, full)
    }
    assert "short of the full range 1 → 0" in rows[short].group()  # type: ignore[union-attr]
    assert "→" not in rows[full].group()  # type: ignore[union-attr]
    assert "1 of 2 sessions would be judged otherwise" in text


def test_nothing_is_changed_until_it_is_saved_and_then_in_one_key(
    log: SessionLog, therapist: TestClient, tmp_path: Path
) -> None:
    recorded(log, tmp_path)
    ref = enter_program(log)
    text = _try(therapist, goal="75")
    assert len(log.programs.versions(ref.program_id)) == 1
    address = re.search(r'action="(/review/rescore/[^"]+/save)"', text)
    assert address is not None
    form = {"program": ref.program_id, "based_on": "1"}
    therapist.post(address.group(1), data=form)
    plans = [row.plan for row in log.programs.versions(ref.program_id)]
    assert plans == [PROGRAM, PROGRAM.replace("goal_deg = 60", "goal_deg = 75")]
    # A second tab that still has version 1 before it.
    enter_program(log, PROGRAM.replace("reps = 5", "reps = 6"), ahead=5)
    assert therapist.post(address.group(1), data=form).status_code == 409
    assert len(log.programs.versions(ref.program_id)) == 3


def test_a_session_keeps_what_was_set_for_it_where_the_trial_is_silent(
    log: SessionLog, tmp_path: Path
) -> None:
    mine = Targets(goal=60.0, measure="knee_flexion")
    session_id = recorded(log, tmp_path, (FULL, FULL, SHORT), targets=mine)
    detail = log.session(session_id)

    def judged_with(targets: Targets) -> Change:
        return answer(before_and_after(detail, find_exercise("squat"), tmp_path, targets)).change

    silent = judged_with(Targets(limit=100.0))
    assert silent.before == silent.after  # SHORT is enough for a goal of 60
    deeper = judged_with(Targets(goal=90.0))
    assert deeper.after is not None
    assert deeper.after.deviations["incomplete_rom"] == 1


def test_a_session_without_landmarks_is_named_with_the_reason(
    log: SessionLog, therapist: TestClient
) -> None:
    practise(log, enter_program(log), 0, sets=1)
    assert "no landmarks were kept" in _try(therapist, goal="70")


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({}, "at least one"),
        ({"goal": "deep"}, "not a number"),
        ({"goal": "nan"}, "goal_deg"),
        ({"goal": "900"}, "too large"),
        ({"goal": "150"}, "limit"),
        ({"exercise": "../squat", "goal": "70"}, "Choose"),
    ],
)
def test_what_does_not_go_is_said_before_anything_is_judged(
    log: SessionLog, therapist: TestClient, values: dict[str, str], word: str
) -> None:
    practise(log, enter_program(log), 0, sets=1)
    answer = therapist.post("/review/rescore", data={"exercise": "squat", **values})
    assert answer.status_code == 400
    assert word in unescape(answer.text)


# -- the work behind it ---------------------------------------------------------------------------


def test_work_tells_its_share_and_comes_to_a_result() -> None:
    told, go_on = threading.Event(), threading.Event()

    def work(progress: Callable[[float], None]) -> str:
        progress(0.5)
        told.set()
        assert go_on.wait(10)
        return "done"

    jobs = Jobs()
    job = jobs.start(work)
    assert told.wait(10)
    assert (job.share, job.done) == (0.5, False)
    go_on.set()
    with jobs._turn:
        assert jobs.find(job.id) is job
    assert job.result == "done"


def test_work_that_fails_says_why_in_a_line() -> None:
    def fails(_: Callable[[float], None]) -> None:
        raise LearningError("nothing moves")

    job = _AtOnce().start(fails)
    assert job.problem == "nothing moves"  # type: ignore[attr-defined]


def test_work_that_is_given_up_ends_at_its_next_word() -> None:
    waiting = threading.Event()
    steps = []

    def endless(progress: Callable[[float], None]) -> None:
        while True:
            steps.append(1)
            waiting.set()
            progress(0.1)

    jobs = Jobs()
    job = jobs.start(endless)
    assert waiting.wait(10)
    jobs.stop()
    with jobs._turn:
        assert job.problem


# -- exercises ------------------------------------------------------------------------------------


def _edit(therapist: TestClient, text: str, based_on: str) -> tuple[int, str]:
    answer = therapist.post(
        "/review/exercises/squat/edit",
        data={"text": text.replace("\n", "\r\n"), "based_on": based_on},
    )
    return answer.status_code, answer.text


def _opened_with(therapist: TestClient) -> str:
    text = therapist.get("/review/exercises/squat/edit").text
    found = re.search(r'name="based_on" value="(\w+)"', text)
    assert found is not None
    return found.group(1)


def test_a_copy_of_ones_own_goes_before_the_catalogues(
    therapist: TestClient, tmp_path: Path
) -> None:
    own = tmp_path / "log" / "exercises" / "squat.toml"
    text = exercise_text("squat").replace('name = "Squat"', 'name = "Slow squat"')
    status, _ = _edit(therapist, text, _opened_with(therapist))
    assert status == 200
    assert own.read_text(encoding="utf-8") == text
    assert own.stat().st_mode & 0o077 == 0
    assert "Slow squat" in therapist.get("/review/exercises").text


def test_the_second_tab_of_an_exercise_is_told(therapist: TestClient) -> None:
    opened = _opened_with(therapist)
    text = exercise_text("squat")
    assert _edit(therapist, text.replace('"Squat"', '"One"'), opened)[0] == 200
    status, page = _edit(therapist, text.replace('"Squat"', '"Two"'), opened)
    assert status == 409
    assert "Two" in page
    assert "One" in page


def test_a_broken_exercise_is_not_saved(therapist: TestClient, tmp_path: Path) -> None:
    text = exercise_text("squat").replace("[dose]", "[doze]")
    status, page = _edit(therapist, text, _opened_with(therapist))
    assert status == 400
    assert "doze" in page
    assert not (tmp_path / "log" / "exercises").exists()


def test_every_exercise_of_the_catalogue_has_its_page(therapist: TestClient) -> None:
    ids = re.findall(r'href="/review/exercises/([a-z_]+)"', therapist.get("/review/exercises").text)
    assert len(ids) > 40
    for exercise_id in ("squat", "wall_sit", "stretch_hold", "heel_raise"):
        assert exercise_id in ids
        assert therapist.get(f"/review/exercises/{exercise_id}").status_code == 200
    svg = therapist.get("/review/exercises/squat/figure.svg")
    assert svg.headers["content-type"].startswith("image/svg+xml")
    assert "<script" not in svg.text


def test_an_exercise_is_learned_from_a_recording(therapist: TestClient, tmp_path: Path) -> None:
    poses = doing(find_exercise("squat"), [FULL] * 4)
    recorder = TrackRecorder(poses[0].image_size_px)
    for pose in poses:
        recorder.add(pose)
    path = tmp_path / "shown.npz"
    write_track(path, recorder.track())
    data = {"path": str(path), "exercise_id": "my_squat", "name": "My squat", "reps": "3"}
    answer = therapist.post("/review/exercises/learn", data=data)
    assert "It counts 4 repetitions" in answer.text
    assert "My squat" in therapist.get("/review/exercises/my_squat").text
    again = therapist.post("/review/exercises/learn", data=data)
    assert again.status_code == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"path": "/nowhere/film.mp4"},
        {"path": "~nobody/film.mp4"},
        {"path": "film\0.mp4"},
        {"exercise_id": "../x"},
        {"reps": "1"},
        {"reps": "many"},
        {"reps": "9" * 5_000},
    ],
)
def test_what_cannot_be_learned_from_is_said(
    therapist: TestClient, tmp_path: Path, wrong: dict[str, str]
) -> None:
    film = tmp_path / "film.mp4"
    film.touch()
    data = {"path": str(film), "exercise_id": "mine", "name": "", "reps": "3", **wrong}
    assert therapist.post("/review/exercises/learn", data=data).status_code == 400
    assert not (tmp_path / "log" / "exercises").exists()
