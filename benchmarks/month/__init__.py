"""A simulated patient does a home exercise program for some weeks, before the real engine.

python -m benchmarks.month --help
"""

import sys
from pathlib import Path

# The stick figure with exact truth is shared with the tests.
_TESTS = str(Path(__file__).parents[2] / "tests")
if _TESTS not in sys.path:
    sys.path.append(_TESTS)
