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
    fit,
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
from hep_vision.coach.telling import Icon, Line, height_px, tell
from hep_vision.core.types import Severity

HIGHEST: Final = 10
SHORTEST_ROW: Final = 0.058
TALLEST_ROW: Final = 0.10
ELLIPSIS: Final = "..."

_TALL_ROW: Final = {
    "label": (0.06, 0.58, 0.0, 0.66),
    "done": (0.04, 0.60, 0.69, 1.0),
    "extra": (0.62, 0.96, 0.0, 1.0),
}


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
        board.picture,
        f"{clock(screen.waited_ms)} so far",
        room.part(0.88, 1.0),
        board.px(0.06),
        CALM,
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
    words = board.room.part(0.18, 0.56) if below else board.room.part(0.2, 0.8)
    write(board.picture, screen.words, words, board.px(0.12), bold=True)
    if below:
        write(board.picture, screen.detail, board.room.part(0.60, 0.84), board.px(0.068))


# Questions


def draw_scale(board: Board, screen: Scale) -> None:
    """Draw the numbers 0 to 10 in a row; the answer has a frame, a pointer and a large number."""
    room = board.room
    board.title(screen.question, 0.22)
    pitch = room.width / (HIGHEST + 1)
    side = round(min(0.86 * pitch, 0.16 * room.height))
    high = round(1.7 * side) if board.tall else side
    row = Box(room.x, room.y + round(0.575 * room.height), room.width, high)
    digit = round((0.75 if board.tall else 0.55) * side)
    for number in range(HIGHEST + 1):
        box = Box(round(row.x + (number + 0.5) * pitch - side / 2), row.y, side, high)
        chosen = number == screen.value
        line = max(2, round((0.1 if chosen else 0.03) * side))
        draw_frame(board.picture, box, SKY if chosen else FAINT, line)
        write(board.picture, str(number), box.inset(side // 9), digit, bold=chosen)
        if chosen:
            _draw_pointer(board, box, number)
    margin = round((pitch - side) / 2)
    ends = Box(
        row.x + margin,
        row.y + high + board.px(0.015),
        row.width - 2 * margin,
        round(0.12 * room.height),
    )
    _draw_ends(board, screen, ends)
    if screen.advice:
        line_of = advice_line(screen.advice, screen.severity)
        advice = room.part(0.80 if board.tall else 0.885, 1.0)._replace(x=ends.x, width=ends.width)
        tell(board.picture, [line_of], advice, board.px(0.065))


def _draw_pointer(board: Board, box: Box, number: int) -> None:
    r = 0.28 * box.width
    x, tip = box.centre[0], box.y - 0.2 * box.width
    base = tip - 1.2 * r
    draw_polygon(board.picture, [(x - r, base), (x + r, base), (x, tip)], SKY)
    size, height = board.px(0.18), board.px(0.15)
    width, room = lettering_width([str(number)], size, bold=True), board.room
    left = min(max(round(x - width / 2), room.x), room.x + room.width - width)
    above = Box(left, round(base - 0.03 * board.unit_px) - height, width, height)
    write(board.picture, str(number), above, size, bold=True)


def _draw_ends(board: Board, screen: Scale, place: Box) -> None:
    """Write what the ends mean, both in one size; the longer one has the more room."""
    gap, size = board.px(0.06), board.px(0.062)
    widths = [lettering_width([words], size) for words in (screen.lowest, screen.highest)]
    room = place.width - gap
    least = min(*widths, room // 2)
    left = widths[0] if widths[0] == least else max(least, room - widths[1])
    boxes = place._replace(width=left), place._replace(x=place.x + left + gap, width=room - left)
    fits = [
        fit(words, box.width, box.height, size)
        for words, box in zip((screen.lowest, screen.highest), boxes, strict=True)
    ]
    size = min(fits)[0]
    write(board.picture, screen.lowest, boxes[0], size, centred=False)
    _, lines = fit(screen.highest, boxes[1].width, boxes[1].height, size)
    width = min(boxes[1].width, lettering_width(lines, size))
    right = boxes[1]._replace(x=place.x + place.width - width, width=width)
    write(board.picture, screen.highest, right, size)


def draw_choice(board: Board, screen: Choice) -> None:
    """Draw numbered answers; the chosen one has a frame and a tick."""
    room, count = board.room, max(1, len(screen.answers))
    board.title(screen.question, 0.24)
    place = room.part(0.28, 1.0)
    pitch = min(board.px(0.20 if board.tall else 0.16), place.height // count)
    top = place.y + (place.height - pitch * count) // 3
    rows = [
        Box(place.x, top + k * pitch, place.width, round(0.84 * pitch))
        for k in range(len(screen.answers))
    ]
    sizes = [
        fit(answer, _answer_box(board, row).width, row.height * 9 // 10, board.px(0.068))[0]
        for answer, row in zip(screen.answers, rows, strict=True)
    ]
    for k, (answer, row) in enumerate(zip(screen.answers, rows, strict=True)):
        chosen = k == screen.chosen
        _draw_number(board, row, str(k + 1), chosen=chosen)
        words = _answer_box(board, row)
        write(board.picture, answer, words, min(sizes), bold=chosen, centred=False)


def _answer_box(board: Board, row: Box) -> Box:
    side, gap = _number_width(board, row), board.px(0.03)
    return Box(row.x + side + gap, row.y, row.width - 2 * side - gap, row.height)


def _number_width(board: Board, row: Box) -> int:
    return min(row.height, board.px(0.11))


def _draw_number(board: Board, row: Box, number: str, *, chosen: bool) -> None:
    picture, side = board.picture, _number_width(board, row)
    colour, line = (SKY, max(2, side // 14)) if chosen else (FAINT, max(2, side // 40))
    draw_frame(picture, row, colour, line)
    draw_lines(picture, [[(row.x + side, row.y), (row.x + side, row.y + row.height)]], colour, line)
    size = min(board.px(0.068), round(0.66 * side))
    write(picture, number, row._replace(width=side), size, bold=True)
    if chosen:
        draw_tick(picture, (row.x + row.width - side / 2, row.centre[1]), 0.32 * side)


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
    board.title(screen.title, 0.11)
    told = [Line(screen.well, draw_tick)]
    if screen.work_on:
        told.append(Line(screen.work_on, draw_advice))
    if screen.advice:
        told.append(advice_line(screen.advice, screen.severity))
    place, size = board.room, board.px(0.06)
    below = min(height_px(told, place.width, size), round(0.45 * place.height))
    share = 1.0 - below / place.height
    _draw_sets(board, screen.sets, place.part(0.13, share - 0.04))
    tell(board.picture, told, place.part(share, 1.0), size)


def _draw_sets(board: Board, sets: tuple[SetLine, ...], place: Box) -> None:
    """Draw as many sets as fit, in two columns where one is too short, and count the rest."""
    if not sets:
        return
    lowest = board.px(SHORTEST_ROW * (2.6 if board.tall else 1.0))
    brief = len(sets) * lowest > place.height
    columns = 2 if brief and not board.tall else 1
    rows = max(1, place.height // board.px(SHORTEST_ROW * (1.5 if board.tall else 1.0)))
    if len(sets) > columns * rows:
        left = len(sets) - (columns * rows - 1)
        sets = (*sets[: columns * rows - 1], SetLine(f"and {left} more sets", "", ""))
    deep = max(1, -(-len(sets) // columns))
    tallest = board.px(TALLEST_ROW * (1.6 if board.tall and not brief else 1.0))
    pitch = min(place.height / deep, tallest)
    gap = board.px(0.08)
    width = (place.width - (columns - 1) * gap) // columns
    boxes = []
    for k in range(len(sets)):
        column, row = divmod(k, deep)
        top = place.y + round(row * pitch)
        boxes.append(Box(place.x + column * (width + gap), top, width, round(pitch)))
    for box in boxes:
        edge = box.y + box.height
        draw_lines(board.picture, [[(box.x, edge), (box.x + box.width, edge)]], FAINT, 1)
    for name, part in _columns(board, sets, width, brief=brief).items():
        words = [str(getattr(line, name)) for line in sets]
        bold, colour = name == "done", CALM if name == "extra" else WHITE
        largest = board.px(0.05 if name == "extra" else 0.056)
        # One size for a whole column, the smallest that any of it needs.
        places = [box.part(*part) for box in boxes]
        size = min(
            fit(text, place.width, place.height, largest, bold=bold)[0]
            for text, place in zip(words, places, strict=True)
        )
        for text, place in zip(words, places, strict=True):
            write(board.picture, text, place, size, colour, bold=bold, centred=False)


def _columns(
    board: Board, sets: tuple[SetLine, ...], width: int, *, brief: bool
) -> dict[str, tuple[float, float, float, float]]:
    """Return top, bottom, left and right of the columns as shares of a row."""
    if board.tall and not brief:
        return _TALL_ROW
    size, gap = board.px(0.056), board.px(0.035) / width
    label = (lettering_width([line.label for line in sets], size) + 2) / width
    done = (lettering_width([line.done for line in sets], size, bold=True) + 2) / width
    done = min(done, 0.32 if brief else 0.24)
    label = min(label, 1.0 - gap - done if brief else 0.42)
    left = 1.0 - done if brief else label + gap
    parts = {"label": (0.1, 0.9, 0.0, label), "done": (0.06, 0.94, left, left + done)}
    return parts if brief else parts | {"extra": (0.06, 0.94, left + done + gap, 1.0)}
