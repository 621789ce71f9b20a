"""Of a video with many pictures a second evenly spaced ones are looked at, by their times."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import definitions
import media
import synthetic
from hep_vision.core.definition import ExerciseDefinition
from hep_vision.sources.thinning import thinned
from hep_vision.sources.video_file import ReadSettings, VideoFile

EFFORTS = synthetic.efforts([90, 85, 40, 90], duration_ms=1_200)
EVERY = ReadSettings(max_rate_hz=None)


def at_rate(rate_hz: float, seconds: float = 4.0) -> list[int]:
    return [round(1000 * index / rate_hz) for index in range(int(seconds * rate_hz))]


def kept_ms(stamps_ms: list[int], rate_hz: float = 30.0) -> list[int]:
    return [stamp_ms for stamp_ms, _ in thinned([(one, None) for one in stamps_ms], rate_hz)]


class TestRule:
    @pytest.mark.parametrize(
        ("rate_hz", "expected_hz"),
        [
            (60, 30),
            (59.94, 29.97),
            (120, 30),
            (240, 30),
            (50, 25),
            (48, 24),
            (100, 100 / 3),
            (90, 30),
        ],
    )
    def test_steady_rate_stays_steady(self, rate_hz: float, expected_hz: float) -> None:
        gaps_ms = np.diff(kept_ms(at_rate(rate_hz)))
        assert np.abs(gaps_ms - 1000 / expected_hz).max() <= 1  # the rounding to milliseconds

    @pytest.mark.parametrize("rate_hz", [24, 25, 29.97, 30, 31])
    def test_ordinary_rate_is_kept_whole(self, rate_hz: float) -> None:
        assert kept_ms(at_rate(rate_hz)) == at_rate(rate_hz)

    def test_where_a_phone_halves_its_rate_nothing_more_is_left_out(self) -> None:
        bright = at_rate(60, 2.0)
        dark = [2000 + stamp_ms for stamp_ms in at_rate(30, 2.0)]
        assert kept_ms(bright + dark) == [*kept_ms(bright), *dark]

    def test_trembling_stamps_lose_no_picture_of_an_ordinary_rate(self) -> None:
        tremble_ms = np.random.default_rng(3).integers(-5, 6, 120)
        stamps_ms = (np.array(at_rate(30)) + 5 + tremble_ms).tolist()
        assert kept_ms(stamps_ms) == stamps_ms

    def test_another_rate_may_be_asked_for(self) -> None:
        assert kept_ms(at_rate(60), 10.0) == list(range(0, 4000, 100))

    @given(
        steps_ms=st.lists(st.integers(1, 120), min_size=1, max_size=60),
        more_ms=st.integers(1, 100),
        start_ms=st.integers(0, 10_000),
    )
    def test_laws(self, steps_ms: list[int], more_ms: int, start_ms: int) -> None:
        stamps_ms = np.cumsum([start_ms, *steps_ms]).tolist()
        kept = kept_ms(stamps_ms)
        assert kept[0] == start_ms
        assert set(kept) <= set(stamps_ms)
        # No picture is left out for nothing: a gap is at most the wanted one and half a step.
        longest_step_ms = max(steps_ms)
        assert all(
            b - a <= max(1000 / 30 + longest_step_ms / 2, longest_step_ms)
            for a, b in pairwise(kept)
        )
        # Neither the clock's start nor what comes later than the next picture changes a choice.
        assert kept_ms([stamp_ms + 7 for stamp_ms in stamps_ms]) == [one + 7 for one in kept]
        longer = kept_ms([*stamps_ms, stamps_ms[-1] + more_ms])
        settled_ms = stamps_ms[-2]
        assert [one for one in longer if one <= settled_ms] == [
            one for one in kept if one <= settled_ms
        ]


def _without_unreferenced(content: bytes) -> bytes:
    """Overwrite the slices of a packet of H.264 that no other picture refers to."""
    changed = bytearray(content)
    at = 0
    while at < len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        header = content[at + 4]
        if header & 31 == 1 and not header & 96:
            changed[at + 5 : at + 4 + length] = bytes(length - 1)
        at += 4 + length
    return bytes(changed)


class TestVideo:
    def test_kept_pictures_are_those_of_a_full_reading(self, tmp_path: Path) -> None:
        path = media.write_video(
            tmp_path / "clip.mp4",
            stamps_ms=range(90),
            ticks_per_second=60,
            picture=lambda index: media.noise(64, 48, seed=index),
            options={"bf": "3", "g": "24"},
        )
        with VideoFile(path, EVERY) as video:
            full = {frame.timestamp_ms: frame.rgb for frame in video}
        with VideoFile(path) as video:
            some = list(video)
        assert [frame.timestamp_ms for frame in some] == [round(1000 * k / 30) for k in range(45)]
        assert [frame.index for frame in some] == list(range(45))
        assert all(np.array_equal(frame.rgb, full[frame.timestamp_ms]) for frame in some)

    @pytest.mark.parametrize(
        "options",
        [
            {"bf": "0"},
            {"bf": "1", "b-pyramid": "none"},
            {"bf": "3", "b-adapt": "0"},
            {"bf": "2", "x264-params": "open-gop=1:keyint=12:weightp=2"},
            {"bf": "8", "x264-params": "b-pyramid=normal:ref=5:direct=temporal:keyint=30"},
            {"bf": "3", "x264-params": "interlaced=1"},
            {"bf": "2", "x264-params": "slices=3:intra-refresh=1"},
        ],
    )
    @pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv", "clip.ts"])
    def test_skipping_in_the_decoder_changes_no_kept_picture(
        self, tmp_path: Path, name: str, options: dict[str, str]
    ) -> None:
        path = media.write_video(
            tmp_path / name,
            stamps_ms=[index + index // 20 for index in range(100)],
            ticks_per_second=100,
            nominal_rate_hz=100,
            picture=lambda index: np.roll(media.noise(64, 48, seed=index // 9), index, axis=1),
            options=options,
        )
        with VideoFile(path, EVERY) as video:
            full = [(frame.timestamp_ms, frame.rgb) for frame in video]
        with VideoFile(path) as video:
            some = [(frame.timestamp_ms, frame.rgb) for frame in video]
            assert not video.warnings
        expected = list(thinned(full, 30.0))
        assert len(expected) < 0.4 * len(full)
        assert [one[0] for one in some] == [one[0] for one in expected]
        assert all(np.array_equal(a[1], b[1]) for a, b in zip(some, expected, strict=True))

    def test_what_nothing_is_made_from_is_not_decoded(self, tmp_path: Path) -> None:
        """Every second picture is damaged beyond decoding, and nobody notices."""
        whole = media.write_video(
            tmp_path / "whole.mp4",
            stamps_ms=range(61),
            ticks_per_second=60,
            picture=lambda index: media.noise(64, 48, seed=index),
            options={
                "bf": "1",
                "b-adapt": "0",
                "x264-params": "b-pyramid=none:keyint=1000:scenecut=0",
            },
        )
        damaged = media.copy_packets(whole, tmp_path / "damaged.mp4", _without_unreferenced)
        with VideoFile(damaged, EVERY) as video:
            assert len(list(video)) < 61
            assert any("damaged packets" in one for one in video.warnings)
        with VideoFile(whole) as video, VideoFile(damaged) as other:
            for one, same in zip(video, other, strict=True):
                assert one.timestamp_ms == same.timestamp_ms
                assert np.array_equal(one.rgb, same.rgb)
            assert other.warnings == ()

    def test_bursts_of_a_slow_video_are_kept(self, tmp_path: Path) -> None:
        stamps_ms = [0, 10, 20, 200, 400, 600, 800]
        path = media.write_video(tmp_path / "clip.mp4", stamps_ms=stamps_ms)
        with VideoFile(path) as video:
            assert [frame.timestamp_ms for frame in video] == stamps_ms


class TestSettings:
    def test_key_tells_settings_apart_and_stays(self) -> None:
        assert ReadSettings().key == "read1-640px-30.0hz"
        assert ReadSettings(max_rate_hz=30).key == ReadSettings(max_rate_hz=30.0).key
        different = [
            ReadSettings(), ReadSettings(320), ReadSettings(max_rate_hz=None),
            ReadSettings(max_rate_hz=29.97), ReadSettings(max_rate_hz=15),
            ReadSettings(hardware=True),
        ]  # fmt: skip
        assert len({one.key for one in different}) == len(different)

    @pytest.mark.parametrize("rate_hz", [0.0, -1.0, float("nan"), float("inf")])
    def test_impossible_rate_is_refused(self, rate_hz: float) -> None:
        with pytest.raises(ValueError, match="max_rate_hz"):
            ReadSettings(max_rate_hz=rate_hz)

    def test_impossible_size_is_refused(self) -> None:
        with pytest.raises(ValueError, match="max_side_px"):
            ReadSettings(max_side_px=0)


class TestEvents:
    """What is found in a film of 60 pictures a second is found among the 30 that are kept."""

    @pytest.mark.parametrize(
        ("definition", "motion", "camera"),
        [
            (definitions.squat(), synthetic.squat(EFFORTS), synthetic.SIDE_VIEW),
            (definitions.squat(), synthetic.squat(EFFORTS, knee_in_m=0.1), synthetic.FRONT_VIEW),
            (definitions.sit_to_stand(), synthetic.sit_to_stand(EFFORTS), synthetic.SIDE_VIEW),
            (
                definitions.arm_raise(),
                synthetic.arm_raise(EFFORTS, sideways=True),
                synthetic.FRONT_VIEW,
            ),
        ],
    )
    def test_are_the_same(
        self, definition: ExerciseDefinition, motion: synthetic.Motion, camera: synthetic.Camera
    ) -> None:
        flaws = synthetic.Flaws(noise_ratio=0.003, jitter_ms=2, seed=5)
        poses = synthetic.record(motion, camera, fps=60, flaws=flaws)
        kept = [pose for _, pose in thinned([(one.timestamp_ms, one) for one in poses], 30.0)]
        assert len(kept) == pytest.approx(len(poses) / 2, abs=1)
        reps, same_reps = (
            definitions.reps_in(definitions.run(definition, one)) for one in (poses, kept)
        )
        assert len(reps) == len(EFFORTS)
        for rep, same in zip(reps, same_reps, strict=True):
            assert (same.status, same.side, same.reason) == (rep.status, rep.side, rep.reason)
            assert [one.id for one in same.deviations] == [one.id for one in rep.deviations]
            # As much as tests/property allows between any two rates of which the slower is 30.
            assert (same.start_ms, same.end_ms) == pytest.approx((rep.start_ms, rep.end_ms), abs=77)
            assert same.rom_deg == pytest.approx(rep.rom_deg, abs=2)
