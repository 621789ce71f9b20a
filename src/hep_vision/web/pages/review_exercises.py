"""Exercises: the catalogue and one's own, each with its figure; a copy of one's own is edited here.

A form carries a checksum of the text that it was opened with, so that of two tabs the second one
is told. A recording to learn from is named by its path on this machine, and never sent.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from hep_vision.app.analyse import TRACK_SUFFIX, find_model
from hep_vision.app.learn import learn_exercise, place_for, write_exercise
from hep_vision.core.definition import ExerciseDefinition, Kind
from hep_vision.core.demonstration import demonstrate
from hep_vision.core.measures import MEASURES
from hep_vision.errors import (
    DemonstrationError,
    ExerciseSpecError,
    HepVisionError,
    NotThereError,
    UnknownExerciseError,
)
from hep_vision.exercises.loading import exercise_ids, exercise_text, problems_in
from hep_vision.exercises.shape import Problem
from hep_vision.files import private_draft
from hep_vision.reports.demo_svg import demonstration_svg
from hep_vision.web.desk import Desk, TheDesk, TheRole
from hep_vision.web.html import page
from hep_vision.web.pages.review_rescore import jobs_of
from hep_vision.web.pages.review_shared import exact_words

router = APIRouter(prefix="/review/exercises", include_in_schema=False)

FIGURE_PX: Final = (720, 480)
MOST_TAUGHT: Final = 50
_ID: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_UNWRITTEN: Final = {"path": "", "exercise_id": "", "name": "", "reps": "3"}
_KINDS: Final = {
    Kind.REPETITION: "repetitions",
    Kind.REPETITION_WITH_HOLD: "repetitions with a hold",
    Kind.TIMED_HOLD: "timed hold",
    Kind.SELF_TIMED: "timed by the person",
}


@dataclass(frozen=True, slots=True)
class Learned:
    """What a recording taught."""

    exercise_id: str
    name: str
    counted: int
    sure: bool


@router.get("")
def exercises(desk: TheDesk, role: TheRole) -> Response:
    """Show all exercises."""
    own = _own_ids(desk)
    rows = []
    for exercise_id in exercise_ids(_folder(desk)):
        try:
            found = desk.find(exercise_id)
            kind, name = _KINDS[found.kind], found.name
        except ExerciseSpecError as error:
            kind, name = str(error), exercise_id
        rows.append((exercise_id, name, kind, exercise_id in own))
    return page("review_exercises.html.j2", role, rows=rows)


@router.get("/learn")
def ask(desk: TheDesk, role: TheRole) -> Response:
    """Show the form for learning from a recording."""
    return page("review_learn.html.j2", role, problems=[], written=_UNWRITTEN)


@router.post("/learn")
def learn(  # noqa: PLR0913 -- the fields of a form
    desk: TheDesk,
    role: TheRole,
    request: Request,
    path: Annotated[str, Form()] = "",
    exercise_id: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    reps: Annotated[str, Form()] = "",
) -> Response:
    """Begin to learn an exercise from a recording."""
    written = {"path": path, "exercise_id": exercise_id, "name": name, "reps": reps}
    recording, wanted = Path(path.strip()), exercise_id.strip()
    problems = list(_wrong(recording, wanted, reps.strip()))
    if not problems and wanted in _own_ids(desk):
        problems = [f"There is an exercise {wanted} of your own already: give another id."]
    if problems:
        return page("review_learn.html.j2", role, 400, problems=problems, written=written)
    place = place_for(wanted, None, desk.data_dir, replace=False)
    known = name.strip() or wanted.replace("_", " ").capitalize()
    job = jobs_of(request).start(_work(desk, recording, (wanted, known), int(reps), place))
    return RedirectResponse(f"/review/exercises/learning/{job.id}", 303)


@router.get("/learning/{job_id}")
def learning(role: TheRole, request: Request, job_id: str) -> Response:
    """Show how far the learning is, or what came of it."""
    job = jobs_of(request).find(job_id)
    if job is None:
        raise NotThereError("This is not here any more: begin it again under Exercises.")
    if job.problem:
        return page("message.html.j2", role, 400, line=job.problem)
    if not job.done:
        return page("review_waiting.html.j2", role, what="Learning", share=job.share)
    return page("review_learned.html.j2", role, learned=job.result)


@router.get("/{exercise_id}")
def exercise(desk: TheDesk, role: TheRole, exercise_id: str, saved: int = 0) -> Response:
    """Show an exercise."""
    try:
        found = _find(desk, exercise_id)
    except UnknownExerciseError:
        raise
    except ExerciseSpecError:
        return RedirectResponse(f"/review/exercises/{exercise_id}/edit", 303)
    return page(
        "review_exercise.html.j2",
        role,
        exercise=found,
        kind=_KINDS[found.kind],
        dose=_dose(found),
        shown=_shown(found),
        drawn=found.motion is not None,
        is_own=exercise_id in _own_ids(desk),
        saved=bool(saved),
    )


@router.get("/{exercise_id}/figure.svg")
def figure(desk: TheDesk, exercise_id: str) -> Response:
    """Return the figure that does the exercise."""
    try:
        demo = demonstrate(_find(desk, exercise_id))
    except DemonstrationError as error:
        raise NotThereError(str(error)) from error
    return Response(demonstration_svg(demo, FIGURE_PX), media_type="image/svg+xml")


@router.get("/{exercise_id}/edit")
def edit(desk: TheDesk, role: TheRole, exercise_id: str) -> Response:
    """Show the text of an exercise in the editor."""
    text = _text(desk, exercise_id)
    return _editor(desk, role, exercise_id, text, problems_in(text, exercise_id, _folder(desk)))


@router.post("/{exercise_id}/edit")
def save(
    desk: TheDesk,
    role: TheRole,
    exercise_id: str,
    text: Annotated[str, Form()] = "",
    based_on: Annotated[str, Form()] = "",
) -> Response:
    """Save an exercise as a file of one's own, if it is sound."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    now = _text(desk, exercise_id)
    problems = problems_in(text, exercise_id, _folder(desk))
    if problems:
        return _editor(desk, role, exercise_id, text, problems, based_on=based_on, status=400)
    if based_on != _sum(now) and text != now:
        what = "was changed meanwhile, and nothing was saved: put both together, and save again"
        return _editor(
            desk, role, exercise_id, text, [Problem(exercise_id, what)], status=409, holds=now
        )
    folder = _folder(desk)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with private_draft(folder / f"{exercise_id}.toml", "the exercise file") as draft:
        draft.write_text(text, encoding="utf-8")
    return RedirectResponse(f"/review/exercises/{exercise_id}?saved=1", 303)


def _editor(  # noqa: PLR0913 -- what a form can be in
    desk: Desk,
    role: Any,
    exercise_id: str,
    text: str,
    problems: list[Problem],
    *,
    based_on: str | None = None,
    status: int = 200,
    holds: str = "",
) -> Response:
    return page(
        "review_exercise_edit.html.j2",
        role,
        status,
        exercise_id=exercise_id,
        text=text,
        lines=text.count("\n") + 3,
        problems=problems,
        based_on=_sum(_text(desk, exercise_id)) if based_on is None else based_on,
        is_own=exercise_id in _own_ids(desk),
        holds=holds,
    )


def _folder(desk: Desk) -> Path:
    return desk.data_dir / "exercises"


def _own_ids(desk: Desk) -> set[str]:
    folder = _folder(desk)
    return {path.stem for path in folder.glob("*.toml")} if folder.is_dir() else set()


def _find(desk: Desk, exercise_id: str) -> ExerciseDefinition:
    _text(desk, exercise_id)  # an id of the list, and never a path
    return desk.find(exercise_id)


def _text(desk: Desk, exercise_id: str) -> str:
    """Return the text of an exercise; only ids of the list are looked at."""
    return exercise_text(exercise_id, _folder(desk))


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _dose(found: ExerciseDefinition) -> str:
    hold = f", hold {found.dose.hold_ms / 1000:g} s" if found.dose.hold_ms else ""
    return f"{found.dose.sets} x {found.dose.reps}{hold}"


def _shown(found: ExerciseDefinition) -> str:
    reported = found.reported
    if reported is None:
        return "Nothing is measured: timed with a timer, reported by the person."
    unit = MEASURES[reported.measure].unit
    rest, goal, limit = (
        exact_words(one, unit) for one in (reported.rest, reported.goal, reported.limit)
    )
    name = reported.measure.replace("_", " ")
    return f"Measured: {name}, rest {rest}, goal {goal}, safety limit {limit}."


def _wrong(recording: Path, wanted: str, reps: str) -> list[str]:
    problems = []
    if not recording.is_file():
        problems.append(f"{recording}: there is no such file on this machine.")
    if not _ID.fullmatch(wanted):
        problems.append("An id is lower-case letters, digits and underscores, such as arm_circles.")
    if not (
        reps.isascii() and reps.isdecimal() and len(reps) < 4 and 2 <= int(reps) <= MOST_TAUGHT
    ):
        problems.append(f"Repetitions: write a whole number from 2 to {MOST_TAUGHT}.")
    return problems


def _work(
    desk: Desk, recording: Path, called: tuple[str, str], reps: int, place: Path
) -> Callable[[Callable[[float], None]], Learned]:
    def work(progress: Callable[[float], None]) -> Learned:
        exercise_id, name = called
        is_track = recording.suffix.lower() == TRACK_SUFFIX
        model = None if is_track else find_model("full", desk.data_dir)
        try:
            taught = learn_exercise(
                recording, exercise_id, name, reps, model=model, progress=progress
            )
        except OSError as error:
            raise HepVisionError(f"{recording}: cannot be read: {error.strerror}.") from error
        write_exercise(taught.exercise, place)
        return Learned(exercise_id, name, taught.counted, taught.sure)

    return work
