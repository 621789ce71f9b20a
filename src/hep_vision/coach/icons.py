"""Shapes of the states: each is told from the others without its colour."""

import math

from hep_vision.coach.canvas import (
    Picture,
    Point,
    around,
    draw_arc,
    draw_disc,
    draw_lines,
    draw_polygon,
)
from hep_vision.coach.palette import CALM, FAINT, GREEN, INK, ORANGE, SKY, VERMILION, WHITE, Rgb
from hep_vision.core.types import Phase, Severity


def draw_ring(
    picture: Picture, centre: Point, radius_px: float, share: float, thickness_share: float = 0.2
) -> float:
    """Draw a thin ring with a share of it filled, green once it is full; NaN is empty.

    Returns:
        The radius of what is left inside.
    """
    thickness = max(2, round(thickness_share * radius_px))
    middle = radius_px - thickness / 2
    fill = min(max(share, 0.0), 1.0) if math.isfinite(share) else 0.0
    draw_arc(picture, centre, middle, 1.0, FAINT, max(1, thickness // 3))
    draw_arc(picture, centre, middle, fill, GREEN if fill >= 1.0 else SKY, thickness)
    return middle - thickness


def draw_clock(picture: Picture, centre: Point, radius_px: float, hold_ms: int) -> None:
    """Draw a clock face whose hand goes round once a minute."""
    marks = [[around(centre, r * radius_px, k / 12) for r in (0.85, 1.0)] for k in range(12)]
    hand = [centre, around(centre, 0.8 * radius_px, hold_ms / 60_000)]
    draw_lines(picture, marks, CALM, max(1, round(0.05 * radius_px)))
    draw_lines(picture, [hand], WHITE, max(2, round(0.12 * radius_px)))
    draw_disc(picture, centre, 0.12 * radius_px, WHITE)


def draw_phase(picture: Picture, centre: Point, radius_px: float, phase: Phase) -> None:
    """Draw the shape of a phase: disc, arrowheads out, diamond, arrowheads back, triangle."""
    x, y = centre
    r = radius_px
    if phase is Phase.REST:
        draw_disc(picture, centre, 0.8 * r, GREEN)
    elif phase is Phase.PEAK:
        draw_polygon(picture, [(x, y - r), (x + r, y), (x, y + r), (x - r, y)], WHITE)
    elif phase is Phase.LOST:
        draw_warning(picture, centre, r)
    else:
        way = r if phase is Phase.CONCENTRIC else -r
        for start in (x - 0.8 * way, x + 0.1 * way):
            tip = (start + 0.75 * way, y)
            draw_polygon(picture, [(start, y - 0.75 * r), tip, (start, y + 0.75 * r)], WHITE)


def draw_severity(picture: Picture, centre: Point, radius_px: float, severity: Severity) -> None:
    """Draw a disc with an i, a triangle with a bang, or an octagon with a bar."""
    x, y = centre
    r = radius_px
    bar = max(2, round(0.2 * r))
    if severity is Severity.WARN:
        draw_warning(picture, (x, y + 0.1 * r), r)
    elif severity is Severity.STOP:
        draw_polygon(picture, [around(centre, r, (k + 0.5) / 8) for k in range(8)], VERMILION)
        draw_lines(picture, [[(x - 0.5 * r, y), (x + 0.5 * r, y)]], WHITE, bar)
    else:
        draw_disc(picture, centre, 0.85 * r, SKY)
        draw_lines(picture, [[(x, y - 0.05 * r), (x, y + 0.45 * r)]], INK, bar)
        draw_disc(picture, (x, y - 0.42 * r), 0.13 * r, INK)


def draw_warning(picture: Picture, centre: Point, radius_px: float) -> None:
    """Draw a triangle with a bang: look here."""
    x, y = centre
    r = radius_px
    corners = [(x, y - r), (x + 1.05 * r, y + 0.8 * r), (x - 1.05 * r, y + 0.8 * r)]
    draw_polygon(picture, corners, ORANGE)
    draw_lines(picture, [[(x, y - 0.35 * r), (x, y + 0.2 * r)]], INK, max(2, round(0.22 * r)))
    draw_disc(picture, (x, y + 0.55 * r), 0.13 * r, INK)


def draw_tick(picture: Picture, centre: Point, radius_px: float) -> None:
    """Draw a tick in a disc: done."""
    x, y = centre
    r = radius_px
    draw_disc(picture, centre, r, GREEN)
    tick = [(x - 0.48 * r, y + 0.02 * r), (x - 0.12 * r, y + 0.38 * r), (x + 0.5 * r, y - 0.36 * r)]
    draw_lines(picture, [tick], WHITE, max(2, round(0.24 * r)))


def draw_cross(picture: Picture, centre: Point, radius_px: float) -> None:
    """Draw a cross in a square: not so."""
    x, y = centre
    r = radius_px
    corner = 0.86 * r
    square = [(x + dx * corner, y + dy * corner) for dx, dy in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    draw_polygon(picture, square, VERMILION)
    for way in (-1, 1):
        line = [(x - 0.46 * r, y - 0.46 * r * way), (x + 0.46 * r, y + 0.46 * r * way)]
        draw_lines(picture, [line], WHITE, max(2, round(0.24 * r)))


def draw_waiting(picture: Picture, centre: Point, radius_px: float) -> None:
    """Draw a ring with a dot: this is what is looked at now."""
    draw_disc(picture, centre, radius_px, ORANGE)
    draw_disc(picture, centre, 0.72 * radius_px, INK)
    draw_disc(picture, centre, 0.38 * radius_px, ORANGE)


def draw_later(picture: Picture, centre: Point, radius_px: float) -> None:
    """Draw a thin hollow ring: not yet."""
    draw_arc(picture, centre, 0.9 * radius_px, 1.0, CALM, max(1, round(0.12 * radius_px)))


def draw_seen_once(picture: Picture, centre: Point, radius_px: float) -> None:
    """Draw a ring half full: seen, and counted with the next one."""
    draw_arc(picture, centre, 0.85 * radius_px, 1.0, WHITE, max(2, round(0.2 * radius_px)))
    half = [around(centre, 0.6 * radius_px, 0.5 + k / 24) for k in range(13)]
    draw_polygon(picture, half, WHITE)


def draw_cup(picture: Picture, centre: Point, radius_px: float, colour: Rgb = WHITE) -> None:
    """Draw a cup with steam: rest."""
    x, y = centre
    r = radius_px
    line = max(2, round(0.13 * r))
    rim, foot, top = 0.62 * r, 0.42 * r, y - 0.18 * r
    bowl = [(x - rim, top), (x + rim, top), (x + rim, y + 0.3 * r)]
    bowl += [(x + foot, y + 0.72 * r), (x - foot, y + 0.72 * r), (x - rim, y + 0.3 * r)]
    draw_arc(picture, (x + rim, y + 0.16 * r), 0.28 * r, 1.0, colour, line)
    draw_polygon(picture, bowl, colour, line)
    draw_lines(picture, [[(x - 0.8 * r, y + r), (x + 0.8 * r, y + r)]], colour, line)
    waves = [(0.0, -0.45), (0.1, -0.6), (-0.1, -0.8), (0.0, -0.95)]
    for at in (-0.28, 0.28):
        steam = [(x + (at + dx) * r, y + dy * r) for dx, dy in waves]
        draw_lines(picture, [steam], colour, max(2, round(0.1 * r)))


def draw_pause(picture: Picture, centre: Point, radius_px: float) -> None:
    """Draw two bars: paused."""
    x, y = centre
    r = radius_px
    for left in (-0.6 * r, 0.2 * r):
        bar = [(x + left, y - 0.75 * r), (x + left + 0.4 * r, y - 0.75 * r)]
        bar += [(x + left + 0.4 * r, y + 0.75 * r), (x + left, y + 0.75 * r)]
        draw_polygon(picture, bar, WHITE)


def draw_muted(picture: Picture, centre: Point, radius_px: float) -> None:
    """Draw a loudspeaker crossed out: no voice."""
    x, y = centre
    r = radius_px
    horn = [(-0.9, -0.3), (-0.5, -0.3), (0.0, -0.75), (0.0, 0.75), (-0.5, 0.3), (-0.9, 0.3)]
    draw_polygon(picture, [(x + dx * r, y + dy * r) for dx, dy in horn], WHITE)
    for way in (-1, 1):
        line = [(x + 0.3 * r, y - 0.32 * r * way), (x + 0.94 * r, y + 0.32 * r * way)]
        draw_lines(picture, [line], WHITE, max(2, round(0.16 * r)))


def draw_forward(picture: Picture, centre: Point, radius_px: float, colour: Rgb = SKY) -> None:
    """Draw an arrow to the right: this next."""
    x, y = centre
    r = radius_px
    draw_lines(picture, [[(x - 0.8 * r, y), (x + 0.1 * r, y)]], colour, max(2, round(0.34 * r)))
    draw_polygon(picture, [(x, y - 0.7 * r), (x + 0.9 * r, y), (x, y + 0.7 * r)], colour)


def draw_advice(picture: Picture, centre: Point, radius_px: float) -> None:
    """Draw a disc with an arrow up: work on this."""
    x, y = centre
    r = radius_px
    draw_disc(picture, centre, r, SKY)
    draw_lines(picture, [[(x, y + 0.55 * r), (x, y - 0.1 * r)]], INK, max(2, round(0.22 * r)))
    head = [(x - 0.45 * r, y), (x, y - 0.6 * r), (x + 0.45 * r, y)]
    draw_polygon(picture, head, INK)
