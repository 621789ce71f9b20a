"""How far a report can be trusted: what the camera saw, what it missed, and with what."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hep_vision.program.review import CorrectedSet, SeenSet
from hep_vision.reports.report_words import VIEW_WORDS, counted

_SEEN_SHARE: Final = 0.8
_LOST_MS: Final = 2_000


@dataclass(frozen=True, slots=True)
class QualityRow:
    """How well the sets of one exercise were seen; each is a number of sets."""

    name: str
    sets: int
    other_view: int
    views: str
    poorly_seen: int
    uncertain: int
    without_track: int


@dataclass(frozen=True, slots=True)
class Quality:
    """What is to be known of the data.

    Attributes:
        rows: Each exercise.
        lost: How long the body was not seen, in words.
        uncertain_days: The days of uncertain counts, each once.
        corrected: Counts entered by hand: day, exercise, what was counted and entered, and why.
        made_with: What judged the sets.
    """

    rows: tuple[QualityRow, ...]
    lost: str
    uncertain_days: tuple[str, ...]
    corrected: tuple[tuple[str, str, str, str], ...]
    made_with: tuple[str, ...]


def quality_of(
    seen: Sequence[SeenSet],
    corrected: Sequence[CorrectedSet],
    name: Callable[[str], str],
    day: Callable[[datetime], str],
) -> Quality:
    """Return what is to be known of some sets.

    Poorly seen is a set in which a person was found in less than 80 % of the pictures, or of which
    2 s and more are missing (own judgement).

    Args:
        seen: How well each was seen.
        corrected: Those whose count was entered by hand.
        name: Gives the name of an exercise.
        day: Gives the day of a moment in words.
    """
    by_exercise: dict[str, list[SeenSet]] = {}
    for one in seen:
        by_exercise.setdefault(one.exercise_id, []).append(one)
    lost_s = sum(one.lost_ms for one in seen) / 1000
    return Quality(
        tuple(_row(name(key), sets) for key, sets in by_exercise.items()),
        f"{lost_s:.0f} s in all, in {counted(sum(one.lost_ms > 0 for one in seen), 'set')}"
        if lost_s
        else "",
        tuple(dict.fromkeys(day(one.at) for one in seen if one.uncertain)),
        tuple(
            (day(one.at), name(one.exercise_id), f"{one.measured}, by hand {one.entered}",
             one.note or "")
            for one in corrected
        ),
        _made_with(seen),
    )  # fmt: skip


def _row(name: str, sets: Sequence[SeenSet]) -> QualityRow:
    others = [one for one in sets if one.view_ok is False]
    views = dict.fromkeys(VIEW_WORDS[one.view] for one in others if one.view is not None)
    return QualityRow(
        name,
        len(sets),
        len(others),
        ", ".join(views),
        sum(_poorly_seen(one) for one in sets),
        sum(one.uncertain for one in sets),
        sum(one.track_file is None for one in sets),
    )


def _poorly_seen(one: SeenSet) -> bool:
    found = one.detected_ratio
    return one.lost_ms >= _LOST_MS or (found is not None and found < _SEEN_SHARE)


def _made_with(seen: Sequence[SeenSet]) -> tuple[str, ...]:
    found: dict[str, list[str | None]] = {
        "hep-vision": [*(one.hep_vision for one in seen)],
        "MediaPipe": [one.mediapipe for one in seen],
        "pose model": [one.model for one in seen],
    }
    return tuple(
        f"{what} {', '.join(versions)}"
        for what, values in found.items()
        if (versions := sorted({value for value in values if value is not None}))
    )
