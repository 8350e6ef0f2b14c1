"""Settings of one process, read once from the environment.

Every variable is named here and nowhere else; ``docker-compose.yml`` and the supervisor set them.
A secret may come from a file instead: ``SUISHOUPAI_TOKEN_SECRET_FILE``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from pathlib import Path

from environs import Env, EnvError

ROOT = Path(__file__).resolve().parents[1]
"""The folder that holds ``data/``, ``services/`` and ``suishoupai/``."""

SERVICES = ("issues", "grid", "notify", "stats", "gateway")
"""The services in the order in which they are started."""

DEMO_SECRET = "the-demo-secret-that-everybody-knows"  # noqa: S105 - refused outside demo mode
SHORTEST_SECRET = 32
"""Characters: as many as the bytes of the hash that signs the tokens."""


@dataclass(frozen=True)
class Settings:
    """Where one process finds its broker, its database, its peers and its secret."""

    amqp_uri: str
    mongodb_uri: str
    namespace: str
    """Prefix of exchanges, queues and databases: two stacks may share a broker and a database."""
    http_host: str
    http_port: int
    peers: Mapping[str, str]
    """Base URL of each service, by its name."""
    token_secret: str
    demo: bool
    """Whether the demo county and its well-known accounts may be made."""
    county: Path
    """Folder of the county's divisions, grids, parties and catalogue."""
    token_seconds: int
    """How long an access token is good for; what a stolen one is worth."""
    refresh_days: int
    """How long a session lives without being refreshed."""
    failed_logins: int
    """Wrong passwords in a row that lock an account."""
    locked_seconds: int
    """How long it stays locked."""
    trusted_proxies: int
    """How many proxies stand before the gateway, whose X-Forwarded-For is believed."""
    cors_origins: tuple[str, ...]
    """Origins whose pages may ask from a browser; none unless they are named."""
    limits_storage: str
    """Where it is counted how often somebody asked: of each process, or shared
    (``mongodb://…``), in the form of the ``limits`` library."""
    logins_per_minute: int
    """Per account and per address."""
    reports_per_minute: int
    """Per account."""
    actions_per_minute: int
    """Per account: what a dispatcher does in a batch included."""
    reads_per_minute: int
    """Per account."""
    uploads_per_minute: int
    """Per account."""
    requests_per_minute: int
    """Per address, of every kind and account together."""
    anonymous_reports: bool
    """Whether a report is taken without an account."""
    anonymous_reports_per_minute: int
    """Per address."""
    open311_public: bool
    """Whether requests may be read by Open311 without a key, as many cities let them be."""
    photos: str
    """Where photos are kept: ``gridfs``, or ``s3://BUCKET/PREFIX``."""
    photo_bytes: int
    """Size of the largest photo that is taken."""
    photo_pixels: int
    """Pixels of the largest photo that is taken."""
    stream_connections: int
    """Most live streams at a time in one process."""
    streams_per_account: int
    """Most live streams of one account at a time in one process."""
    stream_heartbeat: float
    """Seconds between two signs of life on a live stream, between two looks at whether its caller
    may still hear it, and after which figures are asked for anew."""
    stream_hours: float
    """How long what happened can be resumed from."""
    digest_at: time
    """When parties and dispatchers get their daily digest, in Asia/Shanghai."""
    channels: Path | None
    """File of the channels that notices go out by, with their secrets; None: inboxes only."""
    private_webhooks: bool
    """Whether a webhook may be in a private network or on this machine."""
    retry_seconds: float
    """Pause before a message that could not be sent is tried again; it grows with each try."""
    quiet: str
    """Hours in which only urgent notices go out, unless an account says otherwise; or empty."""
    report_day: int
    """Day of a month, 1 to 28, on which the reports of the month before are made."""
    report_at: time
    """When on that day, in Asia/Shanghai."""
    public_url: str
    """What people's links begin with, such as ``https://ssp.example.gov.cn``; or empty."""
    duplicate_metres: float
    """How near two cases of a category lie that may be about the same."""
    duplicate_days: float
    """How long an open case is offered as perhaps the same."""
    repeat_places_seconds: float
    """How often the points that are complained about repeatedly are found anew."""


def _secret(env: Env) -> str:
    path = env.path("SUISHOUPAI_TOKEN_SECRET_FILE", None)
    if path is not None:
        return str(path.read_text().strip())
    return str(env.str("SUISHOUPAI_TOKEN_SECRET", ""))


def _origins(env: Env) -> tuple[str, ...]:
    given: str = env.str("SUISHOUPAI_CORS_ORIGINS", "")
    origins = tuple(origin.strip() for origin in given.split(",") if origin.strip())
    for origin in origins:
        if not re.fullmatch(r"https?://[^/*,\s]+", origin):
            raise EnvError(f"SUISHOUPAI_CORS_ORIGINS: {origin!r} is no origin, https://host[:port]")
    return origins


def _day_of_month(env: Env) -> int:
    day: int = env.int("SUISHOUPAI_REPORT_DAY", 1)
    if not 1 <= day <= 28:
        raise EnvError("SUISHOUPAI_REPORT_DAY: a day that every month has, 1 to 28")
    return day


def read_settings() -> Settings:
    """The settings in the environment; raises ``environs.EnvError`` for one that cannot be read."""
    env = Env()
    demo = env.bool("SUISHOUPAI_DEMO", False)
    host, _, port = env.str("SUISHOUPAI_HTTP", "127.0.0.1:8000").rpartition(":")
    return Settings(
        amqp_uri=env.str("AMQP_URI", "amqp://guest:guest@127.0.0.1:5672//"),
        mongodb_uri=env.str("MONGODB_URI", "mongodb://127.0.0.1:27017/?replicaSet=rs0"),
        namespace=env.str("SUISHOUPAI_NAMESPACE", "suishoupai"),
        http_host=host or "127.0.0.1",
        http_port=int(port),
        peers={
            name: env.str(f"SUISHOUPAI_{name.upper()}_URL", f"http://{name}:8000")
            for name in SERVICES
        },
        token_secret=_secret(env),
        demo=demo,
        county=env.path("SUISHOUPAI_COUNTY", ROOT / "data"),
        # One demo account stands for a whole county's phones.
        logins_per_minute=env.int("SUISHOUPAI_LOGINS_PER_MINUTE", 6_000 if demo else 20),
        reports_per_minute=env.int("SUISHOUPAI_REPORTS_PER_MINUTE", 600_000 if demo else 60),
        actions_per_minute=env.int("SUISHOUPAI_ACTIONS_PER_MINUTE", 600_000 if demo else 600),
        reads_per_minute=env.int("SUISHOUPAI_READS_PER_MINUTE", 600_000 if demo else 1_200),
        uploads_per_minute=env.int("SUISHOUPAI_UPLOADS_PER_MINUTE", 600_000 if demo else 120),
        requests_per_minute=env.int("SUISHOUPAI_REQUESTS_PER_MINUTE", 6_000_000 if demo else 6_000),
        anonymous_reports=env.bool("SUISHOUPAI_ANONYMOUS_REPORTS", False),
        anonymous_reports_per_minute=env.int("SUISHOUPAI_ANONYMOUS_REPORTS_PER_MINUTE", 3),
        token_seconds=env.int("SUISHOUPAI_TOKEN_SECONDS", 600),
        refresh_days=env.int("SUISHOUPAI_REFRESH_DAYS", 30),
        failed_logins=env.int("SUISHOUPAI_FAILED_LOGINS", 10),
        locked_seconds=env.int("SUISHOUPAI_LOCKED_SECONDS", 900),
        trusted_proxies=env.int("SUISHOUPAI_TRUSTED_PROXIES", 0),
        cors_origins=_origins(env),
        limits_storage=env.str("SUISHOUPAI_LIMITS", "memory://"),
        open311_public=env.bool("SUISHOUPAI_OPEN311_PUBLIC", False),
        photos=env.str("SUISHOUPAI_PHOTOS", "gridfs"),
        photo_bytes=env.int("SUISHOUPAI_PHOTO_BYTES", 20 * 1024 * 1024),
        photo_pixels=env.int("SUISHOUPAI_PHOTO_PIXELS", 64_000_000),
        stream_connections=env.int("SUISHOUPAI_STREAM_CONNECTIONS", 2_000),
        streams_per_account=env.int("SUISHOUPAI_STREAMS_PER_ACCOUNT", 10),
        stream_heartbeat=env.float("SUISHOUPAI_STREAM_HEARTBEAT", 15.0),
        stream_hours=env.float("SUISHOUPAI_STREAM_HOURS", 24.0),
        digest_at=env.time("SUISHOUPAI_DIGEST_AT", time(8, 30)),
        report_day=_day_of_month(env),
        report_at=env.time("SUISHOUPAI_REPORT_AT", time(6, 0)),
        public_url=env.str("SUISHOUPAI_PUBLIC_URL", "").rstrip("/"),
        duplicate_metres=env.float("SUISHOUPAI_DUPLICATE_METRES", 50.0),
        duplicate_days=env.float("SUISHOUPAI_DUPLICATE_DAYS", 7.0),
        repeat_places_seconds=env.float("SUISHOUPAI_REPEAT_PLACES_SECONDS", 300.0),
        channels=Path(channels) if (channels := env.str("SUISHOUPAI_CHANNELS", "")) else None,
        private_webhooks=env.bool("SUISHOUPAI_PRIVATE_WEBHOOKS", False),
        retry_seconds=env.float("SUISHOUPAI_RETRY_SECONDS", 30.0),
        quiet=env.str("SUISHOUPAI_QUIET", "22:00-07:00"),
    )


def secret_fault(settings: Settings) -> str | None:
    """Why tokens must not be signed with these settings, or None."""
    name = "SUISHOUPAI_TOKEN_SECRET (or SUISHOUPAI_TOKEN_SECRET_FILE)"
    if len(settings.token_secret) < SHORTEST_SECRET:
        return f"{name} must have at least {SHORTEST_SECRET} characters"
    if settings.token_secret == DEMO_SECRET and not settings.demo:
        return f"{name} is the demo's, which everybody knows: set one of your own"
    return None
