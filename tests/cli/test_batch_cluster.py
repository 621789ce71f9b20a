"""What ``hep-vision batch --scheduler`` says where there is no cluster to use."""

import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hep_vision.errors import ExitCode

Command = Callable[..., Any]


def batch(hep_vision: Command, tmp_path: Path, *more: str) -> Any:
    (tmp_path / "a.npz").touch()
    return hep_vision("batch", tmp_path / "a.npz", "-e", "squat", "--out", tmp_path / "out", *more)


def test_a_scheduler_that_does_not_answer(
    hep_vision: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed", reason="needs the extra cluster")
    monkeypatch.setattr("hep_vision.app.cluster._REACH_S", 0.3)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))  # and nobody listens there
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        ran = batch(hep_vision, tmp_path, "--scheduler", address)
    assert ran.code == ExitCode.INPUT_UNUSABLE
    assert f"no Dask scheduler answers at {address}" in ran.err
    assert len(ran.err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_an_encrypted_connection_without_certificates(hep_vision: Command, tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="needs the extra cluster")
    ran = batch(hep_vision, tmp_path, "--scheduler", "tls://127.0.0.1:8786")
    assert ran.code == ExitCode.INPUT_UNUSABLE
    assert "needs certificates" in ran.err
    assert len(ran.err.splitlines()) == 1


def test_dask_is_not_installed(
    hep_vision: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("dask", "distributed"):
        monkeypatch.setitem(sys.modules, name, None)
    ran = batch(hep_vision, tmp_path, "--scheduler", "tcp://127.0.0.1:8786")
    assert ran.code == ExitCode.INPUT_UNUSABLE
    assert "pip install 'hep-vision[cluster]'" in ran.err
    assert len(ran.err.splitlines()) == 1


def test_what_is_no_address_is_wrong_usage(hep_vision: Command, tmp_path: Path) -> None:
    ran = batch(hep_vision, tmp_path, "--scheduler", "server:8786")
    assert ran.code == ExitCode.USAGE
    assert "tcp://host:8786" in ran.err


def test_processes_are_not_chosen_for_a_cluster(hep_vision: Command, tmp_path: Path) -> None:
    ran = batch(hep_vision, tmp_path, "--scheduler", "tcp://127.0.0.1:8786", "--jobs", "2")
    assert ran.code == ExitCode.USAGE
    assert "--jobs" in ran.err
