"""The therapist's pages in a real browser: by keyboard, by mouse, and by what a reader needs."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hep_vision.core.types import ReportKind
from hep_vision.store.records import SelfReport
from hep_vision.store.review_records import Finding
from hep_vision.store.sessions import SessionLog
from practised import PROGRAM, enter_program
from reviewed import FULL, SHORT, recorded

CHROMIUM = Path("/usr/bin/chromium")
_MISSING = None if CHROMIUM.exists() else f"there is no {CHROMIUM}"
if _MISSING and os.environ.get("HEP_VISION_ALL_TESTS"):
    pytest.fail(_MISSING, pytrace=False)
pytestmark = pytest.mark.skipif(_MISSING is not None, reason=f"{_MISSING}")

from axe_playwright_python.sync_playwright import Axe  # noqa: E402
from playwright.sync_api import Browser, Page, expect, sync_playwright  # noqa: E402

COMMAND = "from hep_vision.cli.main import run; run()"
GRAVE = ("serious", "critical")


@dataclass(frozen=True, slots=True)
class Desk:
    """What is on the therapist's desk."""

    folder: Path
    flagged: str
    other: str
    sitting: str
    program: str


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    folder = tmp_path / "log"
    with SessionLog.open(folder) as log:
        flagged = recorded(log, tmp_path, (FULL, FULL, SHORT))
        other = recorded(log, tmp_path, (FULL, FULL))
        ref = enter_program(log)
        at = datetime.now(UTC) - timedelta(hours=1)
        sitting = log.sittings.begin({"sets": []}, at.isoformat(), "0.1.0", ref)
        sitting.report(SelfReport(ReportKind.PAIN_AFTER, 7, at.isoformat()))
        sitting.say("It <b>clicks</b>.")
        sitting.finish(at.isoformat())
    return Desk(folder, flagged, other, sitting.sitting_id, ref.program_id)


@pytest.fixture
def address(desk: Desk) -> Iterator[str]:
    """Open the pages as a therapist does; return the address that is printed."""
    command = [sys.executable, "-c", COMMAND, "--data-dir", str(desk.folder)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [*command, "open", "--therapist", "--no-browser"],
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    ) as server:
        assert server.stdout is not None
        found = None
        for line in server.stdout:
            if found := re.search(r"http://\S+", line):
                break
        assert found is not None, "no address was printed"
        yield found.group()
        server.send_signal(signal.SIGINT)


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The inbox; whatever the console complains about fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else 0)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto(address)
    yield opened
    context.close()
    assert complaints == []


def _shown_ms(page: Page) -> int:
    """Return the moment that the replay shows."""
    minutes, seconds = page.locator(".reading").inner_text().split()[0].split(":")
    return round(60_000 * int(minutes) + 1_000 * float(seconds))


def _inked(page: Page) -> int:
    """Return how many pixels of the replay are drawn on."""
    drawn: int = page.evaluate(
        """() => {
            const canvas = document.querySelector(".stage canvas");
            const all = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            return all.data.filter((value, at) => at % 4 === 3 && value > 0).length;
        }"""
    )
    return drawn


def test_a_therapist_looks_through_a_session(page: Page, desk: Desk) -> None:
    expect(page.get_by_text("Pain in the red zone")).to_be_visible()
    page.locator(f'a[href="/review/sessions/{desk.flagged}"]').click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Squat: 3 counted")

    # By keyboard: to the repetition that is flagged, on by pictures, and played.
    reading = page.locator(".reading")
    expect(reading).to_contain_text("knee flexion")
    for _ in range(3):
        page.keyboard.press("j")
    expect(page.locator("tr.here")).to_have_id("rep-2")
    with SessionLog.open(desk.folder) as log:
        start_ms = log.session(desk.flagged).reps[2].start_ms
    assert _shown_ms(page) == pytest.approx(start_ms, abs=60)
    assert _inked(page) > 1_000
    before_ms = _shown_ms(page)
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    stepped_ms = _shown_ms(page)
    assert before_ms < stepped_ms < before_ms + 1_000
    page.keyboard.press("ArrowLeft")
    assert _shown_ms(page) < stepped_ms
    page.keyboard.press(" ")
    for _ in range(5):
        expect(reading).not_to_have_text(reading.inner_text())
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    assert _shown_ms(page) > stepped_ms

    # The curve leads to its moment.
    curve = page.locator("svg.curve")
    box = curve.bounding_box()
    assert box is not None
    edges = [float(curve.get_attribute(f"data-{edge}") or "nan") for edge in ("begin", "end")]
    curve.click(position={"x": box["width"] * 0.46, "y": box["height"] / 2})
    assert _shown_ms(page) == pytest.approx(sum(edges) / 2, abs=120)


def test_a_therapist_dismisses_a_flag_by_its_key_and_corrects_a_count(
    page: Page, desk: Desk
) -> None:
    page.locator(f'a[href="/review/sessions/{desk.flagged}"]').click()
    expect(page.locator(".reading")).to_contain_text("knee flexion")
    for _ in range(3):
        page.keyboard.press("j")
    page.keyboard.press("d")
    expect(page.locator("form.verdict .said")).to_have_text("Dismissed.")
    page.locator('input[name="count"]').fill("2")
    page.locator('input[name="count"]').press("Enter")
    expect(page.get_by_text("2, entered")).to_be_visible()
    with SessionLog.open(desk.folder) as log:
        assert [one.finding for one in log.verdicts.of_session(desk.flagged)] == [Finding.DISMISSED]
        assert log.session(desk.flagged).row.corrected_count == 2


def test_a_therapist_sees_what_a_target_would_change_and_saves_it(page: Page, desk: Desk) -> None:
    page.get_by_role("link", name="Try a target").click()
    page.get_by_role("button", name="Choose").click()
    page.get_by_label("Goal, degrees").fill("58")
    page.get_by_role("button", name="Judge the sessions again").click()
    changed = page.get_by_text("1 of 2 sessions would be judged otherwise")
    expect(changed).to_be_visible(timeout=60_000)
    expect(page.get_by_text("short of the full range 1 → 0")).to_be_visible()
    page.get_by_role("button", name="Save as version 2").click()
    expect(page.get_by_role("status")).to_have_text("Saved: version 2 holds from now on.")
    with SessionLog.open(desk.folder) as log:
        (row,) = log.programs.newest()
        assert row.plan == PROGRAM.replace("goal_deg = 60", "goal_deg = 58")


def test_flags_and_counts_need_no_script(browser: Browser, address: str, desk: Desk) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    page.locator(f'a[href="/review/sessions/{desk.flagged}"]').click()
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("form.verdict .said")).to_have_text("Confirmed.")
    page.locator('input[name="count"]').fill("2")
    page.get_by_role("button", name="Enter").click()
    expect(page.get_by_text("2, entered")).to_be_visible()
    context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_every_page_can_be_read_by_everybody(
    browser: Browser, address: str, desk: Desk, width: int, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)
    home, axe = address.split("/enter")[0], Axe()
    found = []
    for path in (
        "/review",
        f"/review/sittings/{desk.sitting}",
        f"/review/sessions/{desk.flagged}",
        f"/review/compare?a={desk.flagged}&b={desk.other}",
        "/review/checks",
        "/review/rescore?exercise=squat",
        "/review/patient",
        "/review/programs",
        f"/review/programs/{desk.program}",
        f"/review/programs/{desk.program}?number=1",
        "/review/exercises",
        "/review/exercises/squat",
        "/review/exercises/squat/edit",
        "/review/exercises/learn",
        "/review/sessions/none",
    ):
        page.goto(home + path)
        result = axe.run(page)
        found += [
            (path, one["id"], one["nodes"][0]["html"])
            for one in result.response["violations"]
            if one["impact"] in GRAVE
        ]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append((path, "wider than the window", ""))
    context.close()
    assert found == []


def test_a_table_on_a_phone_is_moved_sideways_and_not_squeezed(page: Page, desk: Desk) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(page.url.split("/review")[0] + f"/review/sittings/{desk.sitting}")
    # What is one word stays on one line, and the page itself does not move.
    value = page.get_by_role("columnheader", name="0 to 10")
    letters_px = float(value.evaluate("one => parseFloat(getComputedStyle(one).lineHeight)"))
    box = value.bounding_box()
    assert box is not None
    assert box["height"] < 2 * letters_px + 16
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
