"""What is remembered of a set."""

import numpy as np

from hep_vision.core.history import History
from hep_vision.core.types import View

STEP_MS = 10


def filled(samples: int, keep_ms: int = 1_000_000) -> History:
    """Return a history with one sample every 10 ms; signal and measures carry the stamp."""
    history = History(keep_ms, 3)
    for at_ms in range(0, STEP_MS * samples, STEP_MS):
        view = View.SIDE if at_ms < 50 else View.FRONT
        history.append(at_ms, float(at_ms), np.full((3, 2), float(at_ms)), view)
    return history


def test_a_window_is_half_open():
    window = filled(20).window(30, 60)
    assert window.timestamp_ms.tolist() == [30, 40, 50]
    assert window.signal.tolist() == [30, 40, 50]
    assert window.measures.shape == (3, 3, 2)
    assert window.measures[:, 2, 1].tolist() == [30, 40, 50]
    assert window.views == (View.SIDE, View.SIDE, View.FRONT)
    assert len(window) == 3


def test_bounds_between_samples_take_what_lies_inside():
    assert filled(20).window(31, 59).timestamp_ms.tolist() == [40, 50]


def test_an_empty_window_keeps_its_shape():
    for window in (filled(20).window(500, 900), filled(0).window(0, 10), filled(5).window(30, 30)):
        assert len(window) == 0
        assert window.measures.shape == (0, 3, 2)
        assert window.views == ()


def test_a_window_may_reach_beyond_what_is_known():
    assert len(filled(20).window(-1_000, 10_000)) == 20


def test_the_past_is_kept_as_long_as_promised_and_not_for_ever():
    history, keep_ms = filled(0, keep_ms=3_000), 3_000
    for at_ms in range(0, 30_000, STEP_MS):
        history.append(at_ms, float(at_ms), np.full((3, 2), float(at_ms)), View.SIDE)
        promised = history.window(at_ms - keep_ms, at_ms + 1)
        assert len(promised) == min(at_ms, keep_ms) // STEP_MS + 1
    kept = history.window(-1, 30_000)
    assert len(kept) < 1_000
    assert len(kept) == len(kept.signal) == len(kept.measures) == len(kept.views)
    assert kept.measures[0, 0, 0] == kept.timestamp_ms[0]
