"""TRC and MOT files say what the landmarks say, in OpenSim's axes, and what is unknown stays so."""

import math
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

import synthetic
from hep_vision.app.opensim import MotionFormat, export_motion
from hep_vision.core.figure import HIP_HALF_M, SHOULDER_HALF_M
from hep_vision.core.landmarks import LANDMARK_COUNT, Landmark
from hep_vision.core.resampling import evenly_timed, is_steady, mean_rate_hz
from hep_vision.core.types import PoseFrame, Side, View
from hep_vision.errors import ExportError
from hep_vision.exercises.loading import find_exercise
from hep_vision.exports.opensim import write_mot, write_trc
from hep_vision.sources.recorded import LandmarkTrack, TrackRecorder, write_track
from hep_vision.store.records import SessionHeader, SourceKind, SourceRecord
from hep_vision.store.sessions import SessionLog
from motion_files import read_mot, read_trc

SIZE_PX = (1280, 720)
FORWARD, UP, RIGHT = 0, 1, 2
STANDING = synthetic.stillness(2_000)
Write = Callable[[LandmarkTrack, Path], None]


def _mot(track: LandmarkTrack, out: Path) -> None:
    write_mot(track, None, out)


BOTH_FORMATS = pytest.mark.parametrize("write", [write_trc, _mot], ids=["trc", "mot"])


def recorded(frames: list[PoseFrame]) -> LandmarkTrack:
    recorder = TrackRecorder(SIZE_PX)
    for frame in frames:
        recorder.add(frame)
    return recorder.track()


def filmed(
    motion: synthetic.Motion = STANDING,
    view: View = View.FRONT,
    flaws: synthetic.Flaws = synthetic.CLEAN,
    **camera: bool,
) -> LandmarkTrack:
    return recorded(synthetic.record(motion, synthetic.Camera(view=view, **camera), flaws=flaws))


def built(
    time_ms: list[int],
    world_m: np.ndarray | None = None,
    visibility: np.ndarray | float = 0.9,
) -> LandmarkTrack:
    """Return a track of a body that stands still in the picture."""
    still = filmed().image_px[0], filmed().world_m[0]
    count = len(time_ms)
    return LandmarkTrack(
        np.array(time_ms, np.int64),
        np.broadcast_to(still[0], (count, LANDMARK_COUNT, 2)),
        np.broadcast_to(still[1] if world_m is None else world_m, (count, LANDMARK_COUNT, 3)),
        np.broadcast_to(np.float32(visibility), (count, LANDMARK_COUNT)),
        SIZE_PX,
    )


class TestGroundAxes:
    def test_a_person_who_stands_before_the_camera_stands_upright_and_faces_x(
        self, tmp_path: Path
    ) -> None:
        write_trc(filmed(), tmp_path / "a.trc")
        markers = read_trc(tmp_path / "a.trc")
        at = dict(zip(markers.names, markers.positions[0], strict=True))
        hips = (at["LEFT_HIP"] + at["RIGHT_HIP"]) / 2.0
        assert hips == pytest.approx(0.0, abs=1e-6)
        assert at["NOSE"][UP] > synthetic.TRUNK_M
        assert at["RIGHT_ANKLE"][UP] == pytest.approx(
            -synthetic.THIGH_M - synthetic.SHANK_M, abs=1e-5
        )
        assert at["LEFT_FOOT_INDEX"][FORWARD] > at["LEFT_HEEL"][FORWARD] + 0.1
        assert at["RIGHT_WRIST"][RIGHT] > 0.1
        assert at["LEFT_WRIST"][RIGHT] < -0.1

    def test_an_arm_lifted_forward_points_along_x_and_the_right_stays_right(
        self, tmp_path: Path
    ) -> None:
        lifted = synthetic.stillness(500, synthetic.Posture(shoulder=np.array([[0.0, 90.0]])))
        write_trc(filmed(lifted), tmp_path / "a.trc")
        markers = read_trc(tmp_path / "a.trc")
        at = dict(zip(markers.names, markers.positions[0], strict=True))
        reach = at["RIGHT_WRIST"] - at["RIGHT_SHOULDER"]
        assert reach[FORWARD] > 0.5
        assert reach[[UP, RIGHT]] == pytest.approx(0.0, abs=1e-5)
        assert at["RIGHT_SHOULDER"][RIGHT] == pytest.approx(0.2, abs=1e-5)

    def test_nothing_is_mirrored_from_any_side(self, tmp_path: Path) -> None:
        for view in (View.FRONT, View.OBLIQUE, View.SIDE):
            write_trc(filmed(view=view), tmp_path / "a.trc")
            markers = read_trc(tmp_path / "a.trc")
            at = dict(zip(markers.names, markers.positions[0], strict=True))
            right = at["RIGHT_HIP"] - at["LEFT_HIP"]
            up = at["NOSE"]
            ahead = at["LEFT_FOOT_INDEX"] - at["LEFT_HEEL"]
            assert np.dot(np.cross(ahead, up), right) > 0.01


class TestMarkerFile:
    def test_positions_and_times_come_back(self, tmp_path: Path) -> None:
        track = filmed(synthetic.squat(synthetic.efforts([90.0])))
        write_trc(track, tmp_path / "a.trc")
        markers = read_trc(tmp_path / "a.trc")
        assert markers.names == [landmark.name for landmark in Landmark]
        assert np.round(markers.time_s * 1000).tolist() == track.timestamp_ms.tolist()
        world_m = np.stack(
            [
                -markers.positions[..., RIGHT],
                -markers.positions[..., UP],
                -markers.positions[..., FORWARD],
            ],
            axis=-1,
        )
        assert world_m == pytest.approx(track.world_m, abs=1e-6)

    def test_the_header_says_rate_frames_and_unit(self, tmp_path: Path) -> None:
        write_trc(built(list(range(0, 400, 40))), tmp_path / "a.trc")
        assert read_trc(tmp_path / "a.trc").header == {
            "DataRate": "25", "CameraRate": "25", "NumFrames": "10", "NumMarkers": "33",
            "Units": "m", "OrigDataRate": "25", "OrigDataStartFrame": "1", "OrigNumFrames": "10",
        }  # fmt: skip

    def test_frames_without_anybody_are_empty_rows(self, tmp_path: Path) -> None:
        flaws = synthetic.Flaws(gaps_ms=((500, 1_000),))
        track = filmed(flaws=flaws)
        write_trc(track, tmp_path / "a.trc")
        markers = read_trc(tmp_path / "a.trc")
        lost = (track.timestamp_ms >= 500) & (track.timestamp_ms < 1_000)
        assert np.isnan(markers.positions[lost]).all()
        assert np.isfinite(markers.positions[~lost]).all()

    def test_a_landmark_that_is_not_seen_is_empty_and_the_last_cell_is_no_exception(
        self, tmp_path: Path
    ) -> None:
        visibility = np.full(LANDMARK_COUNT, 0.9)
        hidden = [Landmark.LEFT_WRIST, Landmark.RIGHT_FOOT_INDEX]
        visibility[hidden] = 0.1
        write_trc(built([0, 40, 80], visibility=visibility), tmp_path / "a.trc")
        empty = np.isnan(read_trc(tmp_path / "a.trc").positions).all(axis=(0, 2))
        assert np.flatnonzero(empty).tolist() == hidden

    def test_a_landmark_with_one_unknown_coordinate_is_empty(self, tmp_path: Path) -> None:
        world_m = filmed().world_m[0].copy()
        world_m[Landmark.LEFT_KNEE, 2] = np.nan
        write_trc(built([0, 40], world_m), tmp_path / "a.trc")
        assert np.isnan(read_trc(tmp_path / "a.trc").positions[:, Landmark.LEFT_KNEE]).all()

    def test_someone_who_passes_by_is_not_in_it(self, tmp_path: Path) -> None:
        frames = synthetic.record(STANDING, synthetic.FRONT_VIEW)
        other = synthetic.Camera(view=View.FRONT, shift_px=(500.0, 0.0), px_per_m=150.0)
        frames[40:45] = synthetic.record(STANDING, other)[40:45]
        write_trc(recorded(frames), tmp_path / "a.trc")
        unknown = np.isnan(read_trc(tmp_path / "a.trc").positions).all(axis=(1, 2))
        assert np.flatnonzero(unknown).tolist() == [40, 41, 42, 43, 44]

    @pytest.mark.parametrize(
        "name", ["a b.trc", "é.trc", "tab\tname.trc", "line\nname.trc", "\udcff.trc"]
    )
    def test_an_odd_file_name_does_not_break_the_header(self, tmp_path: Path, name: str) -> None:
        write_trc(built([0, 40]), tmp_path / name)
        assert len(read_trc(tmp_path / name).time_s) == 2

    @settings(max_examples=40, deadline=None)
    @given(
        world_m=npst.arrays(
            np.float32,
            (3, LANDMARK_COUNT, 3),
            elements=st.one_of(st.floats(-3, 3, width=32), st.just(float("nan"))),
        ),
        steps_ms=st.lists(st.integers(1, 5_000), min_size=2, max_size=2),
        start_ms=st.integers(0, 10**9),
    )
    def test_whatever_the_coordinates_they_come_back(
        self, world_m: np.ndarray, steps_ms: list[int], start_ms: int
    ) -> None:
        stamps = [start_ms, start_ms + steps_ms[0], start_ms + sum(steps_ms)]
        world_m[0, Landmark.NOSE] = 1.0
        track = LandmarkTrack(
            np.array(stamps, np.int64),
            np.full((3, LANDMARK_COUNT, 2), np.nan, np.float32),  # no place: nobody to tell apart
            world_m,
            np.full((3, LANDMARK_COUNT), 0.9, np.float32),
            SIZE_PX,
        )
        with tempfile.TemporaryDirectory() as folder:
            write_trc(track, Path(folder, "a.trc"), even=False)
            markers = read_trc(Path(folder, "a.trc"))
        assert np.round(markers.time_s * 1000).astype(int).tolist() == stamps
        expected = world_m.astype(np.float64)
        expected[np.isnan(expected).any(axis=-1)] = np.nan
        np.testing.assert_allclose(markers.positions, -expected[..., ::-1], atol=6e-7)


class TestTiming:
    def test_an_unsteady_camera_is_resampled_to_whole_hertz(self, tmp_path: Path) -> None:
        motion = synthetic.squat(synthetic.efforts([90.0]))
        track = filmed(motion, flaws=synthetic.Flaws(jitter_ms=8, dropped_share=0.1, seed=1))
        write_trc(track, tmp_path / "a.trc")
        markers = read_trc(tmp_path / "a.trc")
        assert not is_steady(track.timestamp_ms)
        assert markers.header["DataRate"] == "30"
        assert np.diff(markers.time_s) == pytest.approx(1 / 30, abs=0.0011)
        assert markers.time_s[0] == track.timestamp_ms[0] / 1000

    def test_declined_every_frame_keeps_its_own_time(self, tmp_path: Path) -> None:
        stamps = [0, 20, 90, 130, 200]
        write_trc(built(stamps), tmp_path / "a.trc", even=False)
        markers = read_trc(tmp_path / "a.trc")
        assert (markers.time_s * 1000).round().tolist() == stamps
        assert markers.header["DataRate"] == "20"

    @pytest.mark.parametrize("fps", [15.0, 24.0, 25.0, 29.97, 30.0, 50.0, 59.94, 60.0])
    def test_rounded_stamps_of_a_steady_camera_are_steady(self, fps: float) -> None:
        assert is_steady(synthetic.stamps_ms(20_000, fps))

    @pytest.mark.parametrize(("fps", "rate_hz"), [(30.0, 30.0), (60.0, 60.0), (29.97, 29.97)])
    def test_the_rate_is_the_cameras_and_not_that_of_rounded_stamps(
        self, fps: float, rate_hz: float
    ) -> None:
        assert mean_rate_hz(synthetic.stamps_ms(40_000, fps)) == pytest.approx(rate_hz, abs=1e-3)

    def test_a_moving_landmark_is_met_half_way(self) -> None:
        world_m = np.zeros((4, LANDMARK_COUNT, 3))
        world_m[:, :, 0] = np.array([0.0, 1.0, 2.0, 4.0])[:, None]
        even = evenly_timed(built([0, 100, 200, 400], world_m))
        assert even.timestamp_ms.tolist() == [0, 100, 200, 300, 400]
        assert even.world_m[:, 0, 0].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]

    def test_no_landmark_is_invented_over_a_long_gap(self) -> None:
        even = evenly_timed(built([0, 100, 200, 700, 800]))
        known = np.isfinite(even.world_m).all(axis=(1, 2))
        assert even.timestamp_ms[known].tolist() == [0, 100, 200, 700, 800]
        assert even.timestamp_ms[~known].tolist() == [300, 400, 500, 600]

    def test_an_unknown_landmark_stays_unknown_up_to_its_known_neighbours(self) -> None:
        world_m = np.ones((4, LANDMARK_COUNT, 3))
        world_m[1] = np.nan
        even = evenly_timed(built([0, 100, 300, 400], world_m))
        known = np.isfinite(even.world_m).all(axis=(1, 2))
        assert even.timestamp_ms[known].tolist() == [0, 300, 400]

    @BOTH_FORMATS
    def test_a_leap_of_years_is_refused(self, tmp_path: Path, write: Write) -> None:
        with pytest.raises(ExportError, match="leap over"):
            write(built([0, 33, 10**12]), tmp_path / "a")


class TestMotionFile:
    def test_a_right_angle_of_the_knees_reads_90(self, tmp_path: Path) -> None:
        bent = synthetic.stillness(1_000, synthetic.Posture(hip=90.0, knee=90.0))
        write_mot(filmed(bent, View.SIDE), None, tmp_path / "a.mot")
        motion = read_mot(tmp_path / "a.mot")
        assert motion.header["inDegrees"] == "yes"
        assert motion.header["version"] == "1"
        for side in ("left", "right"):
            assert motion.columns[f"{side}_knee_flexion"] == pytest.approx(90.0, abs=0.01)
            assert motion.columns[f"{side}_hip_flexion"] == pytest.approx(90.0, abs=0.01)
        assert motion.columns["left_elbow_flexion"] == pytest.approx(0.0, abs=0.05)

    def test_sides_are_the_persons_own(self, tmp_path: Path) -> None:
        bent = synthetic.stillness(1_000, synthetic.Posture(shoulder_out=np.array([[0.0, 60.0]])))
        write_mot(filmed(bent), None, tmp_path / "a.mot")
        columns = read_mot(tmp_path / "a.mot").columns
        # An arm that hangs straight down lies outside the line from shoulder to hip.
        narrower = SHOULDER_HALF_M - HIP_HALF_M
        hanging_deg = math.degrees(math.atan2(narrower, synthetic.TRUNK_M))
        assert columns["right_shoulder_abduction"] == pytest.approx(60.0 + hanging_deg, abs=0.01)
        assert columns["left_shoulder_abduction"] == pytest.approx(hanging_deg, abs=0.01)

    def test_what_the_view_cannot_show_has_no_column(self, tmp_path: Path) -> None:
        write_mot(filmed(view=View.FRONT), None, tmp_path / "a.mot")
        columns = read_mot(tmp_path / "a.mot").columns
        assert "left_knee_valgus" in columns
        assert "left_knee_flexion" not in columns

    def test_the_exercises_own_angles_are_written_but_none_from_depth(self, tmp_path: Path) -> None:
        track = filmed(view=View.SIDE)
        write_mot(track, find_exercise("push_up", tmp_path), tmp_path / "a.mot")
        write_mot(track, None, tmp_path / "b.mot")
        own = set(read_mot(tmp_path / "a.mot").columns) - set(read_mot(tmp_path / "b.mot").columns)
        assert "left_body_line" in own
        write_mot(filmed(), find_exercise("squat", tmp_path), tmp_path / "c.mot")
        assert not [name for name in read_mot(tmp_path / "c.mot").columns if "depth" in name]

    def test_frames_without_anybody_are_nan(self, tmp_path: Path) -> None:
        track = filmed(view=View.SIDE, flaws=synthetic.Flaws(gaps_ms=((500, 1_000),)))
        write_mot(track, None, tmp_path / "a.mot")
        motion = read_mot(tmp_path / "a.mot")
        lost = (track.timestamp_ms >= 500) & (track.timestamp_ms < 1_000)
        assert np.isnan(motion.columns["right_knee_flexion"]).tolist() == lost.tolist()
        assert (motion.time_s * 1000).round().tolist() == track.timestamp_ms.tolist()

    def test_a_track_without_world_landmarks_has_angles_all_the_same(self, tmp_path: Path) -> None:
        write_mot(filmed(view=View.SIDE, world=False), None, tmp_path / "a.mot")
        assert "right_knee_flexion" in read_mot(tmp_path / "a.mot").columns


class TestRefusals:
    def test_places_in_the_picture_are_not_written_as_positions(self, tmp_path: Path) -> None:
        with pytest.raises(ExportError, match=r"^the landmark track has no world .*MOT.*\.$"):
            write_trc(filmed(world=False), tmp_path / "a.trc")
        assert not list(tmp_path.iterdir())

    @BOTH_FORMATS
    @pytest.mark.parametrize("count", [0, 1])
    def test_less_than_two_frames_are_no_motion(
        self, tmp_path: Path, write: Write, count: int
    ) -> None:
        with pytest.raises(ExportError, match="fewer than two frames"):
            write(built([0][:count]), tmp_path / "a")

    @BOTH_FORMATS
    def test_a_set_in_which_nothing_is_seen_is_refused(self, tmp_path: Path, write: Write) -> None:
        with pytest.raises(ExportError, match="seen in the landmark track"):
            write(built([0, 40, 80], visibility=0.1), tmp_path / "a")
        assert not list(tmp_path.iterdir())

    @BOTH_FORMATS
    def test_a_track_of_nobody_is_refused(self, tmp_path: Path, write: Write) -> None:
        nobody = recorded([PoseFrame.unseen(at_ms, SIZE_PX) for at_ms in (0, 40, 80)])
        with pytest.raises(ExportError):
            write(nobody, tmp_path / "a")

    @BOTH_FORMATS
    def test_a_place_that_cannot_be_is_one_line(self, tmp_path: Path, write: Write) -> None:
        for out in (tmp_path, tmp_path / "no" / "folder"):
            with pytest.raises(ExportError, match=r"^cannot write the .* file [^\n]*$"):
                write(filmed(view=View.SIDE), out)


@BOTH_FORMATS
def test_the_same_track_gives_the_same_bytes_for_its_owner_only(
    tmp_path: Path, write: Write
) -> None:
    track = filmed(view=View.SIDE)
    (tmp_path / "b").mkdir()
    write(track, tmp_path / "a")
    write(track, tmp_path / "b" / "a")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b" / "a").read_bytes()
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


class TestSessions:
    @pytest.fixture
    def log(self, tmp_path: Path) -> Iterator[SessionLog]:
        with SessionLog.open(tmp_path / "data") as log:
            yield log

    def _logged(
        self,
        log: SessionLog,
        name: str,
        write: Callable[[Path], None] | None,
        exercise_id: str = "squat",
    ) -> None:
        source = SourceRecord(SourceKind.VIDEO, "squats.mp4")
        writer = log.begin(
            SessionHeader(exercise_id, 1, Side.LEFT, source, "2026-03-01T09:30:00Z", "0.1"), name
        )
        if write is not None:
            writer.keep_track(write)

    @pytest.mark.parametrize("motion_format", list(MotionFormat))
    def test_each_session_is_written_or_says_why_not(
        self, log: SessionLog, tmp_path: Path, motion_format: MotionFormat
    ) -> None:
        track = filmed(view=View.SIDE)
        self._logged(log, "good-session", lambda path: write_track(path, track))
        self._logged(log, "gone-exercise", lambda path: write_track(path, track), "gone_exercise")
        self._logged(log, "none-session", None)
        self._logged(
            log, "damaged-session", lambda path: [path.write_bytes(b"PK damaged"), None][1]
        )
        out = tmp_path / "out"
        out.mkdir()
        results = list(export_motion(log.sessions(), out, motion_format, tmp_path))
        by_id = {result.session_id: result for result in results}
        written = {"good-session", "gone-exercise"}
        assert {result.session_id for result in results if result.path} == written
        assert {path.name for path in out.iterdir()} == {f"{n}.{motion_format}" for n in written}
        assert by_id["none-session"].problem == "no landmarks were kept"
        assert "not a usable landmark track" in (by_id["damaged-session"].problem or "")
        assert all("\n" not in (result.problem or "") for result in results)
