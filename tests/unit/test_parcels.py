"""Recordings on their way to a machine that sees other folders."""

from dataclasses import replace
from pathlib import Path

import pytest

from hep_vision.app.batch.judging import Job, Outcome
from hep_vision.app.batch.parcels import (
    contrary,
    open_parcel,
    packed,
    terms_of,
    tracks_in_sight,
    unpacked,
    versions,
)
from hep_vision.app.filmed import Recording
from hep_vision.app.workers import Report
from hep_vision.sources.track_store import TrackStore

KEY = "ab" * 32


@pytest.fixture
def job(tmp_path: Path) -> Job:
    for name in ("tracks", "scratch", "exercises"):
        (tmp_path / name).mkdir()
    path = tmp_path / "a.npz"
    path.write_bytes(b"four")
    return Job(Recording(path), path.name, None, None, tmp_path / "tracks", tmp_path / "exercises")


def ignore(_share: float, _frames: int) -> None:
    pass


def test_exercises_of_ones_own_travel_with_what_is_to_be_recognised(
    job: Job, tmp_path: Path
) -> None:
    (job.own_dir / "mine.toml").write_text("about mine")
    seen: list[tuple[Path, str]] = []

    def look(jobs: tuple[Job, ...], _report: Report) -> tuple[Outcome, ...]:
        seen.extend((path, path.read_text()) for path in jobs[0].own_dir.iterdir())
        return (Outcome(),)

    with terms_of([(job,)]) as terms:
        parcel = packed((job,), terms, tracks_seen=True)
        (job.own_dir / "mine.toml").unlink()  # as on a machine that never had it
        open_parcel(look, parcel, ignore, tmp_path / "scratch")
    ((path, text),) = seen
    assert (path.name, text) == ("mine.toml", "about mine")
    assert path.parent != job.own_dir
    assert list((tmp_path / "scratch").iterdir()) == []


def test_landmarks_made_where_the_folder_is_out_of_sight_come_back(
    job: Job, tmp_path: Path
) -> None:
    def keep(jobs: tuple[Job, ...], _report: Report) -> tuple[Outcome, ...]:
        path = TrackStore(jobs[0].tracks).path(KEY)
        path.parent.mkdir(parents=True)
        path.write_bytes(b"landmarks")
        return (Outcome(),)

    with terms_of([(job,)]) as terms:
        parcel = packed((job,), replace(terms, proof="of another storage"), tracks_seen=False)
        returned = open_parcel(keep, parcel, ignore, tmp_path / "scratch")
        kept = TrackStore(job.tracks).path(KEY)
        assert returned.tracks == {KEY: b"landmarks"}
        assert not kept.exists()
        assert unpacked(returned, terms) == (Outcome(),)
    assert kept.read_bytes() == b"landmarks"
    assert kept.stat().st_mode & 0o777 == 0o600


def test_a_folder_is_in_sight_only_while_its_mark_lies_in_it(job: Job) -> None:
    with terms_of([(job,)]) as terms:
        assert tracks_in_sight(terms)
    assert not tracks_in_sight(terms)


def test_another_file_of_the_same_name_is_not_taken_for_the_recording(
    job: Job, tmp_path: Path
) -> None:
    def never(jobs: tuple[Job, ...], _report: Report) -> tuple[Outcome, ...]:
        assert jobs == ()
        return ()

    with terms_of([(job,)]) as terms:
        parcel = packed((job,), terms, tracks_seen=True)
        job.recording.path.write_bytes(b"seventh")
        (outcome,) = open_parcel(never, parcel, ignore, tmp_path / "scratch").outcomes
    assert outcome.failed
    assert "has another file as" in str(outcome.rows)


def test_what_differs_is_named() -> None:
    assert contrary(versions(None), None) == ""
    assert "has Python 3." in contrary({**versions(None), "Python": "2.7"}, None)
