"""What C libraries print is kept from people, and nothing else is."""

import os
import sys

import pytest

from hep_vision.quiet import quiet_stderr

STDERR_FD = 2


def print_from_c(text: str) -> None:
    os.write(STDERR_FD, text.encode())


def test_only_what_is_printed_meanwhile_is_lost(capfd: pytest.CaptureFixture[str]) -> None:
    print_from_c("before ")
    with quiet_stderr():
        print_from_c("meanwhile ")
    sys.stderr.write("after")
    assert capfd.readouterr().err == "before after"


def test_two_that_overlap_leave_the_standard_error_as_it_was(
    capfd: pytest.CaptureFixture[str],
) -> None:
    first, second = quiet_stderr(), quiet_stderr()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    print_from_c("the second still asks ")
    second.__exit__(None, None, None)
    print_from_c("after")
    assert capfd.readouterr().err == "after"


def test_it_ends_with_an_error_too(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZeroDivisionError), quiet_stderr():
        raise ZeroDivisionError
    print_from_c("after")
    assert capfd.readouterr().err == "after"
