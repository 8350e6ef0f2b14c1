"""The command line: ``suishoupai up | down | status | logs | demo | seed | replay``."""
