"""A planted secret is found, wherever it lies; what is known is not told again."""

import random
import string

import pytest

from scripts.secret_scan import __main__ as scan

RANDOM = random.Random(20261125)


def letters(amount, alphabet=string.ascii_letters + string.digits):
    return "".join(RANDOM.choices(alphabet, k=amount))


# Put together here, so that this file holds none of them.
PLANTED = {
    "cloud.py": "key = 'AKIA" + letters(16, string.ascii_uppercase) + "'",
    "settings.env": "DATABASE_PASSWORD=" + letters(24),
    "compose.yml": "uri: amqp://user:" + letters(20) + "@broker:5672//",
    "key.pem": "-----BEGIN " + "RSA PRIVATE KEY-----",
    "token.json": '{"token": "' + letters(48) + '"}',
    "hex.py": 'SALT = "' + letters(40, "0123456789abcdef") + '"',
    "requirements.txt": "--extra-index-url https://user:" + letters(20) + "@packages.example/",
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_secret_is_found(tmp_path, name):
    file = tmp_path / name
    file.write_text(PLANTED[name] + "\n")
    assert scan.unknown(scan.find([file])), PLANTED[name]


def test_what_pip_holds_packages_against_is_no_secret(tmp_path):
    file = tmp_path / "requirements.txt"
    digest = letters(64, "0123456789abcdef")
    file.write_text(f"package==1.0 \\\n    --hash=sha256:{digest} \\\n")
    assert not scan.unknown(scan.find([file]))
    file.write_text(f"package==1.0 \\\n    --hash=sha256:{digest} # 'secret': '{letters(40)}'\n")
    assert scan.unknown(scan.find([file]))


def test_every_file_of_the_repository_is_searched():
    names = {str(path.relative_to(scan.ROOT)) for path in scan.repository_files()}
    for name in ("docker-compose.yml", ".env.example", "Makefile", "requirements/dev.txt"):
        assert name in names
    assert "tests/unit/scripts/test_secret_scan.py" in names
