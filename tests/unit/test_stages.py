"""What is measured of an analysis adds up, and measuring nothing changes nothing."""

import contextlib
from pathlib import Path

import pytest

import media
from hep_vision import stages
from hep_vision.sources.video_file import VideoFile
from hep_vision.stages import COUNT, DECODE, INFERENCE, LOG, NO_TIMER, SCALE, WAIT, StageTimer


class Clock:
    """A clock that moves only when told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall_ns = self.thread_ns = self.process_ns = 0
        for name in ("perf_counter_ns", "thread_time_ns", "process_time_ns"):
            monkeypatch.setattr(stages.time, name, getattr(self, f"_{name}"))

    def work(self, wall_ms: float, cpu_ms: float, elsewhere_ms: float = 0.0) -> None:
        self.wall_ns += round(1e6 * wall_ms)
        self.thread_ns += round(1e6 * cpu_ms)
        self.process_ns += round(1e6 * (cpu_ms + elsewhere_ms))

    def _perf_counter_ns(self) -> int:
        return self.wall_ns

    def _thread_time_ns(self) -> int:
        return self.thread_ns

    def _process_time_ns(self) -> int:
        return self.process_ns


def test_each_stage_has_its_own_time_and_inference_what_libraries_did(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock(monkeypatch)
    timer = StageTimer()
    clock.work(1000, 900)  # loading
    timer.begin()
    for _ in range(2):
        with timer.timed(INFERENCE):
            clock.work(12, 1, elsewhere_ms=10)
        with timer.timed(COUNT):
            clock.work(2, 1.5)
    clock.work(3, 3)
    profile = timer.profile(frames=2)
    found = {one.name: (one.wall_ms, one.cpu_ms) for one in profile.stages}
    assert (profile.frames, profile.wall_ms, profile.cpu_ms) == (2, 31.0, 28.0)
    assert found[COUNT] == (4.0, 3.0)
    assert found[INFERENCE] == (24.0, 25.0)
    assert found[LOG] == (0.0, 0.0)


def test_a_stage_that_fails_is_timed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    timer = StageTimer()
    timer.begin()
    with contextlib.suppress(ValueError), timer.timed(LOG):
        clock.work(5, 5)
        raise ValueError
    assert {one.name: one.wall_ms for one in timer.profile(1).stages}[LOG] == 5.0


def test_items_pass_through() -> None:
    assert list(StageTimer().each(DECODE, iter("abc"))) == ["a", "b", "c"]
    items = ["a", "b"]
    assert NO_TIMER.each(DECODE, items) is items
    with NO_TIMER.timed(DECODE):
        pass


def test_a_video_tells_its_stages_and_gives_the_same_frames(tmp_path: Path) -> None:
    path = media.write_video(tmp_path / "clip.mp4")
    timer = StageTimer()
    timer.begin()
    with VideoFile(path, timer=timer) as timed, VideoFile(path) as plain:
        assert [one.timestamp_ms for one in timed] == [one.timestamp_ms for one in plain]
    took_ms = {one.name: one.wall_ms for one in timer.profile(10).stages}
    assert all(took_ms[stage] > 0 for stage in (DECODE, SCALE, WAIT))
    assert took_ms[COUNT] == 0
