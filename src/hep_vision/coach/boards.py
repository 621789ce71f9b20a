"""Draw the screens that stand by themselves: questions, answers, what the sitting came to."""

from functools import partial
from typing import Final

from hep_vision.coach.canvas import (
    LINE_EM,
    Box,
    Picture,
    draw_frame,
    draw_lines,
    draw_polygon,
    lettering_width,
    wrap,
    write,
)
from hep_vision.coach.icons import (
    draw_advice,
    draw_severity,
    draw_tick,
    draw_warning,
)
from hep_vision.coach.palette import CALM, FAINT, SKY, WHITE
from hep_vision.coach.screens import (
    Choice,
    Message,
    Scale,
    SetLine,
    Summary,
    Trouble,
    Writing,
)
from hep_vision.coach.telling import Icon, Line, tell
from hep_vision.core.types import Severity

HIGHEST: Final = 10
SHORTEST_ROW: Final = 0.058
TALLEST_ROW: Final = 0.10
ELLIPSIS: Final = "…"


class Board:
    """An empty ground with a margin, and the length that sizes are fractions of."""

    def __init__(self, picture: Picture, room: Box, unit_px: float, *, tall: bool) -> None:
        self.picture = picture
        self.unit_px = unit_px
        self.tall = tall
        self.room = room.inset(self.px(0.06))

    def px(self, fraction: float) -> int:
        """Return a length in whole pixels, at least one."""
        return max(1, round(fraction * self.unit_px))

    def title(self, words: str, bottom: float) -> None:
        """Write the heading from the top to a share of the height."""
        write(self.picture, words, self.room.part(0.0, bottom), self.px(0.085), bold=True)


def advice_line(words: str, severity: Severity | None) -> Line:
    """Return a line of advice behind the sign of its urgency."""
    icon: Icon = draw_advice if severity is None else partial(draw_severity, severity=severity)
    return Line(words, icon, bold=severity is Severity.STOP)


def draw_trouble(board: Board, screen: Trouble) -> None:
    """Draw that the camera does not work, what to do, and since when."""
    room = board.room
    sign = room.part(0.04, 0.40)
    draw_warning(board.picture, sign.centre, min(sign.width, sign.height) / 2)
    write(board.picture, screen.what, room.part(0.45, 0.62), board.px(0.10), bold=True)
    write(board.picture, screen.advice, room.part(0.64, 0.84), board.px(0.068))
    write(
        board.picture, f"for {clock(screen.waited_ms)}", room.part(0.88, 1.0), board.px(0.06), CALM
    )


def clock(duration_ms: int) -> str:
    """Return a duration as a person reads it: "40 s", "1:05"."""
    seconds = max(0, duration_ms) // 1000
    if seconds < 60:
        return f"{seconds}\N{NO-BREAK SPACE}s"
    return f"{seconds // 60}:{seconds % 60:02d}"


def draw_message_board(board: Board, screen: Message) -> None:
    """Draw a sentence in large letters."""
    below = bool(screen.detail)
    words = board.room.part(0.18, 0.58) if below else board.room.part(0.2, 0.8)
    write(board.picture, screen.words, words, board.px(0.12), bold=True)
    if below:
        write(board.picture, screen.detail, board.room.part(0.62, 0.90), board.px(0.068))


# Questions


def draw_scale(board: Board, screen: Scale) -> None:
    """Draw the numbers 0 to 10 in a row; the answer has a frame, a pointer and a large number."""
    picture, room = board.picture, board.room
    board.title(screen.question, 0.24)
    pitch = room.width / (HIGHEST + 1)
    side = round(min(0.86 * pitch, 0.16 * room.height))
    top = room.y + round(0.53 * room.height)
    for number in range(HIGHEST + 1):
        box = Box(round(room.x + (number + 0.5) * pitch - side / 2), top, side, side)
        chosen = number == screen.value
        draw_frame(
            picture, box, SKY if chosen else FAINT, max(2, round((0.1 if chosen else 0.03) * side))
        )
        write(picture, str(number), box.inset(side // 8), round(0.55 * side), bold=chosen)
        if chosen:
            x, y, r = box.centre[0], top - 0.18 * side, 0.28 * side
            draw_polygon(picture, [(x - r, y - 1.3 * r), (x + r, y - 1.3 * r), (x, y)], SKY)
            above = Box(round(x) - side, room.y + round(0.25 * room.height), 2 * side, 0)
            height = round(y - 1.3 * r) - above.y
            write(picture, str(number), above._replace(height=height), board.px(0.2), bold=True)
    _draw_ends(board, screen, top + side, (pitch - side) / 2)
    if screen.advice:
        line = advice_line(screen.advice, screen.severity)
        tell(picture, [line], room.part(0.83, 1.0), board.px(0.065))


def _draw_ends(board: Board, screen: Scale, top: int, margin: float) -> None:
    room, size = board.room, board.px(0.06)
    edge = round(margin)
    y, height = top + board.px(0.015), round(0.11 * room.height)
    half = (room.width - 2 * edge) * 9 // 20
    write(board.picture, screen.lowest, Box(room.x + edge, y, half, height), size, centred=False)
    lines = wrap(screen.highest, half, size)
    width = min(half, lettering_width(lines, size))
    right = Box(room.x + room.width - edge - width, y, width, height)
    write(board.picture, screen.highest, right, size)


def draw_choice(board: Board, screen: Choice) -> None:
    """Draw numbered answers; the chosen one has a frame and a tick."""
    picture, room = board.picture, board.room
    board.title(screen.question, 0.24)
    place = room.part(0.28, 1.0)
    pitch = min(board.px(0.16), place.height // max(1, len(screen.answers)))
    top = place.y + max(0, (place.height - pitch * len(screen.answers)) // 3)
    for k, answer in enumerate(screen.answers):
        row = Box(place.x, top + k * pitch, place.width, round(0.84 * pitch))
        chosen = k == screen.chosen
        line = max(2, row.height // (14 if chosen else 40))
        draw_frame(picture, row, SKY if chosen else FAINT, line)
        number = Box(row.x, row.y, row.height, row.height)
        draw_lines(
            picture,
            [[(number.x + row.height, row.y), (number.x + row.height, row.y + row.height)]],
            SKY if chosen else FAINT,
            line,
        )
        write(picture, str(k + 1), number, min(board.px(0.075), round(0.7 * row.height)), bold=True)
        left = row.height + board.px(0.03)
        words = Box(row.x + left, row.y, row.width - left - row.height, row.height)
        write(
            picture,
            answer,
            words.inset(row.height // 12),
            board.px(0.065),
            bold=chosen,
            centred=False,
        )
        if chosen:
            centre = (row.x + row.width - row.height / 2, row.centre[1])
            draw_tick(picture, centre, 0.32 * row.height)


def draw_writing(board: Board, screen: Writing) -> None:
    """Draw the text as far as it is written, with a caret; of long text the end is shown."""
    picture, room = board.picture, board.room
    board.title(screen.question, 0.24)
    place = room.part(0.30, 1.0)
    draw_frame(picture, place, FAINT, max(2, board.px(0.005)))
    inner = place.inset(board.px(0.035))
    size = board.px(0.068)
    rows = max(1, int(inner.height / (LINE_EM * size)))
    lines = _written(screen.text, inner.width - size, size)
    shown = lines[-rows:]
    if len(lines) > rows:
        shown[0] = ELLIPSIS + shown[0]
    pitch = round(LINE_EM * size)
    for k, line in enumerate(shown):
        row = Box(inner.x, inner.y + k * pitch, inner.width, pitch)
        write(picture, line, row, size, centred=False)
    x = inner.x + (lettering_width(shown[-1:], size) if shown[-1] else 0) + size // 8
    y = inner.y + (len(shown) - 1) * pitch
    draw_lines(picture, [[(x, y + 0.1 * size), (x, y + 1.1 * size)]], SKY, max(2, size // 9))


def _written(text: str, width: int, size_px: int) -> list[str]:
    """Return the lines of a text, words that are too wide cut."""
    lines: list[str] = []
    for line in wrap(text.replace("\n", " "), width, size_px):
        rest = line
        while len(rest) > 1 and lettering_width([rest], size_px) > width:
            fits = len(rest) - 1
            while fits > 1 and lettering_width([rest[:fits]], size_px) > width:
                fits -= 1
            lines.append(rest[:fits])
            rest = rest[fits:]
        lines.append(rest)
    return lines


# The end


def draw_summary(board: Board, screen: Summary) -> None:
    """Draw what every set came to, what went well, and what to work on."""
    board.title(screen.title, 0.12)
    told = [Line(screen.well, draw_tick)]
    if screen.work_on:
        told.append(Line(screen.work_on, draw_advice))
    if screen.advice:
        told.append(advice_line(screen.advice, screen.severity))
    share = min(0.52, (0.16 if board.tall else 0.145) * len(told))
    _draw_sets(board, screen.sets, board.room.part(0.16, 0.96 - share))
    tell(board.picture, told, board.room.part(1.0 - share, 1.0), board.px(0.06))


def _draw_sets(board: Board, sets: tuple[SetLine, ...], place: Box) -> None:
    columns = 1 if board.tall or len(sets) * board.px(SHORTEST_ROW) <= place.height else 2
    rows = max(1, place.height // board.px(SHORTEST_ROW * (1.6 if board.tall else 1.0)))
    shown = sets
    if len(sets) > columns * rows:
        shown = sets[: columns * rows - 1]
        left = len(sets) - len(shown)
        shown = (*shown, SetLine(f"and {left} more sets", "", ""))
    deep = -(-len(shown) // columns) or 1
    pitch = min(place.height / deep, board.unit_px * TALLEST_ROW * (1.5 if board.tall else 1.0))
    gap = board.px(0.06)
    width = (place.width - (columns - 1) * gap) // columns
    for k, line in enumerate(shown):
        column, row = divmod(k, deep)
        top = place.y + round(row * pitch)
        box = Box(place.x + column * (width + gap), top, width, round(pitch))
        _draw_set(board, line, box, narrow=columns > 1)


def _draw_set(board: Board, line: SetLine, box: Box, *, narrow: bool) -> None:
    picture, size = board.picture, board.px(0.058)
    edge = box.y + box.height
    draw_lines(picture, [[(box.x, edge), (box.x + box.width, edge)]], FAINT, 1)
    if board.tall:
        write(picture, line.label, box.part(0.06, 0.5, 0.0, 0.68), size, centred=False)
        write(picture, line.done, box.part(0.06, 0.5, 0.70, 1.0), size, bold=True)
        write(picture, line.extra, box.part(0.52, 0.94), board.px(0.05), CALM, centred=False)
        return
    parts = ((0.0, 0.66), (0.68, 1.0)) if narrow else ((0.0, 0.42), (0.43, 0.60))
    write(picture, line.label, box.part(0.08, 0.92, *parts[0]), size, centred=False)
    write(picture, line.done, box.part(0.08, 0.92, *parts[1]), size, WHITE, bold=True)
    if not narrow:
        write(picture, line.extra, box.part(0.08, 0.92, 0.62, 1.0), size, CALM, centred=False)
