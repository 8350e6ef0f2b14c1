import io
import json
import logging

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from suishoupai import logs
from suishoupai.masking import mask, mask_address

PHONES = ("13812345678", "+8613812345678", "+86 138 1234 5678", "138-1234-5678", "0557-7012345")


@pytest.mark.parametrize("phone", PHONES)
@pytest.mark.parametrize("around", ["{}", "请联系 {}。", "tel{}x", '{{"to": "{}"}}', "（{}）"])
def test_the_middle_of_a_phone_number_is_hidden_wherever_it_stands(phone, around):
    masked = mask(around.format(phone))
    assert phone not in masked
    assert "****" in masked
    assert masked.endswith(around.partition("{}")[2].replace("}}", "}"))


@pytest.mark.parametrize(
    "text",
    [
        "341324-20261123-00001",
        "01M866MJPKHS81NXHQMM546AH9",
        "2026-11-24T21:06:10.012345+00:00",
        "1764000000.123",
        "341324001001001",
        "seconds=0.13812345678",
        "20261124",
        "127.0.0.1:27017",
        "",
    ],
)
def test_what_is_no_phone_number_stays(text):
    assert mask(text) == text


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text("案件 ,.:;()", max_size=5))
def test_no_mobile_number_is_ever_left_whole(phone, around):
    around = around.rstrip(".")
    masked = mask(f"{around}{phone}{around}")
    assert phone[3:7] not in masked.replace(phone[-4:], "") or phone[3:7] == phone[-4:]
    assert phone not in masked
    assert mask(masked) == masked


def test_addresses_keep_what_their_owner_knows_them_by():
    assert mask("wang.fang@xx.gov.cn") == "w***@xx.gov.cn"
    assert mask_address("13812345678") == "138****5678"
    assert mask_address("https://hook.example/secret?token=1") == "https://hook.example/…"
    assert mask_address("693a91f6-7xxx-4bc4") == "69…c4"
    assert mask_address("short") == "…"


@pytest.fixture
def lines(monkeypatch):
    """What a service writes to its log, read back line by line."""
    stream = io.StringIO()
    monkeypatch.setattr("sys.stdout", stream)
    handlers, level = logging.root.handlers[:], logging.root.level
    logs.configure("test")
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.root.handlers[:], logging.root.level = handlers, level
    structlog.reset_defaults()


def test_no_line_of_any_logger_holds_a_phone_number(lines):
    log = structlog.get_logger("a")
    log.warning("told 13812345678", to=["13812345678"], by={"13812345678": 13812345678}, n=5)
    logging.getLogger("b").warning("told %s", "13812345678")
    try:
        raise ValueError("bad number 13812345678")
    except ValueError as error:
        log.error("failed", exc_info=error, error=error)
    found = lines()
    assert len(found) == 3
    assert all("13812345678" not in json.dumps(line) for line in found)
    assert all("138****5678" in json.dumps(line) for line in found)
    assert found[0]["n"] == 5
    assert found[0]["service"] == "test"


def test_what_a_program_made_to_be_found_again_is_left_alone(lines):
    correlation = "ab13812345678cd"
    structlog.get_logger("a").warning("x", correlation=correlation)
    assert lines()[0]["correlation"] == correlation
