"""Zones on the pain scale from 0 to 10.

After the pain-monitoring model (Thomee 1997) with the limits 0-2, 3-5, 6-10, which a therapist may
change; see docs/sources.md. Nothing here diagnoses or treats.
"""

from dataclasses import dataclass
from enum import StrEnum


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
