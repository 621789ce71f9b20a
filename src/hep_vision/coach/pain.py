"""The pain rule: zones on the scale from 0 to 10, and what each asks of the patient.

After the pain-monitoring model (Thomee 1997) with the limits 0-2, 3-5, 6-10, which a therapist may
change; see docs/sources.md. Nothing here diagnoses or treats.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hep_vision.core.types import Severity


class Zone(StrEnum):
    """Traffic light of a pain score."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True)
class PainZones:
    """Where the zones begin.

    Attributes:
        amber_from: Smallest score that is amber.
        red_from: Smallest score that is red.

    Raises:
        ValueError: They are not in order within 1..10.
    """

    amber_from: int = 3
    red_from: int = 6

    def __post_init__(self) -> None:
        if not 1 <= self.amber_from <= self.red_from <= 10:
            raise ValueError(
                f"pain zones: expected 1 <= amber <= red <= 10, "
                f"got {self.amber_from} and {self.red_from}"
            )

    def zone(self, score: int) -> Zone:
        """Return the zone of a score, 0..10."""
        if score >= self.red_from:
            return Zone.RED
        return Zone.AMBER if score >= self.amber_from else Zone.GREEN


@dataclass(frozen=True, slots=True)
class Advice:
    """One line that follows from a score."""

    words: str
    severity: Severity


_BEFORE: Final = {
    Zone.AMBER: Advice("Go gently today, and no further than is comfortable.", Severity.WARN),
    Zone.RED: Advice("Please rest today, and contact your therapist.", Severity.STOP),
}
_AFTER: Final = {
    Zone.AMBER: Advice(
        "That is all right if it settles within a day. Do not do more next time.", Severity.WARN
    ),
    Zone.RED: Advice(
        "Stop this exercise for today, rest, and contact your therapist.", Severity.STOP
    ),
}

STOP_AT_ONCE: Final = (
    "Chest pain, trouble breathing, dizziness, or a sudden severe pain: stop and get help."
)


def advice_before(score: int, zones: PainZones) -> Advice | None:
    """Return what a score before exercise asks for; None in the green zone."""
    return _BEFORE.get(zones.zone(score))


def advice_after(score: int, zones: PainZones) -> Advice | None:
    """Return what a score during or after exercise asks for; None in the green zone."""
    return _AFTER.get(zones.zone(score))
