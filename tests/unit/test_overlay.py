"""The overlay: what is drawn, where, and that nothing unknown is drawn."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hep_vision.coach import canvas, palette
from hep_vision.coach.layout import layout_of
from hep_vision.coach.overlay import OverlayState, draw_overlay
from hep_vision.core.landmarks import LANDMARK_COUNT, Landmark
from hep_vision.core.types import Phase, PoseFrame, Severity, Side

Picture = NDArray[np.uint8]

THIGH = (Landmark.LEFT_HIP, Landmark.LEFT_KNEE)
SHANK = (Landmark.LEFT_KNEE, Landmark.LEFT_ANKLE)
PLAIN = OverlayState("Squat", 7, Phase.REST)
FULL = OverlayState(
    exercise="Standing hip abduction",
    count=3,
    phase=Phase.PEAK,
    side=Side.LEFT,
    target=10,
    angle_value=31.4,
    angle_landmark=Landmark.LEFT_KNEE,
    highlighted=(THIGH, SHANK),
    hold_ms=2400,
    progress=0.6,
    message="Keep your knees in line with your toes.",
    severity=Severity.WARN,
    deviating=(THIGH,),
    correction=(Landmark.LEFT_KNEE, (1.0, 0.0)),
    view_note="Turn to face the camera",
)


def grey_picture(width: int = 640, height: int = 480) -> Picture:
    return np.full((height, width, 3), 90, np.uint8)


def leg(
    size_px: tuple[int, int] = (640, 480), visibility: float = 0.9, **moved: tuple[float, float]
) -> PoseFrame:
    """A left leg straight down at three quarters of the width; all other landmarks unknown."""
    width, height = size_px
    at = {
        "LEFT_HIP": (0.75 * width, 0.25 * height),
        "LEFT_KNEE": (0.75 * width, 0.5 * height),
        "LEFT_ANKLE": (0.75 * width, 0.75 * height),
        **moved,
    }
    image_px = np.full((LANDMARK_COUNT, 2), np.nan)
    for name, place in at.items():
        image_px[Landmark[name]] = place
    seen = np.where(np.isfinite(image_px[:, 0]), visibility, np.nan)
    return PoseFrame(0, image_px, np.full((LANDMARK_COUNT, 3), np.nan), seen, size_px)


def changed(picture: Picture, other: Picture) -> NDArray[np.bool_]:
    different: NDArray[np.bool_] = np.any(picture != other, axis=2)
    return different


def colour_at(picture: Picture, x: float, y: float) -> tuple[int, ...]:
    return tuple(int(level) for level in picture[round(y), round(x)])


def count_of(picture: Picture, colour: palette.Rgb) -> int:
    return int(np.all(picture == np.array(colour, np.uint8), axis=2).sum())


@pytest.mark.parametrize(
    ("width", "height"),
    [(320, 180), (320, 568), (640, 480), (480, 848), (500, 500), (1920, 1080), (16, 16), (1, 1)],
)
@pytest.mark.parametrize("mirror", [False, True])
def test_draws_at_every_size_and_leaves_its_input_alone(
    width: int, height: int, mirror: bool
) -> None:
    rgb = grey_picture(width, height)

    drawn = draw_overlay(rgb, leg((width, height)), FULL, mirror=mirror)

    assert drawn.shape == rgb.shape
    assert drawn.dtype == np.uint8
    assert (rgb == 90).all()
    assert changed(drawn, rgb).any()


def test_draws_at_4k_with_the_pose_of_a_small_picture() -> None:
    drawn = draw_overlay(grey_picture(3840, 2160), leg((640, 360)), FULL)

    assert count_of(drawn[:, 2600:3160], palette.SKY) > 1000


def test_takes_a_picture_that_is_not_contiguous() -> None:
    wide = np.full((480, 1280, 3), 90, np.uint8)

    drawn = draw_overlay(wide[:, ::2], leg(), FULL)

    assert np.array_equal(drawn, draw_overlay(grey_picture(), leg(), FULL))


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((48, 64), np.uint8),
        np.zeros((48, 64, 4), np.uint8),
        np.zeros((48, 64, 3), np.float32),
    ],
)
def test_another_kind_of_array_is_refused(bad: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match="expected"):
        draw_overlay(bad, None, PLAIN)


def test_the_pose_is_scaled_to_the_picture() -> None:
    state = replace(PLAIN, highlighted=(SHANK,))

    drawn = draw_overlay(grey_picture(640, 480), leg((1280, 960)), state)

    assert colour_at(drawn, 480, 300) == palette.SKY


def test_a_mirror_flips_the_person_and_not_the_words() -> None:
    state = replace(PLAIN, highlighted=(SHANK,))
    pose = leg(LEFT_HIP=(420, 120), LEFT_KNEE=(420, 240), LEFT_ANKLE=(420, 360))

    straight = draw_overlay(grey_picture(), pose, state)
    mirrored = draw_overlay(grey_picture(), pose, state, mirror=True)

    assert colour_at(straight, 420, 300) == palette.SKY
    assert colour_at(mirrored, 639 - 420, 300) == palette.SKY
    panel = slice(0, 180)
    assert np.array_equal(straight[:, panel], mirrored[:, panel])


def test_a_mirror_flips_the_picture() -> None:
    rgb = grey_picture()
    rgb[:, :320] = 200

    mirrored = draw_overlay(rgb, None, PLAIN, mirror=True)

    assert colour_at(mirrored, 600, 100) == (200, 200, 200)


def test_nobody_seen_draws_no_figure() -> None:
    unseen = PoseFrame.unseen(0, (640, 480))

    assert np.array_equal(
        draw_overlay(grey_picture(), unseen, FULL), draw_overlay(grey_picture(), None, FULL)
    )


def test_a_segment_with_an_unknown_end_is_not_drawn() -> None:
    state = replace(PLAIN, highlighted=(THIGH, SHANK), angle_value=50.0)
    state = replace(state, angle_landmark=Landmark.LEFT_ANKLE)
    pose = leg(LEFT_ANKLE=(np.nan, np.nan))

    figure = changed(draw_overlay(grey_picture(), pose, state), grey_picture())[:, 200:]

    assert figure[120:240].any()
    assert not figure[260:].any()


def test_a_landmark_far_outside_does_no_harm() -> None:
    pose = leg(LEFT_ANKLE=(480.0, 1e12), LEFT_HIP=(-1e12, -1e12))

    drawn = draw_overlay(grey_picture(), pose, replace(FULL, message=None))

    assert colour_at(drawn, 480, 400) == palette.SKY


def test_what_is_hardly_seen_is_dashed_and_not_bright() -> None:
    state = replace(PLAIN, highlighted=(THIGH, SHANK))

    doubtful = draw_overlay(grey_picture(), leg(visibility=0.2), state)
    column = changed(doubtful, grey_picture())[125:355, 478:483].any(axis=1)

    assert count_of(doubtful[:, 200:], palette.SKY) == 0
    gaps = np.flatnonzero(np.diff(column.astype(int)) == -1)
    assert len(gaps) >= 4


def test_a_deviation_is_thicker_and_striped_so_that_colour_is_not_the_only_sign() -> None:
    calm = draw_overlay(grey_picture(), leg(), PLAIN)
    bright = draw_overlay(grey_picture(), leg(), replace(PLAIN, highlighted=(THIGH,)))
    flagged = draw_overlay(
        grey_picture(), leg(), replace(PLAIN, highlighted=(THIGH,), deviating=(THIGH[::-1],))
    )

    widths = [int(changed(p, grey_picture())[180, 200:].sum()) for p in (calm, bright, flagged)]

    assert widths[0] < widths[1] < widths[2]
    core = flagged[140:220, 480]
    assert np.any(np.all(core == palette.ORANGE, axis=1))
    assert np.any(np.all(core == palette.INK, axis=1))
    assert count_of(flagged[:, 200:], palette.SKY) == 0


def test_the_arrow_points_the_way_to_move_also_in_the_mirror() -> None:
    state = replace(PLAIN, correction=(Landmark.LEFT_KNEE, (2.0, 0.0)))
    pose = leg(LEFT_HIP=(340, 120), LEFT_KNEE=(340, 240), LEFT_ANKLE=(340, 360))

    straight = draw_overlay(grey_picture(), pose, state)
    mirrored = draw_overlay(grey_picture(), pose, state, mirror=True)

    assert colour_at(straight, 380, 240) == palette.ORANGE
    assert colour_at(mirrored, 639 - 380, 240) == palette.ORANGE


def test_an_arrow_without_direction_is_not_drawn() -> None:
    state = replace(PLAIN, correction=(Landmark.LEFT_KNEE, (0.0, float("nan"))))

    drawn = draw_overlay(grey_picture(), leg(), state)

    assert np.array_equal(drawn, draw_overlay(grey_picture(), leg(), PLAIN))


@pytest.mark.parametrize("value", [None, float("nan")])
def test_an_unknown_angle_is_not_written(value: float | None) -> None:
    state = replace(PLAIN, angle_value=value, angle_landmark=Landmark.LEFT_KNEE)

    drawn = draw_overlay(grey_picture(), leg(), state)

    assert np.array_equal(drawn, draw_overlay(grey_picture(), leg(), PLAIN))


def test_the_angle_is_written_beside_its_joint_and_away_from_the_arrow() -> None:
    free = replace(PLAIN, angle_value=88.0, angle_landmark=Landmark.LEFT_KNEE)
    arrow = replace(free, correction=(Landmark.LEFT_KNEE, (1.0, 0.0)))
    plain = draw_overlay(grey_picture(), leg(), PLAIN)

    label = changed(draw_overlay(grey_picture(), leg(), free), plain)
    with_arrow = draw_overlay(grey_picture(), leg(), arrow)
    arrow_only = draw_overlay(grey_picture(), leg(), replace(arrow, angle_value=None))
    moved_label = changed(with_arrow, arrow_only)

    assert label[240, 490:560].any()
    assert not label[:200].any()
    assert moved_label[240, 400:475].any()
    assert not moved_label[:, 485:].any()


@pytest.mark.parametrize("text", ["104°", "ä", "ö", "ü", "ß", "é", "ñ", "±", "å", "·"])
def test_the_font_has_what_the_words_need(text: str) -> None:
    missing = canvas.lettering(text[:-1] + "\N{CJK UNIFIED IDEOGRAPH-20000}", 40)
    question = canvas.lettering(text[:-1] + "?", 40)
    written = canvas.lettering(text, 40)

    assert written.any()
    for other in (missing, question):
        assert written.shape != other.shape or not np.array_equal(written, other)


def test_the_count_is_a_quarter_of_the_height() -> None:
    drawn = draw_overlay(np.zeros((480, 640, 3), np.uint8), None, PLAIN)
    box = layout_of(640, 480).count

    rows = np.flatnonzero(np.all(drawn == 255, axis=2)[:, box.x : box.x + box.width].any(axis=1))
    inside = rows[(rows > box.y - 10) & (rows < box.y + box.height + 10)]

    assert np.ptp(inside) >= 0.24 * 480


def test_every_count_looks_different() -> None:
    pictures = [draw_overlay(grey_picture(), None, replace(PLAIN, count=n)) for n in range(0, 130)]

    assert len({picture.tobytes() for picture in pictures}) == len(pictures)


def test_without_a_count_the_seconds_are_the_large_number() -> None:
    state = replace(PLAIN, count=None, hold_ms=28_400, phase=Phase.PEAK)
    other = replace(state, hold_ms=29_400)
    box = layout_of(640, 480).count

    difference = changed(
        draw_overlay(grey_picture(), None, state), draw_overlay(grey_picture(), None, other)
    )

    assert difference[box.y : box.y + box.height, box.x : box.x + box.width].any()


def test_phases_differ_in_shape_without_colour() -> None:
    box = layout_of(640, 480).ring
    shapes = []
    for phase in Phase:
        drawn = draw_overlay(np.zeros((480, 640, 3), np.uint8), None, replace(PLAIN, phase=phase))
        ring = drawn[box.y : box.y + box.height, box.x : box.x + box.width]
        shapes.append(ring.max(axis=2) > 60)

    for one, other in combinations(shapes, 2):
        assert (one ^ other).sum() > 0.05 * one.sum()


def test_severities_differ_in_shape_without_colour() -> None:
    shapes = []
    for severity in (None, *Severity):
        state = replace(PLAIN, message="Slower", severity=severity)
        drawn = draw_overlay(np.zeros((480, 640, 3), np.uint8), None, state)
        shapes.append(drawn[400:, 192:].max(axis=2) > 60)

    for one, other in combinations(shapes, 2):
        assert (one ^ other).sum() > 100


def test_the_ring_fills_with_progress() -> None:
    box = layout_of(640, 480).ring

    def filled(progress: float) -> int:
        drawn = draw_overlay(grey_picture(), None, replace(PLAIN, progress=progress))
        ring = drawn[box.y : box.y + box.height, box.x : box.x + box.width]
        return count_of(ring, palette.SKY)

    assert filled(0.0) == filled(-1.0) == filled(float("nan")) == 0
    assert 0 < filled(0.25) < filled(0.5) < filled(0.99)


def test_a_full_ring_changes_colour() -> None:
    full = draw_overlay(grey_picture(), None, replace(PLAIN, progress=1.0))
    beyond = draw_overlay(grey_picture(), None, replace(PLAIN, progress=7.0))

    assert np.array_equal(full, beyond)
    assert count_of(full, palette.SKY) == 0
    assert count_of(full, palette.GREEN) > 500


def relative_luminance(colour: NDArray[np.uint8]) -> float:
    level = colour.astype(float) / 255
    linear = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_white_text_has_contrast_even_on_a_white_wall() -> None:
    drawn = draw_overlay(np.full((480, 640, 3), 255, np.uint8), None, PLAIN)

    contrast = 1.05 / (relative_luminance(drawn[2, 2]) + 0.05)

    assert contrast >= 7


def test_message_and_view_note_take_nothing_when_empty() -> None:
    bare = draw_overlay(grey_picture(), None, PLAIN)

    assert (bare[:, 200:] == 90).all()


@given(
    text=st.text("abcdefghij ÄÖß°", min_size=1, max_size=60),
    width=st.integers(60, 600),
    height=st.integers(20, 200),
    size_px=st.integers(10, 60),
)
def test_text_is_wrapped_and_shrunk_to_its_box(
    text: str, width: int, height: int, size_px: int
) -> None:
    size, lines = canvas.fit(text, width, height, size_px)

    assert " ".join(lines) == text
    assert canvas.SMALLEST_TEXT_PX <= size <= size_px
    if size > canvas.SMALLEST_TEXT_PX:
        assert canvas.lettering_width(lines, size) <= width
        assert ((len(lines) - 1) * canvas.LINE_EM + canvas.CAP_HEIGHT_EM) * size <= height


def test_no_word_is_left_alone_on_the_last_line() -> None:
    text = "Keep your knees in line with your toes."

    _, lines = canvas.fit(text, 400, 200, 30)

    assert len(lines) == 2
    assert len(lines[1].split()) > 1
