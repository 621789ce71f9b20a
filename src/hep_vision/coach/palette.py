"""The colours of the picture: Okabe-Ito, told apart by all kinds of colour vision.

Every colour is red, green, blue, 0..255. Colour is never the only signal: whatever draws with these
also differs in shape, thickness or words.
"""

from typing import Final

Rgb = tuple[int, int, int]

BLUE: Final[Rgb] = (0x00, 0x72, 0xB2)
ORANGE: Final[Rgb] = (0xE6, 0x9F, 0x00)
GREEN: Final[Rgb] = (0x00, 0x9E, 0x73)
VERMILION: Final[Rgb] = (0xD5, 0x5E, 0x00)
SKY: Final[Rgb] = (0x56, 0xB4, 0xE9)

INK: Final[Rgb] = (0x10, 0x14, 0x18)
WHITE: Final[Rgb] = (0xFF, 0xFF, 0xFF)
CALM: Final[Rgb] = (0xC4, 0xCA, 0xD0)
"""Light grey of what is there but not the point: the rest of the skeleton, the empty ring."""
FAINT: Final[Rgb] = (0x84, 0x8A, 0x92)
"""Mid grey of what the camera hardly sees."""
