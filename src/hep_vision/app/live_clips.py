"""Clips of a live session: cut while a set is under way, kept at its end.

What a set is worth is known at its end, when its pictures are long gone. So each repetition that
may be worth a clip is written to a draft a second after it ended, and the end of the set decides
which drafts stay. A clip holds nothing but what the set looked at: no picture of a rest or a pause,
and every picture has its landmarks.
"""

import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hep_vision.app.booking import now
from hep_vision.app.clip_encoder import ClipEncoder, ClipJob
from hep_vision.app.frame_ring import FrameRing, KeptFrame
from hep_vision.core.clips import LONGEST_MS, ClipPolicy, ClipSpan
from hep_vision.core.types import Event, Hold, PoseFrame, Rep
from hep_vision.errors import StoreError
from hep_vision.store.clips import ClipLog
from hep_vision.store.review_records import NewClip

CLOSE_TIMEOUT_S: Final = 10.0
_REMEMBERED_MS: Final = 2 * LONGEST_MS
_FEWEST_FRAMES: Final = 2

Keep = Callable[[NewClip, Path], None]
"""Books a finished draft as a clip of the session of a set."""


@dataclass(slots=True)
class _Draft:
    path: Path
    start_ms: int
    end_ms: int
    fps: float
    size_px: tuple[int, int]
    ready: bool = False
    problem: str | None = None

    @classmethod
    def of(cls, path: Path, frames: Sequence[KeptFrame]) -> "_Draft":
        """Describe a draft without holding its pictures."""
        stamps = [frame.timestamp_ms for frame in frames]
        end_ms = stamps[-1] + stamps[-1] - stamps[-2]
        fps = 1000 * len(stamps) / (end_ms - stamps[0])
        return cls(path, stamps[0], end_ms, round(fps, 3), frames[0].size_px)


@dataclass(slots=True)
class _Set:
    """The drafts of one set.

    Attributes:
        waiting: Candidates whose last second is not over.
        refused: Candidates for which there was no room, or no picture any more.
        picked: What stays; empty before the end of the set.
    """

    waiting: dict[int, ClipSpan] = field(default_factory=dict)
    drafts: dict[int, _Draft] = field(default_factory=dict)
    refused: set[int] = field(default_factory=set)
    picked: dict[int, ClipSpan] = field(default_factory=dict)
    keep: Keep | None = None


class LiveClips:
    """Decides which repetitions become clips, and has them written and booked.

    Args:
        log: Where clips are kept.
        ring: The pictures of the last seconds.
        encoder: Writes them.
        policy: What is worth a clip.
        blurs: Whether faces are hidden in what is kept.
    """

    def __init__(
        self,
        log: ClipLog,
        ring: FrameRing,
        encoder: ClipEncoder,
        policy: ClipPolicy,
        *,
        blurs: bool,
    ) -> None:
        self._log = log
        self._ring = ring
        self._encoder = encoder
        self._policy = policy
        self._blurs = blurs
        self._poses: deque[PoseFrame] = deque()
        self._set = _Set()
        self._ended: list[_Set] = []
        self._kept = 0
        self._refused = 0
        self._problems: list[str] = []

    def watch(self, pose: PoseFrame, new: Sequence[Event], events: Sequence[Event]) -> None:
        """Take in a pose of the set under way.

        Args:
            pose: The pose.
            new: What was found with it.
            events: All that was found in the set, with ``new``.
        """
        self._poses.append(pose)
        while self._poses[0].timestamp_ms < pose.timestamp_ms - _REMEMBERED_MS:
            self._poses.popleft()
        if any(isinstance(event, Rep | Hold) and event.deviations for event in new):
            self._consider(self._policy.candidates(events))
        for span in [s for s in self._set.waiting.values() if s.end_ms <= pose.timestamp_ms]:
            self._begin(span)

    def end_set(self, events: Sequence[Event], keep: Keep) -> None:
        """Decide what of the set stays; ``keep`` is called for each clip once it is written."""
        ending, self._set = self._set, _Set()
        picked = self._policy.pick(events)
        ending.picked = {span.ordinal: span for span in picked}
        ending.keep = keep
        for span in picked:  # of the last repetition there is no more to come
            if span.ordinal not in ending.drafts and span.ordinal not in ending.refused:
                self._begin(span, ending)
        self._refused += len(ending.refused & ending.picked.keys())
        self._ended.append(ending)
        self._poses.clear()
        self.tend()

    def tend(self) -> None:
        """Book what was written meanwhile and stays; drop what does not."""
        done = dict(self._encoder.take())
        for one in (self._set, *self._ended):
            for draft in one.drafts.values():
                if draft.path in done:
                    draft.ready, draft.problem = True, done[draft.path]
        for one in self._ended:
            self._settle(one)
        self._ended = [one for one in self._ended if one.drafts]

    def close(self) -> None:
        """Wait a little for what is being written, book it, and forget all pictures."""
        self._ring.clear()
        self._encoder.close(CLOSE_TIMEOUT_S)
        self.tend()
        for one in self._ended:  # those that the time did not suffice for
            self._refused += len(one.drafts.keys() & one.picked.keys())
        for draft in self._set.drafts.values():
            _drop(draft.path)
        self._poses.clear()

    def keep(self, session_id: str, clip: NewClip, draft: Path) -> None:
        """Enter a finished draft in the log; a clip that cannot be kept stops nothing."""
        try:
            self._log.add(session_id, clip, draft)
            self._kept += 1
        except StoreError as error:
            self._problems.append(f"A clip was not kept: {error}")

    @property
    def lines(self) -> tuple[str, ...]:
        """What to tell the person of the clips of this session."""
        told = []
        if self._kept:
            what = "1 clip" if self._kept == 1 else f"{self._kept} clips"
            told.append(
                f"{what} of flagged repetitions kept on this machine; see: hep-vision clips list"
            )
        if self._refused:
            what = "1 clip was" if self._refused == 1 else f"{self._refused} clips were"
            told.append(f"{what} left out: this computer had no time for more beside counting.")
        return (*told, *dict.fromkeys(self._problems))

    def _consider(self, candidates: Sequence[ClipSpan]) -> None:
        """Wait for new candidates, and drop those that have become none."""
        current = {span.ordinal: span for span in candidates}
        one = self._set
        one.waiting = {
            ordinal: span
            for ordinal, span in current.items()
            if ordinal not in one.drafts and ordinal not in one.refused
        }
        for ordinal in [each for each in one.drafts if each not in current]:
            if one.drafts[ordinal].ready:
                _drop(one.drafts.pop(ordinal).path)

    def _begin(self, span: ClipSpan, one: _Set | None = None) -> None:
        one = one or self._set
        one.waiting.pop(span.ordinal, None)
        frames = self._frames(span)
        try:
            draft = self._log.draft() if len(frames) >= _FEWEST_FRAMES else None
        except StoreError as error:
            self._problems.append(str(error))
            return
        if draft is not None:
            job = ClipJob(frames, draft, tuple(self._poses) if self._blurs else None)
            if self._encoder.submit(job):
                one.drafts[span.ordinal] = _Draft.of(draft, frames)
                return
        one.refused.add(span.ordinal)

    def _frames(self, span: ClipSpan) -> tuple[KeptFrame, ...]:
        """Return the pictures of a span that the set looked at, of one size."""
        looked_at = {pose.timestamp_ms for pose in self._poses}
        frames = self._ring.between(span.start_ms, span.end_ms)
        frames = tuple(frame for frame in frames if frame.timestamp_ms in looked_at)
        return tuple(frame for frame in frames if frame.yuv.shape == frames[-1].yuv.shape)

    def _settle(self, one: _Set) -> None:
        for ordinal in [each for each, draft in one.drafts.items() if draft.ready]:
            draft = one.drafts.pop(ordinal)
            if ordinal not in one.picked or one.keep is None:
                _drop(draft.path)
            elif draft.problem is not None:
                self._problems.append(draft.problem)
            else:
                span = one.picked[ordinal]
                clip = NewClip(
                    span.ordinal,
                    span.number,
                    span.checks,
                    draft.start_ms,
                    draft.end_ms,
                    *draft.size_px,
                    draft.fps,
                    self._blurs,
                    now(),
                )
                one.keep(clip, draft.path)


def _drop(path: Path) -> None:
    with contextlib.suppress(OSError):  # what is left is cleaned up later
        path.unlink(missing_ok=True)
