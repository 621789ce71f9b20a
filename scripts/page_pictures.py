"""Make the pictures of the pages: a real browser before a made-up month of a made-up patient.

python scripts/page_pictures.py

Needs Chromium (on Debian and Ubuntu: chromium). A sample clip stands for the camera.
"""

import io
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import uvicorn
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from desk_log import fill_desk
from hep_vision.app.program import import_program
from hep_vision.core.types import Rep, ReportKind, RepStatus, Side, View
from hep_vision.exercises.loading import find_exercise
from hep_vision.store.records import (
    ProgramRef,
    SelfReport,
    SessionHeader,
    SourceKind,
    SourceRecord,
    TrackingQuality,
)
from hep_vision.store.sessions import SessionLog
from hep_vision.web.access import Access, Role
from hep_vision.web.desk import Desk
from hep_vision.web.live import LiveRoom
from hep_vision.web.server import LOOPBACK, create_app, free_socket
from live_pictures import CHECKOUT, PICTURES, SAMPLES, lengthen

MONDAY: Final = date(2026, 3, 2)
TODAY: Final = datetime(2026, 3, 26, 10, tzinfo=UTC)
PROGRAM: Final = f"""
patient = "Alex"
therapist = "your therapist"
start = {MONDAY}
review = 2026-04-13
goals = ["Climb the stairs without holding on."]
precautions = ["Keep a chair within reach."]
[[exercises]]
id = "squat"
sets = 2
reps = 5
times_per_day = 1
[[exercises]]
id = "glute_bridge"
sets = 2
reps = 8
days = ["mon", "thu"]
[[exercises]]
id = "single_leg_stance"
sets = 2
reps = 1
hold_s = 20
side = "each"
days = ["tue", "thu", "sat"]
load = "a chair to hold on to"
"""
_PAGES: Final = {
    "today": "/",
    "progress": "/progress",
    "program": "/program",
    "history": "/history",
}
_DESK: Final = {"inbox": "/review", "session": "/review/sessions/{session}"}
_EDITED: Final = "goal_deg = 90"
_WIDE: Final = (1280, 800)
_TALL: Final = (1280, 1000)
_SESSION_PX: Final = 1360
"""So high, replay and curve are both in the picture of a session."""
_NARROW: Final = (360, 740)
_STUCK_MS: Final = 60_000.0
_COLOURS: Final = 128


def main() -> int:
    """Make all pictures and return the exit code."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.stderr.write("page_pictures: needs Chromium; install chromium\n")
        return 1
    PICTURES.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as name, sync_playwright() as playwright:
        film = Path(name) / "film.mp4"
        lengthen(SAMPLES / "squat_side.mp4", film, (0, 0))
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        folder = Path(name) / "log"
        with SessionLog.open(folder) as log, pages(log, folder, film) as site:
            a_month_of(log)
            for path in _PAGES:
                picture(browser, site, path, _WIDE)
            picture(browser, site, "today", _NARROW, "_narrow")
            picture(browser, site, "today", _WIDE, "_dark", dark=True)
            live(browser, site)
        log_of_desk = Path(name) / "desk"
        with SessionLog.open(log_of_desk) as log, pages(log, log_of_desk, film) as site:
            desk(browser, site, fill_desk(log, SAMPLES, Path(name), TODAY.date()))
        browser.close()
    return 0


@dataclass(frozen=True, slots=True)
class Site:
    """Where the pages are, and who lets in."""

    address: str
    access: Access

    def enter(self, page: Page, role: Role = Role.PATIENT) -> None:
        """Let a browser in as somebody."""
        page.goto(f"{self.address}/enter?token={self.access.token(role)}")


@contextmanager
def pages(log: SessionLog, folder: Path, film: Path) -> Iterator[Site]:
    """Serve the pages."""
    bound, access, room = free_socket(), Access(time.monotonic), LiveRoom(str(film))
    port = bound.getsockname()[1]
    desk = Desk(log, folder, zone=UTC, clock=lambda: TODAY)
    server = uvicorn.Server(
        uvicorn.Config(create_app(desk, access, port, room), log_level="warning")
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    try:
        yield Site(f"http://{LOOPBACK}:{port}", access)
    finally:
        room.close()
        server.should_exit = True
        thread.join()


def picture(
    browser: Browser,
    site: Site,
    name: str,
    size_px: tuple[int, int],
    suffix: str = "",
    *,
    dark: bool = False,
) -> None:
    """Take a picture of the upper part of a page."""
    page = opened(browser, size_px, dark=dark)
    site.enter(page)
    page.goto(site.address + _PAGES[name])
    page.wait_for_load_state("networkidle")
    keep(page, f"page_{name}{suffix}")
    page.context.close()


def live(browser: Browser, site: Site) -> None:
    """Take pictures of a question and of a set under way, wide and narrow."""
    page = opened(browser, _WIDE)
    site.enter(page)
    page.get_by_role("button", name="Start").click()
    page.get_by_role("radio", name="4").check()
    expect(page.locator("#words")).to_contain_text("gently", timeout=_STUCK_MS)
    keep(page, "page_pain")
    page.get_by_role("button", name="Done").click()
    expect(page.locator("#count")).to_have_text("2", timeout=_STUCK_MS)
    keep(page, "page_live")
    page.set_viewport_size({"width": _NARROW[0], "height": _NARROW[1]})
    keep(page, "page_live_narrow")
    page.context.close()


def desk(browser: Browser, site: Site, session_id: str) -> None:
    """Take pictures of the therapist's desk: inbox, session, another target, a mistake."""
    page = opened(browser, _TALL)
    site.enter(page, Role.THERAPIST)
    for name, path in _DESK.items():
        page.goto(site.address + path.format(session=session_id))
        page.wait_for_load_state("networkidle")
        if name == "session":
            page.set_viewport_size({"width": _TALL[0], "height": _SESSION_PX})
            page.locator("a.flag").first.click()
            page.locator(".flags a.jump").first.click()
            page.evaluate("window.scrollTo(0, 0)")
        keep(page, f"desk_{name}")
        page.set_viewport_size({"width": _TALL[0], "height": _TALL[1]})
    page.goto(f"{site.address}/review/rescore?exercise=squat")
    page.locator('input[name="goal"]').fill("120")
    page.locator('input[name="minimum"]').fill("70")
    page.get_by_role("button", name="Judge the sessions again").click()
    expect(page.get_by_role("heading", name="Save it")).to_be_visible(timeout=_STUCK_MS)
    keep(page, "desk_rescore")
    page.goto(f"{site.address}/review/programs")
    page.get_by_role("link", name="Alex").click()
    text = page.get_by_role("textbox").first
    text.fill(text.input_value().replace(_EDITED, "goal_deg = 290", 1))
    page.get_by_role("button", name="Save").first.click()
    page.wait_for_load_state("networkidle")
    keep(page, "desk_program")
    page.context.close()


def opened(browser: Browser, size_px: tuple[int, int], *, dark: bool = False) -> Page:
    """Return an empty page of this size."""
    width, height = size_px
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
    )
    return context.new_page()


def keep(page: Page, name: str) -> None:
    """Write what is seen of a page into the folder of pictures."""
    path = PICTURES / f"{name}.png"
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    shot.quantize(_COLOURS).save(path, optimize=True)
    path.chmod(0o644)
    sys.stdout.write(f"{path.relative_to(CHECKOUT)}\n")


# -- a month --------------------------------------------------------------------------------------


def a_month_of(log: SessionLog) -> None:
    """Enter a program and three and a half weeks of its exercises, nearly all of them done."""
    moment = datetime.combine(MONDAY, datetime.min.time(), UTC).isoformat()
    ref = import_program(log, PROGRAM.encode(), "it", find_exercise, moment).row.ref
    for ahead in range((TODAY.date() - MONDAY).days):
        at = datetime.combine(MONDAY + timedelta(days=ahead), datetime.min.time(), UTC)
        at += timedelta(hours=9)
        exercises = [("squat", 5, Side.BOTH)]
        if ahead % 7 in (0, 3):
            exercises.append(("glute_bridge", 8, Side.BOTH))
        if ahead % 7 != 5:
            a_sitting(log, ref, at.isoformat(), ahead, exercises)


def a_sitting(
    log: SessionLog, ref: ProgramRef, at: str, ahead: int, exercises: list[tuple[str, int, Side]]
) -> None:
    """Enter two sets of each exercise, and what was said."""
    plan = [(each, number) for each in exercises for number in (1, 2)]
    sitting = log.sittings.begin({"sets": []}, at, "0.1.0", ref)
    sitting.report(SelfReport(ReportKind.PAIN_BEFORE, 3 if ahead < 10 else 2, at))
    for place, ((exercise_id, reps, side), _) in enumerate(plan, 1):
        source = SourceRecord(SourceKind.WEBCAM, "0")
        header = SessionHeader(
            exercise_id, 1, side, source, at, "0.1.0", sitting_id=sitting.sitting_id,
            set_number=place,
        )  # fmt: skip
        writer = log.begin(header)
        peak = 62.0 + ahead if exercise_id == "squat" else 30.0 - ahead
        for index in range(1, reps + 1):
            start_ms = 3_000 * index
            writer.record(
                Rep(
                    index,
                    side,
                    start_ms,
                    start_ms + 1_000,
                    start_ms + 2_000,
                    RepStatus.COUNTED,
                    None,
                    peak,
                    peak - 5.0,
                    8.0,
                    1_000,
                    1_000,
                    0,
                    (),
                )
            )
        writer.finish(at, TrackingQuality(400, 1.0, View.SIDE, view_ok=True))
    sitting.report(SelfReport(ReportKind.PAIN_AFTER, 4 if ahead % 6 == 2 else 2, at))
    sitting.report(SelfReport(ReportKind.EFFORT, 5, at))
    sitting.finish(at)


if __name__ == "__main__":
    sys.exit(main())
