"""How much a repetition differs from a reference: the person's own good ones, or the figure.

A reference is a usual profile (`hep_vision.core.form_profile`) with how much each feature usually
differs from it. The difference of a repetition is the root mean square of its features' distances
in those units, so 1 is as usual and nothing else about the number is absolute. Both ways count:
what people do wrong they overdo or leave out, each in their own way.

* With a **calibration**, the reference is the person's first repetitions, done while somebody
  watched. The unit of a feature is how much people's repetitions usually differ, and how much
  these did. All features are compared.
* Without one, it is the figure that does the exercise's `[motion]`. Only the trunk is compared,
  whose lean and turn make up for what a limb cannot do: nobody knows how far or how fast this
  person should go, and in three dimensions a phone sees limbs too poorly.

It says how alike two movements look. It is no judgement of the person, and none of health.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hep_vision.core.definition import ExerciseDefinition, Motion
from hep_vision.core.figure import movement_m, seen_from
from hep_vision.core.form_profile import FEATURES, profile_reps
from hep_vision.core.landmarks import Landmark
from hep_vision.core.types import Event, FloatArray, Rep, RepStatus, Side, View
from hep_vision.core.whole_set import LandmarkSeries

CALIBRATION_REPS: Final = 3
"""How many repetitions are enough for a calibration."""
CLEAR: Final = 1.5
"""The difference from which a repetition is clearly unlike its reference, see ``docs/form.md``."""
_CAP: Final = 4.0
"""No feature says more than this: one wild landmark must not decide."""
_TELLING: Final = 1.5
"""From here on a feature is named in words."""
_MOST_WORDS: Final = 2
_LEAST_FEATURES: Final = 3
_LEAST_SHARE: Final = 0.5
"""Of the features of a reference that a repetition must show to be compared with it."""

_SPREAD: Final = np.array([feature.spread for feature in FEATURES])
_IDS: Final = tuple(feature.id for feature in FEATURES)
_FIGURE_SPREAD: Final = {"trunk_forward": 14.0, "trunk_side": 9.0, "trunk_turn": 12.0}
"""How far good repetitions usually are from the figure's, in degrees, see ``docs/form.md``."""
_FIGURE_REP_MS: Final = 3_000
_FIGURE_STEP_MS: Final = 40
_TURN_DEG: Final = {View.FRONT: 0.0, View.OBLIQUE: 60.0, View.SIDE: 90.0}


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """What a repetition is compared with.

    Attributes:
        usual: (len(FEATURES),) the usual profile; NaN = not compared.
        spread: (len(FEATURES),) how much each feature usually differs from it.
        view: Where it was seen from; profiles of another view are not compared.
    """

    usual: FloatArray
    spread: FloatArray
    view: View


@dataclass(frozen=True, slots=True)
class RepQuality:
    """How much one repetition differs from its reference.

    Attributes:
        index: The repetition's number, from 1.
        difference: 1 is as usual; None where too little was seen.
        distances: How far each feature is, in usual differences, with its sign, by its id.
        words: What differs most, in plain words; empty where nothing stands out.
    """

    index: int
    difference: float | None
    distances: dict[str, float]
    words: tuple[str, ...]

    @property
    def clear(self) -> bool:
        """Whether it is clearly unlike its reference; unknown is not."""
        return self.difference is not None and self.difference >= CLEAR


def quality_of(
    definition: ExerciseDefinition,
    landmarks: LandmarkSeries,
    events: Iterable[Event],
    calibration: Reference | None = None,
) -> tuple[RepQuality, ...]:
    """Compare every counted repetition of a set with a calibration, or else with the figure.

    Args:
        definition: The exercise.
        landmarks: The whole set.
        events: What the engine made of it.
        calibration: Of the same exercise, from `calibrate`.

    Returns:
        One for each counted repetition. The difference is None where too little was seen, where
        the calibration was seen from another view, and, without one, for an exercise that does
        not say how the body moves.
    """
    reps = counted_reps(events)
    seen = profile_reps(definition, landmarks, [_span(rep) for rep in reps])
    reference = figure_reference(definition, seen.view) if calibration is None else calibration
    if reference.view is not seen.view:
        reference = _NOTHING
    return tuple(
        compare(rep.index or 0, profile, reference)
        for rep, profile in zip(reps, seen.values, strict=True)
    )


def calibrate(
    definition: ExerciseDefinition,
    landmarks: LandmarkSeries,
    events: Iterable[Event],
    reps: int = CALIBRATION_REPS,
) -> Reference:
    """Return the reference that the first counted repetitions of a set make.

    Args:
        definition: The exercise.
        landmarks: The whole calibration set.
        events: What the engine made of it.
        reps: How many to take.

    Raises:
        ValueError: Fewer were counted; one line that says so.
    """
    first = counted_reps(events)[:reps]
    if len(first) < reps:
        raise ValueError(f"{len(first)} of the {reps} repetitions of a calibration were counted")
    seen = profile_reps(definition, landmarks, [_span(rep) for rep in first])
    return reference_of(seen.values, seen.view)


def reference_of(profiles: FloatArray, view: View) -> Reference:
    """Return the reference that (N, len(FEATURES)) profiles of one person make.

    Three repetitions tell little of how much they vary, so what they say only adds to what is
    usual. A feature that one of them does not show is not compared.
    """
    varied = profiles.var(axis=0, ddof=1) if len(profiles) > 1 else np.zeros(len(FEATURES))
    return Reference(profiles.mean(axis=0), np.sqrt(_SPREAD**2 + varied), view)


def figure_reference(definition: ExerciseDefinition, view: View) -> Reference:
    """Return the reference that the figure makes, doing the exercise's ``[motion]``.

    Args:
        definition: The exercise; one without a motion compares nothing.
        view: Where the camera stands.
    """
    if definition.motion is None or view is View.UNKNOWN:
        return _NOTHING
    figure = _Figure.of(definition.motion, _TURN_DEG[view])
    # What the trunk does is the same whichever side works, but for its sign.
    usual = profile_reps(definition, figure, [(0, _FIGURE_REP_MS + 1, Side.BOTH)]).values[0]
    spread = np.array([_FIGURE_SPREAD.get(name, np.nan) for name in _IDS])
    return Reference(np.where(np.isfinite(spread), usual, np.nan), spread, view)


def compare(index: int, profile: FloatArray, reference: Reference) -> RepQuality:
    """Return how much one (len(FEATURES),) profile differs from a reference."""
    away = (profile - reference.usual) / reference.spread
    known = np.isfinite(away)
    if known.sum() < max(_LEAST_FEATURES, _LEAST_SHARE * np.isfinite(reference.usual).sum()):
        return RepQuality(index, None, {}, ())
    capped = np.clip(away[known], -_CAP, _CAP)
    distances = {_IDS[row]: round(float(away[row]), 2) for row in np.flatnonzero(known)}
    return RepQuality(
        index, round(math.sqrt(float(np.mean(capped**2))), 2), distances, _words(distances)
    )


def _words(distances: dict[str, float]) -> tuple[str, ...]:
    told = sorted(
        (feature for feature in FEATURES if abs(distances.get(feature.id, 0.0)) >= _TELLING),
        key=lambda feature: -abs(distances[feature.id]),
    )
    return tuple(
        feature.more if distances[feature.id] > 0.0 else feature.less
        for feature in told[:_MOST_WORDS]
    )


def counted_reps(events: Iterable[Event]) -> list[Rep]:
    """Return the repetitions that count."""
    return [
        event for event in events if isinstance(event, Rep) and event.status is RepStatus.COUNTED
    ]


def _span(rep: Rep) -> tuple[int, int, Side]:
    return rep.start_ms, rep.end_ms, rep.side


_NOTHING: Final = Reference(
    np.full(len(FEATURES), np.nan), np.full(len(FEATURES), np.nan), View.UNKNOWN
)
"""Compares nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class _Figure:
    """The figure doing one repetition, filmed."""

    timestamp_ms: NDArray[np.int64]
    image_px: NDArray[np.float32]
    world_m: NDArray[np.float32]
    visibility: NDArray[np.float32]

    @classmethod
    def of(cls, motion: Motion, turn_deg: float) -> "_Figure":
        time_ms = np.arange(0, _FIGURE_REP_MS + 1, _FIGURE_STEP_MS)
        half_ms = _FIGURE_REP_MS / 2.0
        way = 1.0 - np.abs(time_ms - half_ms) / half_ms
        # The smoothest way there and back: minimum jerk (Flash and Hogan 1985).
        share = way**3 * (10.0 - 15.0 * way + 6.0 * way**2)
        body = movement_m(motion, share)
        picture = seen_from(body, turn_deg)
        turn = np.radians(turn_deg)
        away = np.sin(turn) * body[..., 2] - np.cos(turn) * body[..., 0]
        world = np.concatenate([picture, away[..., None]], axis=-1)
        world -= world[:, [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]].mean(axis=1, keepdims=True)
        return cls(
            time_ms,
            picture.astype(np.float32),
            world.astype(np.float32),
            np.ones(body.shape[:2], np.float32),
        )
