import math
import os
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from hep_vision.coach.loudspeaker import (
    CommandEngine,
    LoudspeakerError,
    ResidentEngine,
    find_sounds,
    find_speech,
)
from hep_vision.coach.loudspeaker_child import LOUDNESS, tone
from hep_vision.coach.spoken import Sound, Urgency
from hep_vision.coach.voice import (
    Level,
    SilentVoice,
    Voice,
    examine_audio,
    open_voice,
)

PATIENCE_S = 30.0
"""Only a test that fails waits so long."""


class MadeUpUtterance:
    def __init__(self, engine: "MadeUpEngine", words: str) -> None:
        self._engine = engine
        self._words = words
        self.ended = threading.Event()
        self.stopped = False

    def run(self) -> None:
        if self._engine.broken:
            self._engine.heard.put(self._words)
            raise LoudspeakerError("the made-up engine is broken")
        self._engine.running = self
        self._engine.heard.put(self._words)
        if self._words not in self._engine.short:
            assert self.ended.wait(PATIENCE_S)

    def stop(self) -> None:
        self.stopped = True
        self.ended.set()


class MadeUpEngine:
    """Speaks a line for as long as the test wants."""

    name = "made-up"

    def __init__(self, *, broken: bool = False) -> None:
        self.broken = broken
        self.short = {"(ready)"}
        self.heard: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.running: MadeUpUtterance | None = None
        self.closed = False

    def prepare(self) -> MadeUpUtterance:
        return MadeUpUtterance(self, "(ready)")

    def utterance(self, words: str) -> MadeUpUtterance:
        return MadeUpUtterance(self, words)

    def close(self) -> None:
        self.closed = True

    def begins(self) -> str:
        """Wait for the next line to begin."""
        return self.heard.get(timeout=PATIENCE_S)

    def ends(self) -> bool:
        """Let the line that is spoken end; return whether it had been stopped."""
        assert self.running is not None
        stopped = self.running.stopped
        self.running.ended.set()
        return stopped

    def nothing_more(self) -> bool:
        return self.heard.empty()


class Clock:
    """Stands still, and knows which thread looked at it."""

    def __init__(self) -> None:
        self.now_ms = 0.0
        self._looks: queue.SimpleQueue[str] = queue.SimpleQueue()

    def __call__(self) -> float:
        self._looks.put(threading.current_thread().name)
        return self.now_ms

    def wait_for(self, thread: str, looks: int) -> None:
        """Wait until a thread has looked: it does whenever it chooses the next line."""
        while looks:
            looks -= self._looks.get(timeout=PATIENCE_S) == thread


class Room:
    """A voice with made-up engines in it."""

    def __init__(self, level: Level = Level.FULL) -> None:
        self.clock = Clock()
        self.speech = MadeUpEngine()
        self.sounds = MadeUpEngine()
        self.voice: Voice = open_voice(
            level, self.clock, speech=lambda: self.speech, sounds=lambda: self.sounds
        )


@pytest.fixture
def room() -> Iterator[Room]:
    room = Room()
    assert room.speech.begins() == "(ready)"
    assert room.sounds.begins() == "(ready)"
    room.clock.wait_for("hep-vision speech", 1)
    yield room
    room.voice.close()


def silence(why: str) -> Callable[[], MadeUpEngine]:
    def find() -> MadeUpEngine:
        raise LoudspeakerError(why)

    return find


def test_a_count_that_was_not_spoken_yet_gives_way_to_the_next(room: Room) -> None:
    room.voice.say("one", Urgency.COUNT)
    assert room.speech.begins() == "one"
    room.voice.say("two", Urgency.COUNT)
    room.voice.say("three", Urgency.COUNT)

    assert not room.speech.ends()
    assert room.speech.begins() == "three"
    room.voice.close()
    assert room.speech.nothing_more()


def test_a_cue_waits_for_the_count_that_is_spoken(room: Room) -> None:
    room.voice.say("one", Urgency.COUNT)
    assert room.speech.begins() == "one"
    room.voice.say("Keep your knees apart", Urgency.CUE)

    assert room.speech.nothing_more()
    assert not room.speech.ends()
    assert room.speech.begins() == "Keep your knees apart"


def test_counts_do_not_keep_a_cue_waiting(room: Room) -> None:
    room.voice.say("one", Urgency.COUNT)
    assert room.speech.begins() == "one"
    room.voice.say("two", Urgency.COUNT)
    room.voice.say("Keep your knees apart", Urgency.CUE)
    room.voice.say("three", Urgency.COUNT)

    room.speech.ends()
    assert room.speech.begins() == "Keep your knees apart"
    room.speech.ends()
    assert room.speech.begins() == "three"


def test_praise_lets_everything_else_go_first(room: Room) -> None:
    room.voice.say("one", Urgency.COUNT)
    assert room.speech.begins() == "one"
    room.voice.say("Lovely", Urgency.PRAISE)
    room.voice.say("Keep your knees apart", Urgency.CUE)

    room.speech.ends()
    assert room.speech.begins() == "Keep your knees apart"
    room.speech.ends()
    assert room.speech.begins() == "Lovely"


def test_safety_interrupts_and_drops_what_waits(room: Room) -> None:
    room.voice.say("Keep your knees apart", Urgency.CUE)
    assert room.speech.begins() == "Keep your knees apart"
    room.voice.say("one", Urgency.COUNT)
    room.voice.say("Stop and sit down", Urgency.SAFETY)

    assert room.speech.begins() == "Stop and sit down"
    room.speech.ends()
    room.voice.close()
    assert room.speech.nothing_more()


def test_safety_lets_another_safety_line_finish(room: Room) -> None:
    room.voice.say("Stop and sit down", Urgency.SAFETY)
    assert room.speech.begins() == "Stop and sit down"
    room.voice.say("Call for help", Urgency.SAFETY)
    room.voice.say("Do not get up", Urgency.SAFETY)
    room.voice.say("Call for help", Urgency.SAFETY)

    room.clock.now_ms = 60_000.0
    assert not room.speech.ends()
    assert room.speech.begins() == "Do not get up"
    assert not room.speech.ends()
    assert room.speech.begins() == "Call for help"


@pytest.mark.parametrize(
    ("urgency", "fresh_ms"),
    [(Urgency.COUNT, 1000.0), (Urgency.CUE, 2000.0), (Urgency.PRAISE, 2000.0)],
)
def test_a_line_that_waited_too_long_is_dropped(
    room: Room, urgency: Urgency, fresh_ms: float
) -> None:
    room.voice.say("Bend a little deeper", Urgency.CUE)
    assert room.speech.begins() == "Bend a little deeper"
    room.voice.say("just in time", urgency)
    room.clock.now_ms = fresh_ms
    room.speech.ends()
    assert room.speech.begins() == "just in time"

    room.voice.say("too late", urgency)
    room.clock.now_ms += fresh_ms + 1.0
    room.speech.ends()
    # It chose both lines above, and now between nothing and this one.
    room.clock.wait_for("hep-vision speech", 3)
    room.voice.say("Stop and sit down", Urgency.SAFETY)
    assert room.speech.begins() == "Stop and sit down"


def test_sounds_do_not_wait_for_words(room: Room) -> None:
    room.voice.say("Keep your knees apart", Urgency.CUE)
    assert room.speech.begins() == "Keep your knees apart"
    room.voice.tick(Sound.REP)

    assert room.sounds.begins() == "rep"


def test_sounds_of_two_kinds_follow_each_other(room: Room) -> None:
    room.voice.tick(Sound.COUNTDOWN)
    assert room.sounds.begins() == "countdown"
    room.voice.tick(Sound.REP)
    room.voice.tick(Sound.SET_DONE)
    room.voice.tick(Sound.REP)

    room.sounds.ends()
    assert room.sounds.begins() == "set_done"
    room.sounds.ends()
    assert room.sounds.begins() == "rep"
    room.voice.close()
    assert room.sounds.nothing_more()


def test_muting_ends_what_is_said_and_drops_the_rest(room: Room) -> None:
    room.voice.say("Keep your knees apart", Urgency.CUE)
    assert room.speech.begins() == "Keep your knees apart"
    room.voice.say("one", Urgency.COUNT)
    spoken = room.speech.running

    room.voice.muted = True
    room.voice.say("two", Urgency.COUNT)
    room.voice.say("Stop and sit down", Urgency.SAFETY)
    room.voice.tick(Sound.REP)
    assert room.voice.muted
    assert spoken is not None
    assert spoken.stopped

    room.voice.muted = False
    room.voice.say("three", Urgency.COUNT)
    assert room.speech.begins() == "three"
    room.voice.tick(Sound.SET_DONE)
    assert room.sounds.begins() == "set_done"


@pytest.mark.parametrize(
    ("level", "spoken", "sounded"),
    [
        (Level.SILENT, [], []),
        (Level.TICKS, [], ["rep"]),
        (Level.COUNTS, ["one", "Stop and sit down"], ["rep"]),
        (
            Level.FULL,
            ["Lovely", "one", "Keep your knees apart", "Stop and sit down"],
            ["rep"],
        ),
    ],
)
def test_the_level_says_what_is_heard(level: Level, spoken: list[str], sounded: list[str]) -> None:
    room = Room(level)
    lines = [
        ("Lovely", Urgency.PRAISE),
        ("one", Urgency.COUNT),
        ("Keep your knees apart", Urgency.CUE),
        ("Stop and sit down", Urgency.SAFETY),
    ]
    heard = []
    if spoken:
        assert room.speech.begins() == "(ready)"
    for words, urgency in lines:
        room.voice.say(words, urgency)
        if words in spoken:
            heard.append(room.speech.begins())
            room.speech.ends()
    room.voice.tick(Sound.REP)
    ticks = [room.sounds.begins() for _ in ("(ready)", *sounded)][1:] if sounded else []
    room.voice.close()

    assert heard == spoken
    assert ticks == sounded
    assert room.speech.nothing_more()
    assert room.sounds.nothing_more()


def test_silence_that_is_meant_is_no_problem() -> None:
    voice = open_voice(Level.SILENT, Clock())

    assert isinstance(voice, SilentVoice)
    assert not voice.available
    assert voice.problem is None


def test_a_voice_that_works_has_no_problem(room: Room) -> None:
    assert room.voice.available
    assert room.voice.problem is None
    assert not room.voice.muted


def test_what_is_missing_is_said_in_one_line_and_nothing_is_raised() -> None:
    voice = open_voice(
        Level.FULL, Clock(), speech=silence("nothing here speaks"), sounds=silence("no device")
    )
    voice.say("one", Urgency.COUNT)
    voice.tick(Sound.REP)
    voice.muted = True
    voice.muted = False

    assert not voice.available
    assert voice.problem == "no speech: nothing here speaks; no sounds: no device"
    voice.close()


def test_words_are_heard_where_sounds_cannot_be() -> None:
    speech = MadeUpEngine()
    voice = open_voice(
        Level.FULL, Clock(), speech=lambda: speech, sounds=silence("no audio device")
    )
    assert speech.begins() == "(ready)"
    voice.say("one", Urgency.COUNT)

    assert speech.begins() == "one"
    assert voice.available
    assert voice.problem == "no sounds: no audio device"
    voice.close()


def test_an_engine_that_fails_three_times_is_left_alone_until_unmuted() -> None:
    clock = Clock()
    engine = MadeUpEngine(broken=True)
    voice = open_voice(Level.TICKS, clock, sounds=lambda: engine)
    assert engine.begins() == "(ready)"
    clock.wait_for("hep-vision sounds", 1)
    for _ in range(2):
        assert not voice.available
        voice.tick(Sound.REP)
        assert engine.begins() == "rep"
        clock.wait_for("hep-vision sounds", 2)

    assert voice.problem == "no sounds: the made-up engine is broken"
    engine.broken = False
    voice.tick(Sound.TROUBLE)
    voice.muted = False
    voice.tick(Sound.SET_DONE)
    assert engine.begins() == "set_done"
    engine.ends()
    clock.wait_for("hep-vision sounds", 2)
    assert voice.available
    voice.close()
    assert voice.problem is None


def test_closing_stops_in_the_middle_of_a_line_and_ends_the_threads() -> None:
    before = threading.active_count()
    room = Room()
    assert room.speech.begins() == "(ready)"
    room.voice.say("Keep your knees apart", Urgency.CUE)
    assert room.speech.begins() == "Keep your knees apart"

    room.voice.close()
    assert threading.active_count() == before
    assert room.speech.running is not None
    assert room.speech.running.stopped
    assert room.speech.closed
    assert room.sounds.closed

    room.voice.close()
    room.voice.say("one", Urgency.COUNT)
    room.voice.tick(Sound.REP)
    assert room.speech.nothing_more()
    assert not room.voice.available


def test_examining_names_the_engines_or_the_reason() -> None:
    speech = MadeUpEngine()

    assert examine_audio(lambda: speech, silence("no audio device")) == (
        "speech: made-up",
        "sounds: none, no audio device",
    )
    assert speech.closed
    assert examine_audio(lambda: MadeUpEngine(broken=True), MadeUpEngine) == (
        "speech: none, the made-up engine is broken",
        "sounds: made-up",
    )


WORDS = [
    "-v --help",
    "\"Well\" done; 'you' $(id) `id` && | > %PATH% \\",
    "Zwölf Kniebeugen, schön",
]


def python(*lines: str) -> tuple[str, ...]:
    return (sys.executable, "-X", "utf8", "-c", "\n".join(lines))


@pytest.mark.parametrize("words", WORDS)
def test_a_command_gets_the_words_as_they_are(tmp_path: Path, words: str) -> None:
    file = tmp_path / "words"
    reads = python(
        "import sys, pathlib",
        f"pathlib.Path({str(file)!r}).write_text(sys.stdin.read(), encoding='utf-8')",
    )
    CommandEngine("reader", reads).utterance(words).run()
    assert file.read_text(encoding="utf-8") == words

    takes = python(
        "import sys, pathlib",
        f"pathlib.Path({str(file)!r}).write_text(repr(sys.argv[1:]), encoding='utf-8')",
    )
    engine = CommandEngine("taker", (*takes, "--"), in_argument=True)
    engine.utterance(words).run()
    assert file.read_text(encoding="utf-8") == repr(["--", words])


@pytest.mark.parametrize("words", WORDS)
def test_a_resident_process_gets_the_words_as_they_are(tmp_path: Path, words: str) -> None:
    file = tmp_path / "words"
    keeps = python(
        "import sys, pathlib",
        "print('ready', flush=True)",
        "for line in sys.stdin:",
        f"    with pathlib.Path({str(file)!r}).open('a', encoding='utf-8') as file:",
        "        file.write(line)",
        "    print('done', flush=True)",
    )
    engine = ResidentEngine("keeper", keeps)
    engine.utterance(words).run()
    engine.utterance("one\nline\0only\ud800").run()
    engine.close()

    assert file.read_text(encoding="utf-8") == f"{words}\none line only\n"


def test_a_command_that_is_missing_fails_with_a_reason() -> None:
    for engine in (
        CommandEngine("nobody", ("no-such-command-here",)),
        ResidentEngine("nobody", ("no-such-command-here",)),
    ):
        with pytest.raises(LoudspeakerError, match="nobody: "):
            engine.utterance("one").run()


def test_a_command_that_fails_says_so_and_its_complaints_stay_unseen(
    capfd: pytest.CaptureFixture[str],
) -> None:
    fails = python("import sys", "print('noise', file=sys.stderr)", "print('noise')", "sys.exit(3)")
    with pytest.raises(LoudspeakerError, match="failing failed with exit code 3"):
        CommandEngine("failing", fails).utterance("one").run()
    with pytest.raises(LoudspeakerError, match="noise"):
        ResidentEngine("failing", fails).prepare().run()

    assert capfd.readouterr() == ("", "")


def test_a_command_that_only_complains_has_no_device() -> None:
    complains = python("import sys", "print('noise\\nerror: no card', file=sys.stderr)")
    engine = CommandEngine("espeak-ng", complains, complaint="error:")

    for utterance in (engine.prepare(), engine.utterance("one")):
        with pytest.raises(LoudspeakerError, match="espeak-ng finds no audio device"):
            utterance.run()


@pytest.mark.parametrize("ending", ["pass", "import os; os.close(0)"])
def test_a_resident_process_that_ends_is_started_again(ending: str) -> None:
    once = python("print('ready', flush=True)", "input()", ending, "print('done', flush=True)")
    engine = ResidentEngine("once", once)
    engine.utterance("one").run()
    with pytest.raises(LoudspeakerError, match="once ended by itself"):
        engine.utterance("two").run()
    engine.utterance("three").run()
    engine.close()


def test_a_line_stopped_before_it_began_is_not_spoken(tmp_path: Path) -> None:
    file = tmp_path / "words"
    writes = python("import pathlib", f"pathlib.Path({str(file)!r}).touch()")
    utterance = CommandEngine("writer", writes).utterance("one")
    utterance.stop()
    utterance.run()

    assert not file.exists()


@pytest.mark.parametrize("resident", [False, True])
def test_a_line_is_stopped_while_it_is_spoken(tmp_path: Path, resident: bool) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("needs named pipes")
    begun = tmp_path / "begun"
    os.mkfifo(begun)
    endless = python(
        "import pathlib, signal",
        "print('ready', flush=True)",
        "input()",
        f"pathlib.Path({str(begun)!r}).write_text('begun')",
        "while True: signal.pause()",
    )
    engine: CommandEngine | ResidentEngine
    engine = ResidentEngine("endless", endless) if resident else CommandEngine("endless", endless)
    utterance = engine.utterance("one")
    speaking = threading.Thread(target=utterance.run)
    speaking.start()
    assert begun.read_text() == "begun"

    utterance.stop()
    speaking.join(PATIENCE_S)
    assert not speaking.is_alive()
    engine.close()


@pytest.mark.parametrize(
    ("platform", "there", "name"),
    [
        ("linux", {"espeak-ng", "spd-say"}, "espeak-ng"),
        ("linux", {"espeak"}, "espeak"),
        ("linux", {"spd-say", "say"}, "spd-say"),
        ("darwin", {"say", "espeak-ng"}, "say"),
        ("win32", {"powershell"}, "Windows speech"),
    ],
)
def test_the_system_speaks_with_what_it_has(platform: str, there: set[str], name: str) -> None:
    assert find_speech(platform, lambda name: name if name in there else None).name == name


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_a_package_speaks_where_the_system_cannot(
    platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    assert find_speech(platform, lambda name: None).name == "pyttsx3"
    assert find_sounds().name == "sounddevice"

    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(LoudspeakerError, match="nor is pyttsx3"):
        find_speech(platform, lambda name: None)
    with pytest.raises(LoudspeakerError, match="sounddevice is not installed"):
        find_sounds()


def made_up_package(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, *lines: str
) -> Callable[[], str]:
    """Put a package in the way of the real one; return what reads the lines it wrote."""
    written = folder / "written"
    written.touch()
    writes = (
        "def write(*words):",
        f"    with open({str(written)!r}, 'a', encoding='utf-8') as file:",
        "        print(*words, file=file)",
    )
    (folder / f"{name}.py").write_text("\n".join((*writes, *lines)), encoding="utf-8")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    return lambda: written.read_text(encoding="utf-8")


def test_sounds_are_played_through_sounddevice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = made_up_package(
        tmp_path,
        monkeypatch,
        "sounddevice",
        "class PortAudioError(Exception): pass",
        "def query_devices(kind): return {'default_samplerate': 1000.0}",
        "class OutputStream:",
        "    def __init__(self, samplerate, channels, dtype, latency): write(samplerate, channels)",
        "    def start(self): write('start')",
        "    def write(self, samples): write(samples.dtype, len(samples))",
        "    def stop(self): write('stop')",
    )
    engine = find_sounds()
    engine.prepare().run()
    engine.utterance("countdown").run()
    engine.close()

    assert written() == "1000.0 1\nstart\nfloat32 110\nstop\n"


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (["raise OSError('PortAudio library not found')"], "PortAudio is not installed"),
        (
            [
                "class PortAudioError(Exception): pass",
                "def query_devices(kind): raise PortAudioError('Error querying device -1')",
            ],
            "no audio device",
        ),
        (["raise SystemExit(1)"], "sounddevice ended by itself"),
    ],
)
def test_without_a_device_there_are_no_sounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: list[str], why: str
) -> None:
    made_up_package(tmp_path, monkeypatch, "sounddevice", *lines)

    with pytest.raises(LoudspeakerError, match=why):
        find_sounds().prepare().run()


def test_words_are_spoken_through_pyttsx3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = made_up_package(
        tmp_path,
        monkeypatch,
        "pyttsx3",
        "class Engine:",
        "    def say(self, words): write(words)",
        "    def runAndWait(self): write('spoken')",
        "def init(): return Engine()",
    )
    engine = find_speech("linux", lambda name: None)
    engine.utterance("-v Zwölf").run()
    engine.close()

    assert written() == "-v Zwölf\nspoken\n"


@pytest.mark.parametrize("sound", Sound)
def test_a_sound_is_short_soft_and_begins_and_ends_in_silence(sound: Sound) -> None:
    rate_hz = 48_000.0
    samples = tone(sound, rate_hz)

    assert 0.05 < len(samples) / rate_hz < 0.5
    assert 0.9 * LOUDNESS < np.abs(samples).max() <= LOUDNESS
    assert samples[0] == samples[-1] == 0.0
    # A step between neighbours larger than a note of 1 kHz makes would be heard as a click.
    assert np.abs(np.diff(samples)).max() < LOUDNESS * 2.0 * math.pi * 1000.0 / rate_hz


def test_no_two_sounds_are_alike() -> None:
    assert len({tone(sound, 8000.0).tobytes() for sound in Sound}) == len(Sound)
