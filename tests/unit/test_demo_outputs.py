"""The files of a demonstration: video, moving pictures and stills."""

import re
import stat
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import av
import numpy as np
import pytest
from PIL import Image

from hep_vision.app.demo import write_demonstration
from hep_vision.coach.icons import draw_cross, draw_tick
from hep_vision.core.definition import ExerciseDefinition
from hep_vision.core.demonstration import Demonstration, demonstrate
from hep_vision.core.types import Side
from hep_vision.errors import DemonstrationError, ExportError
from hep_vision.exercises.loading import find_exercise
from hep_vision.reports.demo_sheet import lay_out
from hep_vision.reports.demo_svg import demonstration_svg
from moving import MOVING

SVG = "{http://www.w3.org/2000/svg}"
SMALL = (240, 136)
FORMATS = (".mp4", ".gif", ".svg", ".png")


def quick(exercise: ExerciseDefinition) -> ExerciseDefinition:
    """The exercise done in a second, so that few pictures need drawing."""
    slow = tuple(one for one in exercise.checks if not one.measure.endswith("_ms"))
    return replace(
        exercise,
        checks=slow,
        dose=replace(exercise.dose, hold_ms=min(exercise.dose.hold_ms, 120)),
        timing=replace(exercise.timing, max_rep_ms=1_000),
    )


def video_frames(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


@pytest.mark.parametrize("exercise", MOVING.values(), ids=MOVING)
def test_every_exercise_is_drawn_in_every_format(
    exercise: ExerciseDefinition, tmp_path: Path
) -> None:
    demo = demonstrate(quick(exercise))
    for suffix in FORMATS:
        path = tmp_path / f"demo{suffix}"
        write_demonstration(demo, path, reps=None if suffix == ".png" else 1, size_px=SMALL)

        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        if suffix == ".svg":
            ElementTree.parse(path)
        elif suffix == ".mp4":
            frames = video_frames(path)
            assert frames[0].shape[1::-1] == SMALL
            assert np.abs(frames[0].astype(int) - frames[len(frames) // 2]).max() > 60
        else:
            with Image.open(path) as picture:
                assert picture.size == SMALL
                assert getattr(picture, "n_frames", 1) > 1 or suffix == ".png"


def test_the_same_demonstration_gives_the_same_bytes(tmp_path: Path) -> None:
    for suffix in (".gif", ".svg", ".png"):
        written = []
        for name in ("one", "two"):
            path = tmp_path / f"{name}{suffix}"
            write_demonstration(demonstrate(quick(MOVING["bird_dog"])), path, size_px=SMALL)
            written.append(path.read_bytes())
        assert written[0] == written[1]


def test_a_video_does_as_many_repetitions_as_asked_and_ends_at_rest(tmp_path: Path) -> None:
    demo = demonstrate(quick(MOVING["squat"]))
    path = tmp_path / "demo.mp4"

    write_demonstration(demo, path, reps=2, size_px=SMALL)

    with av.open(str(path)) as container:
        times = [frame.time for frame in container.decode(video=0)]
    assert times[-1] * 1000 == pytest.approx(2 * demo.tempo.rep_ms)
    frames = video_frames(path)
    still = np.abs(frames[0].astype(int) - frames[-1]).max(axis=2)
    assert np.mean(still > 60) < 0.001


def test_a_gif_goes_on_without_end_unless_told(tmp_path: Path) -> None:
    path = tmp_path / "demo.gif"
    demo = demonstrate(quick(MOVING["squat"]))
    loops = []
    for reps in (None, 1, 3):
        write_demonstration(demo, path, reps=reps, size_px=SMALL)
        with Image.open(path) as picture:
            loops.append(picture.info.get("loop"))
            colours = picture.convert("RGB").getcolors() or []
            assert len(colours) <= 64
            assert max(colours)[1] == (255, 255, 255)

    assert loops == [0, None, 2]


def test_the_two_figures_of_a_picture_differ_by_the_fault_and_the_sign(tmp_path: Path) -> None:
    path = tmp_path / "demo.png"
    write_demonstration(demonstrate(find_exercise("squat")), path, size_px=(900, 300))

    grey = np.asarray(Image.open(path).convert("L"), dtype=int)
    _, like, unlike = (cell.figure for cell in lay_out((900, 300), 3, moving=False).cells)
    figures = [
        grey[box.y : box.y + box.height, box.x : box.x + like.width] for box in (like, unlike)
    ]
    assert np.mean(np.abs(figures[0] - figures[1]) > 60) > 0.02


def test_like_this_and_not_like_this_differ_in_shape_without_colour() -> None:
    shapes = []
    for draw in (draw_tick, draw_cross):
        picture = np.zeros((60, 60, 3), np.uint8)
        draw(picture, (30.0, 30.0), 25.0)
        shapes.append((picture.any(axis=2), (picture == 255).all(axis=2)))

    (disc, tick), (square, cross) = shapes
    assert np.mean(disc != square) > 0.05
    assert np.mean(tick != cross) > 0.02


# -- svg ------------------------------------------------------------------------------------------


def svg_of(exercise: str = "squat", **given: object) -> str:
    demo = demonstrate(find_exercise(exercise))
    return demonstration_svg(demo, (960, 540), **given)  # type: ignore[arg-type]


def in_group(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [group for group in root.iter(f"{SVG}g") if group.get("class") == name]


def test_an_svg_needs_nothing_from_elsewhere_and_runs_nothing() -> None:
    text = svg_of()
    root = ElementTree.fromstring(text)

    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    for forbidden in ("href", "url(", "@import", "<script", "<image", "<foreignObject"):
        assert forbidden not in text
    assert not [name for element in root.iter() for name in element.attrib if name.startswith("on")]


def test_an_svg_says_in_words_what_it_shows() -> None:
    root = ElementTree.fromstring(svg_of())
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")

    assert title is not None
    assert desc is not None
    assert title.text == "Squat"
    assert "Press the floor away" in (desc.text or "")
    assert "not like this: trunk far forward" in (desc.text or "")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    words = " ".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))
    assert "Like this" in words
    assert "Not like this: trunk" in words


def test_an_svg_stands_still_for_who_asks_for_it() -> None:
    text = svg_of()
    root = ElementTree.fromstring(text)

    style = root.find(f"{SVG}style")
    assert style is not None
    assert re.search(r"prefers-reduced-motion:reduce\).*\.moving\{display:none\}", style.text or "")
    for group in in_group(root, "still"):
        assert list(group.iter(f"{SVG}polygon"))
        assert not list(group.iter(f"{SVG}animate"))
    inside = {id(one) for group in in_group(root, "moving") for one in group.iter(f"{SVG}animate")}
    dot = [one for one in root.iter(f"{SVG}circle") if one.get("class") == "moving"]
    inside |= {id(one) for circle in dot for one in circle.iter(f"{SVG}animate")}
    assert {id(one) for one in root.iter(f"{SVG}animate")} == inside


def test_an_svg_moves_from_rest_to_rest_once_a_repetition() -> None:
    for reps, count in ((None, "indefinite"), (2, "2")):
        root = ElementTree.fromstring(svg_of("straight_leg_raise", reps=reps))
        moves = list(root.iter(f"{SVG}animate"))

        assert moves
        for move in moves:
            times = [float(time) for time in (move.get("keyTimes") or "").split(";")]
            values = (move.get("values") or "").split(";")
            assert len(times) == len(values)
            assert (times[0], times[-1]) == (0.0, 1.0)
            assert times == sorted(times)
            assert move.get("dur") == "10000ms"
            assert move.get("repeatCount") == count
            if move.get("attributeName") == "points":
                assert values[0] == values[-1]


def test_the_side_is_named_only_where_somebody_said_it(tmp_path: Path) -> None:
    demo = demonstrate(find_exercise("straight_leg_raise"), Side.RIGHT)
    named = demonstration_svg(demo, (960, 540), side_given=True)

    assert "<title" in named
    assert ">Straight leg raise · right side</title>" in named
    assert ">Straight leg raise</title>" in svg_of("straight_leg_raise")


# -- what cannot be -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("demo.jpg", {}, r"\.mp4, \.gif, \.svg, \.png"),
        ("demo", {}, "change the name"),
        ("demo.png", {"reps": 2}, "does not move"),
        ("demo.svg", {"size_px": (960, 20)}, "120 to 3840"),
        ("demo.mp4", {"size_px": (9_000, 300)}, "120 to 3840"),
    ],
)
def test_what_cannot_be_written_is_said(
    name: str, given: dict[str, object], message: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    with pytest.raises(DemonstrationError, match=message):
        write_demonstration(demonstrate(find_exercise("squat")), path, **given)  # type: ignore[arg-type]

    assert not path.exists()


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_folder_that_is_not_there_is_said(suffix: str, tmp_path: Path) -> None:
    demo: Demonstration = demonstrate(quick(MOVING["squat"]))
    with pytest.raises(ExportError, match="Choose a folder"):
        write_demonstration(demo, tmp_path / "none" / f"demo{suffix}", size_px=SMALL)


def test_figures_are_below_one_another_on_an_upright_page() -> None:
    beside, below = (lay_out(size, 2, moving=True).cells for size in ((900, 500), (500, 900)))

    assert beside[1].figure.x > beside[0].figure.x + beside[0].figure.width
    assert below[1].figure.y > below[0].figure.y + below[0].figure.height
