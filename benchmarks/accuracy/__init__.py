"""Compare the counter with common ways of counting, on the same landmarks.

python -m benchmarks.accuracy --help
"""

import sys
from pathlib import Path

# The stick figure with exact truth is shared with the tests.
_TESTS = str(Path(__file__).parents[2] / "tests")
if _TESTS not in sys.path:
    sys.path.append(_TESTS)
