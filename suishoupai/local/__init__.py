"""The whole system on one machine without Docker: broker, database, services, their supervisor.

Everything started here carries ``SUISHOUPAI_STACK`` in its environment, and only what carries it
is ever ended.
"""


class CannotStart(Exception):
    """Something the system needs is not to be had; the message says what to do."""
