"""What tests of every kind have in common."""

from pathlib import Path

from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]

# How long an example takes says something of the machine, and nothing of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
