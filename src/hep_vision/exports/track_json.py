"""A landmark track as JSON; docs/json.md says what each array means."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hep_vision.core.landmarks import Landmark
from hep_vision.sources.recorded import LandmarkTrack

DECIMALS: Final = 4
"""A tenth of a millimetre, and far less than landmarks are worth."""


def track_document(session_id: str, track: LandmarkTrack) -> dict[str, Any]:
    """Return a track as JSON values; what is not seen or not known is null."""
    return {
        "session": session_id,
        "image_size": list(track.image_size_px),
        "landmarks": [landmark.name.lower() for landmark in Landmark],
        "timestamp_ms": track.timestamp_ms.tolist(),
        "image_px": _plain(track.image_px),
        "world_m": _plain(track.world_m),
        "visibility": _plain(track.visibility),
    }


def _plain(values: NDArray[np.float32]) -> list[Any]:
    rounded = np.round(values.astype(np.float64), DECIMALS)
    plain = rounded.astype(object)
    plain[np.isnan(rounded)] = None
    return list(plain.tolist())
