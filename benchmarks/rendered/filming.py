"""From a scene to pictures, to what MediaPipe sees in them, and to what is true of them.

Everything slow is kept in a folder under a key of what went into it: pictures by posture, body,
camera and renderer, landmarks by pictures and model.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import sample_videos.render as renderer
from benchmarks.rendered.bodies import landmarks_m, lowest_m, move, poses_through
from benchmarks.rendered.plans import FPS, GRID, Scene
from numpy.typing import NDArray
from sample_videos.render.body import Look, Solid, add_chair, sculpt
from sample_videos.render.camera import Camera
from sample_videos.render.film import replacing
from sample_videos.render.geometry import vec
from sample_videos.render.raymarch import draw
from sample_videos.render.room import PLAIN, SHELVES, WINDOW, Backdrop, Room, see_room
from sample_videos.render.skeleton import Bones, Pose, middle
from sample_videos.render.webcam import webcam

from hep_vision.app.analyse import find_model
from hep_vision.core.definition import ExerciseDefinition
from hep_vision.core.landmarks import LANDMARK_COUNT
from hep_vision.core.types import FloatArray, PoseFrame, Side, View
from hep_vision.exercises.loading import find_exercise
from hep_vision.pose.mediapipe_tasks import MediaPipePose
from hep_vision.sources.base import Frame

WIDTH_PX: Final = 360
HEIGHT_PX: Final = 270
MODEL: Final = "full"
_TURN_DEG: Final = 8.0
_AVERAGE: Final = Bones(lumbar_m=0.14)
"""The waist a little longer than the renderer's usual one: legs are 1.7 trunks long."""
_AZIMUTH_DEG: Final = {View.FRONT: 0.0, View.OBLIQUE: 45.0, View.SIDE: 90.0}
_FILL_SHARE: Final = 0.84
_NEAREST_M: Final = 2.2
_SEATED: Final = ("sit_to_stand",)
_PICTURE_QUALITY: Final = 95
Picture = NDArray[np.uint8]

_SKINS: Final = ((0.84, 0.66, 0.56), (0.78, 0.56, 0.42), (0.66, 0.48, 0.36), (0.48, 0.33, 0.23))
_CLOTHES: Final = ((0.16, 0.36, 0.62), (0.80, 0.80, 0.82), (0.50, 0.24, 0.36), (0.30, 0.44, 0.34))
_LEGWEAR: Final = ((0.16, 0.17, 0.20), (0.20, 0.24, 0.36), (0.44, 0.42, 0.38), (0.20, 0.30, 0.26))


@dataclass(frozen=True, slots=True)
class Person:
    """Who is filmed, and in which room."""

    bones: Bones
    look: Look
    room: Room


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything of a scene that pictures are made of.

    Attributes:
        poses: By fault and grid step.
        chair: Height of the seat and depth of its middle (m), or None.
        square_on: The camera where it should stand, for what a view shows at its best.
    """

    person: Person
    camera: Camera
    square_on: Camera
    poses: dict[tuple[str | None, int], Pose]
    chair: tuple[float, float] | None


def person_of(seed: int) -> Person:
    """Return somebody by chance: tall or small, broad or slim, dressed one way or another."""
    rng = np.random.default_rng(seed)
    size = rng.uniform(0.92, 1.06)
    lengths = {
        name: size * rng.uniform(0.96, 1.04) * getattr(_AVERAGE, name) for name in Bones.__slots__
    }
    look = Look(
        skin=_SKINS[rng.integers(4)],
        shirt=_CLOTHES[rng.integers(4)],
        trousers=_LEGWEAR[rng.integers(4)],
        girth=float(rng.uniform(0.92, 1.10)),
        leggings=bool(rng.random() < 0.6),
        long_hair=bool(rng.random() < 0.4),
        sleeve=float(rng.choice([0.40, 0.48, 1.0])),
    )
    decor = int(rng.choice([PLAIN, WINDOW, SHELVES]))
    return Person(Bones(**lengths), look, Room(decor=decor, mat=(0.0, 0.0, 0.0)))


def stage_of(scene: Scene, exercise: ExerciseDefinition) -> Stage:
    """Put the body on the floor and the camera where the exercise wants it, nearly."""
    assert exercise.motion is not None
    person = person_of(scene.seed)
    shares = np.arange(GRID + 1) / GRID
    poses: dict[tuple[str | None, int], Pose] = {}
    for fault in dict.fromkeys([None, *(step.fault for step in scene.steps)]):
        way = poses_through(exercise.motion, shares, person.bones, scene.side, fault)
        poses |= {(fault, index): pose for index, pose in enumerate(way)}
    floor_m = lowest_m(poses[None, 0], person.look)
    for pose in poses.values():
        move(pose, vec(0.0, -floor_m, 0.0))
    chair = None
    if exercise.position == "seated" or exercise.id in _SEATED:
        hips = middle(poses[None, 0], "hip")
        chair = float(hips[1] - 0.105), float(hips[2] + 0.14)
    return Stage(person, *_cameras(scene, exercise, list(poses.values())), poses, chair)


def _cameras(
    scene: Scene, exercise: ExerciseDefinition, poses: list[Pose]
) -> tuple[Camera, Camera]:
    rng = np.random.default_rng([scene.seed, 1])
    near_right = scene.side is Side.RIGHT or (scene.side is Side.BOTH and scene.variant % 2 == 1)
    # Half turned, the other arm is the nearest.
    near_left = near_right if scene.view is View.OBLIQUE else not near_right
    azimuth_deg = _AZIMUTH_DEG[scene.view] * (1.0 if near_left else -1.0)
    low_m, high_m = exercise.camera.height_m
    joints = np.array([list(pose.joints.values()) for pose in poses]).reshape(-1, 3)
    low, high = joints.min(axis=0) - 0.12, joints.max(axis=0) + 0.12
    target = (low + high) / 2.0
    across, depth = (2, 0) if scene.view is View.SIDE else (0, 2)
    half = Camera(0.0).field_of_view_deg / 2.0
    needed_m = max((high - low)[1], (high - low)[across] * HEIGHT_PX / WIDTH_PX)
    distance_m = needed_m / 2.0 / _FILL_SHARE / np.tan(np.radians(half))
    distance_m = max(_NEAREST_M, distance_m + (high - low)[depth] / 2.0) * rng.uniform(1.0, 1.12)

    def camera(turn_deg: float, height_m: float) -> Camera:
        return Camera(
            azimuth_deg + turn_deg,
            (float(target[0]), float(target[1]), float(target[2])),
            float(distance_m),
            height_m,
            width_px=WIDTH_PX,
            height_px=HEIGHT_PX,
        )

    turned = camera(float(rng.uniform(-_TURN_DEG, _TURN_DEG)), float(rng.uniform(low_m, high_m)))
    return turned, camera(0.0, float(target[1]))


# -- pictures -------------------------------------------------------------------------------------


@cache
def _renderer_key() -> str:
    folder = Path(str(renderer.__file__)).parent
    names = ("body", "camera", "field", "geometry", "raymarch", "room", "skeleton", "surface")
    return _key(*((folder / f"{name}.py").read_bytes() for name in names))


def _key(*parts: object) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part if isinstance(part, bytes) else repr(part).encode())
        digest.update(b"\0")
    return digest.hexdigest()[:24]


def _pose_key(stage: Stage, pose: Pose) -> str:
    arrays = [*pose.joints.items(), *pose.frames.items(), *pose.fronts.items()]
    body = b"".join(
        name.encode() + np.round(array, 5).astype("<f8").tobytes() for name, array in arrays
    )
    return _key(_renderer_key(), stage.person, stage.camera, stage.chair, body)


class _Studio:
    """Renders the pictures of one stage, each once."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self._stage = stage
        self._folder = folder
        self._backdrop: Backdrop | None = None
        self._keys = {place: _pose_key(stage, pose) for place, pose in stage.poses.items()}

    def key(self, place: tuple[str | None, int]) -> str:
        """Return what tells one picture from another."""
        return self._keys[place]

    def picture(self, place: tuple[str | None, int]) -> Picture:
        """Return the picture at a place of the movement."""
        path = self._folder / f"{self._keys[place]}.jpg"
        if not path.exists():
            self._render(place, path)
        return np.ascontiguousarray(cv2.imread(str(path))[:, :, ::-1])

    def _render(self, place: tuple[str | None, int], path: Path) -> None:
        stage = self._stage
        if self._backdrop is None:
            self._backdrop = see_room(stage.person.room, stage.camera)
        pose, look = stage.poses[place], stage.person.look
        picture = draw(self._solid(pose), pose, look, stage.camera, self._backdrop)
        _, coded = cv2.imencode(
            ".jpg", picture[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, _PICTURE_QUALITY]
        )
        with replacing(path) as unfinished:
            unfinished.write_bytes(coded.tobytes())

    def _solid(self, pose: Pose) -> Solid:
        body = sculpt(pose, self._stage.person.look)
        if self._stage.chair is not None:
            add_chair(body, *self._stage.chair)
        return body.pack()


# -- landmarks ------------------------------------------------------------------------------------


def seen_poses(scene: Scene, stage: Stage, cache_folder: Path) -> list[PoseFrame]:
    """Return what MediaPipe sees of a scene."""
    pictures, tracks = cache_folder / "pictures", cache_folder / "tracks"
    for folder in (pictures, tracks):
        folder.mkdir(parents=True, exist_ok=True)
    studio = _Studio(stage, pictures)
    shown = scene.frames()
    model = find_model(MODEL, Path())
    key = _key([studio.key(place) for place in shown], scene.seed, FPS, model.sha256)
    path = tracks / f"{key}.npz"
    if not path.exists():
        poses = list(_estimated(scene, studio, model.path))
        with replacing(path) as unfinished, unfinished.open("wb") as file:
            np.savez(
                file,
                image_px=[pose.image_px for pose in poses],
                world_m=[pose.world_m for pose in poses],
                visibility=[pose.visibility for pose in poses],
            )
    with np.load(path) as track:
        rows = zip(track["image_px"], track["world_m"], track["visibility"], strict=True)
        return [PoseFrame(time_ms(n), *row, (WIDTH_PX, HEIGHT_PX)) for n, row in enumerate(rows)]


def _estimated(scene: Scene, studio: _Studio, model: Path) -> Iterator[PoseFrame]:
    clean = (studio.picture(place) for place in scene.frames())
    with MediaPipePose(model) as estimator:
        for number, picture in enumerate(webcam(clean, scene.seed)):
            frame = Frame(number, time_ms(number), picture)
            yield estimator.estimate_pose(frame, (WIDTH_PX, HEIGHT_PX))


def time_ms(frame: int) -> int:
    """Return the media time of a frame."""
    return round(1000 * frame / FPS)


def true_poses(scene: Scene, stage: Stage, *, square_on: bool = False) -> list[PoseFrame]:
    """Return the true joints of a scene as a tracker without error would give them.

    Args:
        scene: What is shown.
        stage: By whom, filmed from where.
        square_on: Seen exactly from the front or the side, without perspective.
    """
    seen = {
        place: _projected(stage.square_on if square_on else stage.camera, pose, flat=square_on)
        for place, pose in stage.poses.items()
    }
    sure = np.ones(LANDMARK_COUNT)
    return [
        PoseFrame(time_ms(number), *seen[place], sure, (WIDTH_PX, HEIGHT_PX))
        for number, place in enumerate(scene.frames())
    ]


def _projected(camera: Camera, pose: Pose, *, flat: bool) -> tuple[FloatArray, FloatArray]:
    points = landmarks_m(pose)
    right, up, ahead = camera.axes
    offset = points - middle(pose, "hip")
    world_m = np.stack([offset @ right, -offset @ up, offset @ ahead], axis=1)
    if flat:
        return 200.0 * world_m[:, :2] + [WIDTH_PX / 2, HEIGHT_PX / 2], world_m
    return np.array([camera.project(point) for point in points]), world_m


def true_turn_deg(camera: Camera, pose: Pose) -> float:
    """Return how far the shoulders are turned out of the picture: 0 square on, 90 side-on."""
    across = pose.joints["left_shoulder"] - pose.joints["right_shoulder"]
    into = abs(float(across @ camera.axes[2])) / float(np.linalg.norm(across))
    return float(np.degrees(np.arcsin(min(into, 1.0))))


def exercise_of(scene: Scene) -> ExerciseDefinition:
    """Return the exercise that a scene shows."""
    return find_exercise(scene.exercise_id)
