"""Measure what else is counted: another exercise than the prescribed one, and everyday movements.

    python -m benchmarks.confusion [FOLDER...] [--quick] [--only synthetic|recorded|everyday]
                                   [--seeds 4] [--worst 40] [--jobs 2]

Who does exercise A while B is prescribed should see at most a tenth of A's repetitions counted.
Every repetition exercise is done five times by the figure, as its ``[motion]`` says and seen from
its own camera, further or less far, faster or slower, by either side and with landmark noise; and
each recording is looked at as every exercise. Each FOLDER holds a truth as for ``hep-vision
evaluate``, of videos or landmark tracks; recordings whose truth is questionable are left out.

Pairs that a therapist who stands where the camera does could not tell apart either are `ALIKE`.
They are shown, and left out of all sums. The everyday movements are those of ``tests/everyday.py``;
of timed holds there, a hold is a count.
"""

import sys
from pathlib import Path

# The stick figure and its everyday movements are shared with the tests.
_TESTS = str(Path(__file__).parents[2] / "tests")
if _TESTS not in sys.path:
    sys.path.append(_TESTS)
