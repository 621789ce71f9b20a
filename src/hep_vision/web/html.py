"""HTML of the pages: one environment, every value escaped."""

from functools import lru_cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from hep_vision import NOT_A_DEVICE
from hep_vision.web.access import Role

_TEMPLATES: Final = "templates"


def page(template: str, role: Role | None, status: int = 200, **values: object) -> HTMLResponse:
    """Return a page.

    Args:
        template: Name of a file in ``templates``.
        role: Who looks; decides which ways on are shown.
        status: HTTP status.
        values: What the template asks for; one that is missing is an error.
    """
    text = _environment().get_template(template).render(role=role, **values)
    return HTMLResponse(text, status)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("hep_vision.web", _TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["not_a_device"] = NOT_A_DEVICE
    return environment
