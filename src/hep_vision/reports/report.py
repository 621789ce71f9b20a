"""A report for the next visit: one page that a therapist reads on a screen or on paper.

    page = report(review)

The most urgent stands first; everything has its date, and what was not measured is said. It is the
same for the same log, days and present day, whoever makes it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from typing import Final

from markupsafe import Markup

from hep_vision.core.pain import Zone
from hep_vision.core.types import PoseFrame, StopReason
from hep_vision.program.concerns import Concern, Kind
from hep_vision.program.overview import Progress
from hep_vision.program.progress import FlagShare
from hep_vision.program.review import CorrectedSet, Example, SeenSet, Told
from hep_vision.program.schedule import local_day
from hep_vision.reports.flag_svg import flag_svg
from hep_vision.reports.handout_words import day_in_words
from hep_vision.reports.pages import render
from hep_vision.reports.progress_plot import Drawn, PlotPart, drawn
from hep_vision.reports.progress_story import Story, in_words, span_in_words
from hep_vision.reports.progress_words import (
    SUGGESTED,
    measure_words,
)
from hep_vision.reports.report_quality import quality_of
from hep_vision.reports.report_rows import Course, course_row, dose_rows, others_done
from hep_vision.reports.report_words import (
    KIND_WORDS,
    SEVERITY_WORDS,
    STOP_WORDS,
    FindIfThere,
    check_of,
    check_words,
    counted,
    example_words,
    finding,
    named,
    sentence,
)

REPORT: Final = "report"
"""What kind of page this is."""
MOST_STILLS: Final = 8
_MOST_LINES: Final = 6
_MOST_DAYS: Final = 12
_MOST_FLAGS: Final = 20
_GONE: Final = "The exercise is not here any more."
_NOTHING: Final = "Nothing of the body can be drawn here."
_PLOT_IN: Final = 8.0
"""So wide, letters on A4 paper are as large as those beside them, or nearly."""


@dataclass(frozen=True, slots=True)
class Pictured:
    """The furthest example of a deviation, and the body in it.

    Attributes:
        example: Where it is, and what was measured.
        pose: The body; None where it cannot be drawn.
        why_not: Why it cannot; empty where it can.
    """

    example: Example
    pose: PoseFrame | None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """All that a report is made of.

    Attributes:
        progress: Adherence, range, form and feeling of the days.
        today: The present day, of which the rest is still to come.
        zone: The patient's.
        span_words: How the days were chosen.
        concerns: What to look at first, in that order.
        told: Messages and reasons to stop.
        pictured: Examples of the deviations, by the ids of exercise and check.
        seen: How well each set was seen.
        corrected: Sets whose count was entered by hand.
        find: Gives an exercise by its id; None where it is not here any more.
    """

    progress: Progress
    today: date
    zone: tzinfo
    span_words: str
    concerns: Sequence[Concern]
    told: Sequence[Told]
    pictured: dict[tuple[str, str], Pictured]
    seen: Sequence[SeenSet]
    corrected: Sequence[CorrectedSet]
    find: FindIfThere

    def day(self, moment: datetime) -> date:
        """Return the patient's day of a moment."""
        return local_day(moment, self.zone)

    def in_words(self, moment: datetime) -> str:
        """Return the patient's day of a moment in words."""
        return in_words(self.day(moment))

    def name(self, exercise_id: str) -> str:
        """Return the name of an exercise; its id where it is not here any more."""
        exercise = self.find(exercise_id)
        return exercise_id if exercise is None else exercise.name


def report(review: Review) -> str:
    """Return the page."""
    progress = review.progress
    story = Story.of(progress, review.today, width_in=_PLOT_IN)
    return render(
        "report.html.j2",
        REPORT,
        progress=progress,
        program=progress.program,
        today=day_in_words(review.today),
        span=span_in_words(progress.since, progress.until),
        days=counted((progress.until - progress.since).days + 1, "day"),
        span_words=review.span_words,
        versions=_versions(progress),
        review_day=_review_day(review),
        sentence=sentence(progress),
        looks=_looks(review),
        doses=dose_rows(progress),
        others=others_done(progress),
        calendar=_picture(story, PlotPart.CALENDAR),
        work=_picture(story, PlotPart.WORK),
        ranges=tuple(_ranges(progress, story)),
        no_range=[one.name for one in progress.exercises if one.work and not one.courses],
        feeling=_picture(story, PlotPart.FEELING),
        pain_stops=_last(
            [review.in_words(one.at) for one in review.told if one.stop_reason is StopReason.PAIN]
        ),
        red=_last(_red(progress)),
        form=_picture(story, PlotPart.FORM),
        stills=tuple(_stills(review)),
        flags=[_flag(review, one) for one in progress.flags[:_MOST_FLAGS]],
        rarer=len(progress.flags[_MOST_FLAGS:]),
        suggestions=_suggestions(review),
        told=[_told(review, one) for one in review.told],
        quality=quality_of(review.seen, review.corrected, review.name, review.in_words),
    )


# -- who, when, and what to look at first ---------------------------------------------------------


def _versions(progress: Progress) -> str:
    if not progress.marks or progress.version is None:
        return ""
    *before, holds = progress.marks
    words = f"version {holds.number}, since {in_words(holds.day)}"
    if not before or holds.day <= progress.since:
        return words
    # Those that held in these days, with the one that held when they began.
    first = max((one.number for one in before if one.day <= progress.since), default=1)
    numbers = (
        f"version {first}"
        if first == before[-1].number
        else (f"versions {first} to {before[-1].number}")
    )
    return f"{words}; before it {numbers}"


def _review_day(review: Review) -> str:
    program = review.progress.program
    if program is None:
        return ""
    words = day_in_words(program.review)
    return f"{words} (that day is over)" if program.review < review.today else words


@dataclass(frozen=True, slots=True)
class Look:
    """What to look at first: its name, what was told or seen with the day, and how much more."""

    name: str
    lines: tuple[tuple[str, str], ...]
    more: int


def _looks(review: Review) -> list[Look]:
    by_kind: dict[Kind, list[Concern]] = {}
    for one in review.concerns:
        by_kind.setdefault(one.kind, []).append(one)
    ids = [one.exercise_id for one in review.progress.exercises]
    found = []
    for kind, concerns in by_kind.items():
        if kind is Kind.MESSAGE:
            day = review.in_words(concerns[0].at)
            words = f"{counted(len(concerns), 'message')}, below in the patient's own words."
            found.append(Look(KIND_WORDS[kind], ((day, words),), 0))
            continue
        lines = tuple(
            (review.in_words(one.at), named(one.sentence, review.find, ids))
            for one in concerns[:_MOST_LINES]
        )
        found.append(Look(KIND_WORDS[kind], lines, len(concerns) - len(lines)))
    return found


# -- plots ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Picture:
    """A plot with its words; there is none where there is nothing to draw."""

    title: str
    svg: Markup
    captions: tuple[str, ...]
    description: str


def _picture(story: Story, kind: PlotPart, prefix: str = "") -> Picture | None:
    part: Drawn = drawn(story, kind, prefix or f"plot-{kind}")
    if not part.svg:
        return None
    return Picture(part.title, Markup(part.svg), part.lines, part.description)


@dataclass(frozen=True, slots=True)
class Range:
    """How far one exercise went."""

    name: str
    measure: str
    courses: tuple[Course, ...]
    picture: Picture | None


def _ranges(progress: Progress, story: Story) -> Iterator[Range]:
    for place, one in enumerate(progress.exercises, 1):
        if not one.courses:
            continue
        alone = story.of_exercise(one.exercise_id)
        yield Range(
            one.name,
            measure_words(one.courses[0].measure),
            tuple(course_row(each) for each in one.courses),
            _picture(replace(alone, marks=progress.marks), PlotPart.RANGE, f"plot-range-{place}"),
        )


def _last(days: list[str]) -> tuple[int, str]:
    """Return how many days there are, and the last of them in words."""
    earlier = len(days) - _MOST_DAYS
    more = [f"{earlier} more before"] if earlier > 0 else []
    return len(days), "; ".join([*more, *days[-_MOST_DAYS:]])


def _red(progress: Progress) -> list[str]:
    """Return the days on which pain in the red zone was told, with the score."""
    found = []
    for one in progress.feeling:
        told = [score for score in (one.before, one.after, one.next_morning) if score is not None]
        if told and progress.zones.zone(max(told)) is Zone.RED:
            found.append(f"{max(told)} of {in_words(one.day)}")
    return found


# -- deviations -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Flag:
    """A row of how often a deviation was seen."""

    exercise: str
    name: str
    severity: str
    seen: str
    furthest: str


def _flag(review: Review, share: FlagShare) -> Flag:
    exercise = review.find(share.exercise_id)
    found = review.pictured.get((share.exercise_id, share.check_id))
    return Flag(
        review.name(share.exercise_id),
        check_words(exercise, share.check_id),
        "" if found is None else SEVERITY_WORDS[found.example.deviation.severity],
        f"{share.seen} of {share.judged}",
        "" if found is None else finding(found.example, exercise),
    )


@dataclass(frozen=True, slots=True)
class StillCard:
    """An example of a deviation with all that is to be said of it."""

    exercise: str
    name: str
    picture: Markup | None
    why_not: str
    seen: str
    where: str
    finding: str
    therapist: str
    cue: str


def _stills(review: Review) -> Iterator[StillCard]:
    for share in review.progress.flags[:MOST_STILLS]:
        found = review.pictured.get((share.exercise_id, share.check_id))
        if found is None:
            continue
        exercise = review.find(share.exercise_id)
        check = check_of(exercise, share.check_id)
        svg = None
        if found.pose is not None and exercise is not None:
            svg = flag_svg(found.pose, exercise, found.example.deviation)
        yield StillCard(
            review.name(share.exercise_id),
            check_words(exercise, share.check_id),
            None if svg is None else Markup(svg),
            found.why_not or (_GONE if exercise is None else _NOTHING),
            f"{share.seen} of {share.judged}",
            example_words(found.example, review.day(found.example.at)),
            finding(found.example, exercise),
            "" if check is None else check.therapist,
            found.example.deviation.cue,
        )


# -- suggestions, words ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Idea:
    """Something to consider, with what speaks for it."""

    words: str
    evidence: tuple[str, ...]


def _suggestions(review: Review) -> list[Idea]:
    return [
        Idea(
            f"{review.name(one.exercise_id)}: {SUGGESTED[one.kind]}",
            tuple(
                named(line, review.find, [one.exercise_id]).replace(" deg", "°").replace("+/-", "±")
                for line in one.evidence
            ),
        )
        for one in review.progress.suggestions
    ]


def _told(review: Review, one: Told) -> tuple[str, str, str]:
    reason = "" if one.stop_reason is None else STOP_WORDS[one.stop_reason]
    return review.in_words(one.at), reason, one.message or ""
