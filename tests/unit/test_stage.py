"""The screens of the live session: what is drawn, where, and that nothing is cut off or hidden."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from hep_vision.coach import canvas, palette
from hep_vision.coach.layout import layout_of
from hep_vision.coach.overlay import OverlayState
from hep_vision.coach.screens import (
    Caption,
    Choice,
    Countdown,
    GettingReady,
    Message,
    Pace,
    Paused,
    Point,
    Rest,
    Scale,
    Screen,
    SetLine,
    Stance,
    Summary,
    Tick,
    Trouble,
    Working,
    Writing,
)
from hep_vision.coach.stage import draw_screen
from hep_vision.coach.stance import draw_stance
from hep_vision.core.definition import Motion
from hep_vision.core.landmarks import LANDMARK_COUNT, Landmark
from hep_vision.core.types import Phase, PoseFrame, Severity, Side, View
from hep_vision.exercises.loading import find_exercise

Picture = NDArray[np.uint8]

SIZES = [(640, 360), (1280, 720), (1920, 1080), (720, 1280)]
CAMERAS = [(640, 480), (1280, 720), (480, 640)]
LONG = "Stretch your leg a little further back, if that feels comfortable."
KEYS = (("space", "pause"), ("n", "next"), ("h", "help"))
SHIN = (Landmark.LEFT_KNEE, Landmark.LEFT_ANKLE)

READY = GettingReady(
    title="Übung mit Hüftabduktion in Seitlage",
    setting="Set 1 of 3 · left side",
    setup="Sit on the front half of the chair, feet hip-width apart.",
    points=(
        Point("whole body in view", Tick.DONE),
        Point("turn your left side to the camera", Tick.WAITING),
        Point("hold still", Tick.LATER),
    ),
    stance=Stance(View.SIDE, Side.LEFT, None),
    holding_share=0.4,
    caption=Caption("Hold still"),
)
WORKING = Working(OverlayState("Squat", 7, Phase.CONCENTRIC, target=10), "Set 2 of 3 · left side")
REST = Rest(42_000, 60_000, "10 of 10 repetitions", "Good, that was deeper.", LONG, "Set 3 of 3")
PAUSED = Paused("Paused", "Raise both hands, or press space", 0.3)
SCALE = Scale("How much pain do you have now?", "no pain", "the worst you can think of", 7, LONG)
CHOICE = Choice("How was your knee?", ("better", "the same", "worse"), 1)
SETS = tuple(SetLine(f"Squat · set {k}", f"{k} of 12", "about 95°") for k in range(1, 4))
SUMMARY = Summary("Well done", SETS, "Your heels stayed down.", LONG, LONG, Severity.STOP)
SCREENS: tuple[Screen, ...] = (
    Message("Getting the camera ready", "This takes a few seconds."),
    READY,
    Countdown("Squat", "Set 1 of 3", 3),
    WORKING,
    REST,
    PAUSED,
    Trouble("The camera is gone", "Check its plug.", 23_000),
    SCALE,
    CHOICE,
    Writing("Anything else?", "Die linke Hüfte zwickt beim Übergang ein wenig"),
    SUMMARY,
)


def name_of(screen: Screen) -> str:
    return type(screen).__name__


def grey(width: int = 640, height: int = 480) -> Picture:
    return np.full((height, width, 3), 90, np.uint8)


def leg(x: float, size_px: tuple[int, int] = (640, 480)) -> PoseFrame:
    """A left shin, upright at this share of the width; all else unknown."""
    width, height = size_px
    image_px = np.full((LANDMARK_COUNT, 2), np.nan)
    image_px[Landmark.LEFT_KNEE] = (x * width, 0.3 * height)
    image_px[Landmark.LEFT_ANKLE] = (x * width, 0.6 * height)
    seen = np.where(np.isfinite(image_px[:, 0]), 0.9, np.nan)
    return PoseFrame(0, image_px, np.full((LANDMARK_COUNT, 3), np.nan), seen, size_px)


def show(screen: Screen, size_px: tuple[int, int] = (1280, 720), **options: bool) -> Picture:
    return draw_screen(screen, grey(), None, size_px, key_help=KEYS, **options)


def changed(picture: Picture, other: Picture) -> NDArray[np.bool_]:
    different: NDArray[np.bool_] = np.any(picture != other, axis=2)
    return different


def of_colour(picture: Picture, colour: palette.Rgb) -> NDArray[np.bool_]:
    same: NDArray[np.bool_] = np.all(picture == np.array(colour, np.uint8), axis=2)
    return same


def brightness(picture: Picture) -> NDArray[np.float64]:
    level: NDArray[np.float64] = picture @ np.array([0.2126, 0.7152, 0.0722])
    return level


@pytest.mark.parametrize("size_px", SIZES)
@pytest.mark.parametrize("screen", SCREENS, ids=name_of)
def test_every_screen_fills_every_window_and_leaves_the_picture_alone(
    screen: Screen, size_px: tuple[int, int]
) -> None:
    for camera_px in CAMERAS:
        rgb = grey(*camera_px)

        drawn = draw_screen(screen, rgb, leg(0.5, camera_px), size_px, key_help=KEYS)

        assert drawn.shape == (size_px[1], size_px[0], 3)
        assert drawn.dtype == np.uint8
        assert (rgb == 90).all()
        assert of_colour(drawn, palette.WHITE).any()


@pytest.mark.parametrize("screen", SCREENS, ids=name_of)
@pytest.mark.parametrize("size_px", [(16, 16), (90, 60), (3840, 2160)])
def test_odd_windows_do_no_harm(screen: Screen, size_px: tuple[int, int]) -> None:
    drawn = draw_screen(screen, grey(64, 48), leg(0.5), size_px, key_help=KEYS, help_open=True)

    assert drawn.shape == (size_px[1], size_px[0], 3)


def test_without_a_camera_the_same_is_said() -> None:
    drawn = draw_screen(WORKING, None, leg(0.5), (1280, 720))
    panel = layout_of(1280, 720).panel

    assert of_colour(drawn[:, : panel.width], palette.WHITE).any()
    assert of_colour(drawn[:, panel.width :], palette.INK).all()


def test_another_kind_of_array_is_refused() -> None:
    with pytest.raises(ValueError, match="expected"):
        draw_screen(WORKING, np.zeros((48, 64), np.uint8), None, (640, 360))


@pytest.mark.parametrize("size_px", SIZES)
@pytest.mark.parametrize("camera_px", CAMERAS)
@pytest.mark.parametrize("screen", [WORKING, READY], ids=name_of)
def test_the_skeleton_lies_on_the_mirrored_person(
    screen: Screen, camera_px: tuple[int, int], size_px: tuple[int, int]
) -> None:
    width, height = camera_px
    rgb = grey(width, height)
    column = round(0.55 * width)
    rgb[round(0.3 * height) : round(0.6 * height), column - 3 : column + 4] = (250, 0, 0)
    working = replace(WORKING, overlay=replace(WORKING.overlay, highlighted=(SHIN,)))

    person = draw_screen(screen, rgb, None, size_px)
    drawn = draw_screen(
        working if screen is WORKING else screen, rgb, leg(0.55, camera_px), size_px
    )

    red = (person[..., 0].astype(int) - person[..., 1]) > 150
    where = np.argwhere(red).mean(axis=0)
    skeleton = changed(drawn, person) & ~of_colour(drawn, palette.INK)
    assert np.abs(np.argwhere(skeleton).mean(axis=0) - where).max() < 0.01 * size_px[1]


@pytest.mark.parametrize("size_px", SIZES)
@pytest.mark.parametrize("camera_px", CAMERAS)
def test_the_whole_camera_picture_is_shown_in_its_own_proportions(
    camera_px: tuple[int, int], size_px: tuple[int, int]
) -> None:
    width, height = camera_px
    rgb = np.full((height, width, 3), (0, 200, 0), np.uint8)
    rgb[20:-20, 20:-20] = 90
    bare = Working(OverlayState("", 0, Phase.PEAK), "")

    drawn = draw_screen(bare, rgb, None, size_px).astype(int)

    rows, columns = np.nonzero(drawn[..., 1] - drawn[..., 0] > 30)
    scale = min(size_px[0] / width, size_px[1] / height)
    assert abs(np.ptp(columns) + 1 - scale * width) <= 2
    assert abs(np.ptp(rows) + 1 - scale * height) <= 2


LINES = [
    (READY, replace(READY, title="")),
    (READY, replace(READY, setting="")),
    (READY, replace(READY, setup="")),
    (READY, replace(READY, caption=Caption(""))),
    (WORKING, replace(WORKING, setting="")),
    (replace(WORKING, following="next: heel raise"), WORKING),
    (replace(WORKING, muted=True), WORKING),
    (replace(WORKING, waiting=True), WORKING),
    (replace(WORKING, pace=Pace(0.3, "go")), WORKING),
    (REST, replace(REST, praise=None)),
    (REST, replace(REST, work_on=None)),
    (REST, replace(REST, following="")),
    (REST, replace(REST, done="")),
    (PAUSED, replace(PAUSED, how="")),
    (SCALE, replace(SCALE, advice=None)),
    (SCALE, replace(SCALE, lowest="")),
    (SCALE, replace(SCALE, highest="")),
    (SUMMARY, replace(SUMMARY, work_on=None)),
    (SUMMARY, replace(SUMMARY, advice=None)),
]


@pytest.mark.parametrize("size_px", [(640, 360), (720, 1280)])
@pytest.mark.parametrize(("full", "less"), LINES, ids=name_of)
def test_everything_a_screen_says_is_to_be_seen(
    full: Screen, less: Screen, size_px: tuple[int, int]
) -> None:
    difference = changed(show(full, size_px), show(less, size_px))

    assert difference.sum() > 0.0002 * difference.size


LONG_SCREENS: tuple[Screen, ...] = (
    replace(READY, caption=Caption(LONG, Severity.WARN), setup=LONG),
    replace(
        WORKING,
        overlay=replace(
            WORKING.overlay,
            exercise="Reverse lunge with knee drive and a very long addition",
            count=128,
            target=130,
            message=LONG,
            severity=Severity.WARN,
            view_note=LONG,
        ),
        setting="Set 12 of 13 · right side",
        following="next: Single-leg mini squat · right side",
        popped=1.0,
    ),
    replace(REST, done=LONG, praise=LONG, work_on=LONG, following=LONG),
    Paused(LONG, LONG + " " + LONG),
    Trouble(LONG, LONG + " " + LONG, 3_600_000),
    Message(LONG, LONG + " " + LONG),
    replace(SCALE, question=LONG, lowest=LONG, highest=LONG, value=10, advice=LONG + " " + LONG),
    Choice(LONG, (LONG,) * 9, 8),
    Writing(LONG, "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen " * 12),
    Summary(LONG, SETS * 12, LONG, LONG, LONG, Severity.STOP),
)


@pytest.fixture
def pasted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int, int, int]]:
    """Edges (left, top, right, bottom) of every text drawn."""
    edges: list[tuple[int, int, int, int]] = []
    original = canvas.paste

    def spy(picture: Picture, glyphs: Picture, x: int, y: int) -> None:
        rows = np.flatnonzero(glyphs.any(axis=(1, 2)))
        columns = np.flatnonzero(glyphs.any(axis=(0, 2)))
        if rows.size:
            edges.append((x + columns[0], y + rows[0], x + columns[-1], y + rows[-1]))
        original(picture, glyphs, x, y)

    monkeypatch.setattr(canvas, "paste", spy)
    return edges


@pytest.mark.parametrize("size_px", SIZES)
@pytest.mark.parametrize("screen", [*SCREENS, *LONG_SCREENS], ids=name_of)
def test_no_text_is_cut_off_at_the_edge(
    screen: Screen, size_px: tuple[int, int], pasted: list[tuple[int, int, int, int]]
) -> None:
    draw_screen(screen, grey(), None, size_px, key_help=KEYS)

    assert len(pasted) >= 2
    left, top, right, bottom = np.array(pasted).T
    assert min(left) >= 0
    assert min(top) >= 0
    assert max(right) < size_px[0]
    assert max(bottom) < size_px[1]


@pytest.mark.parametrize("text", ["Check its plug. It is tried again by itself.", "Übermäßig weit"])
@pytest.mark.parametrize("size", [12, 23, 49, 88, 120])
def test_a_line_is_measured_as_wide_as_it_is_drawn(text: str, size: int) -> None:
    whole = canvas.lettering(text, size)
    with_end = canvas.lettering(text + " |", size)

    assert not whole[:, -1].any()
    assert with_end.shape[1] > whole.shape[1]
    assert whole.shape[1] <= canvas.lettering_width([text], size)


def test_the_share_of_holding_still_fills_the_ring() -> None:
    def filled(share: float) -> int:
        drawn = show(replace(READY, holding_share=share, setting=""))
        return int(of_colour(drawn[:, 700:], palette.SKY).sum())

    assert filled(0.0) < filled(0.3) < filled(0.6) < filled(0.95)


def test_the_gesture_that_goes_on_fills_the_ring() -> None:
    filled = [
        int(of_colour(show(replace(PAUSED, share=s)), palette.SKY).sum()) for s in (0, 0.5, 0.9)
    ]

    assert filled[0] < filled[1] < filled[2]


def test_the_ring_of_the_rest_runs_out() -> None:
    def ring(left_ms: int) -> int:
        drawn = show(replace(REST, left_ms=left_ms, work_on=None, following=""))
        return int(of_colour(drawn[:, :600], palette.SKY).sum())

    assert ring(60_000) > ring(40_000) > ring(10_000) > ring(0) == 0


def test_the_hold_ring_fills_towards_what_is_prescribed() -> None:
    box = layout_of(1280, 720).ring

    def filled(hold_ms: int) -> int:
        state = OverlayState("Wall sit", None, Phase.PEAK, hold_ms=hold_ms, progress=1.0)
        drawn = draw_screen(Working(state, "", hold_goal_ms=30_000), None, None, (1280, 720))
        ring = drawn[box.y : box.y + box.height, box.x : box.x + box.width]
        return int(of_colour(ring, palette.SKY).sum())

    assert filled(0) == 0
    assert 0 < filled(10_000) < filled(20_000)
    assert filled(30_000) == 0  # full, and so green


def test_the_pace_guide_goes_round_the_ring() -> None:
    box = layout_of(1280, 720).ring
    places = []
    for share in (0.25, 0.5, 0.75):
        pace = draw_screen(replace(WORKING, pace=Pace(share, "go")), None, None, (1280, 720))
        other = draw_screen(replace(WORKING, pace=Pace(0.0, "go")), None, None, (1280, 720))
        white = of_colour(pace, palette.WHITE) & changed(pace, other)
        y, x = np.argwhere(white).mean(axis=0)
        places.append((x - box.centre[0], y - box.centre[1]))

    (right, _), (_, down), (left, _) = places
    assert right > 0.3 * box.height
    assert down > 0.3 * box.height
    assert left < -0.3 * box.height


def test_the_count_grows_for_a_moment_when_it_changes() -> None:
    box = layout_of(1280, 720).count

    def lit(popped: float) -> int:
        drawn = draw_screen(replace(WORKING, popped=popped), None, None, (1280, 720))
        return int(
            of_colour(drawn[box.y - 20 : box.y + box.height + 20, : box.width], palette.WHITE).sum()
        )

    assert lit(1.0) > lit(0.5) > lit(0.0)


@pytest.mark.parametrize("count", [7, 10, 88])
def test_light_behind_the_count_shows_that_it_changed(count: int) -> None:
    box = layout_of(1280, 720).count

    def light(popped: float) -> float:
        working = replace(WORKING, overlay=replace(WORKING.overlay, count=count), popped=popped)
        drawn = draw_screen(working, None, None, (1280, 720))
        return float(brightness(drawn[box.y : box.y + box.height, : box.width]).sum())

    assert light(1.0) > 1.03 * light(0.5) > 1.03**2 * light(0.0)


def test_the_count_is_a_third_of_the_height_as_lettering_goes() -> None:
    bare = Working(OverlayState("", 8, Phase.REST), "")
    for size_px in SIZES:
        drawn = draw_screen(bare, None, None, size_px)
        layout = layout_of(*size_px)
        box = layout.count
        rows = np.flatnonzero(
            of_colour(drawn, palette.WHITE)[:, box.x : box.x + box.width].any(axis=1)
        )
        rows = rows[(rows > box.y - 5) & (rows < box.y + box.height + 5)]

        assert np.ptp(rows) >= canvas.CAP_HEIGHT_EM * 0.32 * layout.unit_px


def test_the_figure_shows_the_side_that_is_turned_to_the_camera_as_a_mirror_does() -> None:
    """Whoever turns their right side to a mirror faces left in it."""
    for side, way in ((Side.RIGHT, -1), (Side.LEFT, 1)):
        drawn = np.zeros((400, 400, 3), np.uint8)
        draw_stance(drawn, Stance(View.SIDE, side, None), (200, 200), 190)
        shin = np.argwhere(of_colour(drawn[300:330], palette.SKY))
        foot = np.argwhere(of_colour(drawn[355:], palette.SKY))

        assert np.sign(foot[:, 1].mean() - shin[:, 1].mean()) == way


def test_the_figure_works_on_the_side_where_the_person_sees_their_own() -> None:
    motion = Motion(goal={"hip_out": (35.0, 0.0)})
    for side, way in ((Side.LEFT, -1), (Side.RIGHT, 1)):
        drawn = np.zeros((400, 400, 3), np.uint8)
        draw_stance(drawn, Stance(View.FRONT, side, motion), (200, 200), 190)
        bright = np.argwhere(of_colour(drawn, palette.SKY))

        assert np.sign(bright[:, 1].mean() - 200) == way


@pytest.mark.parametrize("exercise", ["squat", "straight_leg_raise", "seated_march", "bird_dog"])
def test_the_figure_stays_in_its_circle(exercise: str) -> None:
    motion = find_exercise(exercise).motion
    for view in View:
        drawn = np.zeros((400, 400, 3), np.uint8)
        draw_stance(drawn, Stance(view, Side.LEFT, motion), (200, 200), 120)
        y, x = np.argwhere(drawn.any(axis=2)).T

        assert np.hypot(x - 200, y - 200).max() < 1.15 * 120


def test_the_figure_is_drawn_in_the_posture_of_the_exercise() -> None:
    lying = find_exercise("straight_leg_raise").motion
    extents = []
    for motion in (None, lying):
        drawn = np.zeros((400, 400, 3), np.uint8)
        draw_stance(drawn, Stance(View.SIDE, Side.LEFT, motion), (200, 200), 190)
        extents.append(np.ptp(np.argwhere(drawn.any(axis=2)), axis=0))

    assert extents[0][0] > 1.5 * extents[0][1]
    assert extents[1][1] > 1.5 * extents[1][0]


def test_ticks_differ_in_shape_without_colour() -> None:
    shapes = []
    for tick in Tick:
        ready = replace(READY, points=(Point("hold still", tick),))
        shapes.append(brightness(show(ready))[:490, :70] > 60)

    for one, other in combinations(shapes, 2):
        assert (one ^ other).sum() > 0.15 * max(one.sum(), other.sum())


def test_states_differ_in_shape_without_colour() -> None:
    """Rest, pause, trouble: the same words, told apart in greyscale."""
    screens: tuple[Screen, ...] = (
        Rest(0, 60_000, "", None, None, ""),
        Paused("", ""),
        Trouble("", "", 0),
        Message("", ""),
        Countdown("", "", 3),
    )
    shapes = [brightness(draw_screen(s, None, None, (640, 360))) > 120 for s in screens]

    for one, other in combinations(shapes, 2):
        assert (one ^ other).sum() > 1000


def test_every_answer_on_the_scale_looks_different_without_colour() -> None:
    shown = [show(replace(SCALE, value=v)) for v in (None, *range(11))]

    for one, other in combinations(shown, 2):
        assert (np.abs(brightness(one) - brightness(other)) > 60).sum() > 500


def test_the_pointer_of_the_scale_moves_with_the_answer() -> None:
    places = []
    for value in range(11):
        drawn = show(replace(SCALE, value=value, advice=None))
        places.append(np.argwhere(of_colour(drawn, palette.SKY))[:, 1].mean())

    assert (np.diff(places) > 80).all()


def test_the_chosen_answer_has_a_frame_and_a_tick() -> None:
    none = show(replace(CHOICE, chosen=None))
    rows = []
    for chosen in range(3):
        drawn = show(replace(CHOICE, chosen=chosen))
        assert of_colour(drawn, palette.GREEN).sum() > 200
        rows.append(np.argwhere(changed(drawn, none))[:, 0].mean())

    assert rows[0] < rows[1] < rows[2]


def test_the_caret_follows_what_is_written() -> None:
    def caret(text: str) -> tuple[float, float]:
        y, x = np.argwhere(of_colour(show(Writing("", text)), palette.SKY)).mean(axis=0)
        return float(x), float(y)

    empty, some, space = caret(""), caret("The left knee"), caret("The left knee ")
    lines = caret("The left knee clicked on the stairs, but it did not hurt me at all")

    assert empty[0] < some[0] < space[0]
    assert empty[1] == some[1] < lines[1]


def test_of_a_long_text_the_end_is_shown() -> None:
    text = "and then it was better for a while " * 40

    assert changed(show(Writing("", text + "knee")), show(Writing("", text + "toes"))).any()


def test_sets_that_do_not_fit_are_counted() -> None:
    many = replace(SUMMARY, sets=SETS * 12)
    more = replace(SUMMARY, sets=SETS * 13)

    assert changed(show(many), show(more)).any()


def test_the_line_of_keys_is_at_the_bottom_and_small() -> None:
    with_keys = show(PAUSED)
    other = draw_screen(PAUSED, grey(), None, (1280, 720), key_help=(("x", "y"),))

    rows = np.flatnonzero(changed(with_keys, other).any(axis=1))
    assert rows.min() > 0.94 * 720


def test_help_covers_everything_with_the_keys() -> None:
    assert np.array_equal(show(WORKING, help_open=True), show(REST, help_open=True))
    assert changed(show(WORKING, help_open=True), show(WORKING)).any()


def test_without_keys_the_rest_still_says_how_to_go_on() -> None:
    bare = draw_screen(REST, None, None, (1280, 720))
    known = draw_screen(REST, None, None, (1280, 720), key_help=(("space", "go on"),))

    assert changed(bare[:600], known[:600]).any()


def relative_luminance(colour: NDArray[np.uint8]) -> float:
    level = colour.astype(float) / 255
    linear = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("screen", [WORKING, REST, PAUSED], ids=name_of)
def test_white_text_has_contrast_even_on_a_white_wall(screen: Screen) -> None:
    drawn = draw_screen(screen, np.full((360, 640, 3), 255, np.uint8), None, (640, 360))

    assert 1.05 / (relative_luminance(drawn[2, 2]) + 0.05) >= 7
