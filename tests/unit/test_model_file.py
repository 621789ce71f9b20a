"""The shipped model is whole, and a fetched one arrives whole or not at all."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import NoReturn

import pytest

from hep_vision.errors import ModelDamagedError, ModelError, ModelMissingError
from hep_vision.pose import model_file
from hep_vision.pose.model_file import ModelInfo

CONTENT = bytes(range(256)) * 1000
INFO = ModelInfo(
    name="tiny",
    file="tiny.task",
    size_bytes=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    licence="Apache-2.0",
    summary="",
    origin="",
    url="https://models.invalid/tiny.task",
)


@dataclass
class ModelServer:
    """What a local server sends, and what it was asked for."""

    url: str
    content: bytes = CONTENT
    honours_range: bool = True
    status: int = 200
    hangs_up_after_bytes: int | None = None
    ranges: list[str | None] = field(default_factory=list)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        wanted = handler.headers["Range"]
        self.ranges.append(wanted)
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        partial = self.honours_range and wanted is not None
        body = self.content[start:] if partial else self.content
        handler.send_response(206 if partial else self.status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[: self.hangs_up_after_bytes])


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.answer(self)

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        state = ModelServer(f"http://127.0.0.1:{http.server_port}/tiny.task")
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield state
        http.shutdown()
        thread.join()


def download(server: ModelServer, folder: Path) -> tuple[Path, list[tuple[int, int]]]:
    seen: list[tuple[int, int]] = []
    path = model_file.download(
        replace(INFO, url=server.url), folder, lambda done, total: seen.append((done, total))
    )
    return path, seen


def assert_one_line(error: pytest.ExceptionInfo[Exception]) -> None:
    assert "\n" not in str(error.value)


def test_shipped_model_is_the_one_in_the_manifest(tmp_path: Path) -> None:
    info = model_file.find_model(model_file.DEFAULT_MODEL)
    path = model_file.locate(info.name, tmp_path)
    model_file.verify(path, info)
    assert path.parent == model_file.shipped_folder()
    assert (path.parent / "LICENSE").is_file()
    assert (path.parent / "NOTICE").is_file()


def test_manifest_lists_the_default_first_and_an_address_for_all_others() -> None:
    default, *others = model_file.list_models()
    assert default.name == model_file.DEFAULT_MODEL
    assert default.url is None
    assert {info.name for info in others} == {"lite", "heavy"}
    for info in others:
        assert info.url is not None
        assert info.url.startswith("https://")
        assert info.url.endswith(info.file)


def test_model_that_is_not_here_names_the_command_that_gets_it(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="hep-vision models fetch lite") as error:
        model_file.locate("lite", tmp_path)
    assert_one_line(error)


def test_unknown_model_lists_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match=r"'huge'.*full, lite, heavy"):
        model_file.locate("huge", tmp_path)


def test_fetched_model_is_found(tmp_path: Path) -> None:
    lite = tmp_path / model_file.find_model("lite").file
    lite.write_bytes(b"")
    assert model_file.locate("lite", tmp_path) == lite


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(CONTENT[:-1], "255,999 bytes instead of 256,000"), (CONTENT[::-1], "checksum differs")],
)
def test_damaged_model_is_named(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / INFO.file
    path.write_bytes(content)
    with pytest.raises(ModelDamagedError, match=complaint) as error:
        model_file.verify(path, INFO)
    assert_one_line(error)


def test_verifying_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="cannot be read"):
        model_file.verify(tmp_path / "absent.task", INFO)


def test_download_arrives_whole_and_reports_progress(server: ModelServer, tmp_path: Path) -> None:
    path, seen = download(server, tmp_path / "new" / "folder")
    assert path.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})
    assert [file.name for file in path.parent.iterdir()] == [INFO.file]


def test_download_of_a_whole_model_asks_nobody(server: ModelServer, tmp_path: Path) -> None:
    (tmp_path / INFO.file).write_bytes(CONTENT)
    path, seen = download(server, tmp_path)
    assert path.read_bytes() == CONTENT
    assert seen == []
    assert server.ranges == []


def test_damaged_model_is_fetched_again(server: ModelServer, tmp_path: Path) -> None:
    (tmp_path / INFO.file).write_bytes(b"rubbish")
    path, _ = download(server, tmp_path)
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize("honours_range", [True, False])
def test_broken_off_download_goes_on(
    server: ModelServer, tmp_path: Path, honours_range: bool
) -> None:
    server.hangs_up_after_bytes = 100_000
    with pytest.raises(ModelError, match="run the same command again") as error:
        download(server, tmp_path)
    assert_one_line(error)
    assert not (tmp_path / INFO.file).exists()

    server.hangs_up_after_bytes = None
    server.honours_range = honours_range
    path, seen = download(server, tmp_path)
    assert path.read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=100000-"]
    assert (seen[0][0] > 100_000) is honours_range


@pytest.mark.parametrize("content", [CONTENT[::-1], CONTENT + b"more"])
def test_wrong_content_is_deleted(server: ModelServer, tmp_path: Path, content: bytes) -> None:
    server.content = content
    with pytest.raises(ModelDamagedError, match="checksum") as error:
        download(server, tmp_path)
    assert_one_line(error)
    assert list(tmp_path.iterdir()) == []


def test_page_in_place_of_the_model_does_not_poison_the_next_attempt(
    server: ModelServer, tmp_path: Path
) -> None:
    server.content = b"<html>Sign in</html>"
    with pytest.raises(ModelError, match="broke off"):
        download(server, tmp_path)
    server.content = CONTENT
    with pytest.raises(ModelDamagedError):
        download(server, tmp_path)
    path, _ = download(server, tmp_path)
    assert path.read_bytes() == CONTENT


def test_missing_page_is_one_line(server: ModelServer, tmp_path: Path) -> None:
    server.status = 404
    with pytest.raises(ModelError, match="check the connection") as error:
        download(server, tmp_path)
    assert_one_line(error)


def test_no_connection_is_one_line(tmp_path: Path) -> None:
    def offline(request: object, *, timeout: float) -> NoReturn:
        raise ConnectionRefusedError(111, "Connection refused")

    with pytest.raises(ModelError, match=r"Connection refused.*run the same command") as error:
        model_file.download(INFO, tmp_path, lambda done, total: None, opener=offline)
    assert_one_line(error)


def test_folder_that_cannot_be_made_is_one_line(server: ModelServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ModelError, match="cannot be written") as error:
        download(server, tmp_path / "file" / "models")
    assert_one_line(error)
