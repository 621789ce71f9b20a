"""Clips and verdicts in the log: whole files, found damage, and who goes first for want of room."""

import dataclasses
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flagged import flag, hold, rep
from hep_vision.core.types import Severity, Side
from hep_vision.errors import ClipError, ExitCode, StoreError
from hep_vision.store.locations import LogPlace
from hep_vision.store.records import SessionHeader, SourceKind, SourceRecord
from hep_vision.store.review_records import ClipRow, Finding, NewClip, Verdict
from hep_vision.store.sessions import SessionLog
from servers import run_sql

STOP = flag("over_limit", Severity.STOP)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SIZE = 1_000


def day(number: int) -> str:
    return (NOW - timedelta(days=100 - number)).isoformat()


def new_clip(ordinal: int = 0, created_at: str = day(0), **other: object) -> NewClip:
    clip = NewClip(ordinal, ordinal + 1, ("over_limit",), 0, 5_000, 64, 48, 25.0, False, created_at)
    return dataclasses.replace(clip, **other)


@pytest.fixture
def log(place: LogPlace) -> Iterator[SessionLog]:
    with SessionLog.open(place) as opened:
        yield opened


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    return tmp_path / "data" / "clips"


def session(log: SessionLog, count: int = 8, *, message: str | None = None) -> str:
    """Log a session of flagged repetitions; return its id."""
    header = SessionHeader(
        "squat", 1, Side.BOTH, SourceRecord(SourceKind.WEBCAM, "0"), NOW.isoformat(), "0.1.0"
    )
    if message is not None:
        sitting = log.sittings.begin({}, NOW.isoformat(), "0.1.0")
        sitting.say(message)
        header = dataclasses.replace(header, sitting_id=sitting.sitting_id, set_number=1)
    writer = log.begin(header)
    for number in range(1, count + 1):
        writer.record(rep(number, STOP))
    return writer.session_id


def keep(log: SessionLog, session_id: str, clip: NewClip | None = None) -> ClipRow:
    draft = log.clips.draft()
    draft.write_bytes(os.urandom(SIZE))
    return log.clips.add(session_id, clip or new_clip(), draft)


def decide(log: SessionLog, row: ClipRow, finding: Finding, check: str = "over_limit") -> None:
    verdict = Verdict(row.clip.ordinal, check, finding, NOW.isoformat())
    log.verdicts.decide(row.session_id, verdict)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


class TestKeeping:
    def test_what_was_kept_comes_back(self, log: SessionLog, clips: Path) -> None:
        owner = session(log)
        row = keep(log, owner, new_clip(3, blurred=True, checks=("over_limit", "knees_in")))

        assert log.clips.rows() == [row]
        assert log.clips.rows(owner[:8]) == [row]
        assert log.clips.row(row.clip_id[:8]) == row
        assert log.clips.path(row) == clips / f"{row.clip_id}.mp4"
        assert row.size_bytes == SIZE
        assert log.clips.verify() == []

    def test_it_is_the_owners_only_and_nothing_else_is_left(
        self, log: SessionLog, clips: Path
    ) -> None:
        row = keep(log, session(log))
        assert names(clips) == {f"{row.clip_id}.mp4"}
        assert stat.S_IMODE(clips.stat().st_mode) == 0o700
        assert not stat.S_IMODE(log.clips.path(row).stat().st_mode) & 0o077

    def test_a_draft_is_no_clip(self, log: SessionLog) -> None:
        session(log)
        log.clips.draft().write_bytes(b"half a clip")
        assert log.clips.rows() == []

    def test_a_session_that_is_not_there_keeps_none(self, log: SessionLog, clips: Path) -> None:
        with pytest.raises(StoreError, match="No session"):
            keep(log, "nobody's")
        assert names(clips) == set()

    def test_one_clip_of_one_repetition(self, log: SessionLog, clips: Path) -> None:
        row = keep(log, owner := session(log))
        with pytest.raises(StoreError, match="already") as raised:
            keep(log, owner)
        assert "\n" not in str(raised.value)
        assert names(clips) == {f"{row.clip_id}.mp4"}

    def test_a_draft_that_was_never_written(self, log: SessionLog) -> None:
        owner = session(log)
        with pytest.raises(StoreError):
            log.clips.add(owner, new_clip(), log.clips.draft())
        assert log.clips.rows() == []

    def test_deleting_a_clip_leaves_what_was_said_of_it(self, log: SessionLog, clips: Path) -> None:
        row = keep(log, session(log))
        decide(log, row, Finding.CONFIRMED)
        log.clips.delete(row)
        assert (log.clips.rows(), names(clips)) == ([], set())
        assert len(log.verdicts.of_session(row.session_id)) == 1


class TestDamage:
    def test_a_changed_byte_is_found(self, log: SessionLog) -> None:
        row = keep(log, session(log))
        path = log.clips.path(row)
        content = bytearray(path.read_bytes())
        content[500] ^= 1
        path.write_bytes(content)

        with pytest.raises(ClipError, match="damaged") as raised:
            log.clips.path(row)
        assert raised.value.exit_code == ExitCode.STORE_UNUSABLE
        assert log.clips.verify() == [str(raised.value)]

    def test_a_missing_file_is_found(self, log: SessionLog) -> None:
        row = keep(log, session(log))
        log.clips.path(row).unlink()
        (line,) = log.clips.verify()
        assert "is missing" in line
        assert "\n" not in line

    def test_no_row_points_outside_the_folder(
        self, log: SessionLog, place: LogPlace, tmp_path: Path
    ) -> None:
        keep(log, session(log))
        outside = tmp_path / "outside.mp4"
        outside.write_bytes(b"somebody's")
        run_sql(place, "UPDATE clip SET id = '../../outside'")

        (row,) = log.clips.rows()
        for use in (log.clips.path, log.clips.delete):
            with pytest.raises(ClipError, match="no name of a clip"):
                use(row)
        assert outside.exists()

    def test_an_unknown_clip(self, log: SessionLog) -> None:
        with pytest.raises(StoreError, match="No clip begins with"):
            log.clips.row("%")


class TestRoom:
    def test_who_goes_first(self, log: SessionLog) -> None:
        """Dismissed, then looked at, then the others; of each kind the oldest."""
        owner = session(log)
        kept = [keep(log, owner, new_clip(k, day(k))) for k in range(8)]
        said = {
            1: Finding.CONFIRMED, 3: Finding.DISMISSED, 5: Finding.UNSURE, 6: Finding.DISMISSED,
        }  # fmt: skip
        for place, finding in said.items():
            decide(log, kept[place], finding)

        gone = [
            log.clips.keep_within(NOW, budget_bytes=SIZE * left).deleted
            for left in range(7, -1, -1)
        ]
        assert [row.clip.ordinal for (row,) in gone] == [3, 6, 1, 0, 2, 4, 5, 7]
        assert log.clips.rows() == []

    def test_the_last_verdict_holds(self, log: SessionLog) -> None:
        owner = session(log)
        first, second = (keep(log, owner, new_clip(k, day(k))) for k in range(2))
        decide(log, second, Finding.DISMISSED)
        decide(log, second, Finding.UNSURE)
        assert log.clips.keep_within(NOW, budget_bytes=SIZE).deleted == (first,)

    def test_a_clip_kept_for_two_checks_is_dismissed_when_both_are(self, log: SessionLog) -> None:
        owner = session(log)
        with_both = dataclasses.replace(new_clip(1, day(1)), checks=("over_limit", "knees_in"))
        first, second = keep(log, owner, new_clip(0, day(0))), keep(log, owner, with_both)
        decide(log, second, Finding.DISMISSED)
        assert log.clips.keep_within(NOW, budget_bytes=SIZE).deleted == (first,)

    def test_within_the_budget_nothing_goes(self, log: SessionLog) -> None:
        keep(log, session(log))
        pruned = log.clips.keep_within(NOW, budget_bytes=SIZE)
        assert (pruned.deleted, pruned.kept_bytes) == ((), SIZE)

    def test_what_is_too_old_goes(self, log: SessionLog) -> None:
        owner = session(log)
        old = keep(log, owner, new_clip(0, day(9)))
        young = keep(log, owner, new_clip(1, day(11)))
        pruned = log.clips.keep_within(NOW, retention=timedelta(days=90))
        assert pruned.deleted == (old,)
        assert log.clips.rows() == [young]

    def test_what_a_message_may_be_about_stays_until_somebody_looked(self, log: SessionLog) -> None:
        row = keep(log, session(log, message="My knee hurt in the first one."))
        strict = {"budget_bytes": 0, "retention": timedelta(days=1)}
        assert log.clips.keep_within(NOW, **strict).deleted == ()
        decide(log, row, Finding.CONFIRMED)
        assert log.clips.keep_within(NOW, **strict).deleted == (row,)

    def test_stray_files_go_and_drafts_under_way_stay(self, log: SessionLog, clips: Path) -> None:
        """A process killed while it wrote leaves a draft, or a file without a row."""
        row = keep(log, session(log))
        left, without_row = log.clips.draft(), clips / f"{'0' * 8}-0000-0000-0000-{'0' * 12}.mp4"
        under_way, not_ours = log.clips.draft(), clips / "notes.txt"
        for path in (left, without_row, under_way, not_ours):
            path.write_bytes(b"half")
        long_ago = (NOW - timedelta(hours=2)).timestamp()
        for path in (left, without_row, not_ours, log.clips.path(row)):
            os.utime(path, (long_ago, long_ago))
        os.utime(under_way, (NOW.timestamp(), NOW.timestamp()))

        assert log.clips.keep_within(NOW).swept == 2
        assert names(clips) == {f"{row.clip_id}.mp4", under_way.name, not_ours.name}


class TestVerdicts:
    def test_all_are_kept_in_their_order(self, log: SessionLog) -> None:
        owner = session(log)
        said = [
            Verdict(0, "over_limit", Finding.DISMISSED, day(1), "camera slipped"),
            Verdict(0, "over_limit", Finding.CONFIRMED, day(2)),
        ]
        for verdict in said:
            log.verdicts.decide(owner[:8], verdict)
        assert log.verdicts.of_session(owner) == said

    @pytest.mark.parametrize(("ordinal", "check"), [(0, "trunk_lean"), (8, "over_limit")])
    def test_only_of_what_was_flagged(self, log: SessionLog, ordinal: int, check: str) -> None:
        owner = session(log)
        with pytest.raises(StoreError, match="has no flag") as raised:
            log.verdicts.decide(owner, Verdict(ordinal, check, Finding.UNSURE, day(1)))
        assert "\n" not in str(raised.value)

    def test_a_flag_of_a_hold_counts_too(self, log: SessionLog) -> None:
        header = SessionHeader(
            "plank", 1, Side.BOTH, SourceRecord(SourceKind.WEBCAM, "0"), day(0), "0.1.0"
        )
        writer = log.begin(header)
        writer.record(hold(0, 30_000, 9_000, flag("hips_level")))
        log.verdicts.decide(writer.session_id, Verdict(0, "hips_level", Finding.CONFIRMED, day(1)))
        assert [each.check_id for each in log.verdicts.precision("plank")] == ["hips_level"]

    def test_precision_is_of_what_was_decided_last(self, log: SessionLog) -> None:
        owner = session(log)
        for ordinal, *findings in (
            (0, Finding.DISMISSED, Finding.CONFIRMED),
            (1, Finding.CONFIRMED),
            (2, Finding.DISMISSED),
            (3, Finding.UNSURE),
            (4, Finding.CONFIRMED),
        ):
            for finding in findings:
                log.verdicts.decide(owner, Verdict(ordinal, "over_limit", finding, day(1)))

        (found,) = log.verdicts.precision()
        assert (found.exercise_id, found.check_id) == ("squat", "over_limit")
        assert (found.confirmed, found.dismissed, found.unsure) == (3, 1, 1)
        assert found.precision == 0.75
        assert log.verdicts.precision("bridge") == []

    def test_nobody_decided_is_no_precision(self, log: SessionLog) -> None:
        owner = session(log)
        log.verdicts.decide(owner, Verdict(0, "over_limit", Finding.UNSURE, day(1)))
        assert [each.precision for each in log.verdicts.precision()] == [None]
