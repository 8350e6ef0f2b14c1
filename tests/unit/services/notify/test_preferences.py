import pytest

from services.notify.channels import read_channels
from services.notify.handlers import CHOICES
from services.notify.preferences import address_for, chosen, language_of, quiet_of, shown_choices
from services.notify.quiet import read_quiet
from services.notify.rulebook import Rulebook
from suishoupai.contracts.problems import Problem
from suishoupai.contracts.questions import load


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "channels.yaml"
    path.write_text(
        'email: "mailto://x/?to={address}"\nsms: "json://x/{address}"\n'
        'webhook: "webhook://?to={address}"\n'
    )
    return Rulebook("", (), {}, read_channels(path), read_quiet("22:00-07:00"), False)


def choose(book, given, kept=None):
    return chosen(load(CHOICES, given), kept, book)


def test_what_is_left_out_is_the_countys(book):
    assert choose(book, {}) == {"language": "zh", "channels": {}, "quiet": "22:00-07:00"}
    assert choose(book, {"quiet": None})["quiet"] == ""
    assert quiet_of(choose(book, {"quiet": None})) is None
    other = choose(book, {"quiet": {"from": "20:30", "to": "08:00"}})
    assert str(quiet_of(other)) == other["quiet"] == "20:30-08:00"


def test_an_address_that_is_left_out_or_shown_masked_stays(book):
    kept = choose(book, {"channels": {"sms": {"address": "13812345678"}}})
    shown = shown_choices({"choices": kept}, book)
    assert shown["channels"]["sms"]["address"] == "138****5678"
    for address in (None, "138****5678"):
        again = choose(book, {"channels": {"sms": {"address": address, "enabled": False}}}, kept)
        assert again["channels"]["sms"] == {
            "address": "13812345678",
            "enabled": False,
            "off": [],
        }
    assert choose(book, {"channels": {}}, kept)["channels"] == {}


def test_what_was_shown_may_be_sent_back(book):
    kept = choose(book, {"language": "en", "channels": {"email": {"address": "a@b.cn"}}})
    shown = shown_choices({"choices": kept}, book)
    assert {each["channel"] for each in shown.pop("available")} == {"email", "sms", "webhook"}
    assert choose(book, shown, kept) == kept


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"language": "fr"}, ["language"]),
        ({"colour": "red"}, ["colour"]),
        ({"quiet": {"from": "25:00", "to": "7"}}, ["quiet.from", "quiet.to"]),
        ({"quiet": {"from": "22:00"}}, ["quiet.to"]),
        ({"channels": {"pigeon": {"address": "x"}}}, ["channels.pigeon.address"]),
        ({"channels": {"sms": {}}}, ["channels.sms.address"]),
        (
            {"channels": {"sms": {"address": "1"}, "email": {"address": "2"}}},
            ["channels.email.address", "channels.sms.address"],
        ),
        ({"channels": {"sms": {"address": "13812345678", "of": []}}}, ["channels.sms.of"]),
        ({"channels": {"sms": {"off": ["nonsense"]}}}, ["channels.sms.off.0"]),
        ({"channels": {"sms": "13812345678"}}, ["channels.sms"]),
        ({"channels": ["sms"]}, ["channels"]),
        ({"channels": {"webhook": {"address": "http://10.0.0.1/"}}}, ["channels.webhook.address"]),
    ],
)
def test_every_wrong_field_is_named(book, given, fields):
    with pytest.raises(Problem) as caught:
        choose(book, given)
    assert caught.value.code == "invalid"
    assert sorted(each["field"] for each in caught.value.errors) == fields


def test_who_chose_nothing_reads_chinese_and_gets_no_message(book):
    assert language_of(None) == language_of({"_id": "a", "read_until": "x"}) == "zh"
    assert address_for(None, "sms", "closed") is None
    assert shown_choices(None, book)["quiet"] == {"from": "22:00", "to": "07:00"}
