"""The live session on a page: one session before a made-up camera, and browsers that watch it."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from starlette.testclient import TestClient

from hep_vision.app import live, live_session
from hep_vision.app.live_session import Equipment, LiveOptions, LiveResult, hold_session
from hep_vision.coach.canvas import Picture
from hep_vision.coach.screens import (
    Choice,
    Message,
    Paused,
    Scale,
    Screen,
    SetLine,
    Summary,
    Working,
    Writing,
)
from hep_vision.coach.spoken import Sound, Urgency
from hep_vision.coach.voice import SilentVoice
from hep_vision.core.types import Phase, ReportKind, StopReason
from hep_vision.errors import ModelError
from hep_vision.store.records import SessionStatus
from hep_vision.store.sessions import SessionLog
from hep_vision.web.access import Access, Role
from hep_vision.web.desk import Desk
from hep_vision.web.live import LiveRoom
from hep_vision.web.live_words import Told, keys_of_answer, keys_of_mark, told
from hep_vision.web.page_display import ENDS_S, PAUSES_S, PageDisplay, PageVoice
from hep_vision.web.server import create_app
from practised import PROGRAM, enter_program, moment
from prescriptions import ZONE
from rehearsal import Rehearsal, Room, sets_of, sitting_of, squats

PORT = 8765
ORIGIN = f"http://127.0.0.1:{PORT}"
STUCK_S = 60.0
"""Only a broken session lets a test wait for this long."""
TWO_SQUATS = PROGRAM.replace("sets = 2", "sets = 1").replace("reps = 5", "reps = 2")

Script = Callable[["Stage"], None]


class Watched:
    """A page's display whose room goes on with every picture, and before which a script acts."""

    def __init__(self, display: PageDisplay, room: Room, act: Callable[[], None]) -> None:
        self._display = display
        self._room = room
        self._act = act
        self.size_px = display.size_px

    def __enter__(self) -> "Watched":
        self._display.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._room.leave()
        self._display.__exit__()

    @property
    def closed(self) -> bool:
        return self._display.closed

    def show(self, picture: Picture) -> list[str]:
        assert self._room.now_ms < self._room.patience_ms
        self._act()
        self._room.show()
        return self._display.show(picture)


@dataclass
class Stage:
    """A patient in front of a made-up camera, and the pages that the patient looks at."""

    data_dir: Path
    client: TestClient
    room: LiveRoom
    script: Script = lambda stage: None
    titles: list[str] = field(default_factory=list)
    pressed: set[str] = field(default_factory=set)

    @property
    def told(self) -> Told:
        assert self.room.session is not None
        return self.room.session.display.told

    def act(self) -> None:
        if not self.titles or self.titles[-1] != self.told.title:
            self.titles.append(self.told.title)
        self.script(self)

    def once(self, name: str) -> bool:
        """Return whether this is asked for the first time."""
        is_new = name not in self.pressed
        self.pressed.add(name)
        return is_new

    def start(self) -> str:
        answer = self.client.post("/live/start", follow_redirects=False)
        assert answer.status_code == 303
        return answer.headers["location"]

    def press(self, key: str) -> None:
        assert self.client.post("/live/key", data={"key": key}).status_code == 200

    def answer(self, **values: str) -> None:
        values = {"asked": self.told.form, **values}
        assert self.client.post("/live/answer", data=values).status_code == 200

    def wait(self) -> None:
        """Wait until the session is over."""
        session = self.room.session
        assert session is not None
        assert session._over.wait(STUCK_S)


def close_at_the_end(stage: Stage) -> None:
    """Answer nothing, and close the summary."""
    if stage.told.question and stage.once(f"skip {len(stage.titles)}"):
        stage.answer(do="skip")
    elif any(what == "Close" for _, what in stage.told.buttons) and stage.once("close"):
        stage.press("space")


def draw(screen: Screen, *_: Any, **__: Any) -> Picture:
    """Take the place of `draw_screen`, which takes its time: a small picture."""
    return np.full((24, 32, 3), (250, 20, 20), np.uint8)


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    for module in (live, live_session):
        monkeypatch.setattr(module, "draw_screen", draw)
    data_dir, filmed = tmp_path / "log", Room(squats(2))
    made_up = Rehearsal(data_dir, filmed).equipment
    silent = replace(made_up, open_voice=lambda level, clock: SilentVoice())

    def held(options: LiveOptions, equipment: Equipment) -> LiveResult:
        def window(full_screen: bool) -> Watched:
            return Watched(equipment.open_window(full_screen), filmed, lambda: found.act())  # type: ignore[arg-type]

        return hold_session(options, replace(equipment, open_window=window))

    access, room = Access(lambda: 0.0), LiveRoom(equipment=silent, hold=held, clock=lambda: 0.0)
    with SessionLog.open(data_dir) as log:
        enter_program(log, TWO_SQUATS)
        desk = Desk(log, data_dir, zone=ZONE, clock=lambda: moment(4, 12))
        app = create_app(desk, access, PORT, room)
        with TestClient(app, base_url=ORIGIN) as client:
            client.headers["origin"] = ORIGIN
            client.get("/enter", params={"token": access.token(Role.PATIENT)})
            found = Stage(data_dir, client, room, close_at_the_end)
            try:
                yield found
            finally:
                filmed.leave()
                room.close()


# -- a whole session ------------------------------------------------------------------------------


def test_a_session_is_begun_counted_and_booked(stage: Stage) -> None:
    assert stage.start() == "/live"
    stage.wait()
    (only,) = sets_of(stage.data_dir)
    assert only.row.counts.counted == 2
    row = sitting_of(stage.data_dir)
    assert row.status is SessionStatus.FINISHED
    assert row.program is not None
    page = stage.client.get("/live").text
    assert "The session is over" in page
    assert "2 of 2 repetitions" in page
    assert "hep-vision log" not in page
    assert 'href="/"' in page


def test_answers_of_forms_are_booked(stage: Stage) -> None:
    note = "My knee <b>clicked</b>,\r\ntwice."

    def script(stage: Stage) -> None:
        asked = stage.told
        if not asked.question or not stage.once(f"answer {len(stage.titles)}"):
            return close_at_the_end(stage)
        form = stage.client.get("/live/form").text
        assert f'name="asked" value="{asked.form}"' in form
        if asked.question == "writing":
            assert "<textarea" in form
            return stage.answer(answer=note)
        assert form.count('type="radio"') == 11
        return stage.answer(answer="10" if "hard" in asked.title else "2")

    stage.script = script
    stage.start()
    stage.wait()
    row = sitting_of(stage.data_dir)
    assert row.reported(ReportKind.PAIN_BEFORE) == 2
    assert row.reported(ReportKind.EFFORT) == 10
    assert row.message == "My knee <b>clicked</b>, twice."


def test_keys_of_the_page_reach_the_session(stage: Stage) -> None:
    def script(stage: Stage) -> None:
        if stage.told.count == "1" and stage.once("pause"):
            stage.press("space")
        elif stage.told.title == "Paused" and stage.once("stop"):
            assert dict(stage.told.buttons)["space"] == "Go on"
            stage.press("escape")
        elif stage.told.question == "choice" and stage.once("why"):
            stage.answer(answer="2")
        else:
            close_at_the_end(stage)

    stage.script = script
    stage.start()
    stage.wait()
    assert "Paused" in stage.titles
    row = sitting_of(stage.data_dir)
    assert row.stop_reason is StopReason.TIRED
    assert [one.session.counts.counted for one in row.sets] == [1]


def test_an_answer_to_what_is_not_asked_any_more_is_dropped(stage: Stage) -> None:
    def script(stage: Stage) -> None:
        if stage.told.question == "scale" and stage.once("stale"):
            stage.answer(asked="another question", answer="9")
            stage.answer(do="answer")  # nothing was chosen
        elif stage.told.count == "1" and stage.once("late"):
            stage.answer(asked="scale|How much pain do you have now?", answer="9")
        else:
            close_at_the_end(stage)

    stage.script = script
    stage.start()
    stage.wait()
    assert not sitting_of(stage.data_dir).reports
    assert sets_of(stage.data_dir)[0].row.counts.counted == 2


def test_a_second_start_shows_the_one_that_runs(stage: Stage) -> None:
    seen: list[object] = []

    def script(stage: Stage) -> None:
        if stage.told.count == "1" and stage.once("again"):
            seen.append(stage.room.session)
            assert ">Back to your session</button>" in stage.client.get("/").text
            assert stage.start() == "/live"
            seen.append(stage.room.session)
        close_at_the_end(stage)

    stage.script = script
    stage.start()
    stage.wait()
    assert seen[0] is seen[1] is not None
    sitting_of(stage.data_dir)  # there is one alone


def test_the_page_shows_the_picture_the_count_and_what_can_be_pressed(stage: Stage) -> None:
    pages: list[str] = []

    def script(stage: Stage) -> None:
        if stage.told.count == "1" and stage.once("look"):
            pages.append(stage.client.get("/live").text)
        close_at_the_end(stage)

    stage.script = script
    stage.start()
    stage.wait()
    (page,) = pages
    assert '<img id="picture" src="/live/stream"' in page
    assert '<span id="count">1</span> <span id="unit">repetitions of 2</span>' in page
    assert re.search(r'<button name="key" value="space"[^>]*>Pause</button>', page)
    assert '<button name="key" value="escape">Stop</button>' in page
    assert "<script src=" in page


def test_the_browser_speaks_when_it_is_asked_to(stage: Stage) -> None:
    spoke: list[object] = []

    def script(stage: Stage) -> None:
        if stage.told.count == "1" and stage.once("speak"):
            assert stage.room.session is not None
            for where in ("browser", "machine"):
                stage.client.post("/live/voice", data={"where": where})
                spoke.append(stage.room.session.display.state["browser"])
        close_at_the_end(stage)

    stage.script = script
    stage.start()
    stage.wait()
    assert spoke == [True, False]


def test_the_stream_gives_pictures_until_the_end(stage: Stage) -> None:
    stage.start()
    answer = stage.client.get("/live/stream")
    assert answer.headers["content-type"] == "multipart/x-mixed-replace; boundary=picture"
    first, *parts, last = answer.content.split(b"--picture\r\n")
    assert first == last == b""
    assert parts
    head, _, jpeg = parts[-1].partition(b"\r\n\r\n")
    jpeg = jpeg.removesuffix(b"\r\n")
    assert head == f"Content-Type: image/jpeg\r\nContent-Length: {len(jpeg)}".encode()
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    blue, green, red = picture.reshape(-1, 3).mean(axis=0)
    assert picture.shape == (24, 32, 3)
    assert red > 200 > 60 > max(blue, green)
    assert stage.room.running is None


def test_events_tell_every_change_and_the_end(stage: Stage) -> None:
    stage.start()
    answer = stage.client.get("/live/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    states = [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data")]
    assert states[-1] == {"ended": True}
    assert all(states[k] != states[k + 1] for k in range(len(states) - 1))
    assert {"title", "count", "words", "form", "said"} <= set(states[0])


def test_closing_the_server_books_what_was_done(stage: Stage) -> None:
    seen: list[int] = []

    def script(stage: Stage) -> None:
        if stage.told.count == "1" and stage.once("closing"):
            seen.append(1)
            assert stage.room.session is not None
            stage.room.session.display.closed = True
        close_at_the_end(stage)

    stage.script = script
    stage.start()
    stage.wait()
    stage.room.close()
    row = sitting_of(stage.data_dir)
    assert row.status is SessionStatus.INTERRUPTED
    assert [one.session.counts.counted for one in row.sets] == seen
    assert stage.start() == "/live"  # nothing more is begun
    assert stage.room.running is None


# -- no session, and one that fails ---------------------------------------------------------------


def test_without_a_session_there_is_nothing_to_watch(patient: TestClient) -> None:
    assert patient.get("/live", follow_redirects=False).headers["location"] == "/"
    assert patient.get("/live/stream").status_code == 404
    assert patient.get("/live/events").status_code == 204
    assert patient.get("/live/form").status_code == 204
    for path, values in (("key", {"key": "space"}), ("answer", {"asked": "x"})):
        answer = patient.post(f"/live/{path}", data=values, follow_redirects=False)
        assert answer.status_code == 303


def test_where_nothing_is_due_start_goes_back_to_today(
    log: SessionLog, patient: TestClient
) -> None:
    enter_program(log, PROGRAM.replace("2026-03-02", "2026-03-09"))
    answer = patient.post("/live/start", follow_redirects=False)
    assert answer.headers["location"] == "/"


@contextmanager
def failing(tmp_path: Path, error: Exception) -> Iterator[tuple[TestClient, LiveRoom]]:
    def held(options: LiveOptions, equipment: Equipment) -> LiveResult:
        raise error

    access, room = Access(lambda: 0.0), LiveRoom(hold=held)
    with SessionLog.open(tmp_path / "log") as log:
        enter_program(log, TWO_SQUATS)
        desk = Desk(log, tmp_path / "log", zone=ZONE, clock=lambda: moment(4, 12))
        with TestClient(create_app(desk, access, PORT, room), base_url=ORIGIN) as client:
            client.headers["origin"] = ORIGIN
            client.get("/enter", params={"token": access.token(Role.PATIENT)})
            client.post("/live/start")
            room.close()
            yield client, room


def test_a_session_that_cannot_begin_says_why_and_can_be_tried_again(tmp_path: Path) -> None:
    with failing(tmp_path, ModelError("No <model> here; fetch it.")) as (client, _):
        text = client.get("/live").text
    assert "No &lt;model&gt; here; fetch it." in text
    assert 'action="/live/start"' in text


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_what_nobody_expected_is_one_plain_line(tmp_path: Path) -> None:
    with failing(tmp_path, RuntimeError("0xdeadbeef")) as (client, _):
        text = client.get("/live").text
    assert "Something went wrong here." in text
    assert "deadbeef" not in text


# -- the display by itself ------------------------------------------------------------------------

PICTURE = np.zeros((8, 8, 3), np.uint8)


def working() -> Working:
    from hep_vision.coach.overlay import OverlayState

    return Working(OverlayState("Squat", 3, Phase.REST), "Set 1 of 2")


def test_a_set_that_nobody_watches_pauses_once_and_then_ends() -> None:
    now = [0.0]
    display = PageDisplay(lambda: now[0])
    with display.watched():
        now[0] = 100.0
        display.watch(working(), ())
        assert display.show(PICTURE) == []
    assert display.show(PICTURE) == []
    now[0] += PAUSES_S
    assert display.show(PICTURE) == ["space"]
    assert display.show(PICTURE) == []
    display.watch(Paused("Paused", "Raise both hands"), ())
    now[0] = 100.0 + ENDS_S - 1.0
    assert display.show(PICTURE) == []
    assert not display.closed
    now[0] += 1.0
    display.show(PICTURE)
    assert display.closed


def test_who_comes_back_finds_the_session_as_it_was() -> None:
    now = [0.0]
    display = PageDisplay(lambda: now[0])
    display.watch(working(), ())
    now[0] = PAUSES_S - 0.5
    with display.watched():
        now[0] = ENDS_S + 1.0
        assert display.show(PICTURE) == []
    assert not display.closed


def test_one_of_two_who_leaves_stops_nothing() -> None:
    now = [0.0]
    display = PageDisplay(lambda: now[0])
    display.watch(working(), ())
    with display.watched():
        with display.watched():
            pass
        now[0] = 2 * ENDS_S
        assert display.show(PICTURE) == []


def test_keys_come_once_and_in_their_order() -> None:
    display = PageDisplay(lambda: 0.0)
    display.press(["a", "b"])
    display.press(["enter"])
    assert display.show(PICTURE) == ["a", "b", "enter"]
    assert display.show(PICTURE) == []


class Heard(SilentVoice):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.ticks: list[Sound] = []

    def say(self, words: str, urgency: Urgency) -> None:
        self.words.append(words)

    def tick(self, kind: Sound) -> None:
        self.ticks.append(kind)


def test_either_the_machine_speaks_or_the_browser() -> None:
    display, machine = PageDisplay(lambda: 0.0), Heard()
    voice = PageVoice(machine, display)
    voice.say("One", Urgency.COUNT)
    display.speaks_in_browser = True
    voice.say("Two", Urgency.COUNT)
    voice.tick(Sound.REP)
    voice.muted = True
    voice.say("Three", Urgency.COUNT)
    assert machine.muted
    assert machine.words == ["One"]
    assert machine.ticks == [Sound.REP]
    assert display.state["said"] == [[1, "One"], [2, "Two"]]


# -- answers as keys ------------------------------------------------------------------------------

SCALE = told(Scale("Pain?", "none", "worst", None), (("0-9", "choose"), ("enter", "done")))
CHOICE = told(Choice("Why?", ("Pain", "Tired")), (("1-2", "choose"),))
WRITING = told(Writing("A note:", "ab"), (("enter", "done"),))


@pytest.mark.parametrize(
    ("asked", "answer", "keys"),
    [
        (SCALE, "0", ["left", "0", "enter"]),
        (SCALE, "10", ["left", "1", "0", "enter"]),
        (SCALE, "11", []),
        (SCALE, "-1", []),
        (SCALE, "3 ", []),
        (SCALE, "٣", []),
        (SCALE, "9" * 5000, []),
        (SCALE, "", ["s"]),
        (CHOICE, "2", ["2"]),
        (CHOICE, "3", []),
        (CHOICE, "0", []),
        (CHOICE, "", ["s"]),
        (WRITING, "hi\nyou", ["backspace"] * 2 + ["h", "i", "space", "y", "o", "u", "enter"]),
        (WRITING, " \n ", ["escape"]),
        (told(Message("Hello"), ()), "1", []),
    ],
)
def test_answers_become_keys(asked: Told, answer: str, keys: list[str]) -> None:
    assert keys_of_answer(asked, answer) == keys


def test_an_answer_is_marked_only_where_it_waits_to_be_confirmed() -> None:
    assert keys_of_mark(SCALE, "4") == ["left", "4"]
    goes_on_by_itself = told(Scale("Pain?", "none", "worst", None), (("0-9", "choose"),))
    assert keys_of_mark(goes_on_by_itself, "4") == []
    assert keys_of_mark(CHOICE, "1") == []


def test_advice_comes_before_praise() -> None:
    done = (SetLine("Squat", "2 of 2 repetitions", ""),)
    good = told(Summary("Well done", done, "Every one counts.", "Knees out."), ())
    assert good.words == "Every one counts."
    assert good.more == ("Knees out.", "Squat: 2 of 2 repetitions")
    sore = told(Summary("Well done", done, "Every one counts.", None, "Please rest."), ())
    assert sore.words == "Please rest."
    assert sore.more == ("Every one counts.", "Squat: 2 of 2 repetitions")


def test_only_what_can_be_pressed_becomes_a_button() -> None:
    keys = (("both hands up", "pause"), ("space", "pause"), ("esc", "stop"), ("h", "help"))
    assert told(working(), keys).buttons == (("space", "Pause"), ("escape", "Stop"))
