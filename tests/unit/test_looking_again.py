"""The patient is found again behind a passer-by, and nothing else ever changes.

The estimators here are made up. They see a picture in which every body is a coloured box, the one
in front last, and do what the model does: follow one body as long as it is to be seen, else take
the largest there is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import media
import synthetic
from definitions import counted_in, run, squat
from hep_vision.app.analyse import Analysis, Model, Task, analyse
from hep_vision.core.types import PoseFrame, Rep, RepStatus
from hep_vision.errors import PoseEstimationError
from hep_vision.exercises.loading import find_exercise
from hep_vision.pose.looking_again import LookingAgain
from hep_vision.pose.model_file import DEFAULT_MODEL, locate
from hep_vision.sources.base import Frame
from hep_vision.sources.video_file import VideoFile
from hep_vision.store.sessions import SessionLog
from synthetic import Camera, efforts, record, stillness

SIZE_PX = (1280, 720)
SMALLER = 10
"""How many times smaller the pictures are than the landmarks' one."""
SEEN_SHARE = 0.4
GREY = 128

NEAR = Camera(px_per_m=400.0)
SAMPLES = Path(__file__).parents[2] / "sample_videos"

Poses = list[PoseFrame]
Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Scene:
    """Bodies from the farthest to the nearest; each has a pose for every picture."""

    bodies: tuple[Poses, ...]

    def frames(self) -> Iterator[Frame]:
        for index, poses in enumerate(zip(*self.bodies, strict=True)):
            rgb = np.zeros((SIZE_PX[1] // SMALLER, SIZE_PX[0] // SMALLER, 3), np.uint8)
            for colour, pose in enumerate(poses, start=1):
                box_of(pose, rgb)[:] = colour
            yield Frame(index, poses[0].timestamp_ms, rgb)

    def poses_at(self, timestamp_ms: int) -> list[PoseFrame]:
        stamps = [pose.timestamp_ms for pose in self.bodies[0]]
        row = stamps.index(timestamp_ms)
        return [poses[row] for poses in self.bodies]


def box_of(pose: PoseFrame, rgb: Picture) -> Picture:
    corners = np.concatenate([pose.image_px.min(axis=0), pose.image_px.max(axis=0)])
    limits = np.array([rgb.shape[1], rgb.shape[0]] * 2)
    left, top, right, bottom = np.clip(corners / SMALLER, 0, limits).round().astype(int)
    return rgb[top:bottom, left:right]


class MadeUp:
    """Follows one body while it is seen, else takes the one with the most pixels."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._followed: int | None = None
        self.seen: list[Frame] = []
        self.closed = False

    def __enter__(self) -> "MadeUp":
        return self

    def __exit__(self, *_: object) -> None:
        self.closed = True

    def estimate_pose(self, frame: Frame, image_size_px: tuple[int, int]) -> PoseFrame:
        self.seen.append(frame)
        poses = self._scene.poses_at(frame.timestamp_ms)
        pixels = {}
        for body, pose in enumerate(poses):
            box = box_of(pose, frame.rgb)[..., 0]
            if box.size and (box == body + 1).mean() > SEEN_SHARE:
                pixels[body] = int((box == body + 1).sum())
        if self._followed not in pixels:
            self._followed = max(pixels, key=pixels.__getitem__, default=None)
        if self._followed is None:
            return PoseFrame.unseen(frame.timestamp_ms, image_size_px)
        return poses[self._followed]


class Crew:
    """Makes estimators and keeps them."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.made: list[MadeUp] = []

    def make(self) -> MadeUp:
        self.made.append(MadeUp(self.scene))
        return self.made[-1]

    @property
    def looks(self) -> list[int]:
        """Time stamps of the second estimator's frames, as long as nobody changed places."""
        return [frame.timestamp_ms for frame in self.made[1].seen] if self.made[1:] else []


def watched(scene: Scene) -> tuple[Poses, Crew]:
    """Return what is estimated with looking again, and who did it."""
    crew = Crew(scene)
    with LookingAgain(crew.make) as estimator:
        return [estimator.estimate_pose(frame, SIZE_PX) for frame in scene.frames()], crew


def unwatched(scene: Scene) -> Poses:
    alone = MadeUp(scene)
    return [alone.estimate_pose(frame, SIZE_PX) for frame in scene.frames()]


def moving(poses: Poses, path_px: Callable[[float], float]) -> Poses:
    """Return the poses as far to the right as ``path_px`` says of each time."""
    return [
        replace(pose, image_px=pose.image_px + np.array([path_px(pose.timestamp_ms), 0.0]))
        for pose in poses
    ]


def passing(meet_ms: int, px_per_s: float, stop_px: float) -> Callable[[float], float]:
    """Return the path of someone who comes from the right and stops left of the patient."""
    return lambda now_ms: max(-px_per_s * (now_ms - meet_ms) / 1000.0, stop_px)


def walker(duration_ms: int, path_px: Callable[[float], float], fps: float = 30.0) -> Poses:
    walk = synthetic.walk(duration_ms, speed_m_per_s=0.0)
    return moving(record(walk, NEAR, fps=fps), path_px)


def is_same(poses: Sequence[PoseFrame], expected: Sequence[PoseFrame]) -> bool:
    """Whether these are the same objects, or nobody in both."""
    return all(
        new is old or not (new.detected or old.detected)
        for new, old in zip(poses, expected, strict=True)
    )


# -- someone passes in front ----------------------------------------------------------------------


@pytest.mark.parametrize("stop_px", [-2_000.0, -420.0], ids=["and leaves", "and stays beside"])
@pytest.mark.parametrize("fps", [10.0, 30.0, 60.0])
def test_patient_is_found_again_a_second_after_someone_passed_in_front(fps, stop_px):
    patient = record(stillness(10_000), fps=fps)
    passer = walker(10_000, passing(5_000, 500.0, stop_px), fps)
    scene = Scene((patient, passer))
    astray = [pose for pose in unwatched(scene) if pose.timestamp_ms > 6_000]
    assert any(pose in passer for pose in astray)
    found = [pose for pose in watched(scene)[0] if pose.timestamp_ms > 6_000]
    assert is_same(found, [pose for pose in patient if pose.timestamp_ms > 6_000])


def test_repetitions_are_counted_although_someone_passes_in_front_between_them():
    motion = synthetic.squat(efforts([90.0] * 4, pause_ms=2_500))
    second = motion.truth[1]
    passer = walker(motion.duration_ms, passing(second.end_ms + 400, 600.0, -420.0))
    scene = Scene((record(motion), passer))
    assert len(counted_in(run(squat(), unwatched(scene)))) == 2
    assert len(counted_in(run(squat(), watched(scene)[0]))) == 4


def test_a_second_passer_by_is_left_for_the_patient_as_the_first_was():
    patient = record(stillness(16_000))

    def to_and_fro(now_ms: float) -> float:
        return max(0.5 * (5_000 - now_ms), -700.0) if now_ms < 9_000 else 0.5 * (now_ms - 11_000)

    poses, crew = watched(Scene((patient, walker(16_000, to_and_fro))))
    assert is_same(poses[-100:], patient[-100:])
    assert len(crew.made) == 2


def test_what_is_not_sure_yet_is_unseen_and_never_somebody_else_again():
    patient = record(stillness(10_000))
    passer = walker(10_000, passing(5_000, 500.0, -420.0))
    poses, _ = watched(Scene((patient, passer)))
    last_astray = max(row for row, pose in enumerate(poses) if pose in passer)
    first_back = next(row for row in range(last_astray, len(poses)) if poses[row] in patient)
    assert [pose.detected for pose in poses[last_astray + 1 : first_back]] == [False]


def test_second_estimator_sees_the_patients_place_alone():
    patient = record(stillness(8_000))
    passer = walker(8_000, passing(5_000, 500.0, -420.0))
    _, crew = watched(Scene((patient, passer)))
    for frame in crew.made[1].seen[:2]:
        row = [pose.timestamp_ms for pose in patient].index(frame.timestamp_ms)
        assert (box_of(patient[row], frame.rgb)[..., 0] != GREY).all()
        assert (frame.rgb[:, :40] == GREY).all()
        assert (frame.rgb[:, 90:] == GREY).all()


# -- nobody passes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "motion",
    [
        synthetic.squat(efforts([110.0] * 3)),
        synthetic.arm_raise(efforts([150.0] * 3), sideways=True),
        synthetic.bridge(efforts([30.0] * 3)),
    ],
    ids=["squat", "arm raise", "bridge"],
)
def test_one_person_in_place_is_estimated_once_by_one_estimator(motion):
    patient = record(motion)
    poses, crew = watched(Scene((patient,)))
    assert is_same(poses, patient)
    assert len(crew.made) == 1


def lunging(now_ms: float) -> float:
    return 240.0 * np.sin(now_ms / 500.0) if now_ms > 3_000 else 0.0


def leaving(now_ms: float) -> float:
    return 0.4 * max(now_ms - 4_000, 0.0)


def moving_over(now_ms: float) -> float:
    return min(leaving(now_ms), 400.0)


def test_standing_up_from_a_chair_goes_forward_and_costs_a_look_now_and_then():
    patient = record(synthetic.sit_to_stand(efforts([90.0] * 6)))
    poses, crew = watched(Scene((patient,)))
    assert is_same(poses, patient)
    assert len(crew.looks) <= 0.1 * len(patient)


@pytest.mark.parametrize("path_px", [lunging, leaving, moving_over])
def test_a_patient_who_travels_is_followed_in_every_picture(path_px):
    patient = moving(record(stillness(20_000)), path_px)
    poses, crew = watched(Scene((patient,)))
    assert is_same(poses, unwatched(Scene((patient,))))
    assert len(crew.looks) <= 0.1 * len(patient)


def test_nobody_is_looked_for_in_a_place_that_the_patient_left_long_ago():
    patient = moving(record(stillness(20_000)), moving_over)
    _, crew = watched(Scene((patient,)))
    assert crew.looks[0] > 4_000
    assert crew.looks[-1] < 10_000


@pytest.mark.parametrize("px_per_m", [220.0, 420.0], ids=["smaller", "larger"])
def test_someone_of_another_size_in_the_patients_place_is_not_the_patient(px_per_m):
    # The patient steps aside and back within three seconds, and somebody stands there meanwhile.
    patient = moving(
        record(stillness(9_000)), lambda now_ms: 400.0 if 4_000 <= now_ms < 7_000 else 0.0
    )
    other = moving(
        record(stillness(9_000), Camera(px_per_m=px_per_m)),
        lambda now_ms: 0.0 if 4_500 <= now_ms < 6_500 else 3_000.0,
    )
    poses, crew = watched(Scene((other, patient)))
    assert crew.looks
    assert is_same(poses, patient)


def test_whoever_takes_a_place_that_the_patient_gave_up_is_not_the_patient():
    patient = moving(record(stillness(20_000)), moving_over)
    other = moving(record(stillness(20_000)), lambda now_ms: 0.0 if now_ms > 12_000 else 3_000.0)
    poses, _ = watched(Scene((other, patient)))
    assert is_same(poses, patient)


def test_pictures_without_anybody_are_unseen():
    patient = moving(record(stillness(4_000)), lambda now_ms: 3_000.0 if now_ms > 2_000 else 0.0)
    poses, crew = watched(Scene((patient,)))
    assert [pose.detected for pose in poses] == [pose.timestamp_ms <= 2_000 for pose in patient]
    assert len(crew.made) == 1


# -- the estimators -------------------------------------------------------------------------------


def test_both_estimators_are_closed():
    passer = walker(8_000, passing(5_000, 500.0, -420.0))
    _, crew = watched(Scene((record(stillness(8_000)), passer)))
    assert [estimator.closed for estimator in crew.made] == [True, True]


def test_an_estimator_that_cannot_be_made_is_an_error_and_the_first_is_closed():
    scene = Scene((moving(record(stillness(8_000)), moving_over),))
    first = MadeUp(scene)
    turns: Iterator[MadeUp] = iter([first])

    def make() -> MadeUp:
        for estimator in turns:
            return estimator
        raise PoseEstimationError("no second one")

    def estimate() -> None:
        with LookingAgain(make) as estimator:
            for frame in scene.frames():
                estimator.estimate_pose(frame, SIZE_PX)

    with pytest.raises(PoseEstimationError, match="no second one"):
        estimate()
    assert first.closed


# -- the model ------------------------------------------------------------------------------------


def cut_out(clip: Path, box_px: tuple[int, int, int, int]) -> tuple[Picture, Any]:
    """Return the person in a box of the first picture, and their outline, 1 or 0."""
    with VideoFile(clip) as video:
        rgb = np.ascontiguousarray(next(iter(video)).rgb)
    left, top, right, bottom = box_px
    mask = np.zeros(rgb.shape[:2], np.uint8)
    rectangle = (left, top, right - left, bottom - top)
    colours = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)
    cv2.grabCut(rgb, mask, rectangle, *colours, 4, cv2.GC_INIT_WITH_RECT)
    return rgb[top:bottom, left:right], (mask & 1)[top:bottom, left:right]


def pasted(rgb: Picture, person: Picture, outline: Any, middle_x: int) -> Picture:
    """Return the picture with the person in it, feet at the lower edge."""
    height, width = person.shape[:2]
    left = middle_x - width // 2
    start, end = max(0, left), min(rgb.shape[1], left + width)
    whole = rgb.copy()
    if start < end:
        rows = slice(max(0, height - rgb.shape[0]), height)
        columns = slice(start - left, end - left)
        target = whole[-min(height, rgb.shape[0]) :, start:end]
        inside = outline[rows, columns] > 0
        target[inside] = person[rows, columns][inside]
    return whole


def film_with_a_passer_by(path: Path) -> Path:
    """Write three of the sample's squats; before the last somebody walks past and stays beside."""
    person, outline = cut_out(SAMPLES / "standing_hip_abduction_front.mp4", (235, 70, 415, 420))
    size = (person.shape[1] * 7 // 5, person.shape[0] * 7 // 5)
    person, outline = cv2.resize(person, size), cv2.resize(outline, size)
    with VideoFile(SAMPLES / "squat_front.mp4") as video:
        squats = [frame.rgb for frame in video if 1_100 < frame.timestamp_ms < 14_800]
    pause = 135
    pictures = squats[:pause] + [squats[pause]] * 35 + squats[pause:]
    stamps_ms = [1_133 + round(index * 1_000 / 15) for index in range(len(pictures))]

    def picture(index: int) -> Picture:
        middle_x = max(320 - 150 * (stamps_ms[index] - 11_400) // 1_000, 100)
        return pasted(pictures[index], person, outline, middle_x)

    return media.write_video(
        path,
        stamps_ms=stamps_ms,
        size_px=(640, 480),
        picture=picture,
        options={"preset": "ultrafast", "crf": "16"},
    )


def counted(analysis: Analysis) -> int:
    reps = (event for event in analysis.events if isinstance(event, Rep))
    return sum(rep.status is RepStatus.COUNTED for rep in reps)


def test_all_repetitions_of_a_film_with_a_passer_by_count_and_its_track_agrees(tmp_path):
    clip = film_with_a_passer_by(tmp_path / "passer_by.mp4")
    model = Model(DEFAULT_MODEL, locate(DEFAULT_MODEL, tmp_path), "")
    with SessionLog.open(tmp_path / "log") as log:
        film = analyse(Task(clip, find_exercise("squat"), model=model), log=log)
        (session,) = log.sessions()
    assert counted(film) == 3
    assert session.track_path is not None
    assert analyse(Task(session.track_path, find_exercise("squat"))).events == film.events
