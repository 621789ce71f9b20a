"""The filters against signals whose smooth course is known."""

import math

import numpy as np
import pytest

from hep_vision.core.smoothing import NAN, FilterSettings, SignalFilter, SpikeGate

SETTINGS = FilterSettings(jump=25.0, jump_per_s=375.0)


def through(
    filter_: SignalFilter | SpikeGate, values: list[float], step_ms: int = 33
) -> list[float]:
    return [filter_.update(step_ms * index, value) for index, value in enumerate(values)]


def test_a_still_signal_passes_unchanged():
    assert through(SignalFilter(SETTINGS), [42.0] * 20) == pytest.approx([42.0] * 20)


def test_the_first_sample_is_believed_at_once():
    assert SignalFilter(SETTINGS).update(123_456, 70.0) == 70.0


@pytest.mark.parametrize("fps", [12.5, 20, 31.25, 50, 62.5])
def test_a_steady_movement_lags_by_the_stated_delay(fps):
    """A ramp of 60 degrees a second is late by delay_ms, whatever the frame rate."""
    slope_per_ms, step_ms = 0.06, 1000 / fps
    smooth = SignalFilter(SETTINGS)
    stamps = [round(step_ms * index) for index in range(60)]
    late_ms = [
        at_ms - smooth.update(at_ms, slope_per_ms * at_ms) / slope_per_ms for at_ms in stamps
    ]
    assert late_ms[-1] == pytest.approx(SETTINGS.delay_ms, abs=step_ms / 2)


def test_the_delay_is_half_the_median_and_the_low_pass():
    settings = FilterSettings(jump=1.0, jump_per_s=1.0, median_ms=200, low_pass_ms=30.0)
    assert settings.delay_ms == 130


@pytest.mark.parametrize("frames", [1, 2, 3, 5])
def test_a_spike_never_shows(frames):
    """Up to 180 ms of an impossible level: the output is unknown meanwhile, never wrong."""
    values = [10.0] * 10 + [170.0] * frames + [10.0] * 10
    out = through(SignalFilter(SETTINGS), values)
    assert [value for value in out if not math.isnan(value)] == pytest.approx([10.0] * 20)
    assert math.isnan(out[10])
    assert not math.isnan(out[10 + frames])


def test_two_spikes_of_different_levels_do_not_confirm_each_other():
    values = [10.0] * 10 + [170.0, 110.0] * 3 + [10.0] * 5
    out = np.array(through(SpikeGate(SETTINGS), values))
    assert np.isnan(out[10:16]).all()
    assert out[16:] == pytest.approx(10.0)


def test_a_new_level_is_believed_once_it_has_settled():
    """A real change of level (the person is found again elsewhere) must get through."""
    out = through(SpikeGate(SETTINGS), [10.0] * 10 + [170.0] * 10)
    believed = [index for index, value in enumerate(out) if value == 170.0]
    assert believed[0] * 33 - 330 >= SETTINGS.settle_ms
    assert believed == list(range(believed[0], 20))
    assert believed[0] < 18


def test_a_jump_may_be_larger_the_longer_nothing_was_seen():
    gate = SpikeGate(SETTINGS)
    assert gate.update(0, 10.0) == 10.0
    assert math.isnan(gate.update(33, 70.0))
    gate = SpikeGate(SETTINGS)
    assert gate.update(0, 10.0) == 10.0
    assert gate.update(500, 70.0) == 70.0


@pytest.mark.parametrize("speed_per_s", [100.0, 370.0])
def test_a_movement_a_body_can_make_is_not_a_spike(speed_per_s):
    values = [0.033 * speed_per_s * index for index in range(12)]
    assert through(SpikeGate(SETTINGS), values) == values


def test_unknown_samples_are_unknown_and_forgotten():
    out = through(SignalFilter(SETTINGS), [10.0] * 5 + [NAN] * 3 + [12.0] * 5)
    assert all(math.isnan(value) for value in out[5:8])
    assert all(10.0 <= value <= 12.0 for value in out[8:])
    assert out[-1] > 11.5


def test_after_a_long_gap_the_old_level_does_not_pull():
    smooth = SignalFilter(SETTINGS)
    through(smooth, [10.0] * 10)
    assert smooth.update(5_000, 80.0) == 80.0


def test_one_outlier_within_reach_hardly_shows():
    """A glitch small enough to be possible is left to the median."""
    out = through(SignalFilter(SETTINGS), [10.0] * 10 + [30.0] + [10.0] * 10)
    assert max(out) < 12.0


def test_noise_shrinks():
    noise = np.random.default_rng(1).normal(0.0, 2.0, 400)
    out = np.array(through(SignalFilter(SETTINGS), noise.tolist()))
    assert out.std() < 0.7 * noise.std()


def test_dropped_frames_do_not_bend_a_movement():
    """The low-pass uses the true time between samples: a ramp with holes lags no more."""
    rng, smooth = np.random.default_rng(2), SignalFilter(SETTINGS)
    stamps = sorted(rng.choice(np.arange(0, 3_000, 20), 90, replace=False).tolist())
    late_ms = [at_ms - smooth.update(at_ms, 0.05 * at_ms) / 0.05 for at_ms in stamps]
    assert np.mean(late_ms[20:]) == pytest.approx(SETTINGS.delay_ms, abs=20.0)
