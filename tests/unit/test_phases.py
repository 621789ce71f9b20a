"""The phase machine on bare signals: excursions whose place and size are put in."""

from collections.abc import Iterable

import numpy as np
import pytest

from hep_vision.core.phases import Excursion, PhaseMachine, PhaseSettings
from hep_vision.core.types import Phase
from synthetic import Effort, efforts, place, signal

SETTINGS = PhaseSettings(minimum_rom=25.0, max_rep_ms=10_000)
NAN = float("nan")

Samples = list[tuple[int, float]]


def excursions(samples: Iterable[tuple[int, float]], settings: PhaseSettings = SETTINGS):
    machine = PhaseMachine(settings)
    found = [item for at_ms, value in samples for item in machine.update(at_ms, value)]
    return found + machine.finish()


def is_full(excursion: Excursion) -> bool:
    return excursion.ending == "returned" and excursion.rom >= excursion.reference_rom


def is_partial(excursion: Excursion) -> bool:
    least = SETTINGS.partial_share * excursion.reference_rom
    return excursion.ending == "returned" and least <= excursion.rom < excursion.reference_rom


def full(samples: Iterable[tuple[int, float]]) -> int:
    return sum(is_full(excursion) for excursion in excursions(samples))


def through(*corners: tuple[float, float], step_ms: int = 33) -> Samples:
    """Return straight lines through (seconds, value) corners."""
    seconds, values = zip(*corners, strict=True)
    stamps = np.arange(0, 1000 * seconds[-1] + 1, step_ms)
    return list(
        zip(stamps.astype(int).tolist(), np.interp(stamps / 1000, seconds, values), strict=True)
    )


def after(first: Samples, second: Samples, pause_ms: int = 33) -> Samples:
    start_ms = first[-1][0] + pause_ms
    return [*first, *((start_ms + at_ms, value) for at_ms, value in second)]


# -- what is an excursion -------------------------------------------------------------------------


@pytest.mark.parametrize("fps", [10, 15, 30, 60])
@pytest.mark.parametrize("rest", [-120.0, 0.0, 90.0])
def test_every_full_excursion_is_found_with_its_size(fps, rest):
    plan = efforts([90, 60, 75, 30])
    found = excursions(signal(plan, fps=fps, rest=rest))
    # A movement may pass its extreme between two frames, and adaptation starts after three.
    assert [round(item.rom) for item in found[:3]] == pytest.approx([90, 60, 75], abs=2)
    assert [item.rest for item in found] == pytest.approx([rest] * 4, abs=3)
    assert [item.ending for item in found] == ["returned"] * 4


@pytest.mark.parametrize("fps", [10, 30, 60])
def test_an_excursion_lies_where_it_was_put(fps):
    plan = efforts([80] * 3, duration_ms=2_400)
    for found, true in zip(excursions(signal(plan, fps=fps)), place(plan), strict=True):
        assert true.start_ms <= found.start_ms <= true.start_ms + 400
        assert found.peak_ms == pytest.approx(true.peak_ms, abs=1000 / fps)
        assert true.peak_ms < found.close_ms < true.end_ms


def test_half_the_minimum_is_partial_not_full():
    found = excursions(signal(efforts([90, 15, 90])))
    assert [is_full(item) for item in found] == [True, False, True]
    assert is_partial(found[1])


def test_a_wiggle_at_rest_is_nothing():
    assert excursions(signal(efforts([7] * 5))) == []


def test_noise_at_rest_is_nothing():
    noise = np.random.default_rng(3).normal(0.0, 2.0, 600)
    assert excursions((33 * index, value) for index, value in enumerate(noise.tolist())) == []


@pytest.mark.parametrize("at", [50, 75], ids=["on the way", "near the top"])
def test_a_pause_in_the_middle_does_not_make_two(at):
    up = through((0, 0), (1, 0), (2, at), (5, at), (6, 90), (8, 0), (9, 0))
    down = through((0, 0), (1, 0), (2.5, 90), (3.5, at), (6, at), (7, 0), (8, 0))
    assert full(up) == 1
    assert full(down) == 1


@pytest.mark.parametrize("wobble", [6.0, 12.0, 18.0])
def test_wobbling_at_the_bottom_is_one(wobble):
    corners = [(2.0 + 0.3 * step, 90.0 - wobble * (step % 2)) for step in range(9)]
    assert full(through((0, 0), (1, 0), *corners, (6, 0), (7, 0))) == 1


def test_rising_half_way_and_sinking_again_is_one():
    """Less than 60 % of the climb was given back, so it was no return."""
    assert full(through((0, 0), (1, 0), (2.5, 90), (3.5, 50), (4.5, 90), (6, 0), (7, 0))) == 1


def test_a_touch_of_a_threshold_shorter_than_the_dwell_is_nothing():
    """40 ms at rest level within a repetition, 40 ms of effort within a rest."""
    samples = through((0, 0), (1, 0), (2, 90), (4, 90), (5, 0), (7, 0), step_ms=20)
    touched = [
        (at_ms, 10.0 if 3_000 <= at_ms < 3_060 else 60.0 if 6_000 <= at_ms < 6_060 else value)
        for at_ms, value in samples
    ]
    assert len(excursions(touched)) == 1
    assert full(touched) == 1


def test_a_long_rest_changes_nothing():
    plan = [Effort(80, pause_ms=25_000), Effort(80, pause_ms=10_000), Effort(80)]
    assert full(signal(plan, fps=15)) == 3


def test_a_quick_set_without_pauses_is_counted_in_full():
    assert full(signal(efforts([90] * 8, duration_ms=900, pause_ms=0))) == 8


def test_size_of_the_unit_does_not_matter():
    samples = signal(efforts([90, 15, 60]))
    small = PhaseSettings(minimum_rom=0.25, max_rep_ms=10_000)
    found = excursions([(at_ms, value / 100) for at_ms, value in samples], small)
    alike = excursions(samples)
    assert [item.start_ms for item in found] == [item.start_ms for item in alike]
    assert [100 * item.rom for item in found] == pytest.approx([item.rom for item in alike])


def test_time_of_day_does_not_matter():
    samples = signal(efforts([90, 60]))
    later = excursions([(at_ms + 1_000_000, value) for at_ms, value in samples])
    assert [item.start_ms - 1_000_000 for item in later] == [
        item.start_ms for item in excursions(samples)
    ]


# -- adapting to the person -----------------------------------------------------------------------


def test_small_repetitions_count_when_they_are_the_persons_own():
    assert full(signal(efforts([28] * 10))) == 10


def test_one_half_repetition_among_full_ones_is_partial():
    found = excursions(signal(efforts([90, 90, 90, 90, 40, 90])))
    assert [is_full(item) for item in found] == [True] * 4 + [False, True]
    assert is_partial(found[4])


def test_the_first_repetitions_are_not_held_against_the_next():
    """One generous first repetition must not make partials of all the others."""
    assert full(signal(efforts([90] + [40] * 7))) == 8


def test_tiring_slowly_keeps_counting():
    assert full(signal(efforts(np.linspace(90, 45, 12).tolist()))) == 12


@pytest.mark.parametrize("drift", [-15.0, 15.0])
def test_a_drifting_rest_level_is_followed(drift):
    samples = signal(efforts([60] * 10))
    last_ms = samples[-1][0]
    assert full([(at_ms, value + drift * at_ms / last_ms) for at_ms, value in samples]) == 10


def test_a_person_who_does_not_return_fully_is_counted():
    """Rest is 0, but between the repetitions the knees stay bent at 25 of 90."""
    waves = [(2.0 + step, 90.0 if step % 2 == 0 else 25.0) for step in range(11)]
    assert full(through((0, 0), (1, 0), *waves, (13, 0), (14, 0))) == 6


def test_a_rest_level_that_was_wrong_is_found_out():
    """Repetitions between 60 and 100 never give back 60 % of a climb from a glitch at -40."""
    waves = [(2.0 + step, 60.0 if step % 2 == 0 else 100.0) for step in range(13)]
    glitch = through((0, 60), (0.2, -40), (0.5, -40), (0.7, 60), *waves, (15, 60), (16, 60))
    assert full(glitch) == 6


# -- how an excursion ends ------------------------------------------------------------------------


def test_holding_for_too_long_times_out_and_arms_again():
    held = through((0, 0), (1, 0), (2, 90), (80, 90), (81, 0), (82, 0))
    found = excursions(after(held, signal(efforts([90, 90]))))
    assert [item.ending for item in found] == ["timeout", "returned", "returned"]


def test_going_up_for_ever_times_out():
    slow = through((0, 0), (1, 0), (16, 90), (17, 0), (18, 0))
    assert excursions(slow)[0].ending == "timeout"


def test_time_held_at_the_extreme_is_not_time_on_the_way():
    assert full(signal(efforts([90, 90, 90], hold_ms=20_000))) == 3


def test_a_long_repetition_within_the_limit_is_one():
    samples = through((0, 0), (1, 0), (4, 90), (7, 90), (10, 0), (11, 0))
    assert full(samples) == 1


def test_the_end_of_the_recording_leaves_an_excursion_open():
    found = excursions(through((0, 0), (1, 0), (2.5, 90)))
    assert [item.ending for item in found] == ["open"]
    assert found[0].peak == pytest.approx(90, abs=2)


@pytest.mark.parametrize("unseen", ["unknown samples", "no samples"])
def test_a_short_gap_is_survived(unseen):
    samples = signal(efforts([90] * 3))
    gaps = [(1_900, 2_900), (6_800, 7_800)]
    assert full(with_gaps(samples, gaps, unseen)) == 3


@pytest.mark.parametrize("unseen", ["unknown samples", "no samples"])
def test_a_long_gap_loses_the_repetition_under_way_and_no_other(unseen):
    samples = signal(efforts([90] * 4))
    found = excursions(with_gaps(samples, [(6_200, 7_900)], unseen))
    assert [item.ending for item in found] == ["returned", "lost", "returned", "returned"]
    assert 6_100 <= found[1].close_ms <= 6_200


@pytest.mark.parametrize("unseen", ["unknown samples", "no samples"])
def test_a_long_gap_at_rest_loses_nothing(unseen):
    plan = efforts([90] * 3, pause_ms=6_000)
    found = excursions(with_gaps(signal(plan), [(4_500, 8_000)], unseen))
    assert [item.ending for item in found] == ["returned"] * 3


def with_gaps(samples: Samples, gaps: list[tuple[int, int]], unseen: str) -> Samples:
    def inside(at_ms: int) -> bool:
        return any(start_ms <= at_ms < end_ms for start_ms, end_ms in gaps)

    if unseen == "no samples":
        return [sample for sample in samples if not inside(sample[0])]
    return [(at_ms, NAN if inside(at_ms) else value) for at_ms, value in samples]


@pytest.mark.parametrize("samples", [[], [(0, NAN)], [(0, NAN), (5_000, NAN)], [(0, 10.0)]])
def test_a_stream_of_nothing_holds_nothing(samples):
    assert excursions(samples) == []


# -- what a screen shows --------------------------------------------------------------------------


def test_phases_follow_the_movement():
    machine = PhaseMachine(SETTINGS)
    seen = []
    for at_ms, value in signal([Effort(90, hold_ms=1_000)]):
        machine.update(at_ms, value)
        if not seen or machine.phase is not seen[-1]:
            seen.append(machine.phase)
    assert seen == [Phase.REST, Phase.CONCENTRIC, Phase.PEAK, Phase.ECCENTRIC, Phase.REST]


def test_progress_reaches_one_where_a_repetition_counts():
    machine = PhaseMachine(SETTINGS)
    assert np.isnan(machine.progress)
    for at_ms, value in through((0, 10), (1, 10), (2, 35)):
        machine.update(at_ms, value)
    assert machine.progress == pytest.approx(1.0, abs=0.05)


def test_phase_is_lost_while_nothing_is_seen():
    machine = PhaseMachine(SETTINGS)
    for at_ms, value in [*signal(efforts([90])), (20_000, NAN)]:
        machine.update(at_ms, value)
    assert machine.phase is Phase.LOST
    machine.update(20_033, 0.0)
    assert machine.phase is Phase.REST
