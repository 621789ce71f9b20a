"""Every command takes the log of ``--database``, and none keeps another one beside it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import hep_vision.cli
from hep_vision.errors import ExitCode
from hep_vision.store.locations import DATABASE_NAME, LogPlace
from hep_vision.store.sessions import SessionLog
from logged import whole_session
from practised import PROGRAM, enter_program, moment, practise
from servers import PASSWORD

CLI = Path(hep_vision.cli.__file__).parent


def test_no_command_opens_a_log_by_itself() -> None:
    """Whoever opens the folder alone would leave out the database that was named."""
    opens = [
        path.name
        for path in CLI.rglob("*.py")
        if re.search(r"SessionLog\.open\(|Database\.at\(", path.read_text(encoding="utf-8"))
    ]
    assert opens == ["options.py"]


@pytest.fixture
def filled(postgres_place: LogPlace) -> LogPlace:
    """A log of a program on a server, in the data folder of the command line."""
    with SessionLog.open(postgres_place) as log:
        ref = enter_program(log)
        for ahead in (0, 2, 4):
            practise(log, ref, ahead, faults=1)
        whole_session(log)
    return postgres_place


@pytest.mark.parametrize("how", ["option", "variable"])
def test_commands_read_and_write_the_log_of_the_server(
    hep_vision: Callable[..., object],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    filled: LogPlace,
    how: str,
) -> None:
    url = filled.url
    assert url is not None
    if how == "variable":
        monkeypatch.setenv("HEP_VISION_DATABASE", url)
    before = () if how == "variable" else ("--database", url)
    program = tmp_path / "program.toml"
    program.write_text(PROGRAM.replace("reps = 5", "reps = 6"))
    until = moment(7).date().isoformat()
    answers = [
        hep_vision(*before, *command)
        for command in (
            ("today",),
            ("program", "import", program),
            ("program", "history"),
            ("log", "list"),
            ("progress", "--until", until),
            ("concerns",),
            ("clips", "list"),
            ("export", "--format", "csv", "--out", tmp_path / "out"),
            ("report", "--until", until, "--out", tmp_path / "report.html"),
        )
    ]
    for answer in answers:
        assert answer.code == ExitCode.OK, answer
        assert PASSWORD not in answer.out + answer.err
    assert "squat" in answers[3].out
    assert (tmp_path / "out" / "reps.csv").stat().st_size > 1000
    with SessionLog.open(filled) as log:
        assert len(log.programs.versions(log.programs.newest()[0].ref.program_id)) == 2
    assert not (filled.folder / DATABASE_NAME).exists()


def test_a_server_that_cannot_be_reached_is_one_line(
    hep_vision: Callable[..., object], tmp_path: Path
) -> None:
    ran = hep_vision("--database", f"postgresql://anna:secret@/clinic?host={tmp_path}", "today")
    assert ran.code == ExitCode.STORE_UNUSABLE
    assert ran.err.count("\n") == 1
    assert "postgresql://anna@/clinic cannot be reached" in ran.err
    assert "secret" not in ran.err
