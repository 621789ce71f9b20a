"""Camera-based repetition counter and form checker for physiotherapy home exercise programs."""

from typing import Final

__version__: Final = "0.1.0"
