from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.channels import (
    Channel,
    all_public,
    checked_address,
    is_public,
    line_of,
    read_channels,
)
from services.notify.tables import UnusableTable

EMAIL = Channel("email", "mailtos://u:secret@smtp.example/?to={address}", "email")
SMS = Channel("sms", "jsons://sms.example/{address}", "phone")
WECOM = Channel("wecom", "wecombot://{address}", "key")
WEBHOOK = Channel("webhook", "webhook://?to={address}", "url")


def read(tmp_path, text):
    path = tmp_path / "channels.yaml"
    path.write_text(text, encoding="utf-8")
    return read_channels(path)


def test_a_file_in_yaml_or_json_names_channels(tmp_path):
    assert read_channels(None) == read(tmp_path, "") == {}
    text = """
    email: "mailtos://u:p@smtp.example/?to={address}"
    board:
      url: "jsons://board.example/{address}"
      address: key
    """
    assert {each.name: each.address for each in read(tmp_path, text).values()} == {
        "email": "email",
        "board": "key",
    }
    assert set(read(tmp_path, '{"wecom": "wecombot://{address}"}')) == {"wecom"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("- email", "line 1: must hold channels"),
        ("email: [", "not YAML"),
        ("\nEmail: x", "line 2: Email: a channel's name"),
        ('all: "x{address}"', "line 1: all: a channel's name"),
        ("email: mailto://secret", "email: its URL needs {address}"),
        ("email: 3", "must be a URL"),
        ("email: {url: 'x{address}', adress: email}", "must be a URL, or url and address"),
        ('board: "json://x/{address}"', "board: address must be one of"),
        ('webhook: "json://{address}"', "an address that is a url goes with webhook://"),
        ('email: "webhook://?to={address}"', "an address that is a url goes with"),
        ("\n".join(f'c{n}: "x{{address}}"' for n in range(17)), "at most 16"),
    ],
)
def test_what_is_wrong_with_a_channel_is_named_and_no_secret_is(tmp_path, text, reason):
    with pytest.raises(UnusableTable, match=reason) as caught:
        read(tmp_path, text)
    assert "secret" not in str(caught.value)


@given(st.text(min_size=1))
def test_whatever_an_address_holds_it_stays_one_value_of_the_url(text):
    url = EMAIL.url_for(text.encode("utf-8", "replace").decode())
    parts = urlsplit(url)
    assert (parts.hostname, parts.username, parts.fragment) == ("smtp.example", "u", "")
    assert list(parse_qs(parts.query, keep_blank_values=True)) == ["to"]


@pytest.mark.parametrize(
    ("channel", "text", "kept"),
    [
        (EMAIL, " wang.fang+x@xx.gov.cn ", "wang.fang+x@xx.gov.cn"),
        (SMS, "138 1234 5678", "13812345678"),
        (SMS, "+86 138-1234-5678", "+8613812345678"),
        (SMS, "+442071838750", "+442071838750"),
        (WECOM, "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa", "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"),
        (WEBHOOK, "https://hook.example:8443/a?b=c", "https://hook.example:8443/a?b=c"),
    ],
)
def test_an_address_is_kept_in_its_plain_form(channel, text, kept):
    assert checked_address(channel, text, False) == kept


NO_ADDRESSES = {
    EMAIL: ["x", "a@b", "a b@c.cn", "a@c.cn,b@c.cn", "a@c.cn\nBcc: b@c.cn"],
    SMS: ["12812345678", "1381234567", "138123456789", "+8612345", "１３８１２３４５６７８"],
    WECOM: ["short", "a/../../b?c=d", "a@evil.example", ""],
    WEBHOOK: [
        *("ftp://a.b/", "http://", "a.b", "http://u:p@a.b/", "http://a.b/ c", "http://[::1"),
        *("http://a.b:99999/", "http://a.b\r\nX: y/", "https://a.example/" + "x" * 500),
    ],
}


@pytest.mark.parametrize(
    ("channel", "text"), [(each, text) for each, texts in NO_ADDRESSES.items() for text in texts]
)
def test_what_is_no_address_is_refused(channel, text):
    with pytest.raises(ValueError, match=r"not a|must|at most|holds"):
        checked_address(channel, text, True)


PRIVATE = (
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
    *("0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1"),  # noqa: S104 - refused
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::a00:1", "ff02::1"),
)


@pytest.mark.parametrize("address", PRIVATE)
def test_no_webhook_reaches_a_private_network(address):
    assert not is_public(address)
    assert not all_public(["114.114.114.114", address])
    host = f"[{address}]" if ":" in address else address
    if "%" not in address:
        with pytest.raises(ValueError, match="private"):
            checked_address(WEBHOOK, f"http://{host}:8080/x", False)
        assert checked_address(WEBHOOK, f"http://{host}:8080/x", True)


def test_what_is_public_is_and_no_address_at_all_is_not():
    assert all_public(["114.114.114.114", "2400:3200::1"])
    assert not all_public([])
    with pytest.raises(ValueError, match="private"):
        checked_address(WEBHOOK, "http://localhost/", False)


def test_hosts_of_webhooks_fail_each_by_itself():
    assert line_of(WEBHOOK, "https://a.example/x") == line_of(WEBHOOK, "https://a.example/y")
    assert line_of(WEBHOOK, "https://a.example/x") != line_of(WEBHOOK, "https://b.example/x")
    assert line_of(EMAIL, "a@b.cn") == line_of(EMAIL, "c@d.cn") == "email"
