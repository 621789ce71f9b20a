"""Pins are complete and checksummed, the wheel carries its data, the README names real things."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import hep_vision
from hep_vision.errors import ExitCode
from hep_vision.pose import model_file

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "hep_vision"
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")

PIN = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>[^ ]+)(?: ; [^\\]+)? \\")
HASH = re.compile(r" {4}--hash=sha256:[0-9a-f]{64}(?: \\)?")
MARKDOWN_LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")

REQUIREMENT_FILES = sorted((ROOT / "requirements").glob("*.txt"))
MARKDOWN_FILES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
HEAVY = ("alembic", "av", "cv2", "matplotlib", "mediapipe", "numpy", "pydantic", "sqlalchemy")


def pins(name: str) -> dict[str, Version]:
    """Return what a requirements file pins."""
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    return {
        found["name"]: Version(found["version"])
        for line in text.splitlines()
        if (found := PIN.fullmatch(line))
    }


def group(name: str) -> list[Requirement]:
    """Return the requirements of a dependency group, with those it includes."""
    found: list[Requirement] = []
    for entry in PYPROJECT["dependency-groups"][name]:
        found += group(entry["include-group"]) if isinstance(entry, dict) else [Requirement(entry)]
    return found


RUNTIME = [Requirement(entry) for entry in PYPROJECT["project"]["dependencies"]]
WANTED = {"runtime.txt": RUNTIME, "dev.txt": RUNTIME + group("dev"), "render.txt": group("render")}


class TestRequirements:
    def test_there_are_the_three_lists(self) -> None:
        assert {path.name for path in REQUIREMENT_FILES} == set(WANTED)

    @pytest.mark.parametrize("path", REQUIREMENT_FILES, ids=lambda path: path.name)
    def test_every_line_is_a_pin_or_a_checksum(self, path: Path) -> None:
        # So no registry is named, and nothing is installed unchecked.
        lines = path.read_text(encoding="utf-8").splitlines()
        assert [line for line in lines if not (PIN.fullmatch(line) or HASH.fullmatch(line))] == []
        followers = [after for line, after in pairwise([*lines, ""]) if PIN.fullmatch(line)]
        assert all(HASH.fullmatch(follower) for follower in followers)

    @pytest.mark.parametrize("name", WANTED)
    def test_pins_are_what_pyproject_allows(self, name: str) -> None:
        pinned = pins(name)
        for wanted in WANTED[name]:
            assert wanted.name in pinned, f"{wanted} is not pinned; run make lock"
            assert pinned[wanted.name] in wanted.specifier

    @pytest.mark.parametrize("name", ["runtime.txt", "render.txt"])
    def test_lists_agree_where_they_overlap(self, name: str) -> None:
        everything = pins("dev.txt")
        differing = {
            package
            for package, version in pins(name).items()
            if everything.get(package, version) != version
        }
        assert differing == set()

    def test_one_opencv_only(self) -> None:
        # Two of its wheels overwrite each other's files.
        opencv = [name for name in pins("dev.txt") if name.startswith("opencv")]
        assert opencv == ["opencv-contrib-python"]

    def test_the_silent_mediapipe_is_asked_for_pinned_and_used(self) -> None:
        wanted = [name for name in PYPROJECT["project"]["dependencies"] if "mediapipe" in name]
        assert wanted == ["mediapipe==0.10.33"]
        assert pins("runtime.txt")["mediapipe"] == Version(version("mediapipe"))


class TestVersion:
    def test_it_stands_in_one_place(self) -> None:
        assert "version" in PYPROJECT["project"]["dynamic"]
        place = PYPROJECT["tool"]["hatch"]["version"]
        text = (ROOT / place["path"]).read_text(encoding="utf-8")
        found = re.search(place["pattern"], text)
        assert found is not None
        assert found["version"] == hep_vision.__version__

    def test_changelog_knows_it(self) -> None:
        changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
        assert f"## [{hep_vision.__version__}]" in changelog


@pytest.mark.skipif(find_spec("hatchling") is None, reason="hatchling comes with make setup")
class TestWheel:
    @pytest.fixture
    def wheel(self) -> set[str]:
        from hatchling.builders.wheel import WheelBuilder

        included = WheelBuilder(str(ROOT)).recurse_included_files()
        return {Path(file.distribution_path).as_posix() for file in included}

    def test_every_file_of_the_package_is_in_it(self, wheel: set[str]) -> None:
        files = (path for path in PACKAGE.rglob("*") if path.is_file())
        source = {
            path.relative_to(PACKAGE.parent).as_posix()
            for path in files
            if "__pycache__" not in path.parts
        }
        assert {name for name in wheel if "/model_data/" not in name} == source

    def test_the_model_is_where_the_program_looks_for_it(self, wheel: set[str]) -> None:
        folder = model_file._PACKAGE_DATA.relative_to(PACKAGE.parent).as_posix()
        model = model_file.find_model(model_file.DEFAULT_MODEL)
        expected = {"LICENSE", "NOTICE", "manifest.toml", model.file}
        assert {name for name in wheel if name.startswith(folder)} == {
            f"{folder}/{name}" for name in expected
        }


class TestHelp:
    def test_it_imports_nothing_heavy(self) -> None:
        script = (
            "import sys\n"
            "from hep_vision.cli.main import run\n"
            "sys.argv = ['hep-vision', '--help']\n"
            "try:\n"
            "    run()\n"
            "except SystemExit as end:\n"
            "    assert not end.code, end.code\n"
            f"sys.stderr.write(' '.join(name for name in {HEAVY!r} if name in sys.modules))\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        )
        assert "analyze" in done.stdout
        assert done.stderr == ""


class TestReadme:
    def test_its_make_targets_exist(self) -> None:
        named = set(re.findall(r"`?make ([a-z-]+)", README))
        targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, flags=re.MULTILINE))
        assert named
        assert named <= targets

    def test_its_commands_exist(self) -> None:
        named = set(re.findall(r"^(?:\$ |    )?hep-vision ([a-z].*)$", README, flags=re.MULTILINE))
        assert named
        for line in named:
            _follow(line.split())

    def test_it_names_every_command(self) -> None:
        for name in _commands(_command_tree()):
            assert f"hep-vision {name}" in README, f"the README does not name {name}"

    def test_it_gives_every_exit_code(self) -> None:
        codes = {int(code) for code in re.findall(r"^\| (\d) \|", README, flags=re.MULTILINE)}
        assert codes == {code.value for code in ExitCode}

    @pytest.mark.parametrize(
        "path", MARKDOWN_FILES, ids=lambda path: path.relative_to(ROOT).as_posix()
    )
    def test_links_of_documents_lead_somewhere(self, path: Path) -> None:
        links = MARKDOWN_LINK.findall(path.read_text(encoding="utf-8"))
        assert [link for link in links if not (path.parent / link).exists()] == []


def _command_tree() -> Any:
    import typer.main

    from hep_vision.cli import commands  # noqa: F401 -- registers the commands
    from hep_vision.cli.main import app

    return typer.main.get_command(app)


def _commands(command: Any) -> dict[str, Any]:
    return getattr(command, "commands", {})


def _follow(words: list[str]) -> None:
    """Assert that the words of a command line lead to a command that has the options named."""
    command = _command_tree()
    while words and words[0] in _commands(command):
        command, words = _commands(command)[words[0]], words[1:]
    assert not _commands(command), f"no such command: {' '.join(words)}"
    known = {"--help", *(option for item in command.params for option in item.opts)}
    assert {word for word in words if re.fullmatch(r"--?[a-z][a-z-]*", word)} <= known
