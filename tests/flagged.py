"""Repetitions with flags, for the tests of clips."""

import dataclasses
from typing import Final

from hep_vision.core.types import Deviation, Hold, Rep, RepStatus, Severity, Side

REP_MS: Final = 2_000
PERIOD_MS: Final = 4_000


def flag(
    check: str = "trunk_lean",
    severity: Severity = Severity.WARN,
    *,
    value: float = 60.0,
    threshold: float = 50.0,
) -> Deviation:
    return Deviation(check, 1, Side.BOTH, severity, 0, 1, value, threshold, "deg", "Chest up.")


def rep(number: int, *flags: Deviation, first_ms: int = 0) -> Rep:
    """Return the repetition that begins at ``first_ms + (number - 1) * PERIOD_MS``."""
    start_ms = first_ms + (number - 1) * PERIOD_MS
    return Rep(
        index=number,
        side=Side.BOTH,
        start_ms=start_ms,
        peak_ms=start_ms + REP_MS // 2,
        end_ms=start_ms + REP_MS,
        status=RepStatus.COUNTED,
        reason=None,
        peak_deg=100.0,
        rom_deg=100.0,
        uncertainty_deg=8.0,
        concentric_ms=900,
        eccentric_ms=900,
        hold_ms=0,
        deviations=tuple(
            dataclasses.replace(one, rep=number, start_ms=start_ms + 500, end_ms=start_ms + 1_500)
            for one in flags
        ),
    )


def hold(start_ms: int, end_ms: int, at_ms: int, one: Deviation) -> Hold:
    """Return a hold that is flagged for a second round ``at_ms``."""
    flagged = dataclasses.replace(one, start_ms=at_ms - 500, end_ms=at_ms + 500)
    return Hold(1, Side.BOTH, start_ms, end_ms, end_ms - start_ms, (flagged,))
