"""Squats of the figure during which someone else is followed, or the picture changes at once.

A passer-by is a figure that walks on the spot, larger when it passes in front and smaller behind.
The pose model either jumps to it and back, or goes along with it from the patient's place and is
back at once when it is gone: both were seen with MediaPipe on filmed people laid over each other.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from benchmarks.accuracy.motions import squat, walk_across
from benchmarks.accuracy.spoiling import (
    altered,
    filmed,
    one_after_the_other,
    spread_out,
    with_another_person,
    with_bumps,
)

import synthetic
from hep_vision.core.landmarks import Landmark
from hep_vision.sources.recorded import LandmarkTrack
from synthetic import Camera, Flaws, efforts, place, stillness, total_ms

Named = tuple[str, int, LandmarkTrack, str]
Spans = Sequence[tuple[float, float]]

PX_PER_M: Final = 300.0
BESIDE_PX: Final = 330.0
TEN: Final = efforts([100.0] * 10, duration_ms=3_000, pause_ms=500)
RESTED: Final = efforts([100.0] * 10, pause_ms=2_500)
FIVE: Final = squat(efforts([100.0] * 5, pause_ms=500))
END_MS: Final = total_ms(TEN) - 1_500


def with_passer_by(
    track: LandmarkTrack, spans_ms: Spans, size: float, from_px: float, to_px: float
) -> LandmarkTrack:
    """Return the track with a walker in the patient's place in each ``[start, end)``.

    Args:
        track: The patient's landmarks.
        spans_ms: When the walker is followed.
        size: Of the walker, in patients.
        from_px: How far to the right of the patient's place the walker is at the start.
        to_px: And at the end.
    """
    image_px, world_m = track.image_px.copy(), track.world_m.copy()
    for start_ms, end_ms in spans_ms:
        rows = np.flatnonzero((track.timestamp_ms >= start_ms) & (track.timestamp_ms < end_ms))
        walk = synthetic.walk(int(end_ms - start_ms) + 100, speed_m_per_s=0.0)
        walker = filmed(walk, Camera(px_per_m=size * PX_PER_M))
        image_px[rows] = walker.image_px[: len(rows)]
        image_px[rows, :, 0] += np.linspace(from_px, to_px, len(rows))[:, None]
        world_m[rows] = walker.world_m[: len(rows)]
    return altered(track, image_px=image_px, world_m=world_m)


def with_limbs_thrown(track: LandmarkTrack, spans_ms: Spans) -> LandmarkTrack:
    """Return the track with knees and ankles somewhere else in each ``[start, end)``."""
    image_px, rng = track.image_px.copy(), np.random.default_rng(11)
    legs = slice(Landmark.LEFT_KNEE, Landmark.LEFT_HEEL)
    for start_ms, end_ms in spans_ms:
        rows = np.flatnonzero((track.timestamp_ms >= start_ms) & (track.timestamp_ms < end_ms))
        image_px[rows, legs] += rng.uniform(150.0, 300.0, (1, 4, 2)) * rng.choice(
            (-1, 1), (1, 4, 2)
        )
    return altered(track, image_px=image_px)


def in_company() -> Iterator[Named]:
    """Yield name, right count, landmarks and exercise of sets during which someone else passes."""
    track = filmed(squat(TEN))
    yield from _someone_beside(track)
    for text, size, times, lasts_ms in (
        ("in front followed 6 x 0.2 s", 1.6, 6, 200),
        ("in front followed 6 x 0.5 s", 1.6, 6, 500),
        ("behind followed 6 x 0.5 s", 0.6, 6, 500),
        ("in front followed 4 x 1 s", 1.6, 4, 1_000),
    ):
        spans = _spans(times, lasts_ms)
        seen = with_passer_by(track, spans, size, BESIDE_PX, BESIDE_PX - 100.0)
        yield f"squat, passer-by {text}", 10, seen, "squat"
    fifth = place(TEN)[4]
    spans = [(fifth.start_ms - 100.0, fifth.end_ms - 100.0)]
    for name, size in (("in front", 1.6), ("behind", 0.6)):
        seen = with_passer_by(track, spans, size, BESIDE_PX, -BESIDE_PX)
        yield f"squat, passer-by {name} followed for 3 s, the whole fifth", 9, seen, "squat"
    pauses = [(rep.end_ms + 400.0, rep.end_ms + 2_000.0) for rep in place(RESTED)[:-1:2]]
    for name, size in (("in front", 1.3), ("as large", 1.0)):
        seen = with_passer_by(filmed(squat(RESTED)), pauses, size, 0.0, 500.0)
        yield f"squat, gone along with a passer-by {name} in 5 pauses", 10, seen, "squat"
    still = with_passer_by(filmed(stillness(60_000)), _spans(10, 500, 59_000.0), 1.6, 300.0, 200.0)
    yield "standing 60 s, passer-by followed 10 x 0.5 s", 0, still, "squat"
    thrown = [(at, at + (100.0, 400.0)[number % 2]) for number, (at, _) in enumerate(_spans(8, 0))]
    name = "squat, legs thrown about 8 x 0.1 to 0.4 s"
    yield name, 10, with_limbs_thrown(track, thrown), "squat"


def _someone_beside(track: LandmarkTrack) -> Iterator[Named]:
    others = [(at, at + 300.0) for at in spread_out(6, 1_000, END_MS)]
    seen = with_another_person(track, others)
    yield "squat, someone else followed 6 x 0.3 s", 10, seen, "squat"
    chair = filmed(synthetic.sit_to_stand(efforts([90.0] * 4)))
    others = [(at, at + 200.0) for at in spread_out(3, 1_500, 16_000)]
    seen = with_another_person(chair, others)
    yield "sit to stand, someone else followed 3 x 0.2 s", 4, seen, "sit_to_stand"
    pauses = [(rep.end_ms + 700.0, rep.end_ms + 1_700.0) for rep in place(RESTED)[:-1:2]]
    seen = with_another_person(filmed(squat(RESTED)), pauses)
    yield "squat, someone else followed in 5 pauses, 1 s", 10, seen, "squat"


def with_another_picture() -> Iterator[Named]:
    """Yield name, right count, landmarks and exercise of squats whose picture changes at once."""
    track, reps = filmed(squat(TEN)), place(TEN)
    near = filmed(squat(TEN), Camera(px_per_m=1.6 * PX_PER_M, shift_px=(-60.0, 150.0)))
    for when, at_ms in (("at rest", reps[4].end_ms + 200), ("at the bottom", reps[4].peak_ms)):
        bumped = with_bumps(track, [(at_ms, total_ms(TEN))], (128.0, 40.0))
        yield f"squat, camera bumped by a tenth of the picture {when}", 10, bumped, "squat"
        after = (track.timestamp_ms >= at_ms)[:, None, None]
        cut = altered(track, image_px=np.where(after, near.image_px, track.image_px))
        yield f"squat, cut {when} to a picture 1.6 times as large", 10, cut, "squat"
    five, card = filmed(FIVE), filmed(stillness(4_000), flaws=Flaws(gaps_ms=((0, 4_001),)))
    nearer = filmed(FIVE, Camera(px_per_m=1.5 * PX_PER_M, shift_px=(-200.0, 120.0)))
    titled = one_after_the_other(five, card, nearer)
    yield "squat, 5, title card of 4 s, 5 in a nearer take", 10, titled, "squat"
    out, back = walk_across(2_400, 0.0, 2.4), walk_across(2_400, 2.4, 0.0)
    leaves = one_after_the_other(five, filmed(out), card, filmed(back), five)
    yield "squat, 5, leaves for 4 s and comes back, 5", 10, leaves, "squat"


def _spans(times: int, lasts_ms: float, end_ms: float = END_MS) -> Spans:
    return [(at, at + lasts_ms) for at in spread_out(times, 1_500.0, end_ms)]
