"""Clips cut from a recording, written out for somebody else, and replayed without pictures."""

import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import media
from flagged import PERIOD_MS, REP_MS, flag, hold, rep
from hep_vision.app.clips import cut_clips, export_clips
from hep_vision.app.replay import clip_landmarks, replay_landmarks, replays
from hep_vision.core.clips import ClipPolicy, ClipScope
from hep_vision.core.landmarks import Landmark
from hep_vision.core.types import Event, PoseFrame, Severity, Side
from hep_vision.errors import ClipError, ExportError, SourceError
from hep_vision.sources.recorded import TrackRecorder, write_track
from hep_vision.store.records import SessionHeader, SourceKind, SourceRecord
from hep_vision.store.sessions import SessionLog
from numbered import SIZE_PX, Picture, decoded, number_of, numbered

STOP = flag("over_limit", Severity.STOP)
STEP_MS = 50
LONG_MS = 5 * PERIOD_MS
HEAD = (80.0, 24.0)
EVERY = ClipPolicy(ClipScope.EVERY, most=9)


def poses() -> Iterator[PoseFrame]:
    """Yield a body whose ears are 40 px apart in the middle of the picture."""
    for time_ms in range(0, LONG_MS, STEP_MS):
        at = np.tile(HEAD, (33, 1)) + np.arange(33)[:, None] / 10
        at[Landmark.LEFT_EAR], at[Landmark.RIGHT_EAR] = (60.0, 24.0), (100.0, 24.0)
        at[20] = np.nan
        yield PoseFrame(time_ms, at, np.full((33, 3), np.nan), np.full(33, 0.75), SIZE_PX)


def head_is_hidden(picture: Picture) -> bool:
    """Tell whether no square is left where the head is: each would have all of its contrast."""
    return bool(np.ptp(picture[4:44, 60:100].astype(int)) < 200)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SessionLog]:
    with SessionLog.open(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return media.write_video(
        tmp_path / "numbered.mp4",
        stamps_ms=range(0, 4 * PERIOD_MS, STEP_MS),
        size_px=SIZE_PX,
        picture=lambda place: numbered(place % 256),
    )


@pytest.fixture
def book(log: SessionLog) -> Callable[..., str]:
    def booked(*events: Event, track: bool = True) -> str:
        source = SourceRecord(SourceKind.VIDEO, "numbered.mp4")
        header = SessionHeader("squat", 1, Side.BOTH, source, "2026-11-24T12:00:00Z", "0.1.0")
        writer = log.begin(header)
        for event in events:
            writer.record(event)
        if track:
            recorder = TrackRecorder(SIZE_PX)
            for pose in poses():
                recorder.add(pose)
            writer.keep_track(lambda path: write_track(path, recorder.track()))
        return writer.session_id

    return booked


class TestCutting:
    def test_it_is_cut_by_the_times_of_the_file(
        self, log: SessionLog, video: Path, book: Callable[..., str]
    ) -> None:
        owner = book(rep(1), rep(2, STOP), rep(3))
        (row,) = cut_clips(log, video, owner, ClipPolicy(), blurs=False)

        stamps = list(range(PERIOD_MS - 2_000, PERIOD_MS + REP_MS + 1_000, STEP_MS))
        pictures = decoded(log.clips.path(row))
        assert [STEP_MS * number_of(picture) for _, picture in pictures] == stamps
        times_ms = [row.clip.start_ms + time_ms for time_ms, _ in pictures]
        assert times_ms == pytest.approx(stamps, abs=1e-6)
        assert (row.clip.start_ms, row.clip.end_ms) == (stamps[0], stamps[-1] + STEP_MS)
        assert log.clips.rows(owner) == [row]

    def test_of_a_fast_video_the_pictures_that_were_looked_at_are_kept(
        self, log: SessionLog, tmp_path: Path, book: Callable[..., str]
    ) -> None:
        fast = media.write_video(
            tmp_path / "fast.mp4",
            stamps_ms=range(60 * 3 * PERIOD_MS // 1000),
            size_px=SIZE_PX,
            picture=lambda place: numbered(place % 256),
            ticks_per_second=60,
        )
        owner = book(rep(2, STOP))
        (row,) = cut_clips(log, fast, owner, ClipPolicy(), blurs=False)
        assert row.clip.fps == pytest.approx(30, abs=0.05)
        pictures = decoded(log.clips.path(row))
        numbers = [number_of(picture) for _, picture in pictures]
        assert numbers == [
            2 * k % 256 for k in range(numbers[0] // 2, numbers[0] // 2 + len(numbers))
        ]
        assert row.clip.start_ms == pytest.approx(PERIOD_MS - 2_000, abs=17)
        assert row.clip.end_ms == pytest.approx(PERIOD_MS + REP_MS + 1_000, abs=34)

    def test_at_the_borders_of_the_recording_there_is_less(
        self, log: SessionLog, video: Path, book: Callable[..., str]
    ) -> None:
        owner = book(rep(1, STOP), hold(15_000, 16_000, 15_500, STOP))
        first, last = sorted(
            cut_clips(log, video, owner, ClipPolicy(), blurs=False),
            key=lambda row: row.clip.start_ms,
        )
        assert (first.clip.start_ms, first.clip.end_ms) == (0, REP_MS + 1_000)
        assert (last.clip.start_ms, last.clip.end_ms) == (13_000, 16_000)

    def test_spans_that_overlap_are_cut_in_one_pass(
        self, log: SessionLog, video: Path, book: Callable[..., str]
    ) -> None:
        owner = book(*(rep(k, STOP) for k in (1, 2, 3)))
        rows = cut_clips(log, video, owner, EVERY, blurs=False)
        assert [len(decoded(log.clips.path(row))) for row in rows] == [60, 100, 100]

    def test_what_lies_outside_the_recording_gives_none(
        self, log: SessionLog, video: Path, book: Callable[..., str], tmp_path: Path
    ) -> None:
        owner = book(rep(9, STOP))
        assert cut_clips(log, video, owner, ClipPolicy(), blurs=False) == []
        assert list((tmp_path / "data" / "clips").iterdir()) == []

    def test_a_recording_that_is_gone_is_said(
        self, log: SessionLog, tmp_path: Path, book: Callable[..., str]
    ) -> None:
        owner = book(rep(1, STOP))
        with pytest.raises(SourceError):
            cut_clips(log, tmp_path / "gone.mp4", owner, ClipPolicy(), blurs=False)
        assert log.clips.rows() == []

    def test_faces_are_hidden_where_that_is_asked_for(
        self, log: SessionLog, video: Path, book: Callable[..., str]
    ) -> None:
        owner = book(rep(1, STOP))
        (row,) = cut_clips(log, video, owner, ClipPolicy(), blurs=True)
        assert row.clip.blurred
        assert all(head_is_hidden(picture) for _, picture in decoded(log.clips.path(row)))


class TestExport:
    @pytest.fixture
    def owner(self, log: SessionLog, video: Path, book: Callable[..., str]) -> str:
        owner = book(rep(1), rep(2, STOP))
        cut_clips(log, video, owner, ClipPolicy(), blurs=False)
        return owner

    def test_faces_are_hidden_and_the_times_stay(
        self, log: SessionLog, owner: str, tmp_path: Path
    ) -> None:
        (path,) = export_clips(log, owner[:8], tmp_path / "out", blurs=True)
        (row,) = log.clips.rows(owner)

        before, after = decoded(log.clips.path(row)), decoded(path)
        assert [t for t, _ in after] == pytest.approx([t for t, _ in before], abs=1e-6)
        for (_, shown), (_, hidden) in zip(before, after, strict=True):
            assert head_is_hidden(hidden)
            assert not np.allclose(shown, hidden, atol=20)
        assert not all(head_is_hidden(shown) for _, shown in before)

    def test_without_hiding_it_is_the_very_file(
        self, log: SessionLog, owner: str, tmp_path: Path
    ) -> None:
        (path,) = export_clips(log, owner, tmp_path / "out", blurs=False)
        (row,) = log.clips.rows(owner)
        assert path.read_bytes() == log.clips.path(row).read_bytes()

    def test_a_clip_that_was_kept_with_faces_hidden_stays_so(
        self, log: SessionLog, video: Path, book: Callable[..., str], tmp_path: Path
    ) -> None:
        owner = book(rep(1, STOP))
        (row,) = cut_clips(log, video, owner, ClipPolicy(), blurs=True)
        for blurs in (True, False):
            (path,) = export_clips(log, owner, tmp_path / "out", blurs=blurs)
            assert path.read_bytes() == log.clips.path(row).read_bytes()

    def test_the_landmarks_lie_beside_it_for_the_owner_only(
        self, log: SessionLog, owner: str, tmp_path: Path
    ) -> None:
        (path,) = export_clips(log, owner, tmp_path / "out", blurs=True)
        landmarks = json.loads(path.with_suffix(".json").read_text())
        assert len(landmarks["frames"]) == len(decoded(path))
        for each in (path, path.with_suffix(".json")):
            assert stat.S_IMODE(each.stat().st_mode) == 0o600

    def test_without_landmarks_all_of_the_picture_is_hidden(
        self, log: SessionLog, video: Path, book: Callable[..., str], tmp_path: Path
    ) -> None:
        owner = book(rep(1, STOP), track=False)
        cut_clips(log, video, owner, ClipPolicy(), blurs=False)
        (path,) = export_clips(log, owner, tmp_path / "out", blurs=True)
        assert all(picture.max() < 200 for _, picture in decoded(path))
        assert not path.with_suffix(".json").exists()

    def test_a_damaged_clip_is_not_handed_on(
        self, log: SessionLog, owner: str, tmp_path: Path
    ) -> None:
        (row,) = log.clips.rows(owner)
        media.damage(log.clips.path(row), 0.5, 0.6)
        with pytest.raises(ClipError, match="damaged"):
            export_clips(log, owner, tmp_path / "out", blurs=True)
        assert list((tmp_path / "out").iterdir()) == []

    def test_a_folder_that_cannot_be_made_is_one_line(
        self, log: SessionLog, owner: str, tmp_path: Path
    ) -> None:
        (tmp_path / "file").write_text("in its place")
        with pytest.raises(ExportError, match="--out") as raised:
            export_clips(log, owner, tmp_path / "file" / "out", blurs=True)
        assert "\n" not in str(raised.value)


class TestReplay:
    def test_landmarks_count_from_the_start_of_the_span(
        self, log: SessionLog, book: Callable[..., str]
    ) -> None:
        detail = log.session(book(rep(1), rep(2, STOP)))
        (replay,) = replays(log, detail)
        found = replay_landmarks(detail, replay.span)

        assert replay.clip is None
        assert found is not None
        assert [frame["t_ms"] for frame in found["frames"]] == list(range(0, 5_000, STEP_MS))
        assert (found["start_ms"], found["image_size"]) == (2_000, list(SIZE_PX))
        assert found["frames"][0]["xy"][3] == [80.3, 24.3]
        assert found["frames"][0]["xy"][20] is None
        assert set(found["frames"][0]["visibility"]) == {0.75}
        json.dumps(found, allow_nan=False)

    def test_with_a_clip_the_span_is_that_of_the_clip(
        self, log: SessionLog, video: Path, book: Callable[..., str]
    ) -> None:
        owner = book(rep(1, STOP), rep(2, flag()))
        (row,) = cut_clips(log, video, owner, ClipPolicy(), blurs=False)
        first, second = replays(log, log.session(owner))
        assert first.clip == row
        assert (first.span.start_ms, first.span.end_ms) == (0, 3_000)
        assert (second.clip, second.span.checks) == (None, ("trunk_lean",))

    def test_a_session_without_landmarks_has_no_replay(
        self, log: SessionLog, book: Callable[..., str]
    ) -> None:
        detail = log.session(book(rep(1, STOP), track=False))
        assert replay_landmarks(detail, replays(log, detail)[0].span) is None

    def test_a_picture_in_which_nobody_is_seen_has_no_points(self) -> None:
        recorder = TrackRecorder(SIZE_PX)
        recorder.add(PoseFrame.unseen(0, SIZE_PX))
        (frame,) = clip_landmarks(recorder.track(), 0, 100)["frames"]
        assert set(frame["xy"]) == set(frame["visibility"]) == {None}
