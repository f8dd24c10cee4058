"""A cluster that is lost in the middle: one error, exit code 2, the output as it was, and nothing left running.

The clusters are real ones of this machine, and ask for what their libraries can ask for: Ray for a token, Dask for
certificates, Spark for a secret. All of it is in the environment; datalife knows nothing of it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyspark
import pytest
from distributed.security import Security

from datalife.engines.workers import PACE
from tests.engines.test_ends import is_gone
from tests.processes import PATIENCE, finished, run, until

ROOT = Path(__file__).parents[2]
NEEDS_JAVA = pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java, and there is no `java` here")
SPARK = Path(pyspark.__file__).parent / "bin" / "spark-class"


@dataclass
class Cluster:
    """Servers and workers that run in one group of processes, and what a user of them has in the environment."""

    arguments: list[str]
    environment: Mapping[str, str]
    group: int


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with a result of before."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    Path("out.json").write_text("before")
    return tmp_path


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


@contextlib.contextmanager
def started(script: str, environment: Mapping[str, str], *engine: str) -> Iterator[Cluster]:
    """A cluster that a script of the shell starts, once it listens at the address that `engine` ends with."""
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    everything = dict(os.environ) | {"PATH": programs} | environment  # ray and dask lie beside Python
    with open("cluster.log", "wb") as log:
        shell = subprocess.Popen(["sh", "-c", script], env=everything, stdout=log, stderr=log, process_group=0)
    port = int(engine[-1].rpartition(":")[2])
    try:
        until(lambda: can_connect(port), f"the cluster listens, of which cluster.log tells: {Path.cwd()}", shell)
        yield Cluster(["--engine", *engine], everything, shell.pid)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(shell.pid, signal.SIGKILL)
        shell.wait(PATIENCE)


def can_connect(port: int) -> bool:
    """Whether somebody listens at a port of this machine."""
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    return False


def ray_cluster():
    """A head of Ray with two processors, that asks for a token."""
    gcs, port = free_port(), free_port()
    script = f"exec ray start --head --block --port {gcs} --ray-client-server-port {port} --num-cpus 2"
    secret = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "5e" * 32, "RAY_CLIENT_RECONNECT_GRACE_PERIOD": "2"}
    return started(f"{script} --include-dashboard false", secret, "ray", "--engine-address", f"ray://127.0.0.1:{port}")


def dask_cluster():
    """A scheduler of Dask and two workers, that ask for certificates."""
    made = Security.temporary().get_tls_config_for_role("client")
    for name in ("ca_file", "cert", "key"):
        Path(f"{name}.pem").write_text(made[name])
    paths = {name: str(Path(f"{name}.pem").resolve()) for name in made if name in ("ca_file", "cert", "key")}
    settings = {"DASK_DISTRIBUTED__COMM__TLS__CA_FILE": paths["ca_file"]}
    for role in ("SCHEDULER", "WORKER", "CLIENT"):
        settings[f"DASK_DISTRIBUTED__COMM__TLS__{role}__CERT"] = paths["cert"]
        settings[f"DASK_DISTRIBUTED__COMM__TLS__{role}__KEY"] = paths["key"]
    address = f"tls://127.0.0.1:{free_port()}"
    script = (
        f"dask scheduler --no-dashboard --host {address} &\n"
        f"dask worker {address} --nworkers 2 --nthreads 1 --no-dashboard --protocol tls:// & wait"
    )
    return started(script, settings, "dask", "--engine-address", address)


def spark_cluster():
    """A master of Spark and a worker of two cores, that ask for a secret."""
    Path("conf").mkdir()
    Path("conf/spark-defaults.conf").write_text("spark.authenticate true\nspark.authenticate.secret s3cret\n")
    port = free_port()
    address = f"spark://127.0.0.1:{port}"
    script = (
        f"{SPARK} org.apache.spark.deploy.master.Master --host 127.0.0.1 --port {port} --webui-port 0 &\n"
        f"{SPARK} org.apache.spark.deploy.worker.Worker {address} --host 127.0.0.1 --cores 2 --memory 1g "
        "--webui-port 0 & wait"
    )
    environment = {
        "SPARK_CONF_DIR": str(Path("conf").resolve()),
        "SPARK_WORKER_DIR": str(Path("work").resolve()),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
    }
    return started(script, environment, "spark", "--engine-address", address)


CLUSTERS = {"ray": ray_cluster, "dask": dask_cluster, "spark": spark_cluster}


def begun(arguments: list[str], environment: Mapping[str, str]) -> subprocess.Popen[str]:
    """A command in the middle of its work: a worker has begun a piece."""
    command = [sys.executable, "-m", "tests.engines.dawdle", *arguments, "-o", "out.json", "--isolated"]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, process_group=0)
    until(Path("begun").exists, "a worker begins", process)
    return process


def check_end(process: subprocess.Popen[str], engine: str) -> None:
    """One error with what to do, exit code 2, the output as it was."""
    said = finished(process)[1].splitlines()
    errors = [line for line in said if not line.startswith("warning:")]
    assert errors[0].startswith(f"error: {engine}: the workers are lost: ")
    assert errors[1:] == ["hint: nothing was written; run it again"]
    assert process.returncode == 2
    assert Path("out.json").read_text() == "before"


@pytest.mark.parametrize(
    "engine", [pytest.param(name, marks=[NEEDS_JAVA] if name == "spark" else []) for name in CLUSTERS]
)
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_that_is_killed(engine: str) -> None:
    """Schedulers and workers are all gone at once: the command ends soon, by itself."""
    with CLUSTERS[engine]() as cluster:
        process = begun(cluster.arguments, cluster.environment)
        os.killpg(cluster.group, signal.SIGKILL)
        check_end(process, engine)
        assert is_gone(process.pid)


@pytest.mark.parametrize("engine", ["ray", pytest.param("spark", marks=[NEEDS_JAVA])])
def test_a_cluster_of_its_own_that_is_killed(engine: str) -> None:
    """The servers that a command has started for itself, and their workers, are killed: none is left, and no file.

    What Ray puts into /tmp/ray is the exception: it keeps the logs of every session, however that ends.
    """
    address = ["--engine-address", "local-cluster[2,1,1024]"] if engine == "spark" else []
    Path("scratch").mkdir()
    place = {} if engine == "ray" else {"TMPDIR": str(Path("scratch").resolve())}
    process = begun(["--engine", engine, *address], os.environ | place)
    started_here = descendants(process.pid)
    for each in started_here:
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)
    check_end(process, engine)
    until(lambda: not [each for each in started_here if is_alive(each)], "all that was started here ends")
    assert list(Path("scratch").iterdir()) == []


@pytest.mark.filterwarnings("ignore")
def test_workers_that_are_gone_for_good() -> None:
    """A scheduler without workers would wait for ever; it is given up."""
    with dask_cluster() as cluster:
        process = begun(cluster.arguments, cluster.environment)
        time.sleep(3 * PACE)  # it may have begun before there were workers, and looks for them every so often
        for each in descendants(cluster.group):
            if "worker" in Path(f"/proc/{each}/cmdline").read_text():
                os.kill(each, signal.SIGKILL)
        check_end(process, "dask")


def descendants(process: int) -> list[int]:
    """The processes that a process has started, and theirs."""
    found = run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True).stdout
    parents = {int(pid): int(parent) for pid, parent in (line.split() for line in found.splitlines())}
    children = [pid for pid, parent in parents.items() if parent == process]
    return children + [each for child in children for each in descendants(child)]


def is_alive(process: int) -> bool:
    """Whether a process runs; one that has ended and was not waited for does not."""
    asked = run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True)
    return asked.stdout.strip()[:1] not in ("", "Z")
