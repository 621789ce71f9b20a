"""What a batch has done so far, whatever happens to its file."""

import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import hep_vision
from hep_vision.app.batch.journal import Entry, FileState, Journal
from hep_vision.errors import ExitCode, StoreError

PACKAGES = Path(hep_vision.__file__).parents[1]

STATE = FileState("/clips/a.mp4", 1000, 5)


def entry(entry_id: str = "one", key: str = "key", sha256: str = "ab", rows: int = 1) -> Entry:
    outcome = {"rows": {"reps": [["ü", 1, 1.5, None, True]] * rows}, "exit_code": 0, "frames": 3}
    return Entry(entry_id, key, STATE, sha256, outcome)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


def test_what_was_kept_is_there_again_and_the_last_one_holds(path: Path) -> None:
    with Journal(path) as journal:
        assert journal.find("one") is None
        journal.keep(entry())
        journal.keep(entry(key="later", sha256=""))
        journal.keep(entry("two"))
    with Journal(path) as journal:
        assert journal.find("one") == entry(key="later", sha256="")
        assert journal.find("two") == entry("two")


def test_a_file_that_is_unchanged_has_its_checksum(path: Path) -> None:
    with Journal(path) as journal:
        journal.keep(entry(sha256=""))
        assert journal.sha256(STATE) == ""
        journal.keep(entry("two"))
        assert journal.sha256(STATE) == "ab"
        for other in (("/b.mp4", 1000, 5), ("/clips/a.mp4", 1001, 5), ("/clips/a.mp4", 1000, 6)):
            assert journal.sha256(FileState(*other)) == ""


def test_its_files_are_for_their_owner_only(path: Path) -> None:
    path.touch(0o644)
    with Journal(path) as journal:
        journal.keep(entry())
        modes = {stat.S_IMODE(one.stat().st_mode) for one in path.parent.iterdir()}
    assert modes == {0o600}


def test_a_name_that_is_not_text_is_kept(path: Path, tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"f\xfcr.mp4")
    odd.touch()
    state = FileState.of(odd)
    assert state is not None
    with Journal(path) as journal:
        journal.keep(Entry("odd", "key", state, "cd", {}))
        assert journal.sha256(state) == "cd"
    assert FileState.of(tmp_path / "none") is None


def test_a_second_batch_is_told_and_the_first_goes_on(path: Path) -> None:
    with Journal(path) as journal:
        with pytest.raises(StoreError, match="another batch is at work in this folder") as raised:
            Journal(path)
        assert raised.value.exit_code is ExitCode.STORE_UNUSABLE
        journal.keep(entry())
    with Journal(path) as journal:
        assert journal.find("one") == entry()


KEEPS = """
import sys
from pathlib import Path
from test_journal import Journal, entry

with Journal(Path(sys.argv[1])) as journal:
    for number in range(10_000):
        journal.keep(entry(str(number), rows=20))
        print(number, flush=True)
"""


def test_a_kill_at_any_moment_leaves_what_was_kept_and_no_lock(path: Path) -> None:
    kept = -1
    for wanted in (3, 50, 7):
        process = subprocess.Popen(
            [sys.executable, "-c", KEEPS, str(path)],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": f"{PACKAGES}{os.pathsep}{Path(__file__).parent}"},
        )
        assert process.stdout is not None
        for _ in range(wanted):
            kept = int(process.stdout.readline())
        process.kill()
        rest, _ = process.communicate()
        kept = max(kept, *map(int, rest.split()), 0)
        with Journal(path) as journal:
            assert all(journal.find(str(one)) == entry(str(one), rows=20) for one in range(kept))


@pytest.mark.parametrize(
    "content", [b"this is no journal, but a letter. " * 40, b"SQLite format 3\0"]
)
def test_a_file_that_is_no_journal_is_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreError, match="damaged, or not the journal") as raised:
        Journal(path)
    assert "\n" not in str(raised.value)
    assert path.read_bytes() == content


def test_a_damaged_journal_is_told(path: Path) -> None:
    with Journal(path) as journal:
        for number in range(200):
            journal.keep(entry(str(number), rows=50))
    content = bytearray(path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StoreError, match="damaged, or not the journal"), Journal(path) as journal:
        journal.find("7")


def test_a_damaged_entry_counts_for_none(path: Path) -> None:
    with Journal(path) as journal:
        journal.keep(entry())
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE recordings SET outcome = '{'")
    with Journal(path) as journal:
        assert journal.find("one") is None


def test_the_file_of_another_program_or_version_is_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("CREATE TABLE recordings (title TEXT)")
    with pytest.raises(StoreError, match="not the journal of a batch"):
        Journal(path)
    path.unlink()
    Journal(path).__exit__(None, None, None)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA user_version = 2")
    with pytest.raises(StoreError, match="another version of hep-vision"):
        Journal(path)


def test_a_folder_in_its_place_is_told(path: Path) -> None:
    path.mkdir()
    with pytest.raises(StoreError, match="cannot be used"):
        Journal(path)


def test_a_full_disk_loses_only_what_did_not_fit(path: Path) -> None:
    with Journal(path) as journal:
        journal._file.execute("PRAGMA max_page_count = 20")
        kept = 0
        with pytest.raises(StoreError, match="free some space") as raised:  # noqa: PT012 - which?
            for number in range(1000):
                journal.keep(entry(str(number), rows=50))
                kept += 1
        assert "\n" not in str(raised.value)
        assert 0 < kept < 1000
    with Journal(path) as journal:
        assert journal.find(str(kept - 1)) is not None
        assert journal.find(str(kept)) is None
