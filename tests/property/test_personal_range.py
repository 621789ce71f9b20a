"""Thresholds that adapt take nothing from a person who moves evenly, whatever they can do."""

from hypothesis import given, settings
from hypothesis import strategies as st

from hep_vision.core.phases import Excursion, PhaseMachine, PhaseSettings
from synthetic import efforts, signal

MINIMUM = 25.0
SETTINGS = PhaseSettings(minimum_rom=MINIMUM, max_rep_ms=10_000)
MANY = settings(max_examples=60, deadline=None)

# At ten pictures a second the extreme may pass between two of them.
amplitudes = st.floats(1.06 * MINIMUM, 180.0)
rates = st.sampled_from([10.0, 15.0, 30.0])
counts = st.integers(1, 12)


def excursions(
    amplitude: float, count: int, fps: float, expected: float = float("nan")
) -> list[Excursion]:
    machine = PhaseMachine(SETTINGS)
    machine.expect(expected)
    samples = signal(efforts([amplitude] * count, duration_ms=2_000), fps=fps)
    return [item for at_ms, value in samples for item in machine.update(at_ms, value)]


def full(found: list[Excursion]) -> int:
    return sum(item.rom >= item.reference_rom for item in found)


@MANY
@given(amplitudes, counts, rates)
def test_learning_from_the_set_misses_none_of_an_even_one(amplitude, count, fps):
    assert full(excursions(amplitude, count, fps)) == count


@MANY
@given(amplitudes, counts, rates, st.floats(0.6, 1.7))
def test_who_does_about_what_is_known_is_counted_from_the_first(amplitude, count, fps, share):
    assert full(excursions(amplitude, count, fps, expected=share * amplitude)) == count


@MANY
@given(amplitudes, counts, rates, st.floats(0.1, 2_000.0))
def test_whatever_was_known_at_most_three_are_missed(amplitude, count, fps, expected):
    found = excursions(amplitude, count, fps, expected)
    assert len(found) == count
    assert full(found) >= count - 3


@MANY
@given(amplitudes, amplitudes, counts, rates)
def test_who_does_more_than_is_known_is_never_held_back(usual, more, count, fps):
    usual, more = sorted((usual, more))
    assert full(excursions(more, count, fps, expected=usual)) == count
