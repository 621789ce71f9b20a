"""Measure form quality: does it tell repetitions that were done badly from good ones.

    python benchmarks/form.py FOLDER [--choose 1 2 3] [--noise 0.0] [--jobs 2]

FOLDER holds landmark tracks and a ``truth.json`` as for ``hep-vision evaluate``, whose recordings
also name the ``subject`` and whether the repetitions are ``correct``; UI-PRMD in that form. Printed
is the area under the ROC curve of each score over all repetitions of an exercise: 0.5 is chance,
1 tells every bad repetition from every good one.

* checks: whether any named check of the exercise was flagged.
* likeness: the mismatch that the counter compares with its limit.
* figure: the difference from the figure; no recording of anybody is used.
* others: the difference from the correct repetitions of all other subjects.
* calibrated: the difference from the subject's own first three correct repetitions, which are not
  judged; in the picture: the same without world landmarks.
* drift: no incorrect repetition at all, but correct repetitions 8-10 against 4-6, calibrated. What
  is above 0.5 here is time and not form; correct and incorrect sets were recorded one after the
  other, so as much of "calibrated" may be the same.

Constants were chosen on the subjects of --choose; the last two rows are the mean over exercises on
those and on the others. Then the same for the repetitions that the engine itself found. --noise
makes the landmarks wander as those of a camera do, by so many trunk lengths in the picture and in
space, and three times as much in depth.
"""

import argparse
import json
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from hep_vision.app.evaluate import replay
from hep_vision.core.definition import Combine, ExerciseDefinition
from hep_vision.core.figure import TRUNK_M
from hep_vision.core.form_profile import FEATURES, profile_reps
from hep_vision.core.form_quality import (
    CALIBRATION_REPS,
    CLEAR,
    Reference,
    compare,
    counted_reps,
    figure_reference,
    reference_of,
)
from hep_vision.core.likeness import SHAPE, Likeness
from hep_vision.core.orientation import Orientation, OrientationTracker
from hep_vision.core.reps import median_pose
from hep_vision.core.signal import VISIBLE
from hep_vision.core.types import FloatArray, Rep, Side, View
from hep_vision.core.whole_set import WholeSet, sight_of
from hep_vision.exercises.loading import catalogue
from hep_vision.sources.recorded import LandmarkTrack, read_track

SPREADS = np.array([feature.spread for feature in FEATURES])
COLUMNS = ("checks", "likeness", "figure", "others", "calibrated", "in the picture", "drift")
Scores = dict[str, tuple[list[float], list[float]]]


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """One set: scores and profiles of its repetitions, a row each."""

    exercise: str
    subject: int
    correct: bool
    view: View
    profiles: FloatArray
    flat_profiles: FloatArray
    checks: FloatArray
    likeness: FloatArray
    figure: FloatArray


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Good repetitions from bad ones.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--choose", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--noise", type=float, default=0.0)
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    entries = json.loads((given.folder / "truth.json").read_text(encoding="utf-8"))
    jobs = [(given.folder / entry["file"], entry, given.noise) for entry in entries]
    with ProcessPoolExecutor(given.jobs, mp_context=get_context("spawn")) as pool:
        both = list(pool.map(measure, jobs))
    for title, found in zip(("true", "the engine's"), zip(*both, strict=True), strict=True):
        report(f"AUC, {title} repetitions", found, given.choose)


def measure(job: tuple[Path, dict[str, Any], float]) -> tuple[Recording, Recording]:
    """Return a recording by its true repetitions and by those that the engine counted."""
    path, entry, noise = job
    definition = catalogue()[entry["exercise_id"]]
    track = unsteady(read_track(path), noise, zlib.crc32(path.name.encode()))
    found = counted_reps(replay(track, definition))
    true: list[tuple[int, int, Side, Rep | None]] = []
    for start_ms, end_ms in entry["reps_ms"]:
        rep = next((rep for rep in found if start_ms <= rep.peak_ms < end_ms), None)
        true.append((start_ms, end_ms, rep.side if rep else Side.BOTH, rep))
    counted = [(rep.start_ms, rep.end_ms, rep.side, rep) for rep in found]
    return (
        recording(definition, track, entry, true),
        recording(definition, track, entry, counted),
    )


def unsteady(track: LandmarkTrack, noise: float, seed: int) -> LandmarkTrack:
    """Return a track whose landmarks wander slower than about 2 Hz."""
    if not noise:
        return track
    rng = np.random.default_rng(seed)
    memory = np.exp(-np.diff(track.timestamp_ms, prepend=track.timestamp_ms[0]) / 80.0)
    wander = rng.standard_normal((*track.world_m.shape[:2], 5))
    for row in range(1, len(wander)):
        fresh = np.sqrt(1.0 - memory[row] ** 2) * wander[row]
        wander[row] = memory[row] * wander[row - 1] + fresh
    picture = noise * WholeSet.of(track).scale * wander[..., :2]
    space = noise * TRUNK_M * wander[..., 2:] * [1.0, 1.0, 3.0]
    return replace(
        track,
        image_px=(track.image_px + picture).astype(np.float32),
        world_m=(track.world_m + space).astype(np.float32),
    )


def recording(
    definition: ExerciseDefinition,
    track: LandmarkTrack,
    entry: dict[str, Any],
    reps: Sequence[tuple[int, int, Side, Rep | None]],
) -> Recording:
    """Return the scores of every repetition; what the engine did not find is NaN."""
    spans = [rep[:3] for rep in reps]
    seen = profile_reps(definition, track, spans)
    flat = replace(track, world_m=np.full_like(track.world_m, np.nan))
    matched = [rep[3] for rep in reps]
    return Recording(
        entry["exercise"],
        entry["subject"],
        entry["correct"],
        seen.view,
        seen.values,
        profile_reps(definition, flat, spans).values,
        np.array([np.nan if rep is None else float(bool(rep.deviations)) for rep in matched]),
        mismatches(definition, track, matched),
        difference(seen.values, figure_reference(definition, seen.view)),
    )


def mismatches(
    definition: ExerciseDefinition, track: LandmarkTrack, reps: Sequence[Rep | None]
) -> FloatArray:
    """Return the mismatch of each repetition with the exercise's motion."""
    if definition.motion is None:
        return np.full(len(reps), np.nan)
    body = WholeSet.of(track)
    measures = body.measures(SHAPE)
    for row, name in enumerate(SHAPE):
        measures[:, row][sight_of(name, track) < VISIBLE] = np.nan
    in_turns = any(signal.combine is Combine.EACH for signal in definition.count)
    likeness = Likeness(definition.motion, in_turns=in_turns)
    stance = stance_of(track)

    def pose(from_ms: int, to_ms: int) -> FloatArray:
        first, last = np.searchsorted(track.timestamp_ms, [from_ms, to_ms])
        return median_pose(measures[first:last])

    return np.array(
        [
            np.nan
            if rep is None
            else likeness.look(
                pose(rep.start_ms - 200, rep.start_ms + 1),
                pose(rep.peak_ms - 150, rep.peak_ms + 150),
                stance,
                rep.side,
            ).mismatch
            for rep in reps
        ]
    )


def stance_of(track: LandmarkTrack) -> Orientation:
    """Return how the person stood at the end of a set."""
    tracker = OrientationTracker()
    return [tracker.update(pose.timestamp_ms, pose.image_px) for pose in track.poses()][-1]


def difference(profiles: FloatArray, reference: Reference) -> FloatArray:
    """Return the difference of each profile from a reference; NaN = unknown."""
    found = [compare(1, profile, reference).difference for profile in profiles]
    return np.array([np.nan if value is None else value for value in found])


def report(title: str, recordings: Sequence[Recording], choose: Sequence[int]) -> None:
    """Print one table of AUC and how large the differences are."""
    table = Table(title=title, box=None)
    table.add_column("exercise")
    for heading in ("n", *COLUMNS):
        table.add_column(heading, justify="right")
    groups: dict[str, list[Recording]] = defaultdict(list)
    for one in recordings:
        groups[one.exercise].append(one)
    for name, group in groups.items():
        count = str(sum(len(one.profiles) for one in group))
        table.add_row(name, count, *cells(area(group, lambda _: True)))
    for name, wanted in (
        ("mean", lambda _: True),
        ("mean, chosen on", lambda subject: subject in choose),
        ("mean, confirmed on", lambda subject: subject not in choose),
    ):
        areas = np.array([area(group, wanted) for group in groups.values()])
        table.add_row(name, "", *cells(np.nanmean(areas, axis=0)))
    console = Console(width=120, highlight=False)
    console.print(table)
    for name, chosen in (("chosen on", True), ("confirmed on", False)):
        clear(console, name, groups, lambda subject, c=chosen: (subject in choose) is c)


def area(group: Sequence[Recording], wanted: Callable[[int], bool]) -> FloatArray:
    """Return the AUC of each column over the subjects that are wanted."""
    scores = score(group, wanted)
    return np.array([auc(*scores[column]) for column in COLUMNS])


def score(group: Sequence[Recording], wanted: Callable[[int], bool]) -> Scores:
    """Return the scores of one exercise: of bad and of good repetitions, by column."""
    scores: Scores = {column: ([], []) for column in COLUMNS}
    for good, bad in pairs(group, wanted):
        for column, of in (
            ("checks", lambda one: one.checks),
            ("likeness", lambda one: one.likeness),
            ("figure", lambda one: one.figure),
        ):
            add(scores[column], of(bad), of(good))
        norm = others(group, good.subject)
        add(scores["others"], difference(bad.profiles, norm), difference(good.profiles, norm))
        for column, of in (
            ("calibrated", lambda one: one.profiles),
            ("in the picture", lambda one: one.flat_profiles),
        ):
            own = reference_of(of(good)[:CALIBRATION_REPS], good.view)
            rest = difference(of(good), own)
            add(scores[column], difference(of(bad), own), rest[CALIBRATION_REPS:])
            if column == "calibrated":
                add(scores["drift"], rest[7:10], rest[3:6])
    return scores


def pairs(
    group: Sequence[Recording], wanted: Callable[[int], bool]
) -> Iterator[tuple[Recording, Recording]]:
    """Yield the correct and the incorrect recording of each subject that has both."""
    for good in group:
        if not good.correct or not wanted(good.subject) or len(good.profiles) <= CALIBRATION_REPS:
            continue
        for bad in group:
            if not bad.correct and bad.subject == good.subject:
                yield good, bad


def others(group: Sequence[Recording], subject: int) -> Reference:
    """Return what the correct repetitions of the other subjects are like."""
    sets = [one for one in group if one.correct and one.subject != subject]
    means = np.array([np.nanmean(one.profiles, axis=0) for one in sets])
    within = np.nanmean([np.nanvar(one.profiles, axis=0, ddof=1) for one in sets], axis=0)
    varied = means.var(axis=0, ddof=1) + within + SPREADS**2
    return Reference(means.mean(axis=0), np.sqrt(varied), sets[0].view)


def add(scores: tuple[list[float], list[float]], bad: FloatArray, good: FloatArray) -> None:
    """Add the known ones."""
    scores[0].extend(bad[np.isfinite(bad)].tolist())
    scores[1].extend(good[np.isfinite(good)].tolist())


def auc(bad: Sequence[float], good: Sequence[float]) -> float:
    """Return how often a bad repetition scores higher than a good one; NaN where there is none."""
    if not bad or not good:
        return float("nan")
    apart = np.subtract.outer(np.array(bad), np.array(good))
    return float((apart > 0.0).mean() + 0.5 * (apart == 0.0).mean())


def clear(
    console: Console,
    name: str,
    groups: dict[str, list[Recording]],
    wanted: Callable[[int], bool],
) -> None:
    """Print the usual difference, and how often it is called clear."""
    parts = []
    for column in ("calibrated", "figure"):
        found = [score(group, wanted)[column] for group in groups.values()]
        bad, good = (np.concatenate([one[kind] for one in found]) for kind in (0, 1))
        parts.append(
            f"{column}: {np.median(good):.2f} of {len(good)} correct ({np.mean(good >= CLEAR):.2f}"
            f" clear), {np.median(bad):.2f} of {len(bad)} incorrect ({np.mean(bad >= CLEAR):.2f})"
        )
    console.print(f"  median difference, {name}: {'; '.join(parts)}", soft_wrap=True)


def cells(values: FloatArray) -> list[str]:
    """Return numbers as a table shows them."""
    return ["" if np.isnan(value) else f"{value:.2f}" for value in values]


if __name__ == "__main__":
    main()
