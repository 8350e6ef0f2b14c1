"""The demo's accounts, and that there are none outside the demo."""

import json
import os
import subprocess
import sys
from dataclasses import replace

from services.gateway.accounts.bindings import fault
from services.gateway.seed import demo_accounts, seed
from suishoupai.settings import DEMO_SECRET, ROOT, read_settings


def test_outside_the_demo_no_account_is_made():
    settings = replace(read_settings(), demo=False)
    assert seed(None, settings) == "no accounts outside demo mode"  # and no database is touched


def test_every_demo_account_is_bound_as_its_role_needs():
    compounds = json.loads((ROOT / "data/demo/compounds.geojson").read_text(encoding="utf-8"))
    compound = compounds["features"][0]["properties"]
    accounts = demo_accounts(compound["grids"][0], compound["property"])
    assert [name for name, binding in accounts.items() if fault(binding)] == []


def test_a_service_does_not_start_with_the_demo_s_secret_outside_the_demo():
    environment = {
        **os.environ,
        "SUISHOUPAI_TOKEN_SECRET": DEMO_SECRET,
        "SUISHOUPAI_DEMO": "0",
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
    }
    environment.pop("SUISHOUPAI_TOKEN_SECRET_FILE", None)
    run = [sys.executable, "-m", "suishoupai.run", "gateway"]
    left = subprocess.run(
        run, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert left.returncode != 0
    assert "everybody knows" in left.stderr
