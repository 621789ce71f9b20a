"""What a therapist has to see first, as JSON; docs/program.md says what each key means."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from hep_vision.program.concerns import Concern

SCHEMA: Final = 1


def concerns_document(found: Iterable[Concern], since: datetime) -> dict[str, Any]:
    """Return concerns as JSON values, in their order."""
    return {
        "schema": SCHEMA,
        "since": _stamp(since),
        "concerns": [
            {
                "kind": str(one.kind),
                "at": _stamp(one.at),
                "exercise": one.exercise_id,
                "sentence": one.sentence,
                "evidence": [
                    {
                        "sitting": part.sitting_id,
                        "at": _stamp(part.at),
                        "what": part.what,
                        "value": part.value,
                    }
                    for part in one.evidence
                ],
            }
            for one in found
        ],
    }


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
