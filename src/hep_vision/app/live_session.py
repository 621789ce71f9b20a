"""One live session as a command asks for it: opens everything, runs, and says what came of it."""

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from hep_vision import __version__
from hep_vision.app.analyse import Model, find_model
from hep_vision.app.booking import now
from hep_vision.app.clip_encoder import ClipEncoder, ClipJob, write_clip
from hep_vision.app.clip_room import tidy_clips
from hep_vision.app.eye import Eye
from hep_vision.app.feel import morning_due
from hep_vision.app.frame_ring import FrameRing
from hep_vision.app.live import (
    Display,
    LiveMeter,
    LiveParts,
    Watch,
    clock_ms,
    run_live,
    watch_nothing,
)
from hep_vision.app.live_book import LiveBook
from hep_vision.app.live_clips import LiveClips
from hep_vision.app.live_plan import (
    Asked,
    Unfinished,
    plan_sets,
    sets_due,
    to_plain,
    what_is_left,
)
from hep_vision.app.machine_zone import MachineZone
from hep_vision.app.program import finder, program_by, today_of
from hep_vision.app.progress import news_of
from hep_vision.coach.asking import Pick
from hep_vision.coach.plan import PlannedSet
from hep_vision.coach.screens import Message
from hep_vision.coach.sitting import Sitting
from hep_vision.coach.stage import draw_screen
from hep_vision.coach.stages import Look, Stage
from hep_vision.coach.voice import Level, Voice, open_voice
from hep_vision.coach.window import Window
from hep_vision.core.clips import ClipPolicy
from hep_vision.core.pain import PainZones
from hep_vision.errors import HepVisionError, UnknownExerciseError
from hep_vision.pose.base import PoseEstimator
from hep_vision.pose.looking_again import LookingAgain
from hep_vision.pose.mediapipe_tasks import MediaPipePeople, MediaPipePose
from hep_vision.program.spec import PainAsk
from hep_vision.program.today import Today
from hep_vision.sources.base import Frame
from hep_vision.sources.camera import LiveCamera, open_camera
from hep_vision.store.locations import LogPlace
from hep_vision.store.records import ProgramRef
from hep_vision.store.sessions import SessionLog
from hep_vision.store.sittings import SittingWriter

KEPT: Final = "Kept in the log; see it with: hep-vision log"
_RESUME_WITHIN: Final = timedelta(hours=24)
_REDRAW_S: Final = 0.03
_NEWS_MS: Final = 6_000


@dataclass(frozen=True, slots=True)
class Follows:
    """What a home exercise program asks for now.

    Attributes:
        plan: The sets of all its exercises.
        program: The version that asks for them.
    """

    plan: tuple[PlannedSet, ...]
    program: ProgramRef


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """What a live session is asked for.

    Attributes:
        asked: The exercise and its dose, or what a program asks for; None goes on with what was cut
            off.
        data_dir: Folder of the log, of fetched models and of own exercises.
        camera: Number, device, address, or a video played in its place.
        model: Name of the pose model.
        voice: How much is heard; see `hep_vision.coach.voice.Level`.
        ask: Whether pain and the like are asked.
        resume: Whether to go on with what was cut off; None asks.
        keep: Whether anything is booked.
        zones: Limits of the pain rule.
        ask_each: Whether the pain is asked after each exercise, instead of after the last.
        clips: Which flagged repetitions become clips; None keeps no picture of anything.
        blur_faces: Whether faces are hidden in the clips.
        database: URL of the database of the log; None is the file in its folder.
    """

    asked: Asked | Follows | None
    data_dir: Path
    camera: str = "0"
    model: str = "full"
    voice: str = "full"
    full_screen: bool = True
    ask: bool = True
    resume: bool | None = None
    keep: bool = True
    pace: float = 1.0
    clips: ClipPolicy | None = field(default_factory=ClipPolicy)
    blur_faces: bool = False
    zones: PainZones = field(default_factory=PainZones)
    ask_each: bool = False
    database: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class LiveResult:
    """What a live session came to.

    Attributes:
        lines: What to print.
        problem: Why the log is not whole; None where it is.
    """

    lines: tuple[str, ...]
    problem: str | None
    meter: LiveMeter


class People(Protocol):
    """Counts the people in a picture."""

    def count(self, frame: Frame) -> int:
        """Return how many there are."""
        ...


@dataclass(frozen=True, slots=True)
class Equipment:
    """What a live session runs on: that of this machine, or made-up things in its place.

    Attributes:
        open_window: Opens the display, full screen or not.
        open_camera: As `hep_vision.sources.camera.open_camera`.
        make_estimator: Makes the pose estimator of a model file.
        make_people: Makes what counts people, of a model file.
        write_clip: Writes a clip, in a thread of its own.
        clock: Monotonic milliseconds; the camera's, too.
        open_voice: As `hep_vision.coach.voice.open_voice`.
        watch: Is told what the display shows.
    """

    open_window: Callable[[bool], AbstractContextManager[Display]] = lambda full_screen: Window(
        full_screen=full_screen
    )
    open_camera: Callable[..., LiveCamera] = open_camera
    make_estimator: Callable[[Path], PoseEstimator] = lambda path: LookingAgain(
        partial(MediaPipePose, path)
    )
    make_people: Callable[[Path], AbstractContextManager[People]] = MediaPipePeople
    write_clip: Callable[[ClipJob], None] = write_clip
    clock: Callable[[], int] = clock_ms
    open_voice: Callable[[Level, Callable[[], int]], Voice] = open_voice
    watch: Watch = watch_nothing


def follow_today(
    log: SessionLog, patient: str | None, data_dir: Path, moment: datetime, zone: tzinfo
) -> tuple[Follows | None, Today]:
    """Return what a program asks for now, or None where it asks for nothing, and its day.

    Raises:
        ProgramError: As `hep_vision.app.program.today_of`.
        ExerciseSpecError, TargetsError: What it asks for is not here any more.
    """
    today, ref = today_of(log, patient, finder(data_dir), moment, zone)
    plan = sets_due(today.to_begin, data_dir / "exercises")
    return (Follows(plan, ref) if plan else None), today


def hold_session(options: LiveOptions, equipment: Equipment | None = None) -> LiveResult:
    """Run a live session in a window.

    Args:
        options: What is asked for.
        equipment: What it runs on; by default this machine.

    Raises:
        UnknownExerciseError: No exercise was asked for, and there is none to go on with.
        DisplayError: There is no screen.
        SourceError, ModelError, PoseEstimationError, StoreError: As they say; what was done so
            far is kept.
    """
    equipment = equipment or Equipment()
    with ExitStack() as stack:
        model = find_model(options.model, options.data_dir)
        place = LogPlace(options.data_dir, options.database)
        log = stack.enter_context(SessionLog.open(place)) if options.keep else None
        unfinished = _unfinished(log, options)
        if options.asked is None and unfinished is None:
            raise UnknownExerciseError(
                "live: name an exercise with --exercise; see which there are with: "
                "hep-vision exercises list."
            )
        plan = _plan(options)
        window = stack.enter_context(equipment.open_window(options.full_screen))
        if log is not None and unfinished is not None and plan:
            goes_on = _goes_on(unfinished, options, window, equipment.watch)
            if goes_on is None:
                return LiveResult((), None, LiveMeter())
            if not goes_on:
                # So that it is not asked for again.
                log.sittings.resume(unfinished.sitting_id).stop(now(), None)
                unfinished = None
        return _run(options, unfinished, plan, _Opened(equipment, model, log, window), stack)


@dataclass(frozen=True, slots=True)
class _Opened:
    equipment: Equipment
    model: Model
    log: SessionLog | None
    display: Display


def _run(
    options: LiveOptions,
    unfinished: Unfinished | None,
    plan: tuple[PlannedSet, ...],
    opened: _Opened,
    stack: ExitStack,
) -> LiveResult:
    using, model = opened.equipment, opened.model
    camera = stack.enter_context(using.open_camera(options.camera, using.clock, pace=options.pace))
    people = stack.enter_context(using.make_people(model.path))
    ring = FrameRing() if opened.log is not None and options.clips is not None else None
    keep = ring.keep if ring is not None else None
    eye = stack.enter_context(
        Eye(camera, lambda: using.make_estimator(model.path), people.count, keep)
    )
    voice = using.open_voice(Level(options.voice), using.clock)
    stack.callback(voice.close)
    before = None if unfinished else _sitting_before(opened.log, options)
    writer = _writer(opened.log, unfinished, plan, options)
    clips = _clips(opened, ring, options)
    book = LiveBook(opened.log, writer, options.camera, model, before=before, clips=clips)
    left = unfinished.left if unfinished else plan
    zones, ask_each = _pain_rule(opened.log, unfinished, options)
    sitting = Sitting(
        left, ask=options.ask, zones=zones, ask_each=ask_each, ask_morning=before is not None
    )
    parts = LiveParts(camera, eye, opened.display, voice, book, using.clock, using.watch)
    meter = run_live(sitting, parts)
    news = _news(opened.log, writer, options) if book.saved else ()
    _celebrate(news, opened.display, using)
    lines = [f"{line.label}: {line.done}" for line in sitting.lines]
    lines += news
    if book.saved:
        lines.append(KEPT)
    if clips is not None and opened.log is not None:
        lines += (*clips.lines, *tidy_clips(opened.log))
    return LiveResult(tuple(lines), book.problem, meter)


def _clips(opened: _Opened, ring: FrameRing | None, options: LiveOptions) -> LiveClips | None:
    if opened.log is None or ring is None or options.clips is None:
        return None
    encoder = ClipEncoder(opened.equipment.write_clip)
    return LiveClips(opened.log.clips, ring, encoder, options.clips, blurs=options.blur_faces)


def _writer(
    log: SessionLog | None,
    unfinished: Unfinished | None,
    plan: tuple[PlannedSet, ...],
    options: LiveOptions,
) -> SittingWriter | None:
    if log is None:
        return None
    if unfinished is not None:
        return log.sittings.resume(unfinished.sitting_id)
    assert options.asked is not None
    if isinstance(options.asked, Follows):
        return log.sittings.begin(to_plain(plan), now(), __version__, options.asked.program)
    return log.sittings.begin(to_plain(plan, options.asked.exercise), now(), __version__)


def _plan(options: LiveOptions) -> tuple[PlannedSet, ...]:
    match options.asked:
        case Follows(plan):
            return plan
        case Asked() as asked:
            return plan_sets(asked, options.data_dir / "exercises")
    return ()


def _pain_rule(
    log: SessionLog | None, unfinished: Unfinished | None, options: LiveOptions
) -> tuple[PainZones, bool]:
    """Return the limits of the pain rule, and whether each exercise is asked about.

    Of a program that is gone on with, those that it has.
    """
    if log is not None and unfinished is not None and unfinished.program is not None:
        program = program_by(log, unfinished.program, finder(options.data_dir))
        if program is not None:
            return program.zones, program.pain_ask is PainAsk.EACH_EXERCISE
    return options.zones, options.ask_each


def _sitting_before(log: SessionLog | None, options: LiveOptions) -> str | None:
    """Return the sitting whose next morning is asked about; None where there is none."""
    if log is None or not options.ask:
        return None
    if isinstance(options.asked, Follows):
        program_id: str | None = options.asked.program.program_id
    elif len(log.programs.newest()) > 1:
        return None  # nobody can say whose sitting the last one was
    else:
        program_id = None
    row = morning_due(log, program_id, datetime.now(UTC), MachineZone())
    return None if row is None else row.sitting_id


def _news(
    log: SessionLog | None, writer: SittingWriter | None, options: LiveOptions
) -> tuple[str, ...]:
    """Return what the patient has reached with this sitting, if it followed a program."""
    if log is None or writer is None:
        return ()
    try:
        program = log.sittings.sitting(writer.sitting_id).program
        if program is None:
            return ()
        patient = log.programs.versions(program.program_id)[-1].patient
        find, moment = finder(options.data_dir), datetime.now(UTC)
        return news_of(log, patient, find, moment, MachineZone())
    except HepVisionError:
        return ()  # a warm word is not worth an error at the end of a good session


def _celebrate(news: Sequence[str], display: Display, using: Equipment) -> None:
    """Show what was reached, each until a key is pressed or it was there for a while."""
    pause = threading.Event()
    for words in news:
        using.watch(Message(words), (("space", "go on"),))
        began_ms, pressed = using.clock(), False
        while not (pressed or display.closed or using.clock() - began_ms > _NEWS_MS):
            picture = draw_screen(Message(words), None, None, display.size_px, key_help=())
            pressed = bool(display.show(picture))
            pause.wait(_REDRAW_S)


def _unfinished(log: SessionLog | None, options: LiveOptions) -> Unfinished | None:
    if log is None or options.resume is False:
        return None
    since = (datetime.now(UTC) - _RESUME_WITHIN).isoformat()
    program_id = options.asked.program.program_id if isinstance(options.asked, Follows) else None
    if options.database is not None and program_id is None:
        return None  # what runs in the log of several machines may be somebody else's
    row = log.sittings.unfinished(since, program_id if options.database else None)
    return what_is_left(row, options.data_dir / "exercises") if row is not None else None


def _goes_on(
    unfinished: Unfinished, options: LiveOptions, display: Display, watch: Watch
) -> bool | None:
    """Ask whether to go on with what was cut off; None where the window was closed instead."""
    if options.resume:
        return True
    chosen: list[int | None] = []

    def take(answer: int | None) -> Stage | None:
        chosen.append(answer)
        return None

    name = unfinished.left[0].exercise.name
    stage: Stage | None = Pick(
        f"{name}: {unfinished.done} done before it was cut off. Go on from there?",
        ("Go on", "Start anew"),
        take,
    )
    pause = threading.Event()
    while stage is not None:
        watch(stage.screen(0), stage.keys)
        picture = draw_screen(stage.screen(0), None, None, display.size_px, key_help=stage.keys)
        for key in display.show(picture):
            stage.press(key)
        if display.closed:
            return None
        stage = stage.after(Look(0))
        pause.wait(_REDRAW_S)
    return chosen == [0]
