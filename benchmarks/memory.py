"""Show that the memory of an analysis does not grow with the length of the video.

    python benchmarks/memory.py CLIP [--minutes 1 10]

The clip is repeated, without coding it anew, into videos of each length in a temporary folder;
each is analysed in a process of its own, whose peak memory is reported.
"""

import argparse
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import av
from rich.console import Console
from rich.table import Table

from hep_vision.pose.mediapipe_tasks import MediaPipePose
from hep_vision.pose.model_file import DEFAULT_MODEL, locate
from hep_vision.sources.recorded import TrackRecorder
from hep_vision.sources.video_file import VideoFile


def analyse(video: Path) -> int:
    """Do what is measured: read, estimate, keep the track. Return the number of frames."""
    with VideoFile(video) as source, MediaPipePose(locate(DEFAULT_MODEL, Path())) as estimator:
        size_px = (source.info.width_px, source.info.height_px)
        recorder = TrackRecorder(size_px)
        for frame in source:
            recorder.add(estimator.estimate_pose(frame, size_px))
    return len(recorder.track())


def repeat_clip(clip: Path, output: Path, minutes: float) -> None:
    """Write the packets of ``clip`` again and again until ``minutes`` are full."""
    with av.open(str(clip)) as source, av.open(str(output), "w") as target:
        original = source.streams.video[0]
        copy = target.add_stream_from_template(original)
        length_ticks = original.duration
        if not length_ticks or not original.time_base:
            sys.exit(f"{clip} does not say how long it is; use another clip.")
        repeats = math.ceil(60 * minutes / (length_ticks * original.time_base))
        for shift_ticks in range(0, repeats * length_ticks, length_ticks):
            source.seek(0)
            for packet in source.demux(original):
                if packet.dts is None or packet.pts is None:
                    continue
                packet.pts += shift_ticks
                packet.dts += shift_ticks
                packet.stream = copy
                target.mux(packet)


def measure(video: Path) -> tuple[int, float]:
    """Analyse ``video`` in a process of its own; return its frames and its peak memory in MB."""
    command = [sys.executable, __file__, str(video), "--child"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    frames, peak_mb = done.stdout.split()
    return int(frames), float(peak_mb)


def main() -> None:
    """Print the peak memory for each length."""
    parser = argparse.ArgumentParser(description="Measure peak memory by length of video.")
    parser.add_argument("clip", type=Path)
    parser.add_argument("--minutes", type=float, nargs="+", default=[1, 10])
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        sys.stdout.write(f"{analyse(arguments.clip)} {_peak_mb():.1f}\n")
        return
    table = Table("minutes", "frames", "peak memory, MB", title="Peak memory of an analysis")
    with tempfile.TemporaryDirectory() as folder:
        for minutes in arguments.minutes:
            video = Path(folder, f"{minutes:g}.mp4")
            repeat_clip(arguments.clip, video, minutes)
            frames, peak_mb = measure(video)
            table.add_row(f"{minutes:g}", f"{frames:,}", f"{peak_mb:.0f}")
    Console().print(table)


def _peak_mb() -> float:
    import resource  # not on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20) if sys.platform == "darwin" else peak / (1 << 10)


if __name__ == "__main__":
    main()
