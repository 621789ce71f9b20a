"""A graphics processor decodes where it gives the same pictures, and is not missed where not."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

import media
from hep_vision.sources import hardware, video_file
from hep_vision.sources.video_file import ReadSettings, VideoFile

ON = ReadSettings(hardware=True)


class Devices:
    """Devices that are not there: each opens another file in place of the one asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *instead: Path | Exception) -> None:
        self.opened: list[av.container.InputContainer] = []
        self.used: set[str] = set()
        self._open = video_file.open_container
        monkeypatch.setattr(hardware, "accelerators", lambda: iter(instead))
        monkeypatch.setattr(video_file, "open_container", self._open_container)
        monkeypatch.setattr(hardware, "is_used", lambda stream: True)

    def _open_container(
        self, path: Path, accelerator: Path | Exception | None = None
    ) -> av.container.InputContainer:
        if isinstance(accelerator, Exception):
            raise accelerator
        container = self._open(accelerator or path)
        self.opened.append(container)
        return container


def is_open(container: av.container.InputContainer) -> bool:
    try:
        container.seek(0)
    except (AssertionError, ValueError, av.error.FFmpegError):
        return False
    return True


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return media.write_video(tmp_path / "clip.mp4", rotation_deg=90)


def pictures(path: Path, settings: ReadSettings) -> list[tuple[int, bytes]]:
    with VideoFile(path, settings) as video:
        return [(frame.timestamp_ms, frame.rgb.tobytes()) for frame in video]


def test_is_not_asked_for_by_itself(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never() -> Iterator[object]:
        raise AssertionError("a device was looked for")

    monkeypatch.setattr(hardware, "accelerators", never)
    assert len(pictures(clip, ReadSettings())) == 10


def test_device_with_the_same_first_picture_decodes(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a device does is seen by its file being two pictures longer."""
    device = media.write_video(
        tmp_path / "device.mp4", stamps_ms=range(0, 480, 40), rotation_deg=90
    )
    devices = Devices(monkeypatch, device)
    with VideoFile(clip, ON) as video:
        assert [frame.timestamp_ms for frame in video] == list(range(0, 480, 40))
        assert (video.info.width_px, video.info.height_px) == (48, 64)
        assert [is_open(one) for one in devices.opened] == [False, True]
    assert not any(is_open(one) for one in devices.opened)


@pytest.mark.parametrize(
    "failure",
    [
        RuntimeError("Hardware accelerated decode requested but no stream is compatible"),
        NotImplementedError("No supported hardware config"),
        PermissionError(1, "Operation not permitted"),
        av.error.PermissionError(1, "Operation not permitted"),
    ],
)
def test_device_that_does_not_open_is_not_missed(
    clip: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    plain = pictures(clip, ReadSettings())
    Devices(monkeypatch, failure)
    assert pictures(clip, ON) == plain


@pytest.mark.parametrize("wrong", ["other colours", "another size", "no picture"])
def test_device_with_other_pictures_is_left_for_the_next(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    plain = pictures(clip, ReadSettings())
    path = tmp_path / "device.mp4"
    if wrong == "other colours":
        grey = np.full((48, 64, 3), 90, np.uint8)
        media.write_video(path, picture=lambda index: grey)
    elif wrong == "another size":
        media.write_video(path, size_px=(128, 64))
    else:
        path = media.write_undecodable(tmp_path / "device.mkv")
    devices = Devices(monkeypatch, path)
    assert pictures(clip, ON) == plain
    assert not any(is_open(one) for one in devices.opened)


def test_real_devices_change_no_picture(clip: Path) -> None:
    """Whatever this machine has, or has not."""
    mine, theirs = (
        [np.frombuffer(content, np.uint8) for _, content in pictures(clip, settings)]
        for settings in (ReadSettings(), ON)
    )
    assert len(mine) == len(theirs)
    assert all(hardware.agree(one, other) for one, other in zip(mine, theirs, strict=True))
