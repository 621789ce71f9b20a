"""Back to the patient when the pose model went along with someone who passed in front.

The model follows one body from frame to frame and may glide over to a passer-by who covers the
patient, without a jump that would tell them apart. It searches the whole picture only when it has
lost whom it follows. So when the followed body is away from where the patient had stayed, a second
estimator looks at that place alone, the rest of the picture greyed out. If it finds somebody as
large as the patient there, it follows on; if not, nothing has changed.

Figures without another source are own judgement, tried on filmed clips into which a walker was
pasted; see section 8 of ``docs/counting.md``.
"""

import math
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from enum import Enum, auto
from types import TracebackType
from typing import Final, Self

import numpy as np

from hep_vision.core.sight import SightReader
from hep_vision.core.types import FloatArray, PoseFrame
from hep_vision.pose.base import PoseEstimator
from hep_vision.sources.base import Frame

_MEMORY_MS: Final = 2_000.0
"""Who is away for half a second has moved the place by a fifth of the way."""
_STAYED_MS: Final = 1_500
"""As long as the patient lock asks for."""
_AWAY_M: Final = 0.3
"""Sideways only, as people pass. In 25 of 31 filmed exercises nobody goes farther; a look into an
empty place changes nothing."""
_AWAY_SIZE: Final = 0.3
"""Of the natural logarithm: more than people change while they exercise."""
_GIVEN_UP_MS: Final = 4_000
"""Nobody was found all that time: the place is where the followed body is now."""

_LOOK_MS: Final = 150
"""Three frames of a slow camera: one to lose an old body, one to find, one to be sure."""
_FIRST_PAUSE_MS: Final = 300
_LONGEST_PAUSE_MS: Final = 2_000
_PAUSE_GROWTH: Final = 1.5
_CALM_MS: Final = 5_000
"""Who leaves the place oftener than this is exercising with travel, and looking is not free."""

_FOUND_ASIDE_M: Final = 0.3
_FOUND_BELOW_M: Final = 0.6
"""The way of the hips in a squat."""
_FOUND_SIZE: Final = 0.25
_APART_M: Final = 0.22
"""Somewhat less than `_AWAY_M`, as the two trunks may be beside each other."""
_MARGIN_M: Final = 0.4
_NARROWEST_M: Final = 0.3
_GREY: Final = 128


class LookingAgain:
    """The landmarks of the patient, found again behind someone who passed in front.

    A `PoseEstimator` made of one other, and of a second from the first look on. What it returns
    depends on the frames and their time stamps alone. Unless somebody is found in the place that
    the followed body has left, it is exactly what the one estimator returns.
    """

    def __init__(self, make_estimator: Callable[[], PoseEstimator]) -> None:
        """Make the first estimator.

        Args:
            make_estimator: Makes an estimator that has not seen a frame yet; called once more
                when it is time to look again. Raises what it raises.
        """
        self._make_estimator = make_estimator
        self._open = ExitStack()
        self._following = self._open.enter_context(make_estimator())
        self._second: PoseEstimator | None = None
        self._watch = _Watch()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._open.close()

    def estimate_pose(self, frame: Frame, image_size_px: tuple[int, int]) -> PoseFrame:
        """Return the landmarks of ``frame`` in pixels of a picture of ``image_size_px``.

        Raises:
            PoseEstimationError: As the estimators do.
            ModelError: The second estimator cannot be made.
        """
        pose = self._following.estimate_pose(frame, image_size_px)
        search = self._watch.follow(pose)
        if search is None:
            return pose
        second = self._second_estimator()
        patch = _only(search.box_px(), frame, image_size_px)
        found = second.estimate_pose(patch, image_size_px)
        match self._watch.judge(search, found):
            case _Verdict.NOBODY:
                return pose
            case _Verdict.PERHAPS:
                return PoseFrame.unseen(frame.timestamp_ms, image_size_px)
            case _Verdict.PATIENT:
                self._following, self._second = second, self._following
                return found

    def _second_estimator(self) -> PoseEstimator:
        if self._second is None:
            self._second = self._open.enter_context(self._make_estimator())
        return self._second


class _Verdict(Enum):
    """What the second estimator found in the patient's place."""

    NOBODY = auto()
    PERHAPS = auto()
    PATIENT = auto()


@dataclass(slots=True)
class _Body:
    """A body's trunk, size and outline, or their running means over a stay.

    Attributes:
        timestamp_ms: Time of the pose, or of the last one of the stay.
        hips: Middle of the hips in pixels.
        shoulders: Middle of the shoulders in pixels.
        size: Natural logarithm of the pixels of a metre.
        box: Left, top, right and bottom of all landmarks in pixels.
    """

    timestamp_ms: int
    hips: FloatArray
    shoulders: FloatArray
    size: float
    box: FloatArray

    @classmethod
    def of(cls, pose: PoseFrame, sights: SightReader) -> "_Body | None":
        """Return the body of a pose; None for nobody, or half a trunk."""
        sight = sights.read(pose)
        if sight is None or math.isnan(sight.hips[0]) or math.isnan(sight.shoulders[0]):
            return None
        corners = np.nanmin(pose.image_px, axis=0), np.nanmax(pose.image_px, axis=0)
        return cls(
            sight.timestamp_ms,
            np.array(sight.hips),
            np.array(sight.shoulders),
            math.log(sight.px_per_m),
            np.concatenate(corners, dtype=np.float64),
        )

    def drift(self, other: "_Body") -> None:
        """Come nearer to ``other`` by what the time since the last one allows."""
        share = -math.expm1((self.timestamp_ms - other.timestamp_ms) / _MEMORY_MS)
        for mine, new in (
            (self.hips, other.hips),
            (self.shoulders, other.shoulders),
            (self.box, other.box),
        ):
            mine += share * (new - mine)
        self.size += share * (other.size - self.size)
        self.timestamp_ms = other.timestamp_ms

    def apart_m(self, other: "_Body") -> tuple[float, float]:
        """Return how far ``other``'s trunk is to the right of this one and below it."""
        hips, shoulders = other.hips - self.hips, other.shoulders - self.shoulders
        nearer = hips if math.hypot(*hips) <= math.hypot(*shoulders) else shoulders
        px_per_m = math.exp(max(self.size, other.size))
        return float(nearer[0]) / px_per_m, float(nearer[1]) / px_per_m


@dataclass(frozen=True, slots=True)
class _Search:
    """Where the patient had stayed, and who is followed elsewhere meanwhile."""

    place: _Body
    away: _Body

    def box_px(self) -> FloatArray:
        """Return the patient's outline with a margin, without what the followed body covers."""
        place = self.place
        metre_px = math.exp(place.size)
        box = place.box + _MARGIN_M * metre_px * np.array([-1.0, -1.0, 1.0, 1.0])
        middle_x = float(place.hips[0] + place.shoulders[0]) / 2.0
        if place.apart_m(self.away)[0] > 0.0:
            box[2] = min(box[2], max(self.away.box[0], middle_x + _NARROWEST_M * metre_px))
        else:
            box[0] = max(box[0], min(self.away.box[2], middle_x - _NARROWEST_M * metre_px))
        return box

    def is_patient(self, body: _Body) -> bool:
        """Whether ``body`` is in the place, as large as the patient, and not the followed one."""
        aside_m, below_m = self.place.apart_m(body)
        if not (abs(aside_m) <= _FOUND_ASIDE_M and abs(below_m) <= _FOUND_BELOW_M):
            return False
        if abs(body.size - self.place.size) > _FOUND_SIZE:
            return False
        # Else it is what of the followed body reaches into the box.
        return abs(self.away.apart_m(body)[0]) >= _APART_M


class _Watch:
    """Knows where the patient stays, and when it is time to look for them there."""

    def __init__(self) -> None:
        self._sights = SightReader()
        self._place: _Body | None = None
        self._since_ms = 0
        self._away_since_ms: int | None = None
        self._look_since_ms: int | None = None
        self._next_look_ms = 0
        self._pause_ms = float(_FIRST_PAUSE_MS)
        self._found_before = False

    def follow(self, pose: PoseFrame) -> _Search | None:
        """Take in the followed body; return what to look for in this frame, if anything."""
        body, now_ms = _Body.of(pose, self._sights), pose.timestamp_ms
        if body is None:
            return None
        if self._place is None:
            self._settle(body)
            return None
        if not _is_away(self._place, body):
            self._place.drift(body)
            self._come_back(now_ms)
            return None
        if self._away_since_ms is None:
            self._away_since_ms = now_ms
        stayed_ms = self._place.timestamp_ms - self._since_ms
        if stayed_ms < _STAYED_MS or now_ms - self._away_since_ms > _GIVEN_UP_MS:
            self._settle(body)
            return None
        return _Search(self._place, body) if self._is_time(now_ms) else None

    def judge(self, search: _Search, found: PoseFrame) -> _Verdict:
        """Say who was found; it takes two frames running to be the patient."""
        body = _Body.of(found, SightReader())
        here = body is not None and search.is_patient(body)
        before, self._found_before = self._found_before, here
        if not here:
            return _Verdict.NOBODY
        if not before:
            return _Verdict.PERHAPS
        self._away_since_ms = self._look_since_ms = None
        self._next_look_ms, self._pause_ms = found.timestamp_ms, _FIRST_PAUSE_MS
        return _Verdict.PATIENT

    def _settle(self, body: _Body) -> None:
        self._place, self._since_ms = body, body.timestamp_ms
        self._away_since_ms = None
        self._end_look(body.timestamp_ms)

    def _come_back(self, now_ms: int) -> None:
        self._away_since_ms = None
        self._end_look(now_ms)
        if now_ms - self._next_look_ms > _CALM_MS:
            self._pause_ms = _FIRST_PAUSE_MS

    def _is_time(self, now_ms: int) -> bool:
        if self._look_since_ms is None:
            if now_ms < self._next_look_ms:
                return False
            self._look_since_ms, self._found_before = now_ms, False
        elif now_ms - self._look_since_ms >= _LOOK_MS and not self._found_before:
            self._end_look(now_ms)
            return False
        return True

    def _end_look(self, now_ms: int) -> None:
        """Begin a pause, longer than the one before: whoever is not found soon is not there."""
        if self._look_since_ms is not None:
            self._look_since_ms = None
            self._next_look_ms = now_ms + int(self._pause_ms)
            self._pause_ms = min(_PAUSE_GROWTH * self._pause_ms, _LONGEST_PAUSE_MS)


def _is_away(place: _Body, body: _Body) -> bool:
    aside_m, _ = place.apart_m(body)
    return abs(aside_m) > _AWAY_M or abs(body.size - place.size) > _AWAY_SIZE


def _only(window: FloatArray, frame: Frame, image_size_px: tuple[int, int]) -> Frame:
    """Return the frame with everything outside the box in grey."""
    height, width = frame.rgb.shape[:2]
    scale = np.array([width / image_size_px[0], height / image_size_px[1]] * 2)
    left, top, right, bottom = np.clip(window * scale, 0, [width, height] * 2).astype(int)
    rgb = np.full_like(frame.rgb, _GREY)
    rgb[top:bottom, left:right] = frame.rgb[top:bottom, left:right]
    return replace(frame, rgb=rgb)
