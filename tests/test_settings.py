"""How the platform starts: never in debug by accident, never without its secrets, a demo only for this machine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
ASK = "from django.conf import settings as s; print(s.DEBUG, s.ALLOWED_HOSTS, s.DATABASES['default']['ENGINE'])"


def start(*command: str, var: Path, **environment: str) -> subprocess.CompletedProcess:
    """Run a command with nothing in its environment but what is given."""
    env = {"PATH": os.environ["PATH"], "VAR_DIR": str(var), "PYTHONUTF8": "1", **environment}
    return subprocess.run([sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)


def settings_alone(var: Path, **environment: str) -> subprocess.CompletedProcess:
    """What gunicorn and Celery see: the settings, without manage.py's help."""
    code = f"import django; django.setup(); {ASK}"
    return start("-c", code, var=var, DJANGO_SETTINGS_MODULE="vanguard.settings", **environment)


@pytest.mark.parametrize(
    ("given", "named"),
    [({}, "SECRET_KEY"), ({"SECRET_KEY": "x"}, "ALLOWED_HOSTS"), ({"ALLOWED_HOSTS": "a.example"}, "SECRET_KEY")],
)
def test_without_debug_a_missing_setting_stops_the_start_and_is_named(tmp_path, given, named):
    done = settings_alone(tmp_path, **given)
    assert done.returncode != 0
    assert f"{named} is not set" in done.stderr


def test_debug_is_off_unless_the_environment_says_otherwise(tmp_path):
    done = settings_alone(tmp_path, SECRET_KEY="x", ALLOWED_HOSTS="a.example,b.example")
    assert done.stdout.startswith("False ['a.example', 'b.example']")


def test_manage_alone_is_development_mode_on_sqlite(tmp_path):
    done = start("manage.py", "shell", "--no-imports", "-c", ASK, var=tmp_path)
    assert done.stdout.startswith("True ")
    assert "sqlite3" in done.stdout


def test_manage_believes_an_environment_that_turns_debug_off(tmp_path):
    done = start("manage.py", "shell", "--no-imports", "-c", ASK, var=tmp_path, DEBUG="0")
    assert done.returncode != 0
    assert "SECRET_KEY is not set" in done.stderr


def test_the_demo_is_without_debug_for_this_machine_only_with_a_key_of_its_own(tmp_path):
    first = start("manage.py", "shell", "--no-imports", "-c", ASK, var=tmp_path, DEMO="1", DEBUG="1", ALLOWED_HOSTS="*")
    assert first.stdout.startswith("False ['localhost', '127.0.0.1', '[::1]']")
    key = tmp_path / "secret_key"
    assert len(key.read_text()) >= 50
    assert key.stat().st_mode & 0o777 == 0o600
    kept = key.read_text()
    start("manage.py", "shell", "--no-imports", "-c", ASK, var=tmp_path, DEMO="1")
    assert key.read_text() == kept


def test_postgresql_is_reached_through_a_pool_that_takes_connections_back(tmp_path):
    ask = "from django.conf import settings as s; d = s.DATABASES['default']; print(d['CONN_MAX_AGE'], d['OPTIONS'])"
    url = "postgres://u:p@db/name"
    done = start("manage.py", "shell", "--no-imports", "-c", ask, var=tmp_path, DATABASE_URL=url)
    assert done.stdout.startswith("0 {")
    assert "'pool': {" in done.stdout


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL compiles its plans")
def test_no_plan_is_compiled_before_it_answers():
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)


@pytest.mark.parametrize(("given", "proxies"), [({}, "0"), ({"HTTPS": "1"}, "1"), ({"TRUSTED_PROXIES": "2"}, "2")])
def test_log_in_limits_count_visitors_and_not_the_proxy(tmp_path, given, proxies):
    ask = "from django.conf import settings as s; print(s.ALLAUTH_TRUSTED_PROXY_COUNT)"
    assert start("manage.py", "shell", "--no-imports", "-c", ask, var=tmp_path, **given).stdout.strip() == proxies
