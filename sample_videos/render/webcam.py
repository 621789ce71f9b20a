"""Makes clean pictures look as if a cheap webcam had taken them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

GAIN = 1.05
NOISE_SIGMA = 5.0
JPEG_QUALITY = 55
LAST_PICTURE_SHARE = 0.2
WARM_CAST = np.array([1.03, 1.00, 0.93], dtype=np.float32)


def vignette(height: int, width: int) -> NDArray[np.float32]:
    """Return the brightness (0-1) of each pixel: corners are darker."""
    y, x = np.mgrid[0:height, 0:width]
    from_middle = ((x / width - 0.5) ** 2 + (y / height - 0.5) ** 2) / 0.5
    return np.asarray(1.0 - 0.28 * from_middle, dtype=np.float32)[:, :, None]


def compress(picture: Picture) -> Picture:
    """Return a picture (RGB) after JPEG compression, as the camera sends it over USB."""
    quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    _, jpeg = cv2.imencode(".jpg", picture[:, :, ::-1], quality)
    decoded = np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), dtype=np.uint8)
    return np.ascontiguousarray(decoded[:, :, ::-1])


def webcam(pictures: Iterable[Picture], seed: int) -> Iterator[Picture]:
    """Yield pictures (RGB) with slight motion blur, soft focus, sensor noise and JPEG blocks."""
    rng = np.random.default_rng(seed)
    last: Picture | None = None
    for picture in pictures:
        now = picture.astype(np.float32)
        before = now if last is None else last.astype(np.float32)
        last = picture
        blurred = now + (before - now) * LAST_PICTURE_SHARE
        soft = cv2.GaussianBlur(blurred, (0, 0), 0.7) * vignette(*picture.shape[:2])
        grain = rng.normal(0.0, NOISE_SIGMA * 1.6, picture.shape).astype(np.float32)
        noisy = soft * GAIN * WARM_CAST + cv2.GaussianBlur(grain, (0, 0), 0.6)
        yield compress(np.clip(noisy, 0, 255).astype(np.uint8))
