"""Secrets that have no place in the repository: a part of ``make lint``."""
