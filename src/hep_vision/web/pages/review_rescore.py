"""Try another target: how every stored session would be judged with it, before anything is saved.

Judging years of sessions again takes a while, so it is done in the background, by a process for
each core, and the page asks for the state of it. Saving makes a new version of a program, with that
target in its text.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from hep_vision.app.jobs import Jobs
from hep_vision.app.program import import_program
from hep_vision.app.rejudge import Change, Judgement, rejudge
from hep_vision.app.rescore import before_and_after
from hep_vision.core.definition import ExerciseDefinition
from hep_vision.core.targets import Targets
from hep_vision.errors import HepVisionError, NotThereError, ProgramError, StaleVersionError
from hep_vision.exercises.targets_file import key_of, targets_in
from hep_vision.program.retarget import with_targets
from hep_vision.web.desk import Desk, TheDesk, TheRole
from hep_vision.web.html import page
from hep_vision.web.pages.review_shared import Names, exact_words, exercise_of, when

router = APIRouter(prefix="/review/rescore", include_in_schema=False)

_MOST_ROWS: Final = 300
"""Of more sessions than this, those that would be judged otherwise are shown, up to as many."""
FIELDS: Final = ("goal", "minimum", "limit", "hold")


@dataclass(frozen=True, slots=True)
class Tried:
    """What was tried, and what came of it.

    Attributes:
        exercise_id: The exercise.
        given: What was set, by the key of a program file.
        changes: Each session, with when it was, judged twice; the newest first.
    """

    exercise_id: str
    given: dict[str, float]
    changes: tuple[tuple[str, Change], ...]


@router.get("")
def ask(desk: TheDesk, role: TheRole, exercise: str = "") -> Response:
    """Show the form."""
    return _form(desk, role, exercise, {})


@router.post("")
def begin(  # noqa: PLR0913 -- the fields of a form
    desk: TheDesk,
    role: TheRole,
    request: Request,
    exercise: Annotated[str, Form()] = "",
    goal: Annotated[str, Form()] = "",
    minimum: Annotated[str, Form()] = "",
    limit: Annotated[str, Form()] = "",
    hold: Annotated[str, Form()] = "",
) -> Response:
    """Begin to judge the sessions again."""
    written = {"goal": goal, "minimum": minimum, "limit": limit, "hold": hold}
    found = exercise_of(desk, exercise)
    if found is None:
        return _form(desk, role, exercise, written, ["Choose an exercise first."])
    given, problems = _numbers(written, found)
    targets, wrong = targets_in(given, found)
    problems += [f"{one.where}: {one.what}" for one in wrong]
    if not given and not problems:
        problems = ["Set at least one value to try."]
    if problems or targets is None:
        return _form(desk, role, exercise, written, problems)
    job = jobs_of(request).start(_work(desk, found, targets, given))
    return RedirectResponse(f"/review/rescore/{job.id}", 303)


@router.get("/{job_id}")
def result(desk: TheDesk, role: TheRole, request: Request, job_id: str) -> Response:
    """Show how far it is, or what came of it."""
    job = jobs_of(request).find(job_id)
    if job is None:
        raise NotThereError("This trial is not here any more: begin it again under Try a target.")
    if job.problem:
        return page("message.html.j2", role, 400, line=job.problem)
    if not job.done:
        return page("review_waiting.html.j2", role, what="Judging again", share=job.share)
    tried: Tried = job.result
    names = Names(desk)
    changes = tried.changes
    if len(changes) > _MOST_ROWS:
        changes = tuple((at, one) for at, one in changes if one.differs or one.problem)
    rows = [(at, one, *_words(one, names, tried.exercise_id)) for at, one in changes[:_MOST_ROWS]]
    exercise = exercise_of(desk, tried.exercise_id)
    return page(
        "review_rescored.html.j2",
        role,
        tried=tried,
        job_id=job_id,
        name=names.exercise(tried.exercise_id),
        given=_given_words(tried.given),
        rows=rows,
        different=sum(one.differs for _, one in tried.changes),
        sessions=len(tried.changes),
        judged=sum(one.before is not None for _, one in tried.changes),
        programs=[
            row
            for row in desk.log.programs.newest()
            if exercise is not None and _has(row.plan, tried.exercise_id)
        ],
        form_address=f"/review/rescore?exercise={tried.exercise_id}",
    )


@router.post("/{job_id}/save")
def save(
    desk: TheDesk,
    role: TheRole,
    request: Request,
    job_id: str,
    program: Annotated[str, Form()],
    based_on: Annotated[int, Form()],
) -> Response:
    """Enter a new version of a program, with what was tried in it."""
    job = jobs_of(request).find(job_id)
    if job is None or not job.done or job.problem:
        raise NotThereError("This trial is not here any more: begin it again under Try a target.")
    tried: Tried = job.result
    versions = desk.log.programs.versions(program)
    if not versions:
        raise NotThereError("This program is not in the log. Programs shows what there is.")
    moment = desk.clock().isoformat()
    try:
        text = with_targets(versions[-1].plan, tried.exercise_id, tried.given)
        done = import_program(desk.log, text.encode(), "it", desk.find, moment, program, based_on)
    except (ProgramError, StaleVersionError) as error:
        return page("message.html.j2", role, 409, line=str(error))
    return RedirectResponse(f"/review/programs/{done.row.ref.program_id}?saved=1", 303)


def jobs_of(request: Request) -> Jobs:
    """Return the work of this server."""
    state = request.app.state
    if not hasattr(state, "jobs"):
        state.jobs = Jobs()
    jobs: Jobs = state.jobs
    return jobs


def _work(
    desk: Desk, exercise: ExerciseDefinition, targets: Targets, given: dict[str, float]
) -> Callable[[Callable[[float], None]], Tried]:
    def work(progress: Callable[[float], None]) -> Tried:
        own_dir = desk.data_dir / "exercises"
        began: dict[str, str] = {}
        questions = []
        for detail in desk.log.details(exercise_id=exercise.id):
            began[detail.row.session_id] = detail.row.header.started_at
            questions.append(before_and_after(detail, exercise, own_dir, targets))
        answers = rejudge(
            questions,
            processes=os.cpu_count() or 1,
            progress=lambda done: progress(done / len(questions)),
        )
        found = {one.change.session_id: one.change for one in answers}
        changes = tuple((when(desk, at), found[name]) for name, at in began.items())
        return Tried(exercise.id, given, changes)

    return work


def _form(
    desk: Desk,
    role: Any,
    exercise_id: str,
    written: dict[str, str],
    problems: list[str] | None = None,
) -> Response:
    names = Names(desk)
    done = desk.log.inbox.exercises()
    exercise = exercise_of(desk, exercise_id) if exercise_id else None
    return page(
        "review_rescore.html.j2",
        role,
        400 if problems else 200,
        exercises=[(one, names.exercise(one), count) for one, count in done],
        exercise=exercise,
        fields=_fields(exercise, written) if exercise else [],
        problems=problems or [],
    )


def _fields(
    exercise: ExerciseDefinition, written: dict[str, str]
) -> list[tuple[str, str, str, str]]:
    """Return name, label, what holds now, and what was written, of each field that can be set."""
    reported, found = exercise.reported, []
    if reported is not None:
        unit = key_of("goal", exercise).removeprefix("goal_")
        words = "degrees" if unit == "deg" else "trunk lengths"
        found = [
            ("goal", f"Goal, {words}", exact_words(reported.goal, unit)),
            ("minimum", f"Smallest range that counts, {words}", "the exercise's own"),
            ("limit", f"Safety limit, {words}", exact_words(reported.limit, unit)),
        ]
    if exercise.dose.hold_ms:
        found.append(("hold", "Hold, seconds", f"{exercise.dose.hold_ms / 1000:g} s"))
    return [(name, label, now, written.get(name, "")) for name, label, now in found]


def _numbers(
    written: dict[str, str], exercise: ExerciseDefinition
) -> tuple[dict[str, float], list[str]]:
    given: dict[str, float] = {}
    problems = []
    for name, text in written.items():
        if not text.strip():
            continue
        key = "hold_s" if name == "hold" else key_of(name, exercise)
        try:
            given[key] = float(text.strip().replace(",", "."))
        except ValueError:
            problems.append(f"{name}: '{text.strip()}' is not a number.")
    return given, problems


def _given_words(given: dict[str, float]) -> str:
    names = {"goal": "goal", "minimum": "smallest range", "limit": "limit", "hold": "hold"}
    parts = []
    for key, value in given.items():
        name, unit = key.rsplit("_", 1)
        parts.append(f"{names[name]} {value:g} s" if unit == "s" else
                     f"{names[name]} {exact_words(value, unit)}")  # fmt: skip
    return ", ".join(parts)


def _words(change: Change, names: Names, exercise_id: str) -> tuple[str, str, str]:
    """Return a session before, after, and what is different in it."""
    if change.before is None or change.after is None:
        return "", "", change.problem or "cannot be judged"
    before, after = change.before, change.after
    flags = {
        names.check(exercise_id, check).lower(): (
            before.deviations.get(check, 0),
            after.deviations.get(check, 0),
        )
        for check in sorted({*before.deviations, *after.deviations})
    }
    different = [f"{name} {old} → {new}" for name, (old, new) in flags.items() if old != new]
    return _counts(before), _counts(after), "; ".join(different)


def _counts(found: Judgement) -> str:
    if found.held_ms:
        return f"{found.held_ms / 1000:.1f} s held"
    parts = [f"{found.counted} counted"]
    parts += [f"{found.partial} partial"] if found.partial else []
    parts += [f"{found.rejected} not counted"] if found.rejected else []
    return ", ".join(parts)


def _has(plan: str, exercise_id: str) -> bool:
    try:
        with_targets(plan, exercise_id, {})
    except (HepVisionError, ValueError):
        return False
    return True
