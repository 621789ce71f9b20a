"""Camera-based repetition counter and form checker for physiotherapy home exercise programs."""

from typing import Final

__version__: Final = "0.1.0"

NOT_A_DEVICE: Final = (
    "Exercise feedback, not a medical device: it does not diagnose, monitor or treat."
)
"""What is said wherever a person may take it for more."""
