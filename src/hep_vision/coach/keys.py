"""Draw the keys and what they do, for whoever sits at the keyboard."""

from typing import Final

from hep_vision.coach.canvas import (
    Box,
    Picture,
    blacken,
    draw_frame,
    lettering_width,
    shade,
    write,
)
from hep_vision.coach.layout import is_tall, unit_of
from hep_vision.coach.palette import CALM

KeyHelp = tuple[tuple[str, str], ...]
"""Keys and what each does."""

KEY_LINE: Final = 0.055
KEY_TEXT: Final = 0.038
MOST_KEYS_IN_A_COLUMN: Final = 6


def key_line_px(width: int, height: int) -> int:
    """Return the height of the line of keys in a window."""
    return max(1, round(KEY_LINE * unit_of(width, height)))


def draw_key_line(picture: Picture, keys: KeyHelp, left_px: int) -> None:
    """Write the keys in one small line along the lower edge, from ``left_px`` on."""
    height, width = picture.shape[:2]
    unit, line_px = unit_of(width, height), key_line_px(width, height)
    line = Box(left_px, height - line_px, width - left_px, line_px)
    shade(picture, line)
    words = "  ·  ".join(f"{key} {what}" for key, what in keys)
    write(picture, words, line.inset(round(0.008 * unit)), round(KEY_TEXT * unit))


def draw_key_panel(picture: Picture, keys: KeyHelp) -> None:
    """Write the keys in large letters over everything."""
    height, width = picture.shape[:2]
    unit = unit_of(width, height)
    whole = Box(0, 0, width, height)
    blacken(picture, whole)
    room = whole.inset(round(0.06 * unit))
    write(picture, "Keys", room.part(0.0, 0.14), round(0.085 * unit), bold=True)
    place = room.part(0.18, 1.0)
    columns = 1 if is_tall(width, height) or len(keys) <= MOST_KEYS_IN_A_COLUMN else 2
    deep = -(-len(keys) // columns)
    pitch = min(place.height // deep, round(0.13 * unit))
    high = round(0.78 * pitch)
    size = min(round(0.062 * unit), round(0.62 * high))
    cap = max(high, lettering_width([key for key, _ in keys], size, bold=True) + size)
    across = place.width // columns
    for k, (key, what) in enumerate(keys):
        column, row = divmod(k, deep)
        box = Box(place.x + column * across, place.y + row * pitch, cap, high)
        draw_frame(picture, box, CALM, max(2, round(0.005 * unit)))
        write(picture, key, box, size, bold=True)
        words = Box(box.x + cap + size // 2, box.y, across - cap - size, high)
        write(picture, what, words, size, centred=False)
