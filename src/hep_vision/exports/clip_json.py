"""Clips and what is said of flags as JSON; docs/api.md says what each key means."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from hep_vision.core.types import Hold, Rep
from hep_vision.exports.log_export import deviation_document
from hep_vision.store.records import SessionDetail
from hep_vision.store.review_records import (
    CheckHistory,
    CheckPrecision,
    ClipRow,
    ClipState,
    Verdict,
)


def clip_document(row: ClipRow, state: ClipState) -> dict[str, Any]:
    """Return a clip as JSON values."""
    return {
        "id": row.clip_id,
        "session": row.session_id,
        "sha256": row.sha256,
        "size_bytes": row.size_bytes,
        **asdict(row.clip),
        "checks": list(row.clip.checks),
        "file": row.file_name,
        "state": state.value,
    }


def flag_documents(
    detail: SessionDetail, clips: Iterable[ClipRow], said: Iterable[Verdict]
) -> Iterator[dict[str, Any]]:
    """Yield what was flagged in a session, in its order, with what holds of it.

    Args:
        detail: The session.
        clips: Its clips.
        said: What was said of it, in the order it was entered.
    """
    kept = {row.clip.ordinal: row for row in clips}
    holds = {(one.ordinal, one.check_id): one for one in said}
    for ordinal, event in enumerate(detail.events):
        for flag in event.deviations if isinstance(event, Rep | Hold) else ():
            verdict, clip = holds.get((ordinal, flag.id)), kept.get(ordinal)
            yield {
                "ordinal": ordinal,
                **deviation_document(flag),
                "clip": clip.clip_id if clip is not None and clip.clip.shows(flag) else None,
                "verdict": None if verdict is None else verdict_document(verdict),
            }


def verdict_document(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as JSON values."""
    return {
        "finding": verdict.finding.value,
        "note": verdict.note,
        "decided_at": verdict.decided_at,
    }


def check_document(history: CheckHistory) -> dict[str, Any]:
    """Return how often a check was right as JSON values."""
    whole = history.whole
    return {
        "exercise": whole.exercise_id,
        "check": whole.check_id,
        **_counts(whole),
        "months": [{"month": month, **_counts(one)} for month, one in history.months],
    }


def _counts(one: CheckPrecision) -> Mapping[str, Any]:
    return {
        "confirmed": one.confirmed,
        "dismissed": one.dismissed,
        "unsure": one.unsure,
        "precision": one.precision,
    }
