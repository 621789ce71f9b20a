"""What can speak or sound on this machine, each as a process of its own.

A process can be ended in the middle of a word, writes its complaints (ALSA, PortAudio) where
nobody sees them, and cannot take the session down with it. Words reach it through its input, or as
one argument behind `--`; no shell ever reads them.
"""

import importlib.util
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Final, Protocol

LONGEST_S: Final = 20.0
"""A line that takes longer hangs (own judgement: the longest line of a session takes 6 s)."""

READY: Final = "ready"
DONE: Final = "done"

_WINDOWS_SPEECH: Final = """
$ErrorActionPreference = 'Stop'
Add-Type -AssemblyName System.Speech
$voice = New-Object System.Speech.Synthesis.SpeechSynthesizer
$lines = New-Object IO.StreamReader([Console]::OpenStandardInput(), [Text.Encoding]::UTF8)
[Console]::Out.WriteLine('ready')
while ($null -ne ($line = $lines.ReadLine())) {
    $voice.Speak($line)
    [Console]::Out.WriteLine('done')
}
"""


class LoudspeakerError(Exception):
    """Nothing was heard; the message says why, without a full stop."""


class Utterance(Protocol):
    """One line, spoken once."""

    def run(self) -> None:
        """Speak, and return when it is spoken or stopped.

        Raises:
            LoudspeakerError: It could not be spoken.
        """

    def stop(self) -> None:
        """End it at once, from any thread, also before it began."""


class Engine(Protocol):
    """Something that speaks, or that plays the sounds of `hep_vision.coach.voice`.

    Its utterances are run by one thread, one after another.
    """

    @property
    def name(self) -> str:
        """What a person calls it."""

    def prepare(self) -> Utterance:
        """Return the silent one to run first: it finds out whether the others can be heard."""

    def utterance(self, words: str) -> Utterance:
        """Return these words, ready to run. Characters that cannot be printed are left out."""

    def close(self) -> None:
        """End what is left of it."""


class _Call:
    """One line on its way through a process."""

    def __init__(self, name: str, speak: "Callable[[_Call], None]") -> None:
        self.stopped = False
        self.overdue = False
        self._name = name
        self._speak = speak
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    def run(self) -> None:
        if self.stopped:
            return
        try:
            self._speak(self)
        except OSError as error:
            if not self.stopped:
                raise LoudspeakerError(f"{self._name}: {error.strerror or error}") from error

    def stop(self) -> None:
        with self._lock:
            self.stopped = True
            self._kill()

    @contextmanager
    def using(self, process: "subprocess.Popen[str]") -> Iterator[None]:
        """Let `stop`, or the time, end the process while it works on this line."""
        with self._lock:
            self._process = process
            if self.stopped:
                self._kill()
        watchdog = threading.Timer(LONGEST_S, self._give_up)
        watchdog.daemon = True
        watchdog.start()
        try:
            yield
        finally:
            watchdog.cancel()
            with self._lock:
                self._process = None

    def _give_up(self) -> None:
        with self._lock:
            self.overdue = True
            self._kill()

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()


class CommandEngine:
    """A command that speaks one line and ends.

    Args:
        arguments: The command; it reads the words from its input.
        in_argument: It takes them as its last argument instead.
        hush: What to run after it was stopped, where ending it does not end the speech.
        complaint: How a line begins that it writes among its complaints when it has no audio
            device, where its exit code does not tell. It is tried out by speaking nothing.
    """

    def __init__(
        self,
        name: str,
        arguments: tuple[str, ...],
        *,
        in_argument: bool = False,
        hush: tuple[str, ...] = (),
        complaint: str | None = None,
    ) -> None:
        self._name = name
        self._arguments = arguments
        self._in_argument = in_argument
        self._hush = hush
        self._complaint = complaint

    @property
    def name(self) -> str:
        """What a person calls it."""
        return self._name

    def prepare(self) -> Utterance:
        """Return the one that speaks nothing."""
        if self._complaint is None:
            return _Call(self._name, lambda call: None)
        return _Call(self._name, partial(self._speak, ""))

    def utterance(self, words: str) -> Utterance:
        """Return these words as one line, ready to run."""
        return _Call(self._name, partial(self._speak, _one_line(words)))

    def close(self) -> None:
        """Do nothing: each line has ended its own process."""

    def _speak(self, words: str, call: _Call) -> None:
        arguments = (*self._arguments, words) if self._in_argument else self._arguments
        with _start(arguments, stderr=subprocess.PIPE) as process, call.using(process):
            _, complaints = process.communicate("" if self._in_argument else words)
        if call.stopped:
            if self._hush:
                _run_quietly(self._hush)
        elif call.overdue:
            raise LoudspeakerError(f"{self._name} does not finish")
        elif process.returncode:
            raise LoudspeakerError(f"{self._name} failed with exit code {process.returncode}")
        elif self._complaint is not None and _has_line(complaints, self._complaint):
            raise LoudspeakerError(f"{self._name} finds no audio device")


class ResidentEngine:
    """A process that stays, because it is slow to start.

    It writes `READY`, reads one line after another, and writes `DONE` when that line was heard. Any
    other line it writes is the reason why nothing is heard.
    """

    def __init__(self, name: str, arguments: tuple[str, ...]) -> None:
        self._name = name
        self._arguments = arguments
        self._process: subprocess.Popen[str] | None = None

    @property
    def name(self) -> str:
        """What a person calls it."""
        return self._name

    def prepare(self) -> Utterance:
        """Return the one that starts the process."""
        return _Call(self._name, partial(self._speak, None))

    def utterance(self, words: str) -> Utterance:
        """Return these words as one line, ready to run."""
        return _Call(self._name, partial(self._speak, _one_line(words)))

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(OSError), process:
                process.kill()

    def _speak(self, words: str | None, call: _Call) -> None:
        trouble: str | None = ""
        try:
            new = self._process is None
            if self._process is None:
                self._process = _start(self._arguments)
            with call.using(self._process):
                trouble = _unlike(READY, self._process) if new else None
                if words is not None and trouble is None:
                    trouble = _heard(words, self._process)
        finally:
            # Also after an error of the pipe: what does not answer is started afresh.
            if trouble is not None or call.stopped:
                self.close()
        if trouble is not None and not call.stopped:
            ending = "does not finish" if call.overdue else "ended by itself"
            raise LoudspeakerError(trouble or f"{self._name} {ending}")


def find_speech(
    platform: str = sys.platform, which: Callable[[str], str | None] = shutil.which
) -> Engine:
    """Return what speaks on this machine: a command of the system, or else pyttsx3.

    Args:
        platform: As `sys.platform`.
        which: Finds the path of a command, or None.

    Raises:
        LoudspeakerError: Nothing here can speak.
    """
    if platform == "win32":
        return _windows_speech(which)
    if platform == "darwin":
        if path := which("say"):
            return CommandEngine("say", (path, "-f", "-"))
        return _pyttsx3("the command say is missing")
    for name in ("espeak-ng", "espeak"):
        if path := which(name):
            return CommandEngine(name, (path, "-v", "en", "-b", "1", "--stdin"), complaint="error:")
    if path := which("spd-say"):
        # What the server was given it speaks on without its client.
        return CommandEngine(
            "spd-say",
            (path, "--wait", "--language", "en", "--"),
            in_argument=True,
            hush=(path, "--stop"),
        )
    return _pyttsx3("espeak-ng is not installed")


def find_sounds() -> Engine:
    """Return what plays the sounds: sounddevice.

    Raises:
        LoudspeakerError: It is not installed.
    """
    if importlib.util.find_spec("sounddevice") is None:
        raise LoudspeakerError("sounddevice is not installed")
    return ResidentEngine("sounddevice", _child("sounds"))


def _windows_speech(which: Callable[[str], str | None]) -> Engine:
    if path := which("powershell"):
        arguments = (path, "-NoProfile", "-NonInteractive", "-Command", _WINDOWS_SPEECH)
        return ResidentEngine("Windows speech", arguments)
    return _pyttsx3("PowerShell is missing")


def _pyttsx3(otherwise: str) -> Engine:
    if importlib.util.find_spec("pyttsx3") is None:
        raise LoudspeakerError(f"{otherwise}, nor is pyttsx3")
    return ResidentEngine("pyttsx3", _child("speech"))


def _child(what: str) -> tuple[str, ...]:
    return (sys.executable, "-P", "-m", "hep_vision.coach.loudspeaker_child", what)


def _one_line(words: str) -> str:
    return " ".join("".join(mark if mark.isprintable() else " " for mark in words).split())


def _heard(words: str, process: "subprocess.Popen[str]") -> str | None:
    """Have a resident process speak; return why it did not, "" where it only ended, or None."""
    assert process.stdin is not None
    try:
        process.stdin.write(words + "\n")
        process.stdin.flush()
    except OSError:
        return ""
    return _unlike(DONE, process)


def _unlike(expected: str, process: "subprocess.Popen[str]") -> str | None:
    assert process.stdout is not None
    answer = process.stdout.readline().strip()
    return None if answer == expected else answer


def _has_line(text: str, beginning: str) -> bool:
    return any(line.startswith(beginning) for line in text.splitlines())


def _start(arguments: tuple[str, ...], stderr: int = subprocess.DEVNULL) -> "subprocess.Popen[str]":
    """Start a process that neither a key in the terminal reaches nor whose words reach it."""
    return subprocess.Popen(
        arguments,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _run_quietly(arguments: tuple[str, ...]) -> None:
    with suppress(subprocess.TimeoutExpired):
        subprocess.run(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=LONGEST_S,
            check=False,
        )
