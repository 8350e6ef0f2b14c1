"""What the supervisor's refusals mean to whoever starts a program."""

from xmlrpc.client import Fault

import pytest
from supervisor.xmlrpc import Faults

from suishoupai.local import CannotStart
from suishoupai.local.supervisor import Supervisor


class Refusing:
    def __init__(self, code):
        self._code = code

    def startProcess(self, name, wait):  # noqa: N802 - the supervisor's own name
        raise Fault(self._code, f"refused: {name}")


def supervisor(tmp_path, code):
    found = Supervisor(tmp_path, 1, "secret")
    found._rpc = Refusing(code)
    return found


@pytest.mark.parametrize("code", [Faults.ALREADY_STARTED, Faults.SPAWN_ERROR])
def test_a_program_that_runs_or_left_at_once_is_no_refusal(tmp_path, code):
    supervisor(tmp_path, code).start_program("mongod")


@pytest.mark.parametrize("code", [Faults.NO_FILE, Faults.BAD_NAME])
def test_what_can_never_start_is_refused(tmp_path, code):
    with pytest.raises(CannotStart, match="refused: mongod"):
        supervisor(tmp_path, code).start_program("mongod")
