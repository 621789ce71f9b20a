"""The still of a flagged repetition: the body where it was, the judged part marked."""

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

import synthetic
from hep_vision.core.landmarks import BODY_EDGES, Landmark
from hep_vision.core.types import Deviation, PoseFrame, Severity, Side
from hep_vision.exercises.loading import find_exercise
from hep_vision.reports.flag_svg import flag_pose, flag_svg
from hep_vision.sources.recorded import LandmarkTrack, TrackRecorder

SVG = "{http://www.w3.org/2000/svg}"
SQUAT = find_exercise("squat")


def track(*, unseen_ms: tuple[int, int] = (-2, -1)) -> LandmarkTrack:
    motion = synthetic.squat(synthetic.efforts([90.0] * 2))
    recorder = TrackRecorder((1280, 720))
    for pose in synthetic.record(motion, synthetic.Camera(), fps=20):
        gone = unseen_ms[0] <= pose.timestamp_ms <= unseen_ms[1]
        recorder.add(PoseFrame.unseen(pose.timestamp_ms, (1280, 720)) if gone else pose)
    return recorder.track()


def flagged(
    check: str, side: Side = Side.BOTH, start_ms: int = 900, end_ms: int = 1_300
) -> Deviation:
    return Deviation(check, 2, side, Severity.WARN, start_ms, end_ms, 9.0, 5.0, "deg", "Cue.")


def drawing(pose: PoseFrame, deviation: Deviation) -> ElementTree.Element:
    text = flag_svg(pose, SQUAT, deviation)
    assert text is not None
    return ElementTree.fromstring(text)


def test_the_pose_is_that_of_the_middle_of_what_was_flagged() -> None:
    pose = flag_pose(track(), flagged("knees_in"))
    assert pose is not None
    assert abs(pose.timestamp_ms - 1_100) <= 25


def test_where_nobody_is_seen_there_is_no_still() -> None:
    assert flag_pose(track(unseen_ms=(800, 1_400)), flagged("knees_in")) is None
    pose = flag_pose(track(), flagged("knees_in"))
    assert pose is not None
    nobody = replace(pose, image_px=np.full((33, 2), np.nan))
    assert flag_svg(nobody, SQUAT, flagged("knees_in")) is None


def test_every_segment_that_is_seen_is_drawn_inside() -> None:
    pose = flag_pose(track(), flagged("knees_in"))
    assert pose is not None
    root = drawing(pose, flagged("knees_in"))
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    lines = root.findall(f"{SVG}line")
    assert len(lines) == len(BODY_EDGES)
    for line in lines:
        assert all(0 <= float(line.attrib[x]) <= width for x in ("x1", "x2"))
        assert all(0 <= float(line.attrib[y]) <= height for y in ("y1", "y2"))
    hidden = replace(pose, image_px=np.array(pose.image_px))
    image = np.array(pose.image_px)
    image[Landmark.LEFT_WRIST] = np.nan
    hidden = replace(pose, image_px=image)
    assert len(drawing(hidden, flagged("knees_in")).findall(f"{SVG}line")) == len(BODY_EDGES) - 1


@pytest.mark.parametrize(("side", "marked"), [(Side.BOTH, 6), (Side.LEFT, 3)])
def test_the_part_that_is_judged_is_marked_on_its_side(side: Side, marked: int) -> None:
    pose = flag_pose(track(), flagged("fast_return"))
    assert pose is not None
    root = drawing(
        pose, flagged("fast_return", side)
    )  # time: the knees, that it reports, are shown
    dots = [one for one in root.findall(f"{SVG}circle") if one.attrib["fill"] != "none"]
    assert len(dots) == marked
    thick = [one for one in root.findall(f"{SVG}line") if one.attrib["stroke-width"] == "5"]
    assert thick


def test_a_check_that_is_gone_is_still_shown_with_what_the_exercise_reports() -> None:
    pose = flag_pose(track(), flagged("no_such_check"))
    assert pose is not None
    assert flag_svg(pose, SQUAT, flagged("no_such_check"))
