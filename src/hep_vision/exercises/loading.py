"""Find exercises by name: the catalogue in the package, and files of one's own.

Nothing is read before it is asked for, and looking up one exercise reads one file.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hep_vision.core.definition import ExerciseDefinition
from hep_vision.errors import ExerciseSpecError, UnknownExerciseError

if TYPE_CHECKING:
    from hep_vision.exercises.shape import Problem
    from hep_vision.exercises.spec import Source

_ENDING: Final = ".toml"
_SOURCES: Final = "sources.toml"
_LIKENESS: Final = 0.6
_WORDS_WITHIN: Final = 0.95
_WORD_WEIGHT: Final = 0.9
_BEST_MARGIN: Final = 0.15


def exercise_ids(extra_dir: Path | None = None) -> list[str]:
    """Return the ids of the catalogue and of the exercise files in ``extra_dir``, sorted."""
    return sorted({_id_of(file) for folder in _folders(extra_dir) for file in _files_in(folder)})


def catalogue() -> dict[str, ExerciseDefinition]:
    """Return every exercise of the package, by id."""
    return {exercise_id: _packaged(exercise_id) for exercise_id in exercise_ids()}


def find_exercise(id_or_path: str | Path, extra_dir: Path | None = None) -> ExerciseDefinition:
    """Return an exercise by id, or from a file.

    Args:
        id_or_path: ``squat``, or the path of a ``.toml`` file.
        extra_dir: Folder with exercise files of one's own; they go before the catalogue's.

    Raises:
        UnknownExerciseError: There is none; the message suggests the nearest.
        ExerciseSpecError: The file is missing or malformed.
    """
    name = str(id_or_path)
    if isinstance(id_or_path, Path) or name.endswith(_ENDING) or "/" in name or "\\" in name:
        return load_exercise(Path(id_or_path))
    if extra_dir is not None and (own := extra_dir / f"{name}{_ENDING}").is_file():
        return load_exercise(own)
    if name in _packaged_ids():
        return _packaged(name)
    nearest = _nearest(name, extra_dir)
    question = f" Did you mean {_either(nearest)}?" if nearest else ""
    raise UnknownExerciseError(
        f"There is no exercise '{name}'.{question} `hep-vision exercises list` shows all."
    )


def load_exercise(path: Path) -> ExerciseDefinition:
    """Read and validate one exercise file.

    A ``sources.toml`` beside the file adds sources that it may cite.

    Raises:
        ExerciseSpecError: The file is missing or malformed; names file and key.
    """
    return _load(path, str(path), _citable(path.parent))


def exercise_text(exercise_id: str, extra_dir: Path | None = None) -> str:
    """Return the text of an exercise's file, one's own before the catalogue's.

    Args:
        exercise_id: An id, never a path.
        extra_dir: Folder with exercise files of one's own.

    Raises:
        UnknownExerciseError: There is none.
        ExerciseSpecError: It cannot be read.
    """
    for folder in reversed(_folders(extra_dir)):
        for file in _files_in(folder):
            if _id_of(file) == exercise_id:
                return _read(file, file.name).decode("utf-8-sig", "replace")
    raise UnknownExerciseError(f"There is no exercise '{exercise_id}'.")


def problems_in(text: str, exercise_id: str, own_dir: Path) -> "list[Problem]":
    """Return everything that is wrong with the text of an exercise of one's own.

    Args:
        text: What would be the file.
        exercise_id: Its id, after which the file is named.
        own_dir: Where it would lie, with the ``sources.toml`` that it may cite.
    """
    from hep_vision.exercises.spec import parse_exercise

    return parse_exercise(text.encode("utf-8", "replace"), exercise_id, _citable(own_dir))[1]


def validate_file(path: Path) -> list[str]:
    """Return every problem of an exercise file, one line each; none if it is sound.

    Raises:
        ExerciseSpecError: The file cannot be read at all.
    """
    from hep_vision.exercises.spec import parse_exercise

    content = _read(path, str(path))
    _, problems = parse_exercise(content, path.stem, _citable(path.parent))
    return _lines(problems, str(path))


@cache
def sources() -> "dict[str, Source]":
    """Return the sources behind the catalogue's figures, by key."""
    return _load_sources(_catalogue_folder() / _SOURCES, _SOURCES)


# -- files ----------------------------------------------------------------------------------------


def _catalogue_folder() -> Traversable:
    return files("hep_vision.exercises") / "catalogue"


@cache  # asked for with every set of years of them, and the package does not change
def _packaged_ids() -> frozenset[str]:
    return frozenset(exercise_ids())


def _folders(extra_dir: Path | None) -> list[Traversable]:
    own = extra_dir if extra_dir is not None and extra_dir.is_dir() else None
    return [_catalogue_folder(), *([own] if own else [])]


def _files_in(folder: Traversable) -> Iterator[Traversable]:
    for file in folder.iterdir():
        if file.name.endswith(_ENDING) and file.name != _SOURCES:
            yield file


def _id_of(file: Traversable) -> str:
    return file.name.removesuffix(_ENDING)


@cache
def _packaged(exercise_id: str) -> ExerciseDefinition:
    name = f"{exercise_id}{_ENDING}"
    return _load(_catalogue_folder() / name, name, sources())


def _load(file: Traversable, shown: str, citable: Iterable[str]) -> ExerciseDefinition:
    from hep_vision.exercises.spec import parse_exercise  # pydantic, only when it is needed

    definition, problems = parse_exercise(_read(file, shown), _id_of(file), set(citable))
    if definition is not None:
        return definition
    first, *others = _lines(problems, shown)
    more = f" (and {len(others)} more: run hep-vision exercises validate {shown})" if others else ""
    raise ExerciseSpecError(first + more)


def _citable(folder: Path) -> set[str]:
    own = folder / _SOURCES
    return {*sources(), *(_load_sources(own, str(own)) if own.is_file() else ())}


def _load_sources(file: Traversable, shown: str) -> "dict[str, Source]":
    from hep_vision.exercises.spec import parse_sources

    found, problems = parse_sources(_read(file, shown))
    if problems:
        raise ExerciseSpecError(_lines(problems, shown)[0])
    return found


def _read(file: Traversable, shown: str) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError as error:
        raise ExerciseSpecError(f"{shown}: there is no such file") from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ExerciseSpecError(f"{shown}: cannot be read: {reason}") from error
    except ValueError as error:  # a zero byte in its name
        raise ExerciseSpecError(f"{shown!r}: no file can have that name") from error


def _lines(problems: "Iterable[Problem]", shown: str) -> list[str]:
    return [f"{shown}: {problem.where}: {problem.what}" for problem in problems]


# -- suggestions ----------------------------------------------------------------------------------


def _nearest(query: str, extra_dir: Path | None) -> list[str]:
    """Return up to three ids whose id, name or a synonym is like ``query``, best first."""
    scores: dict[str, float] = {}
    for folder in _folders(extra_dir):
        for file in _files_in(folder):
            scores[_id_of(file)] = max(_likenesses(_plain(query), file))
    best = max(scores.values(), default=0.0)
    floor = max(_LIKENESS, best - _BEST_MARGIN)
    ranked = sorted(scores, key=lambda exercise_id: (-scores[exercise_id], exercise_id))
    return [exercise_id for exercise_id in ranked if scores[exercise_id] >= floor][:3]


def _likenesses(query: str, file: Traversable) -> Iterator[float]:
    exercise_id = _plain(_id_of(file))
    for label in (exercise_id, *_labels(file)):
        yield _likeness(query, label)
        if f" {query} " in f" {label} ":
            # Of the labels that hold the words, those that hold little else come first.
            yield _WORDS_WITHIN + (1.0 - _WORDS_WITHIN) * _likeness(query, label)
    for word in exercise_id.split():
        yield _WORD_WEIGHT * _likeness(query, word)


def _labels(file: Traversable) -> list[str]:
    try:
        document = tomllib.loads(file.read_bytes().decode())
    except (OSError, ValueError):
        return []  # a damaged file can still be suggested by its name
    synonyms = document.get("synonyms", [])
    return [_plain(str(label)) for label in (document.get("name", ""), *synonyms)]


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()


def _likeness(first: str, second: str) -> float:
    return SequenceMatcher(None, first, second).ratio()


def _either(names: list[str]) -> str:
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
