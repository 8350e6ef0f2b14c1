"""What tests of every kind have in common."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
