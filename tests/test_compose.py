"""docker-compose.yml starts the very commands that `make stack` and the browser tests start."""

import re
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = (ROOT / "docker-compose.yml").read_text()
SERVE = (ROOT / "bin" / "serve").read_text()


def stack_services() -> set[str]:
    loader = SourceFileLoader("stack", str(ROOT / "bin" / "stack"))
    module = module_from_spec(spec_from_loader("stack", loader))
    loader.exec_module(module)
    return {"migrate", *module.SERVICES}


def test_compose_starts_what_the_stack_starts():
    started = set(re.findall(r'command: \["bin/serve", "(\w+)"\]', COMPOSE))
    assert started == stack_services() == {"migrate", "web", "worker", "beat"}
    assert len(re.findall(r"^\s+command:", COMPOSE, re.MULTILINE)) == len(started)


def test_each_of_them_is_known_to_bin_serve():
    assert set(re.findall(r"^(\w+)\)$", SERVE, re.MULTILINE)) == stack_services()


def test_compose_keeps_data_in_named_volumes_and_asks_for_the_secrets():
    assert re.findall(r"^  (\w+):$", COMPOSE.partition("\nvolumes:\n")[2], re.MULTILINE) == [
        "postgres",
        "redis",
        "data",
    ]
    for name in ("SECRET_KEY", "ALLOWED_HOSTS", "POSTGRES_PASSWORD"):
        assert f"${{{name}:?" in COMPOSE


def test_the_image_runs_as_nobody_special_and_is_checked():
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert re.search(r"^USER vanguard$", dockerfile, re.MULTILINE)
    assert "HEALTHCHECK" in dockerfile
    assert "--require-hashes" in dockerfile
