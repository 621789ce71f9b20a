"""What all answers have in common."""

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Moment = Annotated[
    str, Field(json_schema_extra={"format": "date-time"}, examples=["2026-03-02T08:00:00.000Z"])
]
Day = Annotated[str, Field(json_schema_extra={"format": "date"}, examples=["2026-03-02"])]
Clock = Annotated[str, Field(pattern=r"^\d\d:\d\d$", examples=["09:00"])]


class Document(BaseModel):
    """Base of all answers: keys may be added to them at any time."""

    model_config = ConfigDict(use_attribute_docstrings=True)


_Line = TypeVar("_Line", bound=Document)


class Listing(Document, Generic[_Line]):
    """A page of a list."""

    model_config = ConfigDict(json_schema_extra={"description": "A page of a list."})

    items: list[_Line]
    """The lines, always in the same order."""
    next: str | None
    """Address of the page behind this one; null where nothing is left. Also in the header Link."""


class Problem(Document):
    """What went wrong (RFC 9457)."""

    type: str
    """Always about:blank: the status says of what kind it is."""
    title: str
    """Name of the status."""
    status: int
    """HTTP status."""
    detail: str
    """One plain line: what is wrong, and what to do."""


class Reference(Document):
    """A version of a program."""

    id: str
    """Id of the program."""
    version: int
    """Number of its version, from 1."""
