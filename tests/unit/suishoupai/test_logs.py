import logging

import pytest

from suishoupai.logs import is_incident


def line(message):
    return logging.LogRecord("nameko.web.server", logging.INFO, "", 1, message, (), None)


@pytest.mark.parametrize(
    "end",
    ["BrokenPipeError: [Errno 32] Broken pipe", "ConnectionResetError", "TimeoutError: timed out"],
)
def test_a_client_that_left_is_no_incident(end):
    assert not is_incident(line(f"Traceback (most recent call last):\n  File x\n{end}\n"))


def test_an_error_of_ours_is_one_even_if_it_speaks_of_a_client():
    assert is_incident(line("Traceback:\nBrokenPipeError\nduring which\nKeyError: 'x'\n"))
