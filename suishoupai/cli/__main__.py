"""``python -m suishoupai.cli``: the same as the command ``suishoupai``."""

from suishoupai.cli.main import app

app()
