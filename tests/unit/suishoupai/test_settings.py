from datetime import time

import pytest
from environs import EnvError

from suishoupai.settings import DEMO_SECRET, SERVICES, read_settings, secret_fault


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch):
    for name in ("SUISHOUPAI_TOKEN_SECRET", "SUISHOUPAI_TOKEN_SECRET_FILE", "SUISHOUPAI_DEMO"):
        monkeypatch.delenv(name, raising=False)


def test_a_secret_may_come_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("from a file\n")
    monkeypatch.setenv("SUISHOUPAI_TOKEN_SECRET", "from the environment")
    monkeypatch.setenv("SUISHOUPAI_TOKEN_SECRET_FILE", str(tmp_path / "secret"))
    assert read_settings().token_secret == "from a file"


@pytest.mark.parametrize(
    ("secret", "demo", "fault"),
    [
        ("", "1", "at least 32"),
        ("short", "1", "at least 32"),
        (DEMO_SECRET, "0", "everybody knows"),
        (DEMO_SECRET, "1", None),
        ("x" * 32, "0", None),
    ],
)
def test_a_start_with_a_weak_or_public_secret_is_refused(monkeypatch, secret, demo, fault):
    monkeypatch.setenv("SUISHOUPAI_TOKEN_SECRET", secret)
    monkeypatch.setenv("SUISHOUPAI_DEMO", demo)
    found = secret_fault(read_settings())
    assert (found is None) if fault is None else (fault in found)


def test_limits_bind_outside_the_demo_and_not_in_it(monkeypatch):
    assert read_settings().logins_per_minute == 20
    monkeypatch.setenv("SUISHOUPAI_DEMO", "1")
    assert read_settings().logins_per_minute > 1000


def test_origins_are_named_one_by_one(monkeypatch):
    monkeypatch.setenv("SUISHOUPAI_CORS_ORIGINS", "")
    assert read_settings().cors_origins == ()
    monkeypatch.setenv("SUISHOUPAI_CORS_ORIGINS", "https://a.example, http://b.example:8080")
    assert read_settings().cors_origins == ("https://a.example", "http://b.example:8080")
    for wrong in ("*", "a.example", "https://*.example", "https://a.example/", "null"):
        monkeypatch.setenv("SUISHOUPAI_CORS_ORIGINS", wrong)
        with pytest.raises(EnvError, match="no origin"):
            read_settings()


def test_every_peer_has_an_address(monkeypatch):
    monkeypatch.setenv("SUISHOUPAI_GRID_URL", "http://elsewhere:1")
    peers = read_settings().peers
    assert set(peers) == set(SERVICES)
    assert peers["grid"] == "http://elsewhere:1"


def test_when_reports_are_made_is_a_setting(monkeypatch):
    assert (read_settings().report_day, read_settings().report_at) == (1, time(6))
    monkeypatch.setenv("SUISHOUPAI_REPORT_DAY", "3")
    monkeypatch.setenv("SUISHOUPAI_PUBLIC_URL", "https://ssp.example/")
    assert (read_settings().report_day, read_settings().public_url) == (3, "https://ssp.example")
    for day in ("0", "29"):
        monkeypatch.setenv("SUISHOUPAI_REPORT_DAY", day)
        with pytest.raises(EnvError, match="SUISHOUPAI_REPORT_DAY"):
            read_settings()


def test_the_hour_of_the_digest_is_a_setting(monkeypatch):
    monkeypatch.delenv("SUISHOUPAI_DIGEST_AT", raising=False)
    assert read_settings().digest_at == time(8, 30)
    monkeypatch.setenv("SUISHOUPAI_DIGEST_AT", "17:00")
    assert read_settings().digest_at == time(17)
