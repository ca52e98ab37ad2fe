"""A Redis on the loopback interface that keeps nothing: what must not be lost is a row in the database."""

import shutil

from servers.children import Children
from servers.port import LOOPBACK, accepts, free_port, wait_until

MISSING = "redis-server is not installed. On Debian: apt-get install redis-server"


def start(children: Children) -> str:
    """The URL of a new Redis; SystemExit with advice where none is installed."""
    program = shutil.which("redis-server")
    if not program:
        raise SystemExit(MISSING)
    port = free_port()
    children.start("redis", [program, "--bind", LOOPBACK, "--port", str(port), "--save", "", "--appendonly", "no"])
    wait_until(lambda: accepts(port), within=15, still=children.check)
    return f"redis://{LOOPBACK}:{port}/0"
