"""A whole sitting, from the first picture to the log: what counts live is what analysing says."""

import signal
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import media
from hep_vision.app.live_plan import Asked, sets_due
from hep_vision.app.live_session import Follows, LiveResult
from hep_vision.app.program import done_sets, import_program
from hep_vision.coach import stage
from hep_vision.coach.screens import Choice, Rest, Summary, Working
from hep_vision.core.types import Rep, ReportKind, RepStatus, Side, StopReason, View
from hep_vision.exercises.loading import find_exercise
from hep_vision.program.schedule import Due
from hep_vision.store.records import (
    SessionHeader,
    SessionStatus,
    SourceKind,
    SourceRecord,
    TrackingQuality,
)
from hep_vision.store.sessions import SessionLog
from rehearsal import (
    SIZE_PX,
    MadeUpDisplay,
    Rehearsal,
    Room,
    analysed,
    close_at_the_end,
    sets_of,
    sitting_of,
    squats,
)

Hold = Callable[[Rehearsal, Asked | Follows | None], LiveResult]
THREE = Asked("squat", sets=1, reps=3)


def counted(data_dir: Path) -> int:
    return sum(one.row.counts.counted for one in sets_of(data_dir))


class TestLiveIsAnalyse:
    def test_with_a_camera(self, tmp_path: Path, hold: Hold) -> None:
        rehearsal = Rehearsal(tmp_path, Room(squats(3)))
        result = hold(rehearsal, THREE)

        (only,) = sets_of(tmp_path)
        assert [event.status for event in only.events if isinstance(event, Rep)] == [
            RepStatus.COUNTED
        ] * 3
        assert only.events == analysed(only)
        assert result.lines[0] == "Squat: 3 of 3 repetitions"
        assert rehearsal.display.kinds() == [
            "GettingReady",
            "Countdown",
            "Working",
            "Summary",
            "Message",
        ]

    def test_with_two_sets_and_a_rest(self, tmp_path: Path, hold: Hold) -> None:
        def skip_rest(display: MadeUpDisplay) -> Sequence[str]:
            return ["space"] if isinstance(display.screen, Rest | Summary) else []

        rehearsal = Rehearsal(tmp_path, Room(squats(2, 2)), skip_rest)
        hold(rehearsal, Asked("squat", sets=2, reps=2))

        first, second = sets_of(tmp_path)
        assert (first.row.counts.counted, second.row.counts.counted) == (2, 2)
        assert first.events == analysed(first)
        assert second.events == analysed(second)
        row = sitting_of(tmp_path)
        assert row.status is SessionStatus.FINISHED
        assert [one.set_number for one in row.sets] == [1, 2]

    def test_with_a_recording_in_place_of_the_camera(self, tmp_path: Path, hold: Hold) -> None:
        room = Room(squats(3))
        clip = media.write_video(
            tmp_path / "room.mp4", stamps_ms=range(0, 17_000, 83), size_px=SIZE_PX
        )
        result = hold(Rehearsal(tmp_path / "log", room, camera=str(clip)), THREE)

        (only,) = sets_of(tmp_path / "log")
        assert only.row.counts.counted == 3
        assert only.events == analysed(only)
        assert result.meter.dropped == 0

    def test_every_picture_of_a_recording_is_looked_at_before_it_ends(
        self, tmp_path: Path, hold: Hold
    ) -> None:
        # Cut off in the third repetition: what was seen of it is in the last pictures.
        room = Room(squats(3))
        stamps_ms = range(0, 13_800, 83)
        clip = media.write_video(tmp_path / "room.mp4", stamps_ms=stamps_ms, size_px=SIZE_PX)
        hold(Rehearsal(tmp_path / "log", room, camera=str(clip)), THREE)

        (only,) = sets_of(tmp_path / "log")
        assert room.looks == len(stamps_ms)
        assert only.row.counts.counted == 2
        assert only.row.counts.open == 1
        assert only.events == analysed(only)

    def test_everything_is_drawn(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        rehearsal = Rehearsal(tmp_path, Room(squats(1)))
        drawn: list[tuple[int, ...]] = []

        def draw(*arguments: object, **options: object) -> object:
            rehearsal.display.draw(*arguments)
            picture = stage.draw_screen(*arguments, **options)
            drawn.append(picture.shape)
            return picture

        rehearsal.hold(monkeypatch, Asked("squat", sets=1, reps=1), draw)
        assert set(drawn) == {(180, 320, 3)}
        assert "Working" in rehearsal.display.kinds()


class TestLog:
    def test_each_repetition_is_in_the_log_before_the_next_screen(
        self, tmp_path: Path, hold: Hold
    ) -> None:
        seen: list[tuple[int, int]] = []

        def read_along(display: MadeUpDisplay) -> Sequence[str]:
            if isinstance(display.screen, Working) and display.shown % 6 == 0:
                (row,) = reader.sessions()
                assert row.status is SessionStatus.RUNNING
                seen.append((display.count, row.counts.counted))
            return close_at_the_end(display)

        with SessionLog.open(tmp_path) as reader:
            hold(Rehearsal(tmp_path, Room(squats(3)), read_along), THREE)

        assert {logged for _, logged in seen} >= {0, 1, 2}
        # The count ticks with the repetition; its form is known when it has ended.
        assert all(count - 1 <= logged <= count for count, logged in seen)

    def test_answers_are_kept(self, tmp_path: Path, hold: Hold) -> None:
        def answer(display: MadeUpDisplay) -> Sequence[str]:
            kind = type(display.screen).__name__
            return {
                "Scale": ["3", "enter"],
                "Writing": ["h", "i", "enter"],
                "Summary": ["space"],
            }.get(kind, [])

        rehearsal = Rehearsal(tmp_path, Room(squats(1)), answer, options={"ask": True})
        hold(rehearsal, Asked("squat", sets=1, reps=1))

        row = sitting_of(tmp_path)
        assert [report.value for report in row.reports] == [3, 3, 3]
        assert row.message == "hi"
        assert row.status is SessionStatus.FINISHED

    def test_nothing_is_kept_where_nothing_shall_be(self, tmp_path: Path, hold: Hold) -> None:
        result = hold(Rehearsal(tmp_path, Room(squats(3)), options={"keep": False}), THREE)
        assert result.problem is None
        assert list(tmp_path.iterdir()) == []


class TestEndingEarly:
    def test_a_window_that_is_closed_keeps_the_repetitions(
        self, tmp_path: Path, hold: Hold
    ) -> None:
        def close_after_two(display: MadeUpDisplay) -> Sequence[str]:
            display.closed = display.count == 2
            return []

        result = hold(Rehearsal(tmp_path, Room(squats(3)), close_after_two), THREE)

        (only,) = sets_of(tmp_path)
        assert only.row.status is SessionStatus.INTERRUPTED
        assert only.row.counts.counted == 2
        assert only.events == analysed(only)
        assert sitting_of(tmp_path).status is SessionStatus.INTERRUPTED
        assert result.lines[0] == "Squat: 2 of 3 repetitions"

    def test_a_window_that_is_closed_while_the_reason_is_asked(
        self, tmp_path: Path, hold: Hold
    ) -> None:
        def close_instead_of_answering(display: MadeUpDisplay) -> Sequence[str]:
            display.closed = isinstance(display.screen, Choice)
            return ["escape"] if display.count == 2 else []

        result = hold(Rehearsal(tmp_path, Room(squats(3)), close_instead_of_answering), THREE)

        (only,) = sets_of(tmp_path)
        assert only.row.status is SessionStatus.INTERRUPTED
        assert only.row.counts.counted == 2
        assert only.events == analysed(only)
        assert result.lines[0] == "Squat: 2 of 3 repetitions"

    def test_a_reason_that_is_given(self, tmp_path: Path, hold: Hold) -> None:
        def stop_for_pain(display: MadeUpDisplay) -> Sequence[str]:
            if isinstance(display.screen, Choice):
                return ["1"]
            return ["escape"] if display.count == 1 else close_at_the_end(display)

        hold(Rehearsal(tmp_path, Room(squats(3)), stop_for_pain), THREE)

        row = sitting_of(tmp_path)
        assert (row.status, row.stop_reason) == (SessionStatus.INTERRUPTED, StopReason.PAIN)
        assert counted(tmp_path) == 1

    def test_ctrl_c_keeps_the_repetitions(self, tmp_path: Path, hold: Hold) -> None:
        def interrupt(display: MadeUpDisplay) -> Sequence[str]:
            if display.count == 2:
                signal.raise_signal(signal.SIGINT)
            return []

        before = signal.getsignal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            hold(Rehearsal(tmp_path, Room(squats(3)), interrupt), THREE)

        (only,) = sets_of(tmp_path)
        assert only.row.counts.counted == 2
        assert only.row.status is SessionStatus.INTERRUPTED
        assert only.events == analysed(only)
        assert sitting_of(tmp_path).status is SessionStatus.INTERRUPTED
        assert signal.getsignal(signal.SIGINT) is before

    def test_ctrl_c_while_a_repetition_is_written_writes_it_once(
        self, tmp_path: Path, hold: Hold, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from hep_vision.store.sessions import SessionWriter

        record = SessionWriter.record

        def interrupted_after(self: SessionWriter, event: object) -> None:
            record(self, event)
            if isinstance(event, Rep) and event.index == 2:
                signal.raise_signal(signal.SIGINT)

        monkeypatch.setattr(SessionWriter, "record", interrupted_after)
        with pytest.raises(KeyboardInterrupt):
            hold(Rehearsal(tmp_path, Room(squats(3))), THREE)

        (only,) = sets_of(tmp_path)
        assert [e.index for e in only.events if isinstance(e, Rep) and e.index] == [1, 2]
        assert only.events == analysed(only)

    @pytest.mark.parametrize("answers", [["1"], ["2"], ["3"], ["s"]], ids=str)
    def test_before_the_first_set_every_screen_can_be_drawn(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: list[str]
    ) -> None:
        def stop(display: MadeUpDisplay) -> Sequence[str]:
            kind = type(display.screen).__name__
            return {"GettingReady": ["escape"], "Choice": answers, "Summary": ["space"]}.get(
                kind, []
            )

        rehearsal = Rehearsal(tmp_path, Room(squats(1)), stop)

        def draw(*arguments: object, **options: object) -> object:
            rehearsal.display.draw(*arguments)
            return stage.draw_screen(*arguments, **options)

        rehearsal.hold(monkeypatch, THREE, draw)
        assert rehearsal.display.kinds() == ["GettingReady", "Choice", "Summary", "Message"]

    def test_too_much_pain_before_ends_with_kind_words(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def hurts(display: MadeUpDisplay) -> Sequence[str]:
            kind = type(display.screen).__name__
            return {"Scale": ["8", "enter"], "Choice": ["1"], "Summary": ["space"]}.get(kind, [])

        rehearsal = Rehearsal(tmp_path, Room(squats(1)), hurts, options={"ask": True})

        def draw(*arguments: object, **options: object) -> object:
            rehearsal.display.draw(*arguments)
            return stage.draw_screen(*arguments, **options)

        rehearsal.hold(monkeypatch, THREE, draw)
        row = sitting_of(tmp_path)
        assert (row.status, row.stop_reason) == (SessionStatus.INTERRUPTED, StopReason.PAIN)
        assert row.sets == ()


class TestGoingOn:
    def test_it_goes_on_where_it_stopped(
        self, tmp_path: Path, hold: Hold, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.cut_off(tmp_path, hold, monkeypatch)
        rehearsal = Rehearsal(tmp_path, Room(squats(2)), options={"resume": True})
        result = hold(rehearsal, None)

        working = [s for s in rehearsal.display.screens if isinstance(s, Working)]
        assert working[0].overlay.count == 2
        assert working[-1].overlay.count == 3
        assert result.lines[0] == "Squat: 3 of 3 repetitions"
        row = sitting_of(tmp_path)
        assert row.status is SessionStatus.FINISHED
        assert [one.session.counts.counted for one in row.sets] == [2, 1]
        assert row.sets[0].session.status is SessionStatus.INTERRUPTED

    @pytest.mark.parametrize("answer", ["1", "2"])
    def test_it_is_asked(
        self, tmp_path: Path, hold: Hold, monkeypatch: pytest.MonkeyPatch, answer: str
    ) -> None:
        self.cut_off(tmp_path, hold, monkeypatch)

        def choose(display: MadeUpDisplay) -> Sequence[str]:
            return [answer] if isinstance(display.screen, Choice) else close_at_the_end(display)

        rehearsal = Rehearsal(tmp_path, Room(squats(3)), choose, options={"resume": None})
        hold(rehearsal, THREE)

        working = [s for s in rehearsal.display.screens if isinstance(s, Working)]
        assert working[0].overlay.count == {"1": 2, "2": 0}[answer]
        with SessionLog.open(tmp_path) as log:
            statuses = [row.status for row in log.sittings.rows()]
        # Who starts anew is not asked about the old one again.
        assert SessionStatus.RUNNING not in statuses
        assert len(statuses) == int(answer)

    def test_a_window_that_is_closed_at_the_question_begins_nothing(
        self, tmp_path: Path, hold: Hold, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.cut_off(tmp_path, hold, monkeypatch)

        def close(display: MadeUpDisplay) -> Sequence[str]:
            display.closed = True
            return []

        rehearsal = Rehearsal(tmp_path, Room(squats(3)), close, options={"resume": None})
        result = hold(rehearsal, THREE)

        assert result.lines == ()
        assert rehearsal.display.kinds() == ["Choice"]
        assert sitting_of(tmp_path).status is SessionStatus.RUNNING

    def test_a_set_that_the_patient_ended_is_not_begun_again(
        self, tmp_path: Path, hold: Hold, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def next_after_one(display: MadeUpDisplay) -> Sequence[str]:
            if isinstance(display.screen, Rest):
                return ["space"]
            screen = display.screen
            is_first = isinstance(screen, Working) and screen.setting == "Set 1 of 2"
            return ["n"] if is_first and display.count == 1 else []

        self.cut_off(
            tmp_path, hold, monkeypatch, Asked("squat", sets=2, reps=3), next_after_one, (1, 2)
        )
        rehearsal = Rehearsal(tmp_path, Room(squats(4)), options={"resume": True})
        hold(rehearsal, None)

        working = [s for s in rehearsal.display.screens if isinstance(s, Working)]
        assert {screen.setting for screen in working} == {"Set 2 of 2"}

    @staticmethod
    def cut_off(
        tmp_path: Path,
        hold: Hold,
        monkeypatch: pytest.MonkeyPatch,
        asked: Asked = THREE,
        script: Callable[[MadeUpDisplay], Sequence[str]] = lambda _: (),
        squatted: tuple[int, ...] = (2,),
    ) -> None:
        """Leave the log as a process does that is killed after two repetitions."""

        class Killed(BaseException):
            pass

        def die(display: MadeUpDisplay) -> Sequence[str]:
            if display.count == 2:
                newest = reader.sessions()[0]
                if (newest.header.set_number, newest.counts.counted) == (len(squatted), 2):
                    raise Killed
            return script(display)

        with monkeypatch.context() as dying, SessionLog.open(tmp_path) as reader:
            dying.setattr("hep_vision.app.live._Loop.end", lambda _: None)
            with pytest.raises(Killed):
                hold(Rehearsal(tmp_path, Room(squats(*squatted)), die), asked)
        assert sitting_of(tmp_path).status is SessionStatus.RUNNING


PROGRAM = """
patient = "A."
therapist = "B."
start = 2026-03-02
review = 2026-04-13
[[exercises]]
id = "squat"
sets = 1
reps = 2
times_per_day = 1
[[exercises]]
id = "mini_squat"
sets = 1
reps = 2
times_per_day = 1
"""


def test_a_program_is_one_sitting_of_several_exercises(tmp_path: Path, hold: Hold) -> None:
    following: set[str] = set()

    def skip_rest(display: MadeUpDisplay) -> Sequence[str]:
        if isinstance(display.screen, Rest):
            following.add(display.screen.following)
        return ["space"] if isinstance(display.screen, Rest | Summary) else []

    with SessionLog.open(tmp_path) as log:
        entered = import_program(log, PROGRAM.encode(), "it", find_exercise, "2026-03-01T00:00:00Z")
    plan = sets_due([Due(one, (0,)) for one in entered.program.exercises], tmp_path)
    rehearsal = Rehearsal(tmp_path, Room(squats(2, 2)), skip_rest)
    result = hold(rehearsal, Follows(plan, entered.row.ref))

    assert result.lines[:2] == ("Squat: 2 of 2 repetitions", "Mini squat: 2 of 2 repetitions")
    assert following == {"Mini squat"}
    first, second = sets_of(tmp_path)
    assert [one.row.header.exercise_id for one in (first, second)] == ["squat", "mini_squat"]
    assert first.events == analysed(first)
    assert second.events == analysed(second)
    row = sitting_of(tmp_path)
    assert (row.program, row.status) == (entered.row.ref, SessionStatus.FINISHED)
    with SessionLog.open(tmp_path) as log:
        done = done_sets(log.programs.sittings(entered.row.ref.program_id), find_exercise)
    assert [(one.exercise_id, one.complete) for one in done] == [
        ("squat", True),
        ("mini_squat", True),
    ]


def test_what_is_reached_with_the_sitting_is_said_at_its_end_and_once(
    tmp_path: Path, hold: Hold
) -> None:
    text = PROGRAM.replace("reps = 2", "reps = 200").encode()
    with SessionLog.open(tmp_path) as log:
        entered = import_program(log, text, "it", find_exercise, "2026-03-01T00:00:00Z")
        began = datetime.now(UTC) - timedelta(days=2)
        sitting = log.sittings.begin({"sets": []}, began.isoformat(), "0", entered.row.ref)
        source = SourceRecord(SourceKind.WEBCAM, "0")
        earlier = log.begin(
            SessionHeader(
                "squat",
                1,
                Side.BOTH,
                source,
                began.isoformat(),
                "0",
                sitting_id=sitting.sitting_id,
                set_number=1,
            )
        )
        for index in range(1, 99):
            earlier.record(
                Rep(index, Side.BOTH, 0, 1, 2, RepStatus.COUNTED, None, None, None, None, 1, 1, 0)
            )
        earlier.finish(began.isoformat(), TrackingQuality(1, 1.0, View.FRONT, view_ok=True))

    def past_the_summary(display: MadeUpDisplay) -> Sequence[str]:
        return ["space"] if isinstance(display.screen, Summary) else []

    words = "100 repetitions since you began. Every one of them counts."
    plan = sets_due([Due(entered.program.exercises[0], (0,))], tmp_path)
    (two,) = (replace(one, reps=2) for one in plan)
    for said in (True, False):
        rehearsal = Rehearsal(tmp_path, Room(squats(2)), past_the_summary)
        result = hold(rehearsal, Follows((two,), entered.row.ref))
        assert (words in result.lines) is said


class TestFeeling:
    @staticmethod
    def answer(display: MadeUpDisplay) -> Sequence[str]:
        keys = {
            "Scale": ["2", "enter"],
            "Rest": ["space"],
            "Writing": ["enter"],
            "Summary": ["space"],
        }
        return keys.get(type(display.screen).__name__, [])

    def followed(self, data_dir: Path, hold: Hold) -> None:
        with SessionLog.open(data_dir) as log:
            entered = import_program(
                log, PROGRAM.encode(), "it", find_exercise, "2026-03-01T00:00:00Z"
            )
        plan = sets_due([Due(one, (0,)) for one in entered.program.exercises], data_dir)
        options = {"ask": True, "ask_each": True}
        rehearsal = Rehearsal(data_dir, Room(squats(2, 2)), self.answer, options=options)
        hold(rehearsal, Follows(plan, entered.row.ref))

    def test_the_pain_after_each_exercise_is_kept_with_it(self, tmp_path: Path, hold: Hold) -> None:
        self.followed(tmp_path, hold)
        assert [(one.kind, one.exercise_id) for one in sitting_of(tmp_path).reports] == [
            (ReportKind.PAIN_BEFORE, None),
            (ReportKind.PAIN_AFTER, "squat"),
            (ReportKind.PAIN_AFTER, "mini_squat"),
            (ReportKind.EFFORT, None),
        ]

    @pytest.mark.parametrize("programs", [0, 1, 2])
    def test_the_morning_is_kept_with_the_sitting_before(
        self, tmp_path: Path, hold: Hold, programs: int
    ) -> None:
        yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
        with SessionLog.open(tmp_path) as log:
            for name in ("A.", "Z.")[:programs]:
                text = PROGRAM.replace('patient = "A."', f'patient = "{name}"').encode()
                import_program(log, text, "it", find_exercise, "2026-03-01T00:00:00Z")
            before = log.sittings.begin({"sets": []}, yesterday, "0")
            source = SourceRecord(SourceKind.WEBCAM, "0")
            log.begin(
                SessionHeader(
                    "squat", 1, Side.BOTH, source, yesterday, "0",
                    sitting_id=before.sitting_id, set_number=1,
                )
            )  # fmt: skip
            before.finish(yesterday)
        rehearsal = Rehearsal(tmp_path, Room(squats(1)), self.answer, options={"ask": True})
        hold(rehearsal, Asked("squat", sets=1, reps=1))

        with SessionLog.open(tmp_path) as log:
            after, earlier = log.sittings.rows()
        # With two programs nobody knows whose the last free sitting was.
        asked = 2 if programs < 2 else None
        assert earlier.reported(ReportKind.PAIN_NEXT_MORNING) == asked
        assert earlier.status is SessionStatus.FINISHED
        assert [one.kind for one in after.reports] == [
            ReportKind.PAIN_BEFORE,
            ReportKind.PAIN_AFTER,
            ReportKind.EFFORT,
        ]
