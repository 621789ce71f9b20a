"""``hep-vision feel`` and ``concerns`` as they are typed."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from hep_vision.core.types import ReportKind, Side
from hep_vision.errors import ExitCode
from hep_vision.store.records import (
    SelfReport,
    SessionHeader,
    SittingRow,
    SourceKind,
    SourceRecord,
)
from hep_vision.store.sessions import SessionLog

Command = Callable[..., Any]
PROGRAM = """
patient = "A. B."
therapist = "C. D."
start = 2026-01-01
review = 2036-05-01
[[exercises]]
id = "squat"
sets = 1
reps = 10
times_per_day = 1
"""


def sit(data_dir: Path, days_ago: int = 0, *, follows: bool = False) -> str:
    at = (datetime.now(UTC) - timedelta(days=days_ago)).isoformat()
    with SessionLog.open(data_dir) as log:
        ref = log.programs.newest()[0].ref if follows else None
        writer = log.sittings.begin({"sets": [{"exercise": "squat"}]}, at, "0", ref)
        source = SourceRecord(SourceKind.WEBCAM, "0")
        log.begin(
            SessionHeader(
                "squat", 1, Side.BOTH, source, at, "0", sitting_id=writer.sitting_id, set_number=1
            )
        )
        writer.finish(at)
        return writer.sitting_id


def sitting(data_dir: Path, sitting_id: str) -> SittingRow:
    with SessionLog.open(data_dir) as log:
        return log.sittings.sitting(sitting_id)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that puts somebody at the terminal who types these lines."""

    def put(*lines: str) -> None:
        stdin = StringIO("".join(f"{line}\n" for line in lines))
        monkeypatch.setattr(stdin, "isatty", lambda: True, raising=False)
        monkeypatch.setattr("sys.stdin", stdin)

    return put


def one_line(ran: Any, code: ExitCode) -> str:
    assert ran.code == code
    (line,) = ran.err.splitlines()
    return str(line)


class TestFeel:
    def test_it_goes_to_the_last_sitting(self, hep_vision: Command, data_dir: Path) -> None:
        sit(data_dir, 3)
        last = sit(data_dir, 1)
        ran = hep_vision("feel", "--morning", "2", "--effort", "5", "--message", "Good.")
        assert (ran.code, ran.err) == (ExitCode.OK, "")
        (thanks,) = ran.out.splitlines()
        assert thanks.startswith("Thank you.")
        row = sitting(data_dir, last)
        assert row.reported(ReportKind.PAIN_NEXT_MORNING) == 2
        assert (row.reported(ReportKind.EFFORT), row.message) == (5, "Good.")

    def test_or_to_the_one_named(self, hep_vision: Command, data_dir: Path) -> None:
        earlier, _ = sit(data_dir, 3), sit(data_dir)
        hep_vision("feel", "--after", "7", "--exercise", "squat", "--sitting", earlier[:8])
        assert sitting(data_dir, earlier).reported(ReportKind.PAIN_AFTER, "squat") == 7

    @pytest.mark.parametrize(("score", "lines"), [("1", 1), ("4", 2), ("8", 2)])
    def test_the_advice_is_one_line(
        self, hep_vision: Command, data_dir: Path, score: str, lines: int
    ) -> None:
        sit(data_dir)
        ran = hep_vision("feel", "--after", score, "--before", "0")
        assert len(ran.out.splitlines()) == lines
        assert ("therapist" in ran.out) is (score == "8")

    @pytest.mark.parametrize(
        "options",
        [
            (),
            ("--after", "11"),
            ("--morning=-1",),
            ("--after", "1", "--exercise", "bridge"),
            ("--exercise", "squat", "--message", "x"),
            ("--message", "x" * 501),
        ],
        ids=str,
    )
    def test_a_slip_is_one_line(
        self, hep_vision: Command, data_dir: Path, options: tuple[str, ...]
    ) -> None:
        row = sitting(data_dir, sit(data_dir))
        one_line(hep_vision("feel", *options), ExitCode.USAGE)
        assert sitting(data_dir, row.sitting_id) == row

    def test_no_sitting_yet(self, hep_vision: Command) -> None:
        assert "no sitting yet" in one_line(hep_vision("feel", "--after", "1"), ExitCode.USAGE)

    def test_an_unknown_sitting(self, hep_vision: Command, data_dir: Path) -> None:
        sit(data_dir)
        ran = hep_vision("feel", "--after", "1", "--sitting", "nope")
        one_line(ran, ExitCode.STORE_UNUSABLE)


class TestAsked:
    def test_one_question_at_a_time_and_enter_skips(
        self, hep_vision: Command, data_dir: Path, typed: Callable[..., None]
    ) -> None:
        last = sit(data_dir, 1)
        typed("1", "", "three", "11", "3", "", "It went well.")
        ran = hep_vision("feel")
        assert (ran.code, ran.err) == (ExitCode.OK, "")
        row = sitting(data_dir, last)
        assert [(one.kind, one.value) for one in row.reports] == [
            (ReportKind.PAIN_BEFORE, 1),
            (ReportKind.PAIN_NEXT_MORNING, 3),
        ]
        assert row.message == "It went well."

    def test_on_the_same_day_the_morning_is_not_asked(
        self, hep_vision: Command, data_dir: Path, typed: Callable[..., None]
    ) -> None:
        last = sit(data_dir)
        typed("1", "2", "3", "")
        hep_vision("feel")
        row = sitting(data_dir, last)
        assert row.reported(ReportKind.EFFORT) == 3
        assert row.reported(ReportKind.PAIN_NEXT_MORNING) is None

    @pytest.mark.parametrize("lines", [("", "", "", ""), ("1", "2")], ids=["skipped", "broken off"])
    def test_nothing_told_keeps_nothing(
        self,
        hep_vision: Command,
        data_dir: Path,
        typed: Callable[..., None],
        lines: tuple[str, ...],
    ) -> None:
        row = sitting(data_dir, sit(data_dir))
        typed(*lines)
        ran = hep_vision("feel")
        assert ran.code == ExitCode.OK
        assert "Nothing was kept." in ran.out
        assert sitting(data_dir, row.sitting_id) == row


class TestToday:
    def test_it_says_that_the_morning_can_be_told_until_it_was(
        self, hep_vision: Command, data_dir: Path, tmp_path: Path
    ) -> None:
        file = tmp_path / "a.toml"
        file.write_text(PROGRAM, encoding="utf-8")
        hep_vision("program", "import", file)
        assert "feel --morning" not in hep_vision("today").out
        sit(data_dir, 1, follows=True)
        assert "hep-vision feel --morning 2" in hep_vision("today").out
        hep_vision("feel", "--morning", "2")
        assert "feel --morning" not in hep_vision("today").out


class TestConcerns:
    def test_nothing_is_said_kindly(self, hep_vision: Command) -> None:
        ran = hep_vision("concerns")
        assert (ran.code, ran.err) == (ExitCode.OK, "")
        assert ran.out.startswith("Nothing to look at first since ")

    def test_the_most_urgent_is_on_top(self, hep_vision: Command, data_dir: Path) -> None:
        red = sit(data_dir, 2)
        stamp = datetime.now(UTC).isoformat()
        with SessionLog.open(data_dir) as log:
            log.sittings.say(sit(data_dir), "[bold]Hi")
            log.sittings.report(red, SelfReport(ReportKind.PAIN_AFTER, 8, stamp, "squat"))
        ran = hep_vision("concerns")
        rows = ran.out.splitlines()[1:]
        assert rows[0].startswith("red pain")
        assert red[:8] in rows[0]
        assert "[bold]Hi" in ran.out

        found = json.loads(hep_vision("concerns", "-f", "json").out)
        assert [one["kind"] for one in found["concerns"]] == ["red_pain", "message"]
        first = found["concerns"][0]
        assert (first["exercise"], first["evidence"][0]["value"]) == ("squat", 8)
        assert first["evidence"][0]["sitting"] == red

    def test_what_was_before_is_left_out(self, hep_vision: Command, data_dir: Path) -> None:
        with SessionLog.open(data_dir) as log:
            log.sittings.say(sit(data_dir, 40), "Hi")
        assert hep_vision("concerns").out.startswith("Nothing")
        assert "Wrote: Hi" in hep_vision("concerns", "--since", "2020-01-01").out

    def test_a_message_that_was_read_is_left_out(self, hep_vision: Command, data_dir: Path) -> None:
        sitting_id = sit(data_dir)
        with SessionLog.open(data_dir) as log:
            log.sittings.say(sitting_id, "[bold]Hi\x1b[2J\nMay I go on?")
        assert "message" in hep_vision("concerns").out
        ran = hep_vision("log", "read", sitting_id[:8], "--by", "C. D.")
        assert ran.code == 0
        assert ran.out.splitlines() == [
            "[bold]Hi [2J",
            "May I go on?",
            f"Sitting {sitting_id[:8]}: the message is marked as read.",
        ]
        assert hep_vision("concerns").out.startswith("Nothing")
        reading = sitting(data_dir, sitting_id).reading
        assert reading is not None
        assert reading.read_by == "C. D."

    def test_what_cannot_be_read_is_one_line(self, hep_vision: Command, data_dir: Path) -> None:
        silent = sit(data_dir)
        one_line(hep_vision("log", "read", silent), ExitCode.USAGE)
        one_line(hep_vision("log", "read", "zzzz"), ExitCode.STORE_UNUSABLE)

    def test_an_unknown_patient_is_one_line(self, hep_vision: Command) -> None:
        one_line(hep_vision("concerns", "--patient", "X."), ExitCode.USAGE)
