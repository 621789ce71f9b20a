"""Every command explains itself, and says the same thing about exit codes as the code."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from hep_vision.cli import commands  # noqa: F401 -- registers the commands
from hep_vision.cli.main import app
from hep_vision.errors import ExitCode


def walk(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from walk(inner, (*path, name))


COMMANDS = dict(walk(typer.main.get_command(app)))
each_command = pytest.mark.parametrize(
    "path", COMMANDS, ids=lambda path: " ".join(path) or "(root)"
)


@each_command
def test_help_says_what_it_does(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app, [*path, "--help"])
    assert result.exit_code == ExitCode.OK
    first_line = COMMANDS[path].help.splitlines()[0]
    assert first_line.endswith(".")
    assert first_line.split()[0] in result.output


@each_command
def test_every_parameter_is_explained(path: tuple[str, ...]) -> None:
    unexplained = [item.name for item in COMMANDS[path].params if not getattr(item, "help", None)]
    assert unexplained == []


@each_command
def test_no_help_text_holds_what_markdown_swallows(path: tuple[str, ...]) -> None:
    # The help is rendered as Markdown, in which <word> is a tag and vanishes.
    command = COMMANDS[path]
    texts = [command.help, *(getattr(item, "help", None) or "" for item in command.params)]
    assert [text for text in texts if re.search(r"<\w+>", text)] == []


def test_short_help_option() -> None:
    assert CliRunner().invoke(app, ["-h"]).exit_code == ExitCode.OK


def test_exit_codes_are_told() -> None:
    epilog = COMMANDS[()].epilog
    assert {int(code) for code in re.findall(r"\d", epilog)} == {code.value for code in ExitCode}


def test_it_says_that_it_is_no_medical_device() -> None:
    output = " ".join(CliRunner().invoke(app, ["--help"]).output.split())
    assert "not a medical device" in output


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["analyze"], ["analyze", "clip.mp4"], ["log", "nonsense"]], ids=str
)
def test_wrong_usage_is_told_without_a_traceback(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == ExitCode.USAGE
    assert "Usage" in result.output
    assert "Traceback" not in result.output
