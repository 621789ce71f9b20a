"""Draw a screen of the live session: the camera picture as in a mirror, and what is said over it.

A pure function of its arguments. Sizes follow the window, never the camera. The camera picture is
always shown whole: what the counter sees, the person sees.
"""

import math
from dataclasses import replace
from functools import partial
from typing import Final

import cv2
import numpy as np

from hep_vision.coach.boards import (
    Board,
    draw_choice,
    draw_message_board,
    draw_scale,
    draw_summary,
    draw_trouble,
    draw_writing,
)
from hep_vision.coach.canvas import (
    SHADE_OPACITY,
    Box,
    Picture,
    blacken,
    fit,
    shade,
    shade_disc,
    write,
)
from hep_vision.coach.icons import (
    draw_advice,
    draw_cup,
    draw_forward,
    draw_later,
    draw_muted,
    draw_pause,
    draw_ring,
    draw_severity,
    draw_tick,
    draw_waiting,
    draw_warning,
)
from hep_vision.coach.keys import KeyHelp, draw_key_line, draw_key_panel, key_line_px
from hep_vision.coach.layout import is_tall, layout_of, unit_of
from hep_vision.coach.overlay import (
    Panel,
    check_picture,
    draw_message,
    draw_notes,
    draw_panel,
    draw_person,
    write_parts,
)
from hep_vision.coach.palette import CALM, SKY, WHITE
from hep_vision.coach.screens import (
    Caption,
    Choice,
    Countdown,
    GettingReady,
    Message,
    Paused,
    Rest,
    Scale,
    Screen,
    Summary,
    Tick,
    Trouble,
    Working,
    Writing,
)
from hep_vision.coach.skeleton import Skeleton, draw_skeleton
from hep_vision.coach.stance import draw_stance
from hep_vision.coach.telling import Icon, Line, tell
from hep_vision.core.types import Phase, PoseFrame

DIMMED: Final = 0.85
"""What lies behind the words of a pause is still to be recognised, and no more."""
SMALL_SCALE: Final = 0.5

_TICKS: Final[dict[Tick, Icon]] = {
    Tick.DONE: draw_tick,
    Tick.WAITING: draw_waiting,
    Tick.LATER: draw_later,
}


def draw_screen(
    screen: Screen,
    rgb: Picture | None,
    pose: PoseFrame | None,
    size_px: tuple[int, int],
    *,
    key_help: KeyHelp = (),
    help_open: bool = False,
) -> Picture:
    """Return a new RGB picture of exactly ``size_px`` (width, height); ``rgb`` is left as it is.

    Args:
        screen: What to show.
        rgb: (H, W, 3) uint8 as the camera sees it; it is mirrored. None shows no picture.
        pose: Landmarks in it; NaN landmarks, and all of None, are not drawn.
        size_px: Width and height of the window.
        key_help: Keys and what they do, as one small line at the bottom.
        help_open: Show the keys in large letters, over everything.

    Raises:
        ValueError: ``rgb`` is not an (H, W, 3) uint8 picture.
    """
    if rgb is not None:
        check_picture(rgb)
    stage = _Stage(rgb, pose, size_px, key_help)
    stage.draw(screen)
    if key_help and help_open:
        draw_key_panel(stage.picture, key_help)
    elif key_help:
        panel = isinstance(screen, Working | Countdown) and not stage.tall
        draw_key_line(stage.picture, key_help, stage.layout.panel.width if panel else 0)
    return stage.picture


class _Stage:
    """One picture while it is drawn."""

    def __init__(
        self,
        rgb: Picture | None,
        pose: PoseFrame | None,
        size_px: tuple[int, int],
        key_help: KeyHelp,
    ) -> None:
        width, height = size_px
        self.rgb, self.pose, self.key_help = rgb, pose, key_help
        self.picture: Picture = np.empty((height, width, 3), np.uint8)
        self.unit_px = unit_of(width, height)
        self.tall = is_tall(width, height)
        self.foot_px = key_line_px(*size_px) if key_help else 0
        self.layout = layout_of(width, height, self.foot_px)
        self.whole = Box(0, 0, width, height)
        self.room = Box(0, 0, width, height - self.foot_px)

    def px(self, fraction: float) -> int:
        return max(1, round(fraction * self.unit_px))

    def draw(self, screen: Screen) -> None:
        match screen:
            case GettingReady():
                self._getting_ready(screen)
            case Countdown():
                self._countdown(screen)
            case Working():
                self._working(screen)
            case Rest():
                self._rest(screen)
            case Paused():
                self._paused(screen)
            case _:
                blacken(self.picture, self.whole)
                board = Board(self.picture, self.room, self.unit_px, tall=self.tall)
                _draw_board(board, screen)

    # The camera

    def _camera(self, within: Box, free: Box) -> Skeleton | None:
        """Draw the mirrored camera picture whole, clear of what is not free as far as it goes."""
        blacken(self.picture, self.whole)
        if self.rgb is None:
            return None
        place = _place(self.rgb, within, free)
        scale = place.height / self.rgb.shape[0]
        ground = self.picture[place.y : place.y + place.height, place.x : place.x + place.width]
        method = cv2.INTER_AREA if scale < SMALL_SCALE else cv2.INTER_LINEAR
        if scale < 1.0:
            small = cv2.resize(self.rgb, (place.width, place.height), interpolation=method)
            cv2.flip(small, 1, dst=ground)
        else:
            mirrored = cv2.flip(self.rgb, 1)
            cv2.resize(mirrored, (place.width, place.height), dst=ground, interpolation=method)
        return None if self.pose is None else Skeleton.of(self.pose, place, mirror=True)

    # Live screens

    def _working(self, screen: Working) -> None:
        state, layout = screen.overlay, self.layout
        skeleton = self._camera(self.whole, layout.free)
        if skeleton is not None:
            draw_person(self.picture, skeleton, state, layout, mirror=True)
        panel = Panel.of(state, screen.hold_goal_ms)
        panel = replace(
            panel,
            line=screen.setting or panel.line,
            popped=screen.popped,
            waiting=screen.waiting,
        )
        if screen.pace is not None and state.phase is not Phase.LOST and panel.clock_ms is None:
            panel = replace(panel, guide=screen.pace.share, word=screen.pace.word)
        if screen.waiting:
            panel = replace(panel, word="one seen")
        draw_panel(self.picture, panel, layout)
        draw_message(self.picture, state.message, state.severity, layout)
        notes: list[tuple[str, Icon | None]] = []
        if state.view_note:
            notes.append((state.view_note, draw_warning))
        if screen.following:
            notes.append((screen.following, None))
        if screen.muted:
            notes.append(("voice off", draw_muted))
        draw_notes(self.picture, notes, layout)

    def _countdown(self, screen: Countdown) -> None:
        layout = self.layout
        skeleton = self._camera(self.whole, layout.free)
        if skeleton is not None:
            draw_skeleton(self.picture, skeleton, layout)
        shade(self.picture, layout.panel)
        write(self.picture, screen.title, layout.name, self.px(0.062))
        write_parts(self.picture, screen.setting, layout.side, self.px(0.06))
        free = layout.free
        radius = min(self.px(0.36), 0.46 * free.width, 0.46 * free.height)
        shade_disc(self.picture, free.centre, radius)
        draw_ring(self.picture, free.centre, radius, 0.0, 0.05)
        side = round(radius)
        digit = Box(round(free.centre[0]) - side, round(free.centre[1]) - side, 2 * side, 2 * side)
        words = str(screen.seconds) if screen.seconds > 0 else "Go"
        write(self.picture, words, digit, round(1.5 * radius), bold=True)

    def _rest(self, screen: Rest) -> None:
        self._dimmed(DIMMED)
        room = self.room.inset(self.px(0.06))
        ring = room.part(0.0, 0.40) if self.tall else room.part(0.0, 1.0, 0.0, 0.42)
        words = room.part(0.44, 1.0) if self.tall else room.part(0.0, 1.0, 0.47, 1.0)
        radius = min(ring.width, ring.height, self.px(0.72)) / 2
        x, y = ring.centre
        share = screen.left_ms / screen.whole_ms if screen.whole_ms > 0 else 0.0
        draw_ring(self.picture, (x, y), radius, min(share, 0.999), 0.10)
        draw_cup(self.picture, (x, y - 0.48 * radius), 0.27 * radius)
        left = math.ceil(max(0, screen.left_ms) / 1000)
        text = str(left) if left < 60 else f"{left // 60}:{left % 60:02d}"
        half = round(0.68 * radius)
        box = Box(round(x) - half, round(y - 0.09 * radius), 2 * half, round(0.58 * radius))
        write(self.picture, text, box, round(0.62 * radius), bold=True)
        unit = Box(box.x, box.y + box.height, box.width, round(0.25 * radius))
        write(self.picture, "rest", unit, self.px(0.065))
        told = [Line(screen.done, None, bold=True)]
        if screen.praise:
            told.append(Line(screen.praise, draw_tick))
        if screen.work_on:
            told.append(Line(screen.work_on, draw_advice))
        told.append(Line(screen.following, draw_forward))
        if not any(key == "space" for key, _ in self.key_help):
            told.append(Line("space: go on"))
        tell(self.picture, told, words, self.px(0.07), 0.75)

    def _paused(self, screen: Paused) -> None:
        self._dimmed(SHADE_OPACITY)
        room = self.room.inset(self.px(0.06))
        sign = room.part(0.04, 0.52)
        radius = min(sign.width, sign.height, self.px(0.44)) / 2
        draw_ring(self.picture, sign.centre, radius, screen.share, 0.12)
        draw_pause(self.picture, sign.centre, 0.52 * radius)
        write(self.picture, screen.why, room.part(0.56, 0.74), self.px(0.10), bold=True)
        write(self.picture, screen.how, room.part(0.76, 0.98), self.px(0.07))

    def _dimmed(self, opacity: float) -> None:
        blacken(self.picture, self.whole)
        if self.rgb is not None:
            cut = _cut(self.rgb, self.whole.width / self.whole.height)
            size = (self.whole.width, self.whole.height)
            cv2.resize(cv2.flip(cut, 1), size, dst=self.picture, interpolation=cv2.INTER_LINEAR)
            shade(self.picture, self.whole, opacity)

    # Getting ready

    def _getting_ready(self, screen: GettingReady) -> None:
        strip_px = self.px(0.27)
        strip = self.room.part(1.0 - strip_px / self.room.height, 1.0)
        above = self.room._replace(height=self.room.height - strip.height)
        if self.tall:
            panel = above._replace(height=self.px(0.53))
            seen = Box(0, panel.height, above.width, above.height - panel.height)
        else:
            panel = above._replace(width=self.px(0.70))
            seen = Box(panel.width, 0, above.width - panel.width, above.height)
        # To the left: the drawn figure is at the right.
        skeleton = self._camera(seen, seen._replace(width=0))
        if skeleton is not None:
            draw_skeleton(self.picture, skeleton, self.layout)
        self._checklist(screen, panel.inset(self.px(0.03)))
        self._stance(screen, seen)
        self._instruction(screen.caption, screen.setup, strip)

    def _checklist(self, screen: GettingReady, place: Box) -> None:
        blacken(self.picture, place)
        size = self.px(0.075)
        short = self.tall or fit(screen.title, place.width, size, size, bold=True)[0] == size
        title = place._replace(height=self.px(0.09 if short else 0.16))
        write(self.picture, screen.title, title, size, bold=True, centred=False)
        top = title.y + title.height
        if screen.setting:
            line = Box(place.x, top, place.width, self.px(0.07))
            write(self.picture, screen.setting, line, self.px(0.06), SKY, centred=False)
            top += line.height
        top += self.px(0.03)
        points = [
            Line(
                point.words,
                _TICKS[point.tick],
                CALM if point.tick is Tick.LATER else WHITE,
                bold=point.tick is Tick.WAITING,
            )
            for point in screen.points
        ]
        rest = Box(place.x, top, place.width, place.y + place.height - top)
        tell(self.picture, points, rest, self.px(0.062), 0.5)

    def _stance(self, screen: GettingReady, seen: Box) -> None:
        radius = round(min(self.px(0.20), 0.42 * seen.height, 0.2 * seen.width))
        margin = self.px(0.02)
        centre = (seen.x + seen.width - radius - margin, seen.y + radius + margin)
        shade_disc(self.picture, centre, radius)
        inside = draw_ring(self.picture, centre, radius, screen.holding_share, 0.10)
        draw_stance(self.picture, screen.stance, centre, 0.95 * inside)

    def _instruction(self, caption: Caption | None, setup: str, strip: Box) -> None:
        blacken(self.picture, strip)
        inner = strip.inset(self.px(0.025))
        if caption is None:
            write(self.picture, setup, inner, self.px(0.065))
            return
        icon = (
            None if caption.severity is None else partial(draw_severity, severity=caption.severity)
        )
        first, size = inner.part(0.0, 0.34), self.px(0.072)
        fits = fit(caption.words, inner.width, first.height, size, bold=True)[0] == size
        if icon is None and (caption.words == setup or not fits):
            write(self.picture, caption.words, inner, size, bold=True)
        elif icon is not None:
            tell(self.picture, [Line(caption.words, icon)], inner, size)
        else:
            write(self.picture, caption.words, first, size, bold=True)
            write(self.picture, setup, inner.part(0.46, 1.0), self.px(0.06), CALM)


def _draw_board(board: Board, screen: Screen) -> None:
    match screen:
        case Trouble():
            draw_trouble(board, screen)
        case Scale():
            draw_scale(board, screen)
        case Choice():
            draw_choice(board, screen)
        case Writing():
            draw_writing(board, screen)
        case Summary():
            draw_summary(board, screen)
        case Message():
            draw_message_board(board, screen)


def _place(rgb: Picture, within: Box, free: Box) -> Box:
    height, width = rgb.shape[:2]
    scale = min(within.width / width, within.height / height)
    size = (max(1, round(scale * width)), max(1, round(scale * height)))
    x = _clear(size[0], within.x, within.width, free.x, free.width)
    y = _clear(size[1], within.y, within.height, free.y, free.height)
    return Box(x, y, *size)


def _cut(rgb: Picture, aspect: float) -> Picture:
    """Return the middle of a picture that has this aspect."""
    height, width = rgb.shape[:2]
    wide, high = min(width, round(height * aspect)), min(height, round(width / aspect))
    x, y = (width - max(1, wide)) // 2, (height - max(1, high)) // 2
    return rgb[y : y + max(1, high), x : x + max(1, wide)]


def _clear(size: int, start: int, room: int, free_start: int, free_room: int) -> int:
    """Return where a length begins: in the middle of what is free, or else at the far end of it."""
    slack = free_room - size
    if 0 <= slack < free_room // 8:
        return free_start + slack
    if slack > 0:
        return free_start + slack // 2
    return min(max(free_start + free_room - size, start), start + room - size)
