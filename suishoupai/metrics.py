"""Prometheus metrics that every service has; served at ``/metrics``."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

HTTP_SECONDS = Histogram(
    "suishoupai_http_request_seconds",
    "Time from request to answer",
    ["method", "route", "status"],
)
QUESTION_SECONDS = Histogram(
    "suishoupai_question_seconds",
    "Time until another service answered",
    ["service", "method", "outcome"],
)
EVENTS_PUBLISHED = Counter("suishoupai_events_published_total", "Events confirmed by the broker")
EVENTS_CONSUMED = Counter(
    "suishoupai_events_consumed_total",
    "Messages settled, by outcome: done, retried or parked",
    ["purpose", "outcome"],
)
BATCH_SIZE = Histogram(
    "suishoupai_batch_events",
    "Events handed to a handler at once",
    ["purpose"],
    buckets=(1, 2, 5, 10, 20, 50, 100, 200),
)
CONSUMER_CONNECTED = Gauge(
    "suishoupai_consumer_connected", "1 while the consumer holds its queue", ["purpose"]
)
DEAD_LETTERS = Gauge(
    "suishoupai_dead_letters",
    "Parked messages that somebody must look at; every replica says the same",
    ["queue"],
)
LIMITS_STORAGE_FAILURES = Counter(
    "suishoupai_limits_storage_failures_total",
    "Times the shared counts of requests could not be had and this process counted alone",
)
