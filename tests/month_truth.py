"""What a simulated month's log says beside what the simulated patient meant to do."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hep_vision.core.types import Hold, Rep, RepStatus
from hep_vision.store.records import SessionDetail
from hep_vision.store.sessions import SessionLog


@dataclass
class Compared:
    """Sets whose count differs, and repetitions by what was right about them."""

    sets: int = 0
    wrong_counts: list[str] = field(default_factory=list)
    off_deg: list[float] = field(default_factory=list)
    uncertainty_deg: list[float] = field(default_factory=list)
    flagged: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


def compare(log: SessionLog, truth: dict[str, Any]) -> Compared:
    """Compare every set; repetitions are matched by the middle of their span."""
    found = Compared()
    for meant in truth["sittings"]:
        logged = {one.set_number: one.session for one in log.sittings.sitting(meant["id"]).sets}
        for planned in meant["sets"]:
            name = f"{meant['day']} {planned['exercise']} {planned['side']}"
            row = logged.get(planned["place"])
            if row is None:
                found.wrong_counts.append(f"{name}: not in the log")
                continue
            _compare_set(found, name, planned, log.session(row.session_id))
    return found


def _compare_set(
    found: Compared, name: str, planned: dict[str, Any], detail: SessionDetail
) -> None:
    found.sets += 1
    matched = 0
    for one in planned["attempts"]:
        event = next(_at(detail, one), None)
        if event is None:
            if one["full"]:
                found.wrong_counts.append(f"{name}: nothing at {one['peak_ms']}")
            continue
        counts = isinstance(event, Hold) or event.status is RepStatus.COUNTED
        if isinstance(event, Rep) and counts != one["full"]:
            found.wrong_counts.append(f"{name}: {event.status} at {one['peak_ms']}")
        matched += counts
        if not counts:
            continue
        flags = {deviation.id for deviation in event.deviations}
        if one["fault"]:
            (found.flagged if one["fault"] in flags else found.missed).append(
                f"{name}: {one['fault']}"
            )
        found.others += [f"{name}: {flag}" for flag in flags - {one["fault"]}]
        if isinstance(event, Rep) and event.peak_deg is not None:
            found.off_deg.append(event.peak_deg - one["extreme"])
            found.uncertainty_deg.append(event.uncertainty_deg or 0.0)
    total = len(detail.holds) or sum(rep.status is RepStatus.COUNTED for rep in detail.reps)
    if total != matched:
        found.wrong_counts.append(f"{name}: counted {total}, {matched} of them meant")


def _at(detail: SessionDetail, one: dict[str, Any]) -> Iterator[Rep | Hold]:
    middle_ms = (one["start_ms"] + one["end_ms"]) / 2
    for event in (*detail.reps, *detail.holds):
        if event.start_ms <= middle_ms < event.end_ms:
            yield event
