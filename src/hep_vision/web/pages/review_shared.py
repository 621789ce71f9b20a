"""What the therapist's pages have in common: how things are found, named and dated."""

import re
from datetime import datetime
from typing import Final

from hep_vision.core.definition import ExerciseDefinition
from hep_vision.core.form import OVER_LIMIT, OVER_LIMIT_NAME
from hep_vision.core.summary import about
from hep_vision.errors import ExerciseSpecError, NotThereError
from hep_vision.store.records import SessionDetail
from hep_vision.web.desk import Desk

SHORT_ID: Final = 8
_ID: Final = "[a-z]+(?:_[a-z0-9]+)+"


def session_of(desk: Desk, session_id: str) -> SessionDetail:
    """Return the session of this whole id.

    Raises:
        NotThereError: There is none.
    """
    if not desk.log.inbox.has_session(session_id):
        raise NotThereError(
            "This session is not in the log: it was removed, or the address is wrong. The inbox "
            "shows what there is."
        )
    return desk.log.session(session_id)


def exercise_of(desk: Desk, exercise_id: str) -> ExerciseDefinition | None:
    """Return an exercise; None where it is not here any more, or is malformed."""
    if "/" in exercise_id or "\\" in exercise_id or exercise_id.endswith(".toml"):
        return None  # an id, and never a path
    try:
        return desk.find(exercise_id)
    except ExerciseSpecError:
        return None


class Names:
    """Names of exercises and checks as people read them, each looked up once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._known: dict[str, ExerciseDefinition | None] = {}

    def exercise(self, exercise_id: str) -> str:
        """Return the name of an exercise; its id where it is not here any more."""
        found = self._find(exercise_id)
        return exercise_id if found is None else found.name

    def check(self, exercise_id: str, check_id: str) -> str:
        """Return the name of a check."""
        found = self._find(exercise_id)
        names = {one.id: one.name for one in found.checks} if found else {}
        names[OVER_LIMIT] = OVER_LIMIT_NAME
        return names.get(check_id, check_id.replace("_", " "))

    def in_words(self, sentence: str, exercise_id: str | None) -> str:
        """Return a sentence about an exercise with names in place of ids."""

        def named(found: re.Match[str]) -> str:
            word = found.group()
            if word == exercise_id or (exercise_id is None and self._find(word) is not None):
                return self.exercise(word)
            return self.check(exercise_id or "", word).lower()

        ids = rf"\b(?:{re.escape(exercise_id)}|{_ID})\b" if exercise_id else rf"\b{_ID}\b"
        return re.sub(ids, named, sentence)

    def _find(self, exercise_id: str) -> ExerciseDefinition | None:
        if exercise_id not in self._known:
            self._known[exercise_id] = exercise_of(self._desk, exercise_id)
        return self._known[exercise_id]


def when(desk: Desk, moment: str | datetime) -> str:
    """Return a moment by the patient's clock: "Tue 24 Nov 2026, 15:58"."""
    found = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return found.astimezone(desk.zone).strftime("%a %-d %b %Y, %H:%M")


def clock(time_ms: float) -> str:
    """Return media time as it is written beside a replay: "1:05.3"."""
    minutes, rest_ms = divmod(round(time_ms), 60_000)
    return f"{minutes}:{rest_ms / 1000:04.1f}"


def value_words(value: float | None, unit: str, error: float | None = None) -> str:
    """Return a measured value no sharper than it is: "~95° ± 10"."""
    if value is None:
        return "not shown from here"
    degrees = unit == "deg"
    text = about(value, "°" if degrees else "")
    if error is None:
        return text
    return f"{text} ± {error:.0f}" if degrees else f"{text} ± {error:.2f}"


def exact_words(value: float, unit: str) -> str:
    """Return a value that somebody set, as it was set: "90°"."""
    return f"{value:g}°" if unit == "deg" else f"{value:g}"
