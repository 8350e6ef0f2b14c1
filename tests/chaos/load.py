"""Reports arriving at a steady rate, whatever the system does."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from suishoupai.cli.morning import Morning
from suishoupai.client import Client

PHONES = 48
"""Most reports under way at once."""
PATIENCE = 180.0
"""Seconds a phone tries to get its report through."""
SENT_AGAIN = 10
"""Every so many reports, a phone sends again what was answered already."""
PASSWORD = "suishoupai"


@dataclass
class Sent:
    """What came of the reports of a round."""

    receipts: dict = field(default_factory=dict)
    """Key → id of the case, of every report answered with 201."""
    failed: list = field(default_factory=list)
    waits: list = field(default_factory=list)
    """Seconds from the first try to the 201."""
    seconds: float = 0.0

    @property
    def rate(self):
        """Reports answered a second."""
        return len(self.receipts) / self.seconds if self.seconds else 0.0


def send(urls, county, count, rate, seed, advance):
    """Sends ``count`` reports, ``rate`` a second, each with its own key; returns ``Sent``."""
    run = random.Random(seed).randrange(10**9)
    phones = [Client(url, patience=PATIENCE).login("member", PASSWORD) for url in urls]
    sent, lock = Sent(), threading.Lock()
    begun = time.monotonic()

    def one(numbered):
        n, body = numbered
        pause = begun + n / rate - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        key, first = f"chaos-{run}-{n}", time.monotonic()
        try:
            receipt = phones[n % len(phones)].report(body, key)
            if n % SENT_AGAIN == 0:
                again = phones[(n + 1) % len(phones)].report(body, key)
                assert again.id == receipt.id, f"{key} opened two cases"
        except Exception as error:
            with lock:
                sent.failed.append(f"{key}: {error}")
        else:
            with lock:
                sent.receipts[key] = receipt.id
                sent.waits.append(time.monotonic() - first)
        advance()

    with ThreadPoolExecutor(PHONES) as pool:
        list(pool.map(one, enumerate(Morning(county, seed).reports(count))))
    sent.seconds = time.monotonic() - begun
    return sent
