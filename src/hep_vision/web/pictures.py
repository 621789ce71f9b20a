"""Drawings that pages show as ``<img>``."""

from typing import Final

from starlette.responses import Response

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
"""A drawing brings its own style along, and may load nothing."""
_KEPT: Final = "private, max-age=600"


def svg(text: str, *, keep: bool = False) -> Response:
    """Return a drawing; with ``keep`` the browser may show it again without asking."""
    headers = {"Content-Security-Policy": _POLICY}
    if keep:
        headers["Cache-Control"] = _KEPT
    return Response(text, media_type="image/svg+xml", headers=headers)
