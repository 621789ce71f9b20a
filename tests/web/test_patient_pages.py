"""The pages a patient reads: today, progress, program and history."""

import itertools
import re
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from hep_vision.app.progress import progress_of
from hep_vision.core.types import ReportKind, StopReason
from hep_vision.store.records import SelfReport
from hep_vision.store.sessions import SessionLog
from hep_vision.web.access import Access, Role
from hep_vision.web.desk import Desk
from hep_vision.web.pages import progress
from hep_vision.web.pages.history import A_PAGE
from hep_vision.web.server import create_app
from practised import PROGRAM, enter_program, moment, practise
from prescriptions import ZONE

PORT = 8765
ORIGIN = f"http://127.0.0.1:{PORT}"
PAGES = ("/", "/progress", "/program", "/history")
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
_EMPTY = ("area", "br", "hr", "img", "input", "link", "meta")


class Outline(HTMLParser):
    """What a reader's program needs of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if "svg" in self.open and self.open[-1] != tag:
            return
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture
def look(patient: TestClient) -> Callable[[str], Outline]:
    def looked(path: str) -> Outline:
        answer = patient.get(path)
        assert answer.status_code == 200, answer.text
        return Outline(answer.text)

    return looked


Look = Callable[[str], Outline]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_its_landmarks_and_one_heading(
    log: SessionLog, look: Look, path: str
) -> None:
    practise(log, enter_program(log), 0)
    page = look(path)
    assert not page.open  # every element is closed
    assert len(page.all("h1")) == len(page.all("main")) == 1
    assert page.all("html") == [{"lang": "en"}]
    (here,) = [one["href"] for one in page.all("a") if one.get("aria-current") == "page"]
    assert here == path
    assert all(one.get("alt") for one in page.all("img"))
    assert not [one for _, one in page.tags if "style" in one or "onclick" in one]
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h\d", tag)]
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


@pytest.mark.parametrize("path", PAGES)
def test_without_a_program_a_page_says_what_to_do(look: Look, path: str) -> None:
    text = look(path).text
    assert "program import" in text or "see what is for today" in text


def test_today_names_what_is_due_with_its_figure_and_one_start(log: SessionLog, look: Look) -> None:
    enter_program(log)
    page = look("/")
    assert "Hello A. B." in page.text
    assert "2 of 2 sets to do" in page.text
    assert "2 sets of 5." in page.text
    (picture,) = page.all("img")
    assert picture["src"] == "/figures/squat.svg"
    assert [one.get("class") for one in page.all("button")] == ["start"]
    assert page.all("form") == [{"method": "post", "action": "/live/start"}]


def test_a_day_that_is_done_is_praised_and_offers_nothing(log: SessionLog, look: Look) -> None:
    practise(log, enter_program(log), 4)
    page = look("/")
    assert "all done for today. Well done!" in page.text
    assert not page.all("button")


def test_a_rest_day_says_when_it_goes_on(log: SessionLog, look: Look, now: list[datetime]) -> None:
    enter_program(log)
    now[0] = moment(3)
    text = look("/").text
    assert "a rest day" in text
    assert "Next: Fri 6 Mar: Squat" in text


def test_the_week_tells_each_day_in_words(log: SessionLog, look: Look) -> None:
    ref = enter_program(log)
    practise(log, ref, 0)
    practise(log, ref, 2, sets=2, complete=False)
    text = look("/").text
    assert "Mon done" in text
    assert "Tue rest" in text
    assert "Wed 1 of 2 sets" in text
    assert "Fri, today 0 of 2 sets" in text


def test_the_day_is_the_patients_own(log: SessionLog, look: Look, now: list[datetime]) -> None:
    practise(log, enter_program(log), 4)
    now[0] = datetime(2026, 3, 6, 23, 30, tzinfo=UTC)  # half past midnight where the patient is
    page = look("/")
    assert "Saturday 7 March 2026" in page.text
    assert "a rest day" in page.text
    assert "Friday 6 March 2026, 09:00" in look("/history").text


def test_midnight_parts_the_history_by_the_patients_clock(log: SessionLog, look: Look) -> None:
    sitting = log.sittings.begin({"sets": []}, "2026-03-02T23:30:00Z", "0.1.0", enter_program(log))
    sitting.finish("2026-03-02T23:40:00Z")
    assert "Tuesday 3 March 2026, 00:30" in look("/history").text


@pytest.mark.parametrize("path", PAGES)
def test_a_hostile_alias_is_only_text(log: SessionLog, patient: TestClient, path: str) -> None:
    quoted = HOSTILE.replace('"', '\\"')
    practise(log, enter_program(log, PROGRAM.replace("A. B.", quoted).replace("C. D.", quoted)), 0)
    text = patient.get(path).text
    assert "<script>" not in text
    assert "<img src=x" not in text


def test_a_hostile_message_is_only_text(log: SessionLog, patient: TestClient) -> None:
    ref = enter_program(log)
    sitting = log.sittings.begin({"sets": []}, moment(1).isoformat(), "0.1.0", ref)
    sitting.say(HOSTILE)
    sitting.stop(moment(1).isoformat(), StopReason.PAIN)
    text = patient.get(f"/history/{sitting.sitting_id}").text
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert "You stopped because of pain. That was right." in text


def test_a_sitting_tells_its_sets_and_how_it_felt(log: SessionLog, look: Look) -> None:
    said = {ReportKind.PAIN_BEFORE: 2, ReportKind.EFFORT: 10}
    sitting = practise(log, enter_program(log), 0, faults=1, said=said)
    log.sittings.report(sitting, SelfReport(ReportKind.PAIN_NEXT_MORNING, 0, moment(1).isoformat()))
    text = look(f"/history/{sitting}").text
    assert "Well done: 2 sets, 10 repetitions." in text
    assert "5 repetitions 4 in good form" in text
    assert "Pain before 2 of 10" in text
    assert "Pain the next morning 0 of 10" in text
    assert "Effort 10 of 10" in text


def test_the_history_goes_page_by_page_newest_first(log: SessionLog, look: Look) -> None:
    ref = enter_program(log)
    for ahead in range(A_PAGE + 1):
        practise(log, ref, ahead, sets=1)
    first, second = look("/history"), look("/history?p=2")
    assert len(first.all("h2")) == A_PAGE
    assert len(second.all("h2")) == 1
    assert first.text.index("Sunday 22 March") < first.text.index("Saturday 21 March")
    assert "Monday 2 March" in second.text
    assert {"href": "/history?p=2", "rel": "next"} in first.all("a")
    assert {"href": "/history?p=1", "rel": "prev"} in second.all("a")


@pytest.mark.parametrize("number", ["0", "-1", "x", "9" * 40, "²"])
def test_a_page_that_is_none_is_a_page_all_the_same(look: Look, number: str) -> None:
    assert "Nothing is here yet" in look(f"/history?p={number}").text


def test_what_is_not_there_or_not_understood_is_a_page(patient: TestClient) -> None:
    for answer, status, words in (
        (patient.get("/nothing"), 404, "no such page"),
        (patient.get("/plots/none.svg"), 422, "no such page"),
        (patient.post("/live/key"), 422, "cannot be read"),
        (patient.get("/live/key"), 405, "cannot be done"),
    ):
        assert answer.status_code == status
        assert words in Outline(answer.text).text


def test_a_session_that_is_not_there_is_said(log: SessionLog, patient: TestClient) -> None:
    answer = patient.get("/history/none")
    assert answer.status_code == 404
    assert "no such session" in answer.text


def test_of_several_programs_only_the_named_patients_is_seen(
    log: SessionLog, patient: TestClient, access: Access, tmp_path: Path
) -> None:
    mine = practise(log, enter_program(log), 0)
    other = practise(log, enter_program(log, PROGRAM.replace("A. B.", "E. F.")), 2)
    assert "--patient" in patient.get("/history").text

    app = create_app(Desk(log, tmp_path / "log", "A. B.", ZONE, lambda: moment(4)), access, PORT)
    with TestClient(app, base_url=ORIGIN) as named:
        named.get("/enter", params={"token": access.token(Role.PATIENT)})
        history = named.get("/history").text
        assert "Monday 2 March" in history
        assert "Wednesday 4 March" not in history
        assert named.get(f"/history/{mine}").status_code == 200
        assert named.get(f"/history/{other}").status_code == 404


def test_progress_tells_in_words_and_numbers_and_never_suggests(
    log: SessionLog, look: Look
) -> None:
    ref = enter_program(log)
    for ahead in (0, 2, 4):
        practise(log, ref, ahead, peak=95.0, said={ReportKind.PAIN_AFTER: 8})
    page = look("/progress")
    assert "6 of 6 sets done" in page.text
    assert "Squat 6 of 6 30 30 of 30" in page.text
    assert "about 95 degrees" in page.text
    assert "suggest" not in page.text.lower()
    sources = [one["src"] for one in page.all("img")]
    assert sources == [
        f"/plots/{part}.svg" for part in ("range", "work", "form", "feeling", "calendar")
    ]
    assert "Pain was 6 or more on 3 days." in page.text


def test_progress_of_one_exercise_from_a_day_on(
    log: SessionLog, look: Look, patient: TestClient
) -> None:
    ref = enter_program(log)
    practise(log, ref, 0)
    practise(log, ref, 2, sets=1)
    page = look("/progress?exercise=squat&since=2026-03-03")
    assert "3 March 2026 to 6 March 2026" in page.text
    first = page.all("img")[0]["src"]
    assert first == "/plots/range.svg?exercise=squat&since=2026-03-03"
    answer = patient.get(first)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "script" not in answer.headers["content-security-policy"]


def test_progress_begins_with_three_months_and_goes_back_to_the_beginning(
    log: SessionLog, look: Look, now: list[datetime]
) -> None:
    ref = enter_program(log)
    for ahead in (0, 118):
        practise(log, ref, ahead, sets=1)
    now[0] = moment(120, 12)
    usual, whole = look("/progress"), look("/progress?since=all")
    assert "1 April 2026 to 30 June 2026" in usual.text
    assert "2 March 2026 to 30 June 2026" in whole.text
    addresses = {one["href"] for one in usual.all("a")}
    assert {"/progress", "/progress?since=all", "/progress?since=2026-06-03"} <= addresses


def test_plots_show_what_their_page_did_and_a_page_what_the_log_does(
    log: SessionLog, look: Look, patient: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def counted(*arguments: Any) -> Any:
        asked.append(arguments)
        return progress_of(*arguments)

    monkeypatch.setattr(progress, "progress_of", counted)
    ref = enter_program(log)
    practise(log, ref, 0, sets=1)
    plots = [one["src"] for one in look("/progress").all("img")]
    assert all(patient.get(one).status_code == 200 for one in plots)
    assert len(plots) == 5
    assert len(asked) == 1
    practise(log, ref, 2)
    assert "Squat 3 of" in look("/progress").text
    assert len(asked) == 2
    assert patient.get("/plots/work.svg?since=all").status_code == 200
    assert len(asked) == 3


@pytest.mark.parametrize("path", ["/progress?exercise=nosuch", "/plots/range.svg?exercise=nosuch"])
def test_an_exercise_that_was_never_done_is_said(
    log: SessionLog, patient: TestClient, path: str
) -> None:
    practise(log, enter_program(log), 0)
    answer = patient.get(path)
    assert answer.status_code == 404
    assert "nosuch" in answer.text


@pytest.mark.parametrize("part", ["range", "work", "form", "feeling", "calendar"])
def test_a_plot_of_nothing_is_a_picture_too(
    log: SessionLog, patient: TestClient, part: str
) -> None:
    enter_program(log)
    assert patient.get(f"/plots/{part}.svg").text.startswith("<svg")


def test_a_figure_shows_start_and_goal(patient: TestClient) -> None:
    answer = patient.get("/figures/straight_leg_raise.svg?side=left")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["cache-control"] == "private, max-age=600"
    assert answer.text.count("aria-label=") == 2
    assert answer.text != patient.get("/figures/straight_leg_raise.svg?side=right").text
    assert patient.get("/figures/nosuch.svg").status_code == 404


def test_the_program_says_how_and_where_and_what_to_mind(log: SessionLog, look: Look) -> None:
    text = PROGRAM.replace('id = "squat"', 'id = "squat"\nprecautions = ["Hold on."]')
    enter_program(log, text)
    page = look("/program")
    for words in ("2 sets of 5", "Hold on.", "Where the camera goes", "0 to 2", "Stop and rest"):
        assert words in page.text
    assert {"class": "button", "href": "/program/handout"} in page.all("a")


def test_the_sheet_to_print_may_load_nothing(log: SessionLog, patient: TestClient) -> None:
    enter_program(log)
    answer = patient.get("/program/handout")
    assert "Home exercises of A. B." in answer.text
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
