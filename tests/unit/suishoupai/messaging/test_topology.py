import pytest

from suishoupai.contracts.subscriptions import SUBSCRIPTIONS, find_subscription
from suishoupai.messaging.topology import RETRY_DELAYS, consumer_queues


@pytest.mark.parametrize("subscription", SUBSCRIPTIONS, ids=lambda line: line.service)
def test_every_queue_is_a_quorum_queue_that_loses_nothing(subscription):
    queues = consumer_queues("ns", subscription)
    declared = {queue.name: queue.queue_arguments for queue in queues._queues()}
    assert set(declared) == {
        queues.name,
        queues.dead,
        *(queues.retry(delay) for delay in RETRY_DELAYS),
    }
    assert all(arguments["x-queue-type"] == "quorum" for arguments in declared.values())
    main = declared[queues.name]
    assert main["x-dead-letter-routing-key"] == queues.dead
    assert main["x-dead-letter-strategy"] == "at-least-once"
    assert main["x-delivery-limit"] > 0
    for delay in RETRY_DELAYS:
        waiting = declared[queues.retry(delay)]
        assert waiting["x-message-ttl"] == delay * 1000
        assert waiting["x-dead-letter-routing-key"] == queues.name


def test_two_namespaces_share_no_queue():
    names = [
        {queue.name for queue in consumer_queues(namespace, SUBSCRIPTIONS[0])._queues()}
        for namespace in ("one", "other")
    ]
    assert not names[0] & names[1]


def test_a_consumer_that_is_not_declared_cannot_start():
    with pytest.raises(LookupError, match="subscriptions"):
        find_subscription("grid", "assign", ("issue.exploded",))
