"""The report for the next visit: numbers of the log, and nothing that comes from elsewhere."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import synthetic
from hep_vision.app.correct import correct_count
from hep_vision.app.progress import Span, progress_of
from hep_vision.app.report import Asked, review_of, write_report
from hep_vision.core.audit import Audit
from hep_vision.core.definition import ExerciseDefinition
from hep_vision.core.types import (
    Deviation,
    Rep,
    ReportKind,
    RepStatus,
    Severity,
    Side,
    StopReason,
    View,
)
from hep_vision.errors import ExerciseSpecError, OutputTakenError, ProgramError
from hep_vision.exercises.loading import find_exercise
from hep_vision.reports.progress_words import sets_in_words
from hep_vision.reports.report import report
from hep_vision.sources.recorded import TrackRecorder, write_track
from hep_vision.store.records import (
    ProgramRef,
    SessionHeader,
    SourceKind,
    SourceRecord,
    TrackingQuality,
)
from hep_vision.store.sessions import SessionLog
from practised import PROGRAM, day, enter_program, moment, practise
from prescriptions import ZONE

SVG = "{http://www.w3.org/2000/svg}"
TODAY = day(12)
HOSTILE = (
    "<script>alert('1')</script>",
    '"><img src="http://evil.example/x.png" onerror="x()">',
    "{{ 7 * 7 }} & &amp;",
    "עברית \u202eabc 🦵",
    "</blockquote></style><b>" + 300 * "a",
)
DANGEROUS = {"script", "link", "img", "iframe", "object", "embed", "base", "form", "image"}
ASKED = Asked(None, None, TODAY, ZONE)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SessionLog]:
    with SessionLog.open(tmp_path) as opened:
        yield opened


def fill(log: SessionLog) -> ProgramRef:
    """Enter six days of two sets, each with one fault, that go further from day to day."""
    ref = enter_program(log)
    for ahead in (0, 2, 4, 7, 9, 11):
        said = {ReportKind.PAIN_BEFORE: 1, ReportKind.PAIN_AFTER: 7 if ahead == 4 else 2}
        practise(log, ref, ahead, peak=50.0 + 4 * ahead, faults=1, said=said)
    return ref


def film(log: SessionLog, ref: ProgramRef | None, ahead: int, value: float = 20.0) -> str:
    """Enter a set with its landmarks, with a fault while the body is seen."""
    at = moment(ahead, 17).isoformat()
    sitting = log.sittings.begin({"sets": []}, at, "0.1.0", ref)
    writer = log.begin(
        SessionHeader(
            "squat", 1, Side.BOTH, SourceRecord(SourceKind.WEBCAM, "0"), at, "0.1.0",
            sitting_id=sitting.sitting_id, set_number=1,
        )
    )  # fmt: skip
    fault = Deviation(
        "knees_in", 1, Side.BOTH, Severity.WARN, 900, 1_300, value, 12.0, "deg", "Knees out."
    )
    writer.record(
        Rep(1, Side.BOTH, 0, 1_000, 2_000, RepStatus.COUNTED, None, 60.0, 55.0, 8.0, 900, 900, 0,
            (fault,))
    )  # fmt: skip
    recorder = TrackRecorder((1280, 720))
    motion = synthetic.squat(synthetic.efforts([90.0] * 2))
    for pose in synthetic.record(motion, synthetic.Camera(), fps=20):
        recorder.add(pose)
    writer.keep_track(lambda path: write_track(path, recorder.track()))
    writer.finish(at, TrackingQuality(100, 1.0, View.SIDE, view_ok=True))
    sitting.finish(at)
    return writer.session_id


def page_of(log: SessionLog, folder: Path, asked: Asked = ASKED) -> str:
    return report(review_of(log, asked, find_exercise, folder))


def parsed(page: str) -> ET.Element:
    return ET.fromstring(page)


def words(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def headings(page: ET.Element) -> list[str]:
    return [words(one) for one in page.iter("h2")]


def section(page: ET.Element, heading: str) -> ET.Element:
    (found,) = (
        one for one in page.iter("section") if heading in [words(head) for head in one.iter("h2")]
    )
    return found


def rows(element: ET.Element) -> list[list[str]]:
    return [[words(cell) for cell in row] for row in element.iter("tr")]


def from_elsewhere(page: ET.Element) -> Iterator[str]:
    """Yield whatever would make a browser load or run something."""
    for element in page.iter():
        if element.tag.rpartition("}")[2] in DANGEROUS:
            yield element.tag
        for name, value in element.attrib.items():
            bare = name.rpartition("}")[2]
            reference = bare in ("src", "href", "data") and not value.startswith("#")
            if bare.startswith("on") or reference or re.search(r"url\((?!#)", value):
                yield f"{element.tag} {name}={value}"
        if element.tag.rpartition("}")[2] == "style":
            yield from re.findall(r"url\((?!#)|@import|@font-face", element.text or "")


class Strict(HTMLParser):
    """Reads a page as a browser does, and keeps its tags, ids and policy."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.policy = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        found = dict(attrs)
        self.ids += [value for name, value in attrs if name == "id" and value]
        if found.get("http-equiv") == "Content-Security-Policy":
            self.policy = found["content"] or ""


# -- the page -------------------------------------------------------------------------------------


def test_all_sections_are_there_in_their_order_under_one_title(
    log: SessionLog, tmp_path: Path
) -> None:
    film(log, fill(log), 11)
    page = parsed(page_of(log, tmp_path))
    assert words(next(page.iter("h1"))) == "Report of A. B."
    assert headings(page) == [
        "What to look at first",
        "What was done",
        "How far it went",
        "Pain and effort",
        "Form",
        "Things to consider",
        "What this rests on, and its limits",
    ]
    levels = [int(one.tag[1]) for one in page.iter() if re.fullmatch(r"h[1-6]", one.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    header = words(next(page.iter("header")))
    assert "2 March 2026 to 14 March 2026 (13 days)" in header
    assert "since the program began" in header
    assert "C. D." in header
    assert "Monday 13 April 2026" in header


def test_nothing_comes_from_elsewhere_and_every_picture_has_its_words(
    log: SessionLog, tmp_path: Path
) -> None:
    film(log, fill(log), 11)
    text = page_of(log, tmp_path)
    page, browser = parsed(text), Strict()
    browser.feed(text)
    assert not list(from_elsewhere(page))
    assert "script" not in browser.tags
    assert browser.policy.startswith("default-src 'none'")
    assert len(browser.ids) == len(set(browser.ids))
    pictures = list(page.iter(f"{SVG}svg"))
    assert len(pictures) == 6  # days, sets, range, feeling, form, and one still
    texts = {one.get("id"): words(one) for one in page.iter() if one.get("id")}
    for one in pictures:
        assert one.get("role") == "img"
        named = [texts[name] for name in (one.get("aria-labelledby") or "").split()]
        assert one.get("aria-label") or all(named)


def test_the_numbers_are_those_of_progress(log: SessionLog, tmp_path: Path) -> None:
    fill(log)
    progress = progress_of(log, None, find_exercise, Span(None, TODAY), ZONE)
    assert progress.adherence is not None
    (squat,) = progress.adherence.exercises
    page = parsed(page_of(log, tmp_path))
    assert sets_in_words(progress.adherence) in words(next(page.iter("header")))
    table = rows(section(page, "What was done"))
    (row,) = (one for one in table if one[0] == "Squat")
    assert row == [
        "Squat",
        f"{squat.days_done} of {squat.days_due}",
        *map(str, (squat.sets.due, squat.sets.attempted, squat.sets.completed)),
        f"{squat.sets.good} of {squat.sets.judged}",
        *map(str, (squat.reps.due, squat.reps.attempted, squat.reps.completed)),
        f"{squat.reps.good} of {squat.reps.judged}",
    ]
    (course,) = progress.exercises[0].courses
    assert course.change is not None
    (_, cells) = rows(section(page, "How far it went"))
    assert cells[0] == "both sides"
    # 58 and 86 degrees, said no sharper than a camera sees them.
    assert (course.change.before, course.change.now) == (58.0, 86.0)
    assert cells[1].startswith("~60° ± 8°2 March 2026 to 6 March 2026")
    assert cells[2].startswith("~85° ± 8°")
    assert "more by about 30 degrees" in cells[3]
    assert cells[4] == "90°"
    (flag,) = progress.flags
    assert [one[3] for one in rows(section(page, "Form")) if one[0] == "Squat"] == [
        f"{flag.seen} of {flag.judged}"
    ]


def test_pain_and_its_days_stand_first(log: SessionLog, tmp_path: Path) -> None:
    ref = fill(log)
    at = moment(11, 18).isoformat()
    sitting = log.sittings.begin({"sets": []}, at, "0.1.0", ref)
    sitting.stop(at, StopReason.PAIN)
    page = parsed(page_of(log, tmp_path))
    first = section(page, "What to look at first")
    assert [words(one) for one in first.iter("h3")][:2] == [
        "Pain in the red zone",
        "Stopped because of pain",
    ]
    assert words(next(first.iter("li"))).startswith("6 March 2026: Pain in the red zone")
    pain = words(section(page, "Pain and effort"))
    assert "7 of 6 March 2026" in pain
    assert "ended early because of pain: 1 (13 March 2026)" in pain


def test_what_speaks_for_a_change_is_given_to_consider_and_is_no_order(
    log: SessionLog, tmp_path: Path
) -> None:
    ref = enter_program(log)
    for ahead in (0, 2, 4):
        practise(log, ref, ahead, faults=4)
    text = words(section(parsed(page_of(log, tmp_path)), "Things to consider"))
    assert "Squat: showing it again" in text
    assert "“Knees drifting in” in half of the repetitions and more, 3 days running" in text
    assert "your decision" in text
    assert not re.search(r"\b(safe|safely|must|should)\b", text)


# -- stills ---------------------------------------------------------------------------------------


def still(page: ET.Element) -> ET.Element:
    (found,) = (one for one in page.iter("div") if one.get("class") == "still")
    return found


def test_the_furthest_example_is_drawn_with_all_that_is_to_be_said(
    log: SessionLog, tmp_path: Path
) -> None:
    ref = fill(log)
    film(log, ref, 9, value=18.0)
    film(log, ref, 11, value=21.0)
    film(log, ref, 12, value=15.0)
    card = still(parsed(page_of(log, tmp_path)))
    assert len(list(card.iter(f"{SVG}svg"))) == 1
    text = words(card)
    assert "Squat: Knees drifting in" in text
    assert "13 March 2026, set 1, repetition 1" in text
    assert re.search(r"knees valgus: 21° \(± \d+°\); threshold 12°", text)
    assert "Knee over 12 deg inside in the frontal plane" in text
    assert "Cue: “Knees out.”" in text
    assert "Seen in 15 of 63 judged" in text


def test_of_a_bound_to_both_sides_the_side_that_went_further_is_shown(
    log: SessionLog, tmp_path: Path
) -> None:
    ref = enter_program(log)
    for ahead, value in ((0, 18.0), (2, -19.0), (4, 14.0)):
        film(log, ref, ahead, value)
    assert "4 March 2026" in words(still(parsed(page_of(log, tmp_path))))
    film(log, ref, 7, 20.0)
    assert "9 March 2026" in words(still(parsed(page_of(log, tmp_path))))


def test_landmarks_that_are_gone_or_damaged_leave_words(log: SessionLog, tmp_path: Path) -> None:
    session = film(log, enter_program(log), 0)
    track = tmp_path / "tracks" / f"{session}.npz"
    track.write_bytes(b"not a track")
    assert "cannot be read any more" in words(still(parsed(page_of(log, tmp_path))))
    shutil.rmtree(track.parent)
    page = parsed(page_of(log, tmp_path))
    assert "No landmarks are kept" in words(still(page))
    (row,) = (one for one in rows(section(page, LIMITS)) if one[0] == "Squat")
    assert row[-1] == "1"


# -- words and limits -----------------------------------------------------------------------------

LIMITS = "What this rests on, and its limits"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_a_person_wrote_is_shown_as_it_is_and_does_nothing(
    log: SessionLog, tmp_path: Path, hostile: str
) -> None:
    alias = hostile.replace("\\", "").replace('"', "'")[:60]
    ref = enter_program(log, PROGRAM.replace("A. B.", alias))
    practise(log, ref, 0)
    at = moment(2).isoformat()
    sitting = log.sittings.begin({"sets": []}, at, "0.1.0", ref)
    sitting.say(hostile)
    sitting.stop(at, StopReason.TIRED)
    page = parsed(page_of(log, tmp_path))
    assert not list(from_elsewhere(page))
    assert next(page.iter("h1"))[0].text == alias
    told = section(page, "In the patient's words")
    assert [one.text for one in told.iter("bdi")] == [hostile]
    assert "4 March 2026" in words(told)
    assert "Ended early, tired" in words(told)


def test_what_was_not_seen_well_is_said(log: SessionLog, tmp_path: Path) -> None:
    ref = fill(log)
    newest, other = (one.session_id for one in log.sessions(limit=2))
    correct_count(log, newest, 4, "One was a stumble.")
    at = moment(12).isoformat()
    header = SessionHeader(
        "squat", 1, Side.BOTH, SourceRecord(SourceKind.WEBCAM, "0"), at, "0.1.0",
        sitting_id=log.sittings.begin({"sets": []}, at, "0.1.0", ref).sitting_id, set_number=1,
    )  # fmt: skip
    writer = log.begin(header)
    writer.keep_audit(Audit(3, True))
    writer.finish(at, TrackingQuality(100, 0.5, View.FRONT, view_ok=False))
    limits = section(parsed(page_of(log, tmp_path)), LIMITS)
    (row,) = (one for one in rows(limits) if one[0] == "Squat")
    assert row[1:] == ["13", "1 (the front)", "1", "1", "13"]
    text = words(limits)
    assert "13 March 2026, Squat: counted 5, by hand 4, One was a stumble." in text
    assert "counting again another way gave another number: 14 March 2026" in text
    assert "hep-vision 0.1.0" in text
    assert "± 7 to 15°" in text
    assert other != newest


def test_an_exercise_that_is_gone_keeps_its_counts(log: SessionLog, tmp_path: Path) -> None:
    practise(log, None, 0, faults=1)

    def gone(exercise_id: str) -> ExerciseDefinition:
        raise ExerciseSpecError(f"There is no exercise {exercise_id}.")

    page = parsed(report(review_of(log, ASKED, gone, tmp_path)))
    assert ["squat", "1", "2", "10", "8 of 10"] in rows(section(page, "What was done"))
    assert "Knees in" in words(section(page, "Form"))
    assert "No range could be measured" in words(page)


# -- which days, and whose ------------------------------------------------------------------------


def test_an_empty_log_gives_a_friendly_page_without_plots(log: SessionLog, tmp_path: Path) -> None:
    page = parsed(page_of(log, tmp_path))
    assert "Nothing is logged for these days yet" in words(page)
    assert headings(page) == [LIMITS]
    assert not list(page.iter(f"{SVG}svg"))
    enter_program(log)
    page = parsed(page_of(log, tmp_path))
    assert "Nothing is logged for these days yet" in words(page)
    assert not list(page.iter(f"{SVG}svg"))
    # What was due and not done is no secret, and no blame.
    assert "0 of 6" in words(section(page, "What was done"))


def test_without_a_program_it_is_of_everything_and_nothing_was_due(
    log: SessionLog, tmp_path: Path
) -> None:
    practise(log, None, 0)
    page = parsed(page_of(log, tmp_path))
    assert words(next(page.iter("h1"))) == "Report"
    assert "none in the log" in words(page)
    assert ["Squat", "1", "2", "10", "10 of 10"] in rows(section(page, "What was done"))
    assert "Things to consider" not in headings(page)


@pytest.mark.parametrize(
    ("since", "until", "first", "why"),
    [
        (None, day(12), day(0), "everything since the program began"),
        (None, day(60), day(60) - timedelta(days=41), "the last six weeks"),
        (day(4), day(12), day(4), "The first day was asked for"),
        (date(1, 1, 1), day(12), day(0), "everything since the program began"),
    ],
)
def test_the_days_are_those_asked_for_or_the_last_six_weeks(
    log: SessionLog, tmp_path: Path, since: date | None, until: date, first: date, why: str
) -> None:
    fill(log)
    review = review_of(log, Asked(None, since, until, ZONE), find_exercise, tmp_path)
    assert (review.progress.since, review.progress.until) == (first, until)
    assert why in review.span_words


def test_what_lies_before_the_first_day_is_not_told(log: SessionLog, tmp_path: Path) -> None:
    ref = enter_program(log)
    practise(log, ref, 4)
    for ahead in (0, 4):
        film(log, ref, ahead, 30.0 - ahead)
        sitting = log.sittings.begin({"sets": []}, moment(ahead).isoformat(), "0.1.0", ref)
        sitting.say(f"Day {ahead}.")
    page = parsed(page_of(log, tmp_path, replace(ASKED, since=day(4))))
    told = section(page, "In the patient's words")
    assert [one.text for one in told.iter("bdi")] == ["Day 4."]
    assert "6 March 2026, set 1" in words(still(page))
    assert rows(section(page, LIMITS))[-1][1] == "3"


def test_of_several_patients_one_must_be_named(log: SessionLog, tmp_path: Path) -> None:
    fill(log)
    other = enter_program(log, PROGRAM.replace("A. B.", "E. F."))
    practise(log, other, 0, sets=1)
    with pytest.raises(ProgramError, match="say whose"):
        page_of(log, tmp_path)
    page = parsed(page_of(log, tmp_path, replace(ASKED, patient="E. F.")))
    assert [
        *rows(section(page, LIMITS))[-1][:2], "0", "0", "0"
    ] == ["Squat", "1", "0", "0", "0"]  # fmt: skip


# -- the file -------------------------------------------------------------------------------------


def test_the_same_log_gives_the_same_file_and_a_foreign_one_stays(
    log: SessionLog, tmp_path: Path
) -> None:
    film(log, fill(log), 11)
    place = tmp_path / "report.html"

    def written() -> bytes:
        write_report(log, ASKED, find_exercise, tmp_path, place)
        return place.read_bytes()

    first = written()
    assert written() == first
    place.write_text("a letter")
    with pytest.raises(OutputTakenError, match="not a report of hep-vision"):
        written()
    assert place.read_text() == "a letter"
