"""Which passwords are taken: long ones that are not the first to be guessed.

After NIST SP 800-63B: length counts, composition does not; no user name, no common password,
nothing that only repeats or counts up.
"""

from __future__ import annotations

import unicodedata

SHORTEST, LONGEST = 12, 256
"""Characters."""
LONGEST_PIECE = 4
"""Characters: a password that only repeats a piece this short is as good as the piece."""

_COMMONEST = """
1234567890ab 1234567890qwerty 123456789abc 1q2w3e4r5t6y 1qaz2wsx3edc 1qazxsw23edc 5201314woaini
a123456789012 a12345678910 aa1234567890 abcd12345678 admin1234567 admin123456789 admin@123456
admin@12345678 adminadmin123 administrator administrator1 asd123456789 asdfghjkl123 changeme1234
changemeplease iloveyou1234 iloveyou1314 letmein12345 mima12345678 monkey123456 nihao1234567
p@ssw0rd1234 p@ssword1234 passw0rd1234 password!123 password1234 password12345 password123456
password2024 password2025 password2026 password@123 passwordpassword q1w2e3r4t5y6 qazwsxedcrfv
qq1234567890 qwer12345678 qwerasdfzxcv qwerty123456 qwerty12345678 qwertyuiop12 qwertyuiop123
qwertyuiopasdf root12345678 rootroot1234 secret123456 suishoupai123 suishoupai1234
suishoupai2026 test12345678 wang12345678 welcome12345 welcome123456 woaini123456 woaini1314520
woaini5201314 woaini520520 woshiniba123 zhang1234567 zhongguo1234 zhongguo2026 zxcvbnm12345
zxcvbnm123456
"""
COMMON = frozenset(_COMMONEST.split())
"""The commonest that are long enough; ours, after the habits of people."""
RUNS = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")
"""What is typed by going along: also backwards."""


def stable(password: str) -> str:
    """A password in the form that is hashed: the same on every keyboard (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def fault(password: str, username: str) -> str | None:
    """What is wrong with a new password, or None."""
    plain = stable(password).casefold()
    if len(plain) < SHORTEST:
        return f"at least {SHORTEST} characters"
    if len(password) > LONGEST:
        return f"at most {LONGEST} characters"
    if plain.replace(username.casefold(), "") == "":
        return "not the user name"
    if plain in COMMON or _repeats(plain) or _runs(plain):
        return "one of the first that are guessed: choose another, a few words will do"
    return None


def _repeats(plain: str) -> bool:
    """Whether it is a short piece over and over."""
    return any(
        plain == (plain[:length] * len(plain))[: len(plain)]
        for length in range(1, LONGEST_PIECE + 1)
    )


def _runs(plain: str) -> bool:
    return any(plain in run or plain[::-1] in run for run in RUNS)
