"""The interface as one application, its description, and a page that lists it."""

from typing import Any, Final

from fastapi import APIRouter, FastAPI
from starlette.responses import JSONResponse, Response

from hep_vision import NOT_A_DEVICE, __version__
from hep_vision.web.api import programs, review, sessions
from hep_vision.web.api.problems import tell_problems
from hep_vision.web.desk import Desk, TheRole
from hep_vision.web.html import page
from hep_vision.web.models.shared import Problem

PREFIX: Final = "/api/v1"
_ABOUT: Final = (
    "The log, the programs and the exercises of this machine, for programs on it. Times in "
    "recordings are milliseconds from their start, moments are UTC, days are the patient's. What "
    f"is not known is null, never zero. Keys may be added at any time. {NOT_A_DEVICE}"
)
_METHODS: Final = ("get", "post")


def create_api(desk: Desk) -> FastAPI:
    """Return the interface, to be put at `PREFIX`.

    Args:
        desk: What it works with.
    """
    api = FastAPI(
        title="hep-vision",
        version=__version__,
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        separate_input_output_schemas=False,
        redirect_slashes=False,
    )
    api.state.desk = desk
    api.include_router(sessions.router)
    api.include_router(review.router)
    api.include_router(programs.router)
    tell_problems(api)
    return api


def description(api: FastAPI) -> dict[str, Any]:
    """Return the description (OpenAPI 3.1) of the interface, as it is put at `PREFIX`."""
    whole = dict(api.openapi())
    parts = dict(whole["components"])
    shape = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    parts["schemas"] = {**parts["schemas"], "Problem": shape}
    parts["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "The token in the file of hep-vision open --token-file.",
        }
    }
    paths = {f"{PREFIX}{path}": item for path, item in whole["paths"].items()}
    return whole | {"components": parts, "paths": paths, "security": [{"token": []}]}


def reference(api: FastAPI) -> APIRouter:
    """Return the pages that describe the interface: ``/openapi.json`` and ``/api``."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/openapi.json", methods=["GET", "HEAD"])
    def openapi() -> Response:
        return JSONResponse(description(api))

    @router.get("/api")
    def listed(role: TheRole) -> Response:
        found = description(api)
        routes = [
            (method.upper(), path, item[method]["summary"], _parameters(item[method]))
            for path, item in found["paths"].items()
            for method in _METHODS
            if method in item
        ]
        return page("api.html.j2", role, about=found["info"]["description"], routes=routes)

    return router


def _parameters(operation: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (one["name"], one.get("description", ""))
        for one in operation.get("parameters", ())
        if one["in"] == "query"
    ]
