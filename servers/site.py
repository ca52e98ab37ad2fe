"""The platform itself, filled with the demonstration city: what comes before its servers, and how to greet."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from servers.port import LOOPBACK, is_taken

ROOT = Path(__file__).resolve().parent.parent
SERVE = str(ROOT / "bin" / "serve")
ACCOUNTS = "admin city street secretary branch officer inspector member"

Environment = Mapping[str, str]


def var_dir(default: str) -> Path:
    """VAR_DIR of the environment, else `default` below the project."""
    return Path(os.environ.get("VAR_DIR") or ROOT / default).resolve()


def port() -> int:
    """PORT of the environment, 8000 without it; SystemExit with advice where somebody else has it."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SystemExit(f"PORT={text} is not a port: it must be a number from 1 to 65535.")
    if is_taken(int(text)):
        raise SystemExit(f"Port {text} is taken. Stop what listens there, or choose another: PORT=8001 make …")
    return int(text)


def environment(var: Path, at_port: int, **more: str) -> dict[str, str]:
    """Demonstration mode: debug off, loopback only, the key and all data under `var`, whatever .env says."""
    return {
        **os.environ,
        "DEMO": "1",
        "DEBUG": "0",
        "VAR_DIR": str(var),
        "STATIC_ROOT": str(var / "static"),
        "MEDIA_ROOT": str(var / "media"),
        "WEB_BIND": f"{LOOPBACK}:{at_port}",
        "PYTHONUTF8": "1",
        "PYTHONPATH": str(ROOT),
        **more,
    }


def manage(env: Environment, *arguments: str) -> None:
    """Run a management command and end with its exit code should it fail; it has said why."""
    code = subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=env).returncode
    if code:
        raise SystemExit(code)


def collect_static(env: Environment) -> None:
    """Collect and compress the static files, unless these very files have been collected already."""
    stamp = Path(env["STATIC_ROOT"]).with_suffix(".stamp")
    state = static_state()
    if not stamp.exists() or stamp.read_text() != state:
        manage(env, "collectstatic", "--noinput", "--clear", "--verbosity", "0")
        stamp.write_text(state)


def static_state() -> str:
    """A digest that changes with any static file, and with the packages that bring their own."""
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for file in sorted(ROOT.glob("static/**/*")):
        if file.is_file():
            digest.update(f"{file.relative_to(ROOT)} {file.stat().st_size} {file.stat().st_mtime_ns}\n".encode())
    return digest.hexdigest()


def greeting(env: Environment) -> str:
    """The one line that says where the demo is and who may log in."""
    os.environ.update(env)
    from vanguard.settings import DEMO_PASSWORD

    return f"Ready: http://{env['WEB_BIND']}/  ·  log in as {ACCOUNTS}  ·  password {DEMO_PASSWORD}"
