"""The pain rule: what each zone of `hep_vision.core.pain` asks of the patient."""

from dataclasses import dataclass
from typing import Final

from hep_vision.core.pain import PainZones, Zone
from hep_vision.core.types import Severity


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
