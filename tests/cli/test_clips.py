"""``hep-vision clips`` as a therapist types it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flagged import flag, rep
from hep_vision.app import live_session
from hep_vision.app.live import LiveMeter
from hep_vision.app.live_session import LiveOptions, LiveResult
from hep_vision.core.clips import ClipScope
from hep_vision.core.types import Severity, Side
from hep_vision.store.records import SessionHeader, SourceKind, SourceRecord
from hep_vision.store.review_records import NewClip
from hep_vision.store.sessions import SessionLog

Command = Callable[..., Any]
LONG_AGO = "2020-01-01T12:00:00Z"


@pytest.fixture
def owner(data_dir: Path) -> str:
    """Log a session with two clips, which are no videos; return its id."""
    source = SourceRecord(SourceKind.WEBCAM, "0")
    with SessionLog.open(data_dir) as log:
        writer = log.begin(SessionHeader("squat", 1, Side.BOTH, source, LONG_AGO, "0.1.0"))
        for number in (1, 2):
            writer.record(rep(number, flag("over_limit", Severity.STOP)))
            draft = log.clips.draft()
            draft.write_bytes(bytes(1_500_000))
            what = (number - 1, number, ("over_limit",), 0, 5_000, 64, 48, 25.0, False)
            log.clips.add(writer.session_id, NewClip(*what, LONG_AGO), draft)
    return writer.session_id


def test_they_are_listed(hep_vision: Command, owner: str) -> None:
    table = hep_vision("clips", "list").out
    assert table.count(owner[:8]) == 2
    assert "over_limit" in table
    listed = json.loads(hep_vision("clips", "list", "--session", owner[:8], "-f", "json").out)
    assert [each["rep"] for each in listed] == [1, 2]
    assert [each["state"] for each in listed] == ["whole", "whole"]
    assert hep_vision("clips", "list", "--session", "zzzz").code == 4


def test_an_empty_log_has_none(hep_vision: Command) -> None:
    assert hep_vision("clips", "list").out.startswith("No clips.")
    assert hep_vision("clips", "verify").code == 0


def test_damage_is_found(hep_vision: Command, owner: str, data_dir: Path) -> None:
    assert hep_vision("clips", "verify").out == "Clips: 2, missing or damaged: 0.\n"
    first, second = (data_dir / "clips").iterdir()
    first.write_bytes(b"another file")
    second.unlink()
    ran = hep_vision("clips", "verify")
    assert ran.code == 4
    assert ran.out == "Clips: 2, missing or damaged: 2.\n"
    assert len(ran.err.splitlines()) == 2
    assert hep_vision("clips", "export", owner, "--out", data_dir / "out").code == 4


def test_what_was_dismissed_goes_first(hep_vision: Command, owner: str, data_dir: Path) -> None:
    listed = json.loads(hep_vision("clips", "list", "--session", owner, "-f", "json").out)
    ran = hep_vision("clips", "judge", listed[1]["id"], "dismissed", "--note", "bent on purpose")
    assert ran.out == f"Clip {listed[1]['id'][:8]}, over_limit: dismissed.\n"
    with SessionLog.open(data_dir) as log:
        assert [each.note for each in log.verdicts.of_session(owner)] == ["bent on purpose"]

    ran = hep_vision("clips", "prune", "--budget", "2MB")
    assert ran.out == "Deleted 1 clips; those left take 1.5 MB.\n"
    left = json.loads(hep_vision("clips", "list", "-f", "json").out)
    assert [each["id"] for each in left] == [listed[0]["id"]]


@pytest.mark.parametrize(
    ("options", "deleted"),
    [
        ((), 2),  # 90 days
        (("--older-than", "52w"), 2),
        (("--older-than", "36500d"), 0),
        (("--budget", "2GB"), 0),
        (("--budget", "0"), 2),
    ],
    ids=str,
)
def test_limits(hep_vision: Command, owner: str, options: tuple[str, ...], deleted: int) -> None:
    assert hep_vision("clips", "prune", *options).out.startswith(f"Deleted {deleted} clips; ")


@pytest.mark.parametrize(
    "options", [("--budget", "much"), ("--budget", "-1"), ("--older-than", "90")], ids=str
)
def test_limits_that_are_none(hep_vision: Command, owner: str, options: tuple[str, str]) -> None:
    ran = hep_vision("clips", "prune", *options)
    assert ran.code == 2
    assert options[0] in ran.err


def test_a_session_without_clips_exports_none(
    hep_vision: Command, data_dir: Path, tmp_path: Path
) -> None:
    source = SourceRecord(SourceKind.WEBCAM, "0")
    with SessionLog.open(data_dir) as log:
        owner = log.begin(
            SessionHeader("squat", 1, Side.BOTH, source, LONG_AGO, "0.1.0")
        ).session_id
    ran = hep_vision("clips", "export", owner, "--out", tmp_path / "out")
    assert (ran.code, ran.out.startswith("This session has no clips")) == (0, True)


def test_clips_of_recordings_are_cut_on_request_alone(
    hep_vision: Command, squat_clip: Path, tmp_path: Path, data_dir: Path
) -> None:
    limits = ("--goal", "70", "--limit", "80")
    ran = hep_vision("analyze", squat_clip, "-e", "squat", *limits, "--clips")
    assert ran.code == 0
    assert "clips kept: 3" in " ".join(ran.err.split())
    listed = json.loads(hep_vision("clips", "list", "-f", "json").out)
    ran = hep_vision("clips", "export", listed[0]["session"], "--out", tmp_path / "out")
    assert ran.code == 0
    assert "look at each before you share it" in ran.out
    assert len(list((tmp_path / "out").glob("*.mp4"))) == 3
    kept = {each["id"] for each in listed}
    assert kept == {path.stem for path in (data_dir / "clips").iterdir()}

    (track,) = (data_dir / "tracks").iterdir()
    ran = hep_vision("analyze", track, "-e", "squat", *limits, "--clips")
    assert "no pictures, no clips" in " ".join(ran.err.split())
    hep_vision("analyze", track, "-e", "squat", *limits)
    assert len(json.loads(hep_vision("clips", "list", "-f", "json").out)) == 3


def test_the_document_of_an_analysis_names_the_clip_of_each_deviation(
    hep_vision: Command, squat_clip: Path, data_dir: Path
) -> None:
    ask = ("analyze", squat_clip, "-e", "squat", "--goal", "70", "--limit", "80", "-f", "json")
    without = json.loads(hep_vision(*ask).out)["deviations"]
    assert {each["clip"] for each in without} == {None}
    ran = hep_vision(*ask, "--clips")
    found = json.loads(ran.out)["deviations"]
    with SessionLog.open(data_dir) as log:
        clips = {row.clip.rep: row.clip_id for row in log.clips.rows()}
    assert len(clips) == 3
    beyond = [each for each in found if each["id"] == "over_limit"]
    assert {each["rep"] for each in beyond} > set(clips)
    assert [each["clip"] for each in beyond] == [clips.get(each["rep"]) for each in beyond]
    assert [each | {"clip": None} for each in found] == without


def test_clips_need_the_log(hep_vision: Command, squat_clip: Path) -> None:
    ran = hep_vision("analyze", squat_clip, "-e", "squat", "--clips", "--no-log")
    assert ran.code == 2
    assert "--clips" in ran.err


@pytest.mark.parametrize(
    ("options", "scope", "blurs"),
    [
        ((), ClipScope.REPEATED, False),
        (("--clips-of", "serious", "--blur-faces"), ClipScope.SERIOUS, True),
        (("--no-clips",), None, False),
    ],
    ids=str,
)
def test_what_a_live_session_keeps(
    hep_vision: Command,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    scope: ClipScope | None,
    blurs: bool,
) -> None:
    asked: list[LiveOptions] = []

    def hold(options: LiveOptions) -> LiveResult:
        asked.append(options)
        return LiveResult((), None, LiveMeter())

    monkeypatch.setattr(live_session, "hold_session", hold)
    assert hep_vision("live", "-e", "squat", *options).code == 0
    (only,) = asked
    assert (only.clips and only.clips.scope) == scope
    assert only.blur_faces is blurs
