"""Phones: each with its session, asking over raw HTTP, so that asking takes little of the machine that answers.

    python -m bench.phones < asked.json > answered.json

A program of its own: what is measured is the server, not the thread that waits for it.
"""

import json
import re
import resource
import selectors
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

OPEN_FILES = 4096
SILENT_AFTER = 60  # seconds
HEAD_END = b"\r\n\r\n"


@dataclass
class Ask:
    """One request as a browser sends it: with its cookies, and a form with the token that was in it."""

    path: str
    cookies: dict[str, str]
    form: dict[str, Any] | None = None

    def bytes(self, host: str) -> bytes:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = [f"Host: {host}", f"Cookie: {cookies}", "Accept-Language: zh-CN", "User-Agent: phone"]
        if self.form is None:
            return "\r\n".join([f"GET {self.path} HTTP/1.1", *head, "", ""]).encode()
        body = urlencode(self.form, doseq=True)
        head += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        return "\r\n".join([f"POST {self.path} HTTP/1.1", *head, "", body]).encode()


@dataclass
class Answer:
    """What came back; `seconds` counts from when all began to ask, `status` 0 means that nobody answered, or not to the end."""

    status: int
    seconds: float
    path: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    text: str = ""


@dataclass
class Answers:
    seconds: float
    each: list[Answer]

    @property
    def a_second(self) -> float:
        return len(self.each) / self.seconds

    @property
    def slowest_hundredth(self) -> float:
        """Seconds within which all but one in a hundred had their answer."""
        return sorted(answer.seconds for answer in self.each)[-max(1, len(self.each) // 100)]


def ask_all(port: int, asks: list[Ask], *, phones: int) -> Answers:
    """Ask with so many phones at once: as many as there are asks, or fewer that go on as soon as they have an answer."""
    job = {"port": port, "phones": phones, "asks": [asdict(ask) for ask in asks]}
    command = [sys.executable, "-m", "bench.phones"]
    done = subprocess.run(command, input=json.dumps(job), capture_output=True, text=True, check=True)
    answered = json.loads(done.stdout)
    return Answers(answered["seconds"], [Answer(**answer) for answer in answered["each"]])


# --- in the process that asks --------------------------------------------------------------


class Phone:
    """One connection: asks what comes next, reads the whole answer, and goes on, for as long as the server is there."""

    def __init__(self, address: tuple[str, int], asks: Iterator[tuple[int, bytes]], answers: dict[int, Answer]) -> None:
        self.address, self.asks, self.answers = address, asks, answers
        self.line = socket.socket()

    def connect(self) -> bool:
        """Whether there is somebody to ask."""
        self.line.close()
        self.line = socket.socket()
        return self.line.connect_ex(self.address) == 0

    def ask_next(self) -> bool:
        """False when there is nothing left to ask, or nobody."""
        following = next(self.asks, None)
        if following is None:
            return False
        self.asked, request = following
        self.received = b""
        try:
            self.line.sendall(request)
        except OSError:
            return False
        return True

    def read(self, began: float) -> bool:
        """Whether the answer is whole now, or the line broken."""
        try:
            some = self.line.recv(65536)
        except OSError:
            some = b""
        self.received += some
        if some and not is_whole(self.received):
            return False
        self.answers[self.asked] = parsed(self.received, perf_counter() - began)
        return True

    @property
    def is_cut(self) -> bool:
        return not is_whole(self.received) or b"\r\nconnection: close" in self.received.lower()


def is_whole(received: bytes) -> bool:
    head, end, body = received.partition(HEAD_END)
    length = re.search(rb"\r\ncontent-length: (\d+)", head.lower())
    return bool(end) and len(body) >= (int(length[1]) if length else 0)


def parsed(received: bytes, seconds: float) -> Answer:
    if not is_whole(received):
        return Answer(0, seconds)
    head, _, body = received.partition(HEAD_END)
    first, *lines = head.decode("latin-1").split("\r\n")
    fields = [line.split(": ", 1) for line in lines]
    cookies = dict(value.partition(";")[0].split("=", 1) for name, value in fields if name.lower() == "set-cookie")
    path = next((value for name, value in fields if name.lower() == "location"), "")
    return Answer(int(first.split()[1]), seconds, path, cookies, body.decode())


def answers_to(port: int, asks: list[Ask], phones: int) -> Answers:
    host = f"127.0.0.1:{port}"
    answers: dict[int, Answer] = {}
    waiting = iter([(n, ask.bytes(host)) for n, ask in enumerate(asks)])
    everybody = [Phone(("127.0.0.1", port), waiting, answers) for _ in range(phones)]
    selector = selectors.DefaultSelector()
    began = perf_counter()
    for phone in everybody:
        if phone.connect() and phone.ask_next():
            selector.register(phone.line, selectors.EVENT_READ, phone)
    while selector.get_map():
        for key, _ in selector.select(SILENT_AFTER) or sys.exit("The server says nothing any more."):
            phone = key.data
            if phone.read(began):
                selector.unregister(key.fileobj)
                if (not phone.is_cut or phone.connect()) and phone.ask_next():
                    selector.register(phone.line, selectors.EVENT_READ, phone)
    return Answers(perf_counter() - began, [answers.get(n, Answer(0, 0)) for n in range(len(asks))])


def main() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    job = json.load(sys.stdin)
    print(json.dumps(asdict(answers_to(job["port"], [Ask(**ask) for ask in job["asks"]], job["phones"]))))


if __name__ == "__main__":
    main()
