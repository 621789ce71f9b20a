"""A small reader of calendar files that shares nothing with the library that writes them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Component:
    """A component with its properties (RFC 5545, 3.6); parameters stay in their names."""

    name: str
    properties: dict[str, str] = field(default_factory=dict)
    components: list["Component"] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return self.properties[name]


def read_calendar(content: bytes) -> Component:
    """Return the calendar of a file; fails where the text is not as RFC 5545, 3.1 asks."""
    assert content.endswith(b"\r\n")
    for line in content.split(b"\r\n"):
        assert len(line) <= 75
        assert b"\n" not in line
    lines = iter(re.sub(b"\r\n[ \t]", b"", content).decode().splitlines())
    assert next(lines) == "BEGIN:VCALENDAR"
    calendar = _component("VCALENDAR", lines)
    assert list(lines) == []
    return calendar


def _component(name: str, lines: Iterator[str]) -> Component:
    found = Component(name)
    for line in lines:
        key, _, value = line.partition(":")
        if key == "END":
            assert value == name
            return found
        if key == "BEGIN":
            found.components.append(_component(value, lines))
        else:
            assert key not in found.properties
            found.properties[key] = re.sub(
                r"\\(.)", lambda mark: "\n" if mark[1] in "nN" else mark[1], value
            )
    raise AssertionError(f"{name} does not end")
