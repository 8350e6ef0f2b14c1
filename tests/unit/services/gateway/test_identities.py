import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.identities import ANONYMOUS, NOBODY, is_person, program_account


@given(st.text())
def test_no_person_has_the_account_of_a_program(program):
    assert not is_person(program_account(program))


@pytest.mark.parametrize("name", [ANONYMOUS.account, NOBODY.account, "Anonymous", "NOBODY"])
def test_no_person_has_the_account_of_a_stranger(name):
    assert not is_person(name)


@pytest.mark.parametrize("name", ["member", "张三", "a@b.example", "programmer", "stranger"])
def test_people_may_be_called_as_they_like(name):
    assert is_person(name)
