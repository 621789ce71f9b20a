"""Landmark tracks of the stick figure, and what goes wrong between a person and landmarks."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Final

import numpy as np

import synthetic
from hep_vision.core.landmarks import MIRROR, Landmark
from hep_vision.core.types import FloatArray, PoseFrame, View
from hep_vision.sources.recorded import LandmarkTrack, TrackRecorder
from synthetic import Camera, Flaws, Motion, Spike, record, stillness

SIDE_VIEW: Final = Camera()
FRONT_VIEW: Final = Camera(view=View.FRONT)
TRUNK_PX: Final = 150.0


def filmed(
    motion: Motion, camera: Camera = SIDE_VIEW, *, fps: float = 30.0, flaws: Flaws = synthetic.CLEAN
) -> LandmarkTrack:
    """Return the landmarks of a motion."""
    return as_track(record(motion, camera, fps=fps, flaws=flaws))


def as_track(poses: Sequence[PoseFrame]) -> LandmarkTrack:
    """Return poses as a track, rounded as a stored one."""
    recorder = TrackRecorder(poses[0].image_size_px)
    for pose in poses:
        recorder.add(pose)
    return recorder.track()


def altered(track: LandmarkTrack, **arrays: FloatArray) -> LandmarkTrack:
    """Return the track with some of its arrays replaced."""
    kept = {field.name: getattr(track, field.name) for field in fields(track)}
    kept.update({name: np.asarray(array, dtype=np.float32) for name, array in arrays.items()})
    return LandmarkTrack(**kept)


def rows_at(track: LandmarkTrack, moments_ms: Sequence[float], frames: int = 1) -> list[int]:
    """Return the rows of ``frames`` frames from each moment on."""
    first = np.searchsorted(track.timestamp_ms, moments_ms)
    rows = (first[:, None] + np.arange(frames)).ravel()
    return rows[rows < len(track)].tolist()


def with_outliers(
    track: LandmarkTrack, moments_ms: Sequence[float], part: str, by_px: tuple[float, float]
) -> LandmarkTrack:
    """Return the track with both sides' landmark elsewhere for one frame at each moment."""
    image_px = track.image_px.copy()
    left = Landmark[f"LEFT_{part}"]
    image_px[rows_at(track, moments_ms), left : left + 2] += by_px
    return altered(track, image_px=image_px)


def with_sides_swapped(
    track: LandmarkTrack, moments_ms: Sequence[float], frames: int
) -> LandmarkTrack:
    """Return the track with left and right exchanged for some frames from each moment on."""
    rows, table = rows_at(track, moments_ms, frames), list(MIRROR)
    arrays = {}
    for name in ("image_px", "world_m", "visibility"):
        array = getattr(track, name).copy()
        array[rows] = array[rows][:, table]
        arrays[name] = array
    return altered(track, **arrays)


def with_guessed_far_side(track: LandmarkTrack, spread_ratio: float) -> LandmarkTrack:
    """Return the track with the left side drifting about its place, as a hidden limb does."""
    rng = np.random.default_rng(3)
    time_s = track.timestamp_ms[:, None, None] / 1000.0
    phase = rng.uniform(0.0, 2.0 * np.pi, (1, len(Landmark), 2))
    hz = rng.uniform(0.3, 1.5, (1, len(Landmark), 2))
    drift = spread_ratio * TRUNK_PX * np.sin(2.0 * np.pi * hz * time_s + phase)
    far = ["LEFT" in landmark.name for landmark in Landmark]
    return altered(track, image_px=track.image_px + drift * np.array(far)[:, None])


def with_tilt(track: LandmarkTrack, roll_deg: float) -> LandmarkTrack:
    """Return the track as seen by a camera that is rolled about its own axis."""
    cosine, sine = np.cos(np.radians(roll_deg)), np.sin(np.radians(roll_deg))
    turn = np.array([[cosine, -sine], [sine, cosine]])
    centre = np.array(track.image_size_px) / 2.0
    world_m = track.world_m.copy()
    world_m[..., :2] = world_m[..., :2] @ turn.T
    return altered(track, image_px=(track.image_px - centre) @ turn.T + centre, world_m=world_m)


def with_feet_outside(track: LandmarkTrack) -> LandmarkTrack:
    """Return the track with the feet guessed at the lower edge, as from a camera on a table."""
    image_px, visibility = track.image_px.copy(), track.visibility.copy()
    edge_px = float(np.nanmin(image_px[:, Landmark.LEFT_ANKLE :, 1])) - 60.0
    image_px[:, Landmark.LEFT_ANKLE :, 1] = edge_px
    visibility[:, Landmark.LEFT_ANKLE :] = 0.1
    return altered(track, image_px=image_px, visibility=visibility)


def with_another_person(
    track: LandmarkTrack, spans_ms: Sequence[tuple[float, float]]
) -> LandmarkTrack:
    """Return the track with someone else, who stands 1 m away, in their place for a while."""
    other = filmed(stillness(100), Camera(px_per_m=220.0, shift_px=(330.0, -60.0)))
    image_px, world_m = track.image_px.copy(), track.world_m.copy()
    for start_ms, end_ms in spans_ms:
        during = (track.timestamp_ms >= start_ms) & (track.timestamp_ms < end_ms)
        image_px[during], world_m[during] = other.image_px[0], other.world_m[0]
    return altered(track, image_px=image_px, world_m=world_m)


def one_after_the_other(*tracks: LandmarkTrack) -> LandmarkTrack:
    """Return tracks joined in time, a frame apart."""
    stamps, shift_ms = [], 0
    for track in tracks:
        stamps.append(track.timestamp_ms + shift_ms)
        shift_ms = int(stamps[-1][-1]) + 33
    return LandmarkTrack(
        np.concatenate(stamps),
        np.concatenate([track.image_px for track in tracks]),
        np.concatenate([track.world_m for track in tracks]),
        np.concatenate([track.visibility for track in tracks]),
        tracks[0].image_size_px,
    )


def with_repeated_frames(track: LandmarkTrack, rows: np.ndarray) -> LandmarkTrack:
    """Return the track showing at each moment the landmarks of another row, (T,)."""
    return altered(
        track,
        image_px=track.image_px[rows],
        world_m=track.world_m[rows],
        visibility=track.visibility[rows],
    )


def with_bumps(
    track: LandmarkTrack, spans_ms: Sequence[tuple[float, float]], by_px: tuple[float, float]
) -> LandmarkTrack:
    """Return the track with the whole picture moved in each ``[start, end)``."""
    image_px = track.image_px.copy()
    for start_ms, end_ms in spans_ms:
        image_px[(track.timestamp_ms >= start_ms) & (track.timestamp_ms < end_ms)] += by_px
    return altered(track, image_px=image_px)


def clipped(track: LandmarkTrack, start_ms: float, end_ms: float) -> LandmarkTrack:
    """Return the part of the track in ``[start_ms, end_ms)``."""
    kept = (track.timestamp_ms >= start_ms) & (track.timestamp_ms < end_ms)
    return LandmarkTrack(
        track.timestamp_ms[kept],
        track.image_px[kept],
        track.world_m[kept],
        track.visibility[kept],
        track.image_size_px,
    )


def spread_out(count: int, start_ms: float, end_ms: float, seed: int = 5) -> list[float]:
    """Return ``count`` moments, one at random in each equal part of the span."""
    edges = np.linspace(start_ms, end_ms, count + 1)
    where = np.random.default_rng(seed).uniform(0.1, 0.9, count)
    return [float(moment) for moment in edges[:-1] + where * np.diff(edges)]


def knee_dropouts(moments_ms: Sequence[float]) -> Flaws:
    """Return both knees at the corner of the picture for one frame at each moment."""
    knees = (Landmark.LEFT_KNEE, Landmark.RIGHT_KNEE)
    return Flaws(spikes=tuple(Spike(knee, round(at)) for at in moments_ms for knee in knees))
