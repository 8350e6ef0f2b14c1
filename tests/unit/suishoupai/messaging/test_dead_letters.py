"""What is kept of a parked message, and what is sent when it is tried again."""

from datetime import UTC, datetime

from suishoupai.messaging.dead_letters import BROKER_GAVE_UP, LETTER, letter, sent_again

AT = datetime(2026, 11, 24, tzinfo=UTC)
HEADERS = {
    "x-parked-at": AT.isoformat(),
    "x-parking": "first",
    "x-reason": "boom",
    "x-traceback": "Traceback …",
    "x-attempt": 3,
    "x-first-death-queue": "somewhere",
    "kept": "yes",
}


def test_a_letter_kept_twice_is_one_letter_and_parked_twice_two():
    once = letter("grid.assign", b"body", HEADERS, AT)
    assert letter("grid.assign", b"body", HEADERS, datetime.now(UTC))["_id"] == once["_id"]
    # In the same millisecond, and yet another message.
    beside = {**HEADERS, "x-parking": "second"}
    assert letter("grid.assign", b"body", beside, AT)["_id"] != once["_id"]
    assert letter("notify.tell", b"body", HEADERS, AT)["_id"] != once["_id"]


def test_a_letter_says_why_even_where_the_broker_gave_up():
    assert letter("q", b"", HEADERS, AT)["reason"] == "boom"
    given_up = letter("q", b"", {"x-death": [{"reason": "delivery_limit"}]}, AT)
    assert given_up["reason"] == BROKER_GAVE_UP
    assert given_up["parked_at"] == AT


def test_a_letter_names_its_event_as_far_as_it_can_be_read():
    assert letter("q", b"\xff", {}, AT)["event"] is None
    assert letter("q", b"[1]", {}, AT)["event"] is None
    named = letter("q", b'{"id": "e", "type": "t"}', {}, AT)["event"]
    assert named == {"id": "e", "type": "t", "subject": ""}


def test_what_is_sent_again_begins_anew_in_its_own_queue():
    kept = letter("grid.assign", b"body", HEADERS, AT)
    message = sent_again(kept, "ns")
    assert (message.exchange, message.routing_key, message.body) == ("", "ns.grid.assign", b"body")
    assert message.headers == {"kept": "yes", LETTER: kept["_id"]}
    assert message.mandatory
