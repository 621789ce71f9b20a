"""The plot: its finding in words, its labels, and that it is written whole or not at all."""

import re
import stat
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hep_vision.core.types import (
    Deviation,
    Event,
    Hold,
    Phase,
    PhaseChange,
    Rep,
    RepStatus,
    RepTick,
    Severity,
    Side,
    Trace,
    TrackingLost,
)
from hep_vision.errors import ExportError
from hep_vision.reports.finding import state_finding
from hep_vision.reports.plot import plot_session


def deviation(
    name: str, number: int, start_ms: int, severity: Severity = Severity.WARN
) -> Deviation:
    return Deviation(
        name, number, Side.BOTH, severity, start_ms, start_ms + 500, 16.0, 12.0, "deg", "A cue."
    )


def rep(
    index: int | None,
    start_ms: int,
    status: RepStatus = RepStatus.COUNTED,
    reason: str | None = None,
    deviations: tuple[Deviation, ...] = (),
) -> Rep:
    return Rep(
        index, Side.BOTH, start_ms, start_ms + 1000, start_ms + 2000, status, reason,
        100.0, 95.0, 8.0, 1000, 1000, 0, deviations,
    )  # fmt: skip


def reps(count: int) -> list[Event]:
    return [rep(i + 1, 1000 + 2500 * i) for i in range(count)]


def trace(duration_ms: int = 10_000, unit: str = "deg") -> Trace:
    timestamp_ms = np.arange(0, duration_ms, 33, dtype=np.int64)
    value = 50 - 50 * np.cos(2 * np.pi * timestamp_ms / 2500)
    return Trace(timestamp_ms, value, unit, "left knee flexion")


def plotted_words(path: Path) -> set[str]:
    """Return the texts of an SVG: each stands in a comment beside its outlines."""
    return {found.strip() for found in re.findall(r"<!--(.*?)-->", path.read_text(), re.DOTALL)}


def test_the_finding_names_counts_and_deviations() -> None:
    events = [
        *reps(3),
        rep(4, 8500, deviations=(deviation("knees_in", 4, 9000),)),
        rep(None, 11_000, RepStatus.PARTIAL, "too small"),
        TrackingLost(13_000, 15_500),
        RepTick(500, 1, Side.BOTH),
        PhaseChange(500, Side.BOTH, Phase.PEAK),
    ]

    finding = state_finding("Squat", events)

    assert finding == "Squat: 4 counted, 1 partial, knees in on rep 4, not seen for 3 s"


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((2,), "knees in on rep 2"),
        ((1, 2), "knees in on reps 1 and 2"),
        ((1, 2, 5), "knees in on reps 1, 2 and 5"),
        ((1, 2, 3, 5), "knees in on 4 of 6 reps"),
    ],
)
def test_the_finding_says_where_a_deviation_was(numbers: tuple[int, ...], words: str) -> None:
    events = [
        rep(n, 1000 * n, deviations=(deviation("knees_in", n, 1000 * n),) if n in numbers else ())
        for n in range(1, 7)
    ]

    assert state_finding("Squat", events) == f"Squat: 6 counted, {words}"


def test_the_finding_keeps_to_the_two_most_frequent_deviations() -> None:
    names = {1: ("a_b", "c"), 2: ("a_b", "d"), 3: ("a_b", "c", "e")}
    events = [
        rep(n, 3000 * n, deviations=tuple(deviation(name, n, 3000 * n) for name in found))
        for n, found in names.items()
    ]

    assert state_finding("Squat", events) == (
        "Squat: 3 counted, a b on reps 1, 2 and 3, c on reps 1 and 3, 2 other flags"
    )


def test_the_finding_of_nothing_is_said() -> None:
    assert state_finding("Squat", []) == "Squat: no repetition counted"


def test_the_finding_of_holds_is_in_seconds() -> None:
    one = Hold(1, Side.BOTH, 0, 30_000, 28_400)
    two = Hold(2, Side.BOTH, 40_000, 60_000, 20_000, (deviation("hips_sag", 2, 50_000),))

    assert state_finding("Plank", [one]) == "Plank: held 28 s"
    assert state_finding("Plank", [one, two]) == (
        "Plank: 2 holds, the longest 28 s, hips sag on hold 2"
    )


@pytest.mark.parametrize("count", [0, 1, 12, 60])
def test_a_png_is_written_for_any_number_of_reps(tmp_path: Path, count: int) -> None:
    path = tmp_path / "plot.png"

    plot_session(path, trace(2500 * count + 2000), reps(count), exercise_name="Squat", target=90)

    content = path.read_bytes()
    assert content.startswith(b"\x89PNG")
    assert struct.unpack(">II", content[16:24]) == (1200, 500)


def test_the_plot_says_what_it_shows(tmp_path: Path) -> None:
    path = tmp_path / "plot.svg"
    events = [
        *reps(2),
        rep(3, 6000, deviations=(deviation("knees_in", 3, 6500),)),
        rep(None, 9000, RepStatus.PARTIAL, "too small"),
        rep(None, 12_000, RepStatus.REJECTED, "another movement"),
        rep(None, 15_000, RepStatus.OPEN, "the recording ended"),
        TrackingLost(17_000, 18_000),
    ]

    plot_session(
        path, trace(18_000), events, exercise_name="Squat", target=90, minimum=60, limit=120
    )

    words = plotted_words(path)
    assert {
        "goal 90°", "minimum 60°", "safety limit 120°", "Left knee flexion (°)", "Time (s)",
        "partial: too small", "rejected: another movement", "unfinished: the recording",
        "knees in", "not seen", "1", "2", "3",
    } <= words  # fmt: skip
    assert any(text.startswith("Squat: 3 counted, 1 partial, 1 rejected") for text in words)


def test_each_kind_of_band_has_its_own_hatch(tmp_path: Path) -> None:
    path = tmp_path / "plot.svg"
    statuses = (RepStatus.PARTIAL, RepStatus.REJECTED, RepStatus.OPEN)
    events = [rep(None, 3000 * i, status, "why") for i, status in enumerate(statuses)]

    plot_session(path, trace(), [*events, TrackingLost(9000, 9500)], exercise_name="Squat")

    patterns = re.findall(r"<pattern .*?<path d=\"(.*?)\"", path.read_text(), re.DOTALL)
    assert len(set(patterns)) >= 4


def test_severities_have_their_own_marks(tmp_path: Path) -> None:
    def marks(severity: Severity) -> str:
        path = tmp_path / f"{severity}.svg"
        events = [rep(1, 1000, deviations=(deviation("x", 1, 1500, severity),))]
        plot_session(path, trace(), events, exercise_name="Squat")
        return re.sub(r"(style|id|href|xlink:href|clip-path)=\".*?\"", "", path.read_text())

    assert len({marks(severity) for severity in Severity}) == len(Severity)


def test_deviations_beyond_the_room_grow_the_plot_not_the_clutter(tmp_path: Path) -> None:
    path = tmp_path / "plot.png"
    found = tuple(deviation(f"kind_{k}", 1, 1200) for k in range(12))

    plot_session(path, trace(), [rep(1, 1000, deviations=found)], exercise_name="Squat")

    width, height = struct.unpack(">II", path.read_bytes()[16:24])
    assert width == 1200
    assert height > 700


def test_holds_are_bars_with_their_seconds(tmp_path: Path) -> None:
    path = tmp_path / "plot.svg"
    events = [Hold(1, Side.BOTH, 1000, 5000, 4000), Hold(2, Side.BOTH, 6000, 9000, 2000)]

    plot_session(path, trace(), events, exercise_name="Plank")

    assert {"hold", "4 s", "2 of 3 s"} <= plotted_words(path)


def test_a_gap_stays_a_gap(tmp_path: Path) -> None:
    def pieces(path: Path, shown: Trace) -> int:
        plot_session(path, shown, [], exercise_name="Squat")
        lines: list[str] = re.findall(r"<path d=\"(.*?)\"", path.read_text(), re.DOTALL)
        return max(lines, key=lambda line: line.count("L")).count("M")

    whole = trace()
    holed_value = whole.value.copy()
    holed_value[100:140] = np.nan
    holed = replace(whole, value=holed_value)

    assert pieces(tmp_path / "whole.svg", whole) == 1
    assert pieces(tmp_path / "holed.svg", holed) == 2


@pytest.mark.parametrize("size", [0, 50])
def test_a_session_without_a_measure_says_so(tmp_path: Path, size: int) -> None:
    path = tmp_path / "plot.svg"
    unseen = Trace(np.arange(size, dtype=np.int64) * 33, np.full(size, np.nan), "deg", "knee")

    plot_session(path, unseen, [], exercise_name="Squat")

    assert any("nothing was measured" in text for text in plotted_words(path))


def test_ten_minutes_have_minutes_on_the_axis(tmp_path: Path) -> None:
    path = tmp_path / "plot.svg"

    plot_session(path, trace(600_000), reps(200), exercise_name="Squat")

    assert {"Time (min:s)", "5:00"} <= plotted_words(path)


@pytest.mark.parametrize(
    ("unit", "label"), [("ratio", "(ratio)"), ("percent", "(%)"), ("s", "(s)")]
)
def test_the_axis_has_its_unit(tmp_path: Path, unit: str, label: str) -> None:
    path = tmp_path / "plot.svg"

    plot_session(path, trace(unit=unit), reps(1), exercise_name="Squat", target=80.0)

    assert f"Left knee flexion {label}" in plotted_words(path)


def test_like_sessions_have_the_same_scale(tmp_path: Path) -> None:
    def goal_at(path: Path, factor: float) -> str:
        plain = trace()
        shown = replace(plain, value=plain.value * factor)
        plot_session(path, shown, [], exercise_name="Squat", target=100)
        _, after = path.read_text().split("<!-- goal 100° -->")
        return after.split("translate(")[1].split(")")[0]

    assert goal_at(tmp_path / "a.svg", 0.7) == goal_at(tmp_path / "b.svg", 1.08)


def test_a_title_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "plot.svg"

    plot_session(path, trace(), [], exercise_name="Squat", title="Costs $5, then $x^2$")

    words = plotted_words(path)
    assert "Costs $5, then $x^2$" in words
    assert "Squat: no repetition counted" in path.read_text()


@pytest.mark.parametrize("name", ["plot.jpg", "plot", "plot.pdf"])
def test_another_suffix_is_refused_with_those_that_work(tmp_path: Path, name: str) -> None:
    with pytest.raises(ExportError, match=r"\.png or \.svg"):
        plot_session(tmp_path / name, trace(), [], exercise_name="Squat")

    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_one_line(tmp_path: Path) -> None:
    target = tmp_path / "missing" / "plot.png"

    with pytest.raises(ExportError) as caught:
        plot_session(target, trace(), [], exercise_name="Squat")

    assert str(target) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_in_the_way_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "plot.png").mkdir()

    with pytest.raises(ExportError):
        plot_session(tmp_path / "plot.png", trace(), [], exercise_name="Squat")

    assert [path.name for path in tmp_path.iterdir()] == ["plot.png"]


def test_the_file_replaces_the_old_one_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "plot.PNG"
    path.write_bytes(b"old")
    path.chmod(0o644)

    plot_session(path, trace(), [], exercise_name="Squat")

    assert path.read_bytes().startswith(b"\x89PNG")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(list(tmp_path.iterdir())) == 1
