"""What counting costs, and what normalised coordinates do to an angle."""

import time
from dataclasses import replace
from statistics import median
from typing import Final

import numpy as np
from benchmarks.accuracy.baselines import BASELINES, count_margins
from benchmarks.accuracy.hard_cases import TEN
from benchmarks.accuracy.motions import squat
from benchmarks.accuracy.runs import OURS, count_ours
from benchmarks.accuracy.signals import measure_track, stance_of
from benchmarks.accuracy.spoiling import SIDE_VIEW, altered, filmed
from benchmarks.accuracy.tables import Block, plain_table

from hep_vision.exercises.loading import find_exercise
from hep_vision.sources.recorded import LandmarkTrack
from synthetic import efforts

ASSUMED_INFERENCE_MS: Final = 22.0
"""One pose with the full model on a laptop processor, assumed; benchmarks/speed.py measures it."""
_ROUNDS: Final = 3
_BENDS_DEG: Final = (70.0, 95.0)
_PICTURES: Final = {"640 x 480": (640, 480), "1280 x 720": (1280, 720), "720 x 1280": (720, 1280)}


def cost_us() -> dict[str, float]:
    """Return processor microseconds per frame, on ten clean squats; the median of three rounds."""
    track, exercise = filmed(squat(TEN)), find_exercise("squat")
    methods = {OURS: count_ours, **BASELINES}
    taken: dict[str, list[float]] = {name: [] for name in methods}
    for _ in range(_ROUNDS):
        for name, method in methods.items():
            start_s = time.process_time()
            method(track, exercise)
            taken[name].append(1e6 * (time.process_time() - start_s) / len(track))
    return {name: median(times) for name, times in taken.items()}


def normalised(track: LandmarkTrack) -> LandmarkTrack:
    """Return the track in shares of the picture's width and height, as MediaPipe gives it."""
    return altered(track, image_px=track.image_px / np.array(track.image_size_px))


def coordinates_table() -> Block:
    """Return what a bend reads in pixels and in normalised coordinates, and is counted as."""
    exercise, rows = find_exercise("squat"), []
    for bend_deg in _BENDS_DEG:
        for name, size_px in _PICTURES.items():
            camera = replace(SIDE_VIEW, size_px=size_px, px_per_m=0.4 * size_px[1])
            track = filmed(squat(efforts([bend_deg] * 10, pause_ms=500)), camera)
            read = [
                (f"{_largest_bend_deg(seen):.0f}", count_margins(seen, exercise))
                for seen in (track, normalised(track))
            ]
            rows.append((f"{bend_deg:.0f}", name, *read[0], *read[1]))
    headings = ("bend", "picture", "in pixels", "counted", "normalised", "counted")
    title = "Ten squats, largest bend of the knee in degrees, counted by margins"
    return plain_table("coordinates", title, headings, rows)


def _largest_bend_deg(track: LandmarkTrack) -> float:
    bend, _ = measure_track(track, "knee_flexion", stance_of(track))
    return float(np.nanmax(bend[:, 1]))
