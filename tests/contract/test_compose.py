"""docker-compose.yml without an engine: fits the schema, and names only what exists."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from suishoupai.settings import DEMO_SECRET, SERVICES

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
PARTS = COMPOSE["services"]
OURS = {name: part for name, part in PARTS.items() if "build" in part}
DOCKERFILE = ROOT / "deploy" / "docker" / "Dockerfile"


def settings_variables():
    """The variables that the settings read."""
    source = (ROOT / "suishoupai" / "settings.py").read_text(encoding="utf-8")
    names = set(re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', source))
    return names | {f"SUISHOUPAI_{name.upper()}_URL" for name in SERVICES}


def resolved(value):
    """A value as compose would fill it in without an .env file."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", str(value))


def test_it_fits_the_compose_specification():
    command = [Path(sys.executable).parent / "check-jsonschema"]
    command += ["--builtin-schema", "vendor.compose-spec", ROOT / "docker-compose.yml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_service_of_the_system_is_there_once_and_runs_itself():
    assert set(OURS) == {*SERVICES, "seed"}
    assert set(PARTS) - set(OURS) == {"rabbitmq", "mongo"}
    for name in SERVICES:
        assert OURS[name]["command"] == [name]
    assert OURS["seed"]["entrypoint"][-1] == "suishoupai.seed"


def test_official_images_of_the_versions_we_name():
    assert PARTS["rabbitmq"]["image"] == "rabbitmq:4"
    assert PARTS["mongo"]["image"] == "mongo:8"
    assert "--replSet" in PARTS["mongo"]["command"]
    assert (
        f"replicaSet={PARTS['mongo']['command'][2]}" in OURS["issues"]["environment"]["MONGODB_URI"]
    )


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_a_setting_and_every_address_leads_somewhere(name):
    environment = OURS[name]["environment"]
    ours = {variable for variable in environment if not variable.startswith("AWS_")}  # boto3's own
    assert ours <= settings_variables()
    own_port = environment["SUISHOUPAI_HTTP"].rpartition(":")[2]
    for service in SERVICES:
        url = environment[f"SUISHOUPAI_{service.upper()}_URL"]
        assert url == f"http://{service}:{own_port}"
    credentials = PARTS["rabbitmq"]["environment"]
    user, password = (credentials[f"RABBITMQ_DEFAULT_{part}"] for part in ("USER", "PASS"))
    assert environment["AMQP_URI"] == f"amqp://{user}:{password}@rabbitmq:5672//"
    assert environment["MONGODB_URI"].startswith("mongodb://mongo:27017/")
    assert resolved(environment["SUISHOUPAI_TOKEN_SECRET"]) == DEMO_SECRET
    assert resolved(environment["SUISHOUPAI_DEMO"]) == "1"


def test_only_the_gateway_is_public_and_on_its_own_port():
    published = {name: part["ports"] for name, part in PARTS.items() if "ports" in part}
    assert set(published) == {"gateway"}
    (mapping,) = published["gateway"]
    inside = OURS["gateway"]["environment"]["SUISHOUPAI_HTTP"].rpartition(":")[2]
    assert resolved(mapping) == f"127.0.0.1:8000:{inside}"
    assert f"EXPOSE {inside}" in DOCKERFILE.read_text(encoding="utf-8")


def test_volumes_and_dependencies_are_declared():
    used = {
        volume.partition(":")[0] for part in PARTS.values() for volume in part.get("volumes", ())
    }
    assert used == set(COMPOSE["volumes"])
    for part in PARTS.values():
        assert set(part.get("depends_on", ())) <= set(PARTS)


def test_what_the_image_is_built_from_exists():
    for part in OURS.values():
        assert ROOT / part["build"]["context"] / part["build"]["dockerfile"] == DOCKERFILE
    copied = re.findall(r"^COPY (?!--)(\S+) ", DOCKERFILE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(copied) >= 5
    for source in copied:
        assert (ROOT / source).exists(), source


def test_every_variable_that_can_be_set_is_documented():
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    documented = (ROOT / ".env.example").read_text(encoding="utf-8")
    passed_on = {
        name
        for part in OURS.values()
        for name, value in part["environment"].items()
        if value is None
    }
    variables = set(re.findall(r"\$\{(\w+)", text)) | passed_on
    assert variables == set(re.findall(r"^#?(\w+)=", documented, re.MULTILINE))
