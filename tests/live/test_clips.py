"""Clips of a whole sitting: what was flagged is there to look at again, and nothing else is."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hep_vision.app.clip_encoder import ClipJob
from hep_vision.app.live_plan import Asked
from hep_vision.app.live_session import Equipment, LiveResult
from hep_vision.core.targets import Targets
from hep_vision.sources.recorded import read_track
from hep_vision.store.records import SessionStatus
from hep_vision.store.review_records import ClipRow
from hep_vision.store.sessions import SessionLog
from numbered import decoded
from rehearsal import Disk, MadeUpDisplay, Rehearsal, Room, close_at_the_end, sets_of, squats

Hold = Callable[[Rehearsal, Asked | None], LiveResult]
TOO_DEEP = Asked("squat", sets=1, reps=3, targets=Targets(50.0, None, 60.0))
STUCK_S = 30.0


def clips_of(data_dir: Path) -> list[ClipRow]:
    with SessionLog.open(data_dir) as log:
        assert log.clips.verify() == []
        return log.clips.rows()


class SlowRehearsal(Rehearsal):
    """A rehearsal whose clips are written by somebody else."""

    write: Callable[[ClipJob], None]

    @property
    def equipment(self) -> Equipment:
        return replace(super().equipment, write_clip=self.write)


def test_what_was_flagged_is_kept_with_every_picture_and_its_landmarks(
    tmp_path: Path, hold: Hold
) -> None:
    result = hold(Rehearsal(tmp_path, Room(squats(3))), TOO_DEEP)

    (only,) = sets_of(tmp_path)
    assert all("over_limit" in {d.id for d in rep.deviations} for rep in only.reps)
    rows = clips_of(tmp_path)
    assert sorted(row.clip.rep for row in rows) == [1, 2, 3]
    assert only.row.track_path is not None
    stamps = read_track(only.row.track_path).timestamp_ms.tolist()
    for row in rows:
        clip, rep = row.clip, only.reps[row.clip.rep - 1]
        expected = [t for t in stamps if rep.start_ms - 2_000 <= t < rep.end_ms + 1_000]
        pictures = decoded(tmp_path / "clips" / f"{row.clip_id}.mp4")
        assert [clip.start_ms + round(at_ms) for at_ms, _ in pictures] == expected
    assert (
        "3 clips of flagged repetitions kept on this machine; see: hep-vision clips list"
        in result.lines
    )


@pytest.mark.parametrize("options", [{"clips": None}, {"keep": False}], ids=str)
def test_without_clips_no_picture_is_kept(
    tmp_path: Path, hold: Hold, options: dict[str, Any]
) -> None:
    result = hold(Rehearsal(tmp_path, Room(squats(3)), options=options), TOO_DEEP)
    assert result.lines[0] == "Squat: 3 of 3 repetitions"
    assert not (tmp_path / "clips").exists()
    assert not any("clip" in line for line in result.lines)


def test_an_encoder_that_hangs_costs_no_repetition_and_no_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole sitting goes by while the first clip is being written."""
    monkeypatch.setattr("hep_vision.app.live_clips.CLOSE_TIMEOUT_S", 0.0)
    never = threading.Event()
    rehearsal = SlowRehearsal(tmp_path, Room(squats(3)))
    rehearsal.write = lambda _: assert_(never.wait(STUCK_S))
    result = rehearsal.hold(monkeypatch, TOO_DEEP)
    never.set()

    (only,) = sets_of(tmp_path)
    assert only.row.status is SessionStatus.FINISHED
    assert only.row.counts.counted == 3
    assert result.meter.dropped == 0
    assert result.problem is None
    assert any(line.startswith("3 clips were left out") for line in result.lines)
    assert clips_of(tmp_path) == []


def test_a_full_disk_keeps_the_patient_going(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(display: MadeUpDisplay) -> Sequence[str]:
        disk.full = disk.full or display.count == 2
        return close_at_the_end(display)

    with Disk(monkeypatch) as disk:
        result = Rehearsal(tmp_path, Room(squats(3)), fill).hold(monkeypatch, TOO_DEEP)
    assert result.lines[0] == "Squat: 3 of 3 repetitions"
    assert result.problem is not None
    assert clips_of(tmp_path) == []


def assert_(came: bool) -> None:
    assert came
