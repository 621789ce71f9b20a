"""A patient at the keyboard, in a real browser, before a video that stands for the camera."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

import hep_vision
from camera_clips import squats_after_standing
from hep_vision.app.machine_zone import MachineZone
from hep_vision.app.program import import_program
from hep_vision.core.types import ReportKind
from hep_vision.exercises.loading import find_exercise
from hep_vision.program.schedule import local_day
from hep_vision.store.records import SessionStatus
from hep_vision.store.sessions import SessionLog
from practised import practise
from rehearsal import sitting_of

PACKAGES: Final = Path(hep_vision.__file__).parents[1]
RUN: Final = "from hep_vision.cli.main import run; run()"
CHROMIUM: Final = shutil.which("chromium")
STUCK_MS: Final = 60_000.0
"""Only a broken page lets a test wait for this long."""
PAGES: Final = ("/", "/progress", "/program", "/history", "/nothing-here")
_MOST_TABS: Final = 60

if CHROMIUM is None and os.environ.get("HEP_VISION_ALL_TESTS"):
    pytest.fail("missing program: chromium", pytrace=False)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return squats_after_standing(tmp_path_factory.mktemp("camera") / "camera.mp4", 12_000)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """Return the folder of a log with a program that asks for two squats today."""
    today = local_day(datetime.now(UTC), MachineZone())
    folder = tmp_path / "log"
    with SessionLog.open(folder) as log:
        enter(log, today)
    return folder


def enter(log: SessionLog, start: date) -> Any:
    text = f"""
        patient = "A. B."
        therapist = "C. D."
        start = {start}
        review = {start + timedelta(weeks=6)}
        precautions = ["Keep a chair within reach."]
        [[exercises]]
        id = "squat"
        sets = 1
        reps = 2
        times_per_day = 1
    """
    moment = datetime.now(UTC).isoformat()
    return import_program(log, text.encode(), "it", find_exercise, moment).row.ref


@pytest.fixture
def address(data_dir: Path, clip: Path) -> Iterator[str]:
    """Return the address that ``hep-vision open`` prints, with a video as its camera."""
    options = ["--no-browser", "--camera", str(clip)]
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, "--data-dir", str(data_dir), "open", *options],
        env=os.environ | {"PYTHONPATH": str(PACKAGES)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    printed = ""
    while not (found := re.search(r"http://\S+", printed)):
        printed = process.stdout.readline()
        assert process.poll() is None
    yield found[0]
    process.terminate()
    assert process.wait(STUCK_MS / 1000) is not None
    process.stdout.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    opened: list[BrowserContext] = []

    def visited(**options: Any) -> Page:
        opened.append(browser.new_context(**options))
        opened[-1].set_default_timeout(STUCK_MS)
        return opened[-1].new_page()

    expect.set_options(timeout=STUCK_MS)
    yield visited
    for context in opened:
        context.close()


def tab_to(page: Page, name: str) -> None:
    """Press the tabulator until a button, link or field of this name has the focus."""
    for _ in range(_MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == name:
            return
    raise AssertionError(f"{name} cannot be reached by the keyboard")


def grave(page: Page) -> list[str]:
    """Return what a screen reader, or weak eyes, would trip over."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def answer(page: Page, question: str, value: int) -> None:
    """Answer a scale by the keyboard."""
    expect(page.locator("legend")).to_contain_text(question)
    expect(page.locator("legend")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    for _ in range(value):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name=str(value)).first).to_be_checked()
    tab_to(page, "Done")
    page.keyboard.press("Enter")


def test_a_session_by_the_keyboard_alone(
    address: str, data_dir: Path, visit: Callable[..., Page]
) -> None:
    page = visit(viewport={"width": 1280, "height": 800})
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: refused.append(str(error)))

    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello A. B.")
    expect(page.get_by_text("1 of 1 sets to do")).to_be_visible()
    tab_to(page, "Start")
    page.keyboard.press("Enter")

    answer(page, "How much pain", 2)
    expect(page.locator("#title")).to_contain_text("Squat")
    assert grave(page) == []
    assert page.evaluate("document.getElementById('picture').naturalWidth") == 1280
    expect(page.locator("#count")).to_have_text("1")

    expect(page.locator("legend")).to_contain_text("ow much pain")
    assert grave(page) == []
    answer(page, "how much pain", 4)
    expect(page.locator("legend")).to_contain_text("How hard")
    tab_to(page, "Skip")
    page.keyboard.press("Enter")

    expect(page.get_by_role("textbox")).to_be_focused()
    page.keyboard.type("It was <fine>.")
    assert grave(page) == []
    tab_to(page, "Done")
    page.keyboard.press("Enter")

    expect(page.locator("#title")).to_have_text("Well done")
    tab_to(page, "Close")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("The session is over")
    assert grave(page) == []

    row = sitting_of(data_dir)
    assert row.status is SessionStatus.FINISHED
    assert row.reported(ReportKind.PAIN_BEFORE) == 2
    assert row.reported(ReportKind.PAIN_AFTER, "squat") == 4
    assert row.reported(ReportKind.EFFORT) is None
    assert row.message == "It was <fine>."
    assert [one.session.counts.counted for one in row.sets] == [2]
    assert refused == []


def test_without_javascript_the_picture_and_the_buttons_work(
    address: str, data_dir: Path, visit: Callable[..., Page]
) -> None:
    page = visit(java_script_enabled=False)
    page.goto(address)
    page.get_by_role("button", name="Start").click()
    while page.get_by_role("radio").count() == 0:
        page.get_by_role("link", name="Show what can be pressed now").click()
    page.get_by_role("radio", name="3").check()
    page.get_by_role("button", name="Done").click()
    expect(page.locator("#picture")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Tired").click()
    expect(page.locator("legend")).to_contain_text("ow much pain")
    assert sitting_of(data_dir).reported(ReportKind.PAIN_BEFORE) == 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_pages_are_for_everybody(
    address: str, data_dir: Path, visit: Callable[..., Page], scheme: str, width: int
) -> None:
    with SessionLog.open(data_dir) as log:
        ref = log.programs.newest()[0].ref
        for ahead in range(4):
            practise(log, ref, ahead, sets=1, said={ReportKind.PAIN_AFTER: 2})
    page = visit(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.goto(address)
    for path in PAGES:
        page.goto(address.split("/enter")[0] + path)
        assert grave(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        small = page.eval_on_selector_all(
            "main button, main a.button, nav a",
            "all => all.filter(one => one.getBoundingClientRect().height < 47.5)"
            ".map(one => one.textContent)",
        )
        assert small == [], path


@pytest.mark.parametrize(("width", "letters_px"), [(360, 18.0), (1920, 18.0), (3840, 32.4)])
def test_letters_grow_on_a_large_screen(
    address: str, visit: Callable[..., Page], width: int, letters_px: float
) -> None:
    page = visit(viewport={"width": width, "height": 800})
    page.goto(address)
    for path in PAGES:
        page.goto(address.split("/enter")[0] + path)
        font = page.eval_on_selector(
            "main p", "one => getComputedStyle(one.parentElement).fontSize"
        )
        assert float(font.removesuffix("px")) == pytest.approx(letters_px, abs=0.1), path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
