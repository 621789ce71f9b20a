"""The window of the live session: one picture at a time, full screen, and the keys pressed in it.

The only place that shows OpenCV windows.
"""

import contextlib
import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import cv2

from hep_vision.coach.canvas import Picture
from hep_vision.errors import DisplayError

_TITLE: Final = "hep-vision"
_HEIGHT_PX: Final = 720
"""Of the picture that is drawn; the window scales it to the screen."""
_NARROWEST, _WIDEST = 0.5, 2.4
_SMALLEST_PX: Final = 50
_CONNECT_S: Final = 1.0

_KEYS: Final = {
    13: "enter",
    10: "enter",
    32: "space",
    27: "escape",
    8: "backspace",
    127: "backspace",
    65288: "backspace",
    65293: "enter",
    65421: "enter",
    # left and right of X11, Windows and macOS
    65361: "left",
    65363: "right",
    2424832: "left",
    2555904: "right",
    63234: "left",
    63235: "right",
}


class Window:
    """A full-screen window; use it as a context manager, in the main thread.

    Args:
        full_screen: Whether it covers the screen.
    """

    def __init__(self, *, full_screen: bool = True) -> None:
        self._full_screen = full_screen
        self._opened = False

    def __enter__(self) -> Self:
        """Open the window.

        Raises:
            DisplayError: There is no screen to show it on.
        """
        problem = why_no_display(os.environ, sys.platform)
        if problem is not None:
            raise DisplayError(f"{problem}; see hep-vision doctor.")
        os.environ.setdefault("QT_LOGGING_RULES", "*=false")  # remarks about fonts and the like
        try:
            # The picture is drawn in the shape of the window: it must not keep its own instead.
            shape = cv2.WINDOW_NORMAL | cv2.WINDOW_FREERATIO | cv2.WINDOW_GUI_NORMAL
            cv2.namedWindow(_TITLE, shape)
            cv2.resizeWindow(_TITLE, 16 * _HEIGHT_PX // 9, _HEIGHT_PX)
            if self._full_screen:
                cv2.setWindowProperty(_TITLE, cv2.WND_PROP_FULLSCREEN, cv2.WINDOW_FULLSCREEN)
        except cv2.error as error:
            raise DisplayError(
                "No window can be opened here: this OpenCV was built without one "
                f"({' '.join(str(error).split())[:80]})."
            ) from error
        self._opened = True
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._opened:
            with contextlib.suppress(cv2.error):  # closed by the patient already
                cv2.destroyWindow(_TITLE)
                cv2.waitKeyEx(1)

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height to draw at: the shape of the window, 720 pixels high."""
        with contextlib.suppress(cv2.error):
            _, _, width, height = cv2.getWindowImageRect(_TITLE)
            if width > _SMALLEST_PX and height > _SMALLEST_PX:
                aspect = min(max(width / height, _NARROWEST), _WIDEST)
                return round(aspect * _HEIGHT_PX), _HEIGHT_PX
        return 16 * _HEIGHT_PX // 9, _HEIGHT_PX

    def show(self, picture: Picture) -> list[str]:
        """Show an RGB picture; return the keys pressed since the last one, see `key_name`."""
        cv2.imshow(_TITLE, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))  # noqa: TID251 -- here it is
        keys = []
        while (code := cv2.waitKeyEx(1)) != -1:
            name = key_name(code)
            if name is not None:
                keys.append(name)
        return keys

    @property
    def closed(self) -> bool:
        """Whether the patient closed the window."""
        try:
            return cv2.getWindowProperty(_TITLE, cv2.WND_PROP_VISIBLE) < 1
        except cv2.error:
            return True


def key_name(code: int) -> str | None:
    """Return the name of a key, the character of one that has it; None for others."""
    if code in _KEYS:
        return _KEYS[code]
    if 0 <= code & 0xFF00 < 0x10000 and code > 0xFFFF:
        code &= 0xFF  # modifiers of Windows and macOS
    return chr(code) if 32 < code < 0x250 and code != 127 else None


def why_no_display(environ: Mapping[str, str], platform: str) -> str | None:
    """Return why no window can be opened on this machine; None where one can, or may.

    Asked before the window library is: that one ends the program where there is no screen.
    """
    if not platform.startswith("linux"):
        return None
    if environ.get("WAYLAND_DISPLAY"):
        return None
    name = environ.get("DISPLAY", "")
    if not name:
        return "There is no screen here (DISPLAY is not set): run it on the laptop itself"
    host, _, number = name.rpartition(":")
    if host in ("", "unix") and not _answers(number.split(".")[0]):
        return f"The screen {name} does not answer: check DISPLAY"
    return None


def _answers(number: str) -> bool:
    path = f"/tmp/.X11-unix/X{number}"
    for address in (path, f"\0{path}"):
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection,
        ):
            if address.startswith("/") and not Path(address).exists():
                continue
            connection.settimeout(_CONNECT_S)
            connection.connect(address)
            return True
    return False
