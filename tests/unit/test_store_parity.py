"""A file and a server give the same answers, in the same order, to everything that is asked."""

import itertools
import uuid
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from benchmarks.years import fill

from hep_vision.core.types import Severity, Side, StopReason
from hep_vision.store.locations import LogPlace
from hep_vision.store.paged import Which
from hep_vision.store.records import (
    Correction,
    ReportKind,
    SelfReport,
    SessionHeader,
    SessionStatus,
    SourceKind,
    SourceRecord,
)
from hep_vision.store.review import Stretch
from hep_vision.store.review_records import Finding, NewClip, Verdict
from hep_vision.store.selection import Selection
from hep_vision.store.sessions import SessionLog
from logged import counted_rep, whole_session
from servers import Places

MONDAY = date(2026, 1, 5)
SINCE, BEFORE = "2025-12-20T00:00:00Z", "2026-01-03T00:00:00Z"
AT = "2026-01-04T12:00:00Z"
# In the order of a language, `a_b` stands behind `ab` and `B` before `c`; and `:` is nothing.
ODD = ("ab", "a_b", "B", "c", "ä", "a:b", "Squat", "squat")


def odd_log(place: LogPlace) -> None:
    """Fill a log with made-up weeks and with what people seldom do, always alike."""
    fill(place, 16, MONDAY, seed=3)
    numbers = itertools.count(1)
    with SessionLog.open(place, new_id=lambda: str(uuid.UUID(int=next(numbers)))) as log:
        whole = whole_session(log)
        for number, exercise_id in enumerate(ODD):
            alone = number % 3 == 0
            sitting = None if alone else log.sittings.begin({"n": number}, AT, "0.1.0")
            header = SessionHeader(
                exercise_id,
                1,
                Side.BOTH,
                SourceRecord(SourceKind.VIDEO, "ä.mp4", 3_000_000_000),
                AT,
                "0.1.0",
                sitting_id=sitting.sitting_id if sitting else None,
                set_number=1 if sitting else None,
            )
            writer = log.begin(header)
            for index in range(1, number + 1):
                writer.record(counted_rep(index))
            if sitting:
                sitting.report(SelfReport(ReportKind.PAIN_AFTER, number, AT, exercise_id))
                sitting.stop(AT, StopReason.PAIN if number % 2 else None)
                sitting.say("a\nb")
            if number % 2:
                writer.interrupt(AT, "ended")
                log.correct(writer.session_id, Correction(number, AT, "looked at"))
        log.sittings.begin({"n": 99}, AT, "0.1.0")
        for at, finding in ((AT, Finding.UNSURE), ("2026-02-01T00:00:00Z", Finding.DISMISSED)):
            log.verdicts.decide(whole, Verdict(0, "knees_in", finding, at))
        draft = log.clips.draft()
        draft.write_bytes(b"pictures")
        log.clips.add(whole, NewClip(0, 1, ("knees_in",), 0, 900, 64, 48, 25.0, False, AT), draft)


@pytest.fixture(scope="module")
def both(
    postgres_places: Places, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[SessionLog, SessionLog]]:
    name = postgres_places.take()
    folders = [tmp_path_factory.mktemp("log") for _ in range(2)]
    places = (LogPlace(folders[0]), LogPlace(folders[1], postgres_places.server.url(name)))
    for place in places:
        odd_log(place)
    with SessionLog.open(places[0]) as file, SessionLog.open(places[1]) as server:
        yield file, server
    postgres_places.give_back(name)


def program_id(log: SessionLog) -> str:
    return log.programs.newest()[0].ref.program_id


def pages(ask: Callable[..., Any], which: Which) -> list[Any]:
    """Return every line, a page at a time."""
    found, page = [], ask(which, 7)
    while page.last is not None:
        found += page.rows
        page = ask(which, 7, page.last)
    return [*found, *page.rows]


QUESTIONS: dict[str, Callable[[SessionLog], Any]] = {
    "sessions": lambda log: log.sessions(),
    "finished": lambda log: log.sessions(status=SessionStatus.FINISHED, limit=9),
    "details": lambda log: list(log.details()),
    "count": lambda log: log.count_chosen(Selection(since=SINCE)),
    "chosen": lambda log: list(log.chosen(Selection(SINCE, BEFORE))),
    "chosen of a patient": lambda log: list(log.chosen(Selection(patient="Simulated patient"))),
    "chosen sittings": lambda log: list(log.sittings.chosen(Selection(SINCE, BEFORE))),
    "versions": lambda log: log.programs.versions(program_id(log)),
    "chosen versions": lambda log: log.programs.chosen(Selection()),
    "done": lambda log: log.programs.sittings(program_id(log)),
    "sittings": lambda log: log.sittings.rows(),
    "newest sitting": lambda log: log.sittings.newest(program_id(log)),
    "unfinished": lambda log: log.sittings.unfinished(SINCE),
    "felt": lambda log: log.feelings.since(SINCE),
    "felt by program": lambda log: log.feelings.since(SINCE, program_id(log)),
    "inbox": lambda log: (log.inbox.count(), log.inbox.page(200), log.inbox.page(5, 3)),
    "alone": lambda log: log.inbox.alone_since(SINCE, sittings=True),
    "recordings": lambda log: log.inbox.alone_since(SINCE, sittings=False),
    "exercises": lambda log: log.inbox.exercises(),
    "sessions of": lambda log: log.inbox.sessions_of("squat", 5),
    "verdicts by month": lambda log: log.inbox.verdicts_by_month(),
    "precision": lambda log: log.verdicts.precision(),
    "sets": lambda log: log.practice.sets(),
    "sets of a program": lambda log: log.practice.sets(program_id(log), since=SINCE),
    "said": lambda log: log.practice.said(),
    "told": lambda log: log.review.told(Stretch(None, SINCE, "2027-01-01T00:00:00Z")),
    "examples": lambda log: log.review.examples(Stretch(None, SINCE, "2027-01-01T00:00:00Z")),
    "seen": lambda log: log.review.seen(Stretch(None, SINCE, "2027-01-01T00:00:00Z")),
    "corrected": lambda log: log.review.corrected(Stretch(None, SINCE, "2027-01-01T00:00:00Z")),
    "paged sessions": lambda log: pages(log.paged.sessions, Which(since=SINCE)),
    "paged sittings": lambda log: pages(log.paged.sittings, Which(program_id=program_id(log))),
    "clips": lambda log: [(row.session_id, row.clip, row.sha256) for row in log.clips.rows()],
}


def plain(found: Any, folder: Path) -> str:
    """Return an answer as text, with the order of everything in it, and without its folder."""
    return repr(found).replace(str(folder), "FOLDER")


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_answer_is_the_same(both: tuple[SessionLog, SessionLog], name: str) -> None:
    file, server = (plain(QUESTIONS[name](log), log.place.folder) for log in both)
    assert file == server
    assert file not in ("[]", "{}", "None", "0"), "nothing was asked about"


def test_the_log_has_what_the_two_could_disagree_about(
    both: tuple[SessionLog, SessionLog],
) -> None:
    for log in both:
        details = list(log.details())
        assert {detail.row.header.exercise_id for detail in details} >= set(ODD)
        severities = {
            d.severity for detail in details for rep in detail.reps for d in rep.deviations
        }
        assert Severity.WARN in severities


@pytest.mark.parametrize("beginning", ["0", "a", "A", "%", "_", "ffff", "", "é"])
def test_an_id_is_found_or_not_by_the_same_beginning(
    both: tuple[SessionLog, SessionLog], beginning: str
) -> None:
    told = []
    for log in both:
        try:
            told.append(log.session(beginning).row.session_id)
        except Exception as error:  # noqa: BLE001 -- whatever it is, it is the same
            told.append(repr(error))
    assert told[0] == told[1]
