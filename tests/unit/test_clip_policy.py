"""Which repetitions are worth a clip: what may harm always, what keeps coming back once."""

import pytest

from flagged import flag, hold, rep
from hep_vision.core.clips import LONGEST_MS, ClipPolicy, ClipScope
from hep_vision.core.types import Event, Phase, PhaseChange, RepTick, Severity, Side, TrackingLost

STOP = flag("over_limit", Severity.STOP)
LEAN, KNEES, NOTE = flag(), flag("knees_in"), flag("tempo", Severity.INFO)


def numbers(policy: ClipPolicy, *events: Event) -> list[int]:
    return [span.number for span in policy.pick(events)]


def test_a_clean_set_has_none() -> None:
    assert numbers(ClipPolicy(), rep(1), rep(2)) == []


def test_what_may_harm_is_kept_the_first_time() -> None:
    assert numbers(ClipPolicy(), rep(1), rep(2, STOP), rep(3)) == [2]


def test_a_warning_is_kept_when_it_comes_back_and_then_its_worst_alone() -> None:
    worst = flag(value=70.0)
    assert numbers(ClipPolicy(), rep(1, LEAN), rep(2)) == []
    assert numbers(ClipPolicy(), rep(1, LEAN), rep(2, worst), rep(3, LEAN)) == [2]


def test_worst_is_farthest_beyond_the_bound_on_its_side() -> None:
    # A bound from below: the smaller value is the worse one.
    shallow, shallower = flag(value=45.0), flag(value=30.0)
    assert numbers(ClipPolicy(), rep(1, shallower), rep(2, shallow)) == [1]


def test_remarks_are_kept_only_when_everything_is() -> None:
    events = (rep(1, NOTE), rep(2, NOTE), rep(3, LEAN))
    assert numbers(ClipPolicy(), *events) == []
    assert sorted(numbers(ClipPolicy(ClipScope.EVERY), *events)) == [1, 2, 3]


def test_only_what_may_harm_is_kept_where_that_is_asked_for() -> None:
    events = (rep(1, LEAN), rep(2, LEAN), rep(3, STOP))
    assert numbers(ClipPolicy(ClipScope.SERIOUS), *events) == [3]


def test_the_worst_come_first_and_a_set_has_few() -> None:
    events = (
        rep(1, KNEES), rep(2, LEAN), rep(3, LEAN), rep(4, STOP), rep(5, LEAN), rep(6, KNEES),
        rep(7, STOP),
    )  # fmt: skip
    assert numbers(ClipPolicy(most=9), *events) == [4, 7, 2, 1]
    assert numbers(ClipPolicy(), *events) == [4, 7, 2]


def test_how_often_is_a_matter_of_choice() -> None:
    events = (rep(1, LEAN), rep(2, LEAN))
    assert numbers(ClipPolicy(repeated_from=3), *events) == []
    assert numbers(ClipPolicy(repeated_from=1), rep(1, LEAN)) == [1]


def test_one_repetition_is_one_clip_whatever_is_flagged_in_it() -> None:
    (span,) = ClipPolicy().pick([rep(1, LEAN, STOP, KNEES), rep(2, LEAN)])
    assert (span.number, span.checks) == (1, ("over_limit", "trunk_lean"))


def test_the_span_has_two_seconds_before_and_one_after() -> None:
    (span,) = ClipPolicy().pick([rep(3, STOP)])
    assert (span.start_ms, span.end_ms) == (8_000 - 2_000, 10_000 + 1_000)


def test_the_ordinal_is_the_place_among_what_a_log_keeps() -> None:
    ticked = RepTick(1_000, 1, Side.BOTH), PhaseChange(1_200, Side.BOTH, Phase.PEAK)
    (span,) = ClipPolicy().pick(
        [*ticked, rep(1), *ticked, TrackingLost(2_000, 3_000), rep(2, STOP)]
    )
    assert span.ordinal == 2


@pytest.mark.parametrize(("at_ms", "start_ms"), [(30_000, 22_500), (500, -2_000), (59_900, 46_000)])
def test_a_long_hold_is_shown_round_what_was_seen(at_ms: int, start_ms: int) -> None:
    (span,) = ClipPolicy().pick([hold(0, 60_000, at_ms, STOP)])
    assert (span.start_ms, span.end_ms) == (start_ms, start_ms + LONGEST_MS)


def test_nothing_is_picked_at_the_end_that_was_not_a_candidate_when_it_came() -> None:
    events: list[Event] = [
        rep(1, flag(value=55.0)), rep(2, STOP), rep(3, flag(value=70.0), KNEES),
        rep(4, flag(value=60.0)), rep(5, KNEES, NOTE),
    ]  # fmt: skip
    policy = ClipPolicy()
    once = {
        span.ordinal
        for count in range(1, len(events) + 1)
        for span in policy.candidates(events[:count])
    }
    assert {span.ordinal for span in policy.pick(events)} <= once
    assert 3 not in once  # it was never the worst


@pytest.mark.parametrize("wrong", [{"most": 0}, {"repeated_from": 0}])
def test_numbers_below_one_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="1 or more"):
        ClipPolicy(**wrong)
