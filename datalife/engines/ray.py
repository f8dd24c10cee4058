"""Ray: tasks on the workers of a cluster, or of one that is started on this machine."""

from __future__ import annotations

import logging
import os
import socket
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any

import ray

from datalife.engines.tasks import Promise, TaskEngine, call
from datalife.engines.workers import (
    PACE,
    PATIENCE,
    TRIES,
    Watch,
    check_reachable,
    environment,
    kept_termination,
    lost,
    processors,
    refused,
)
from datalife.quiet import quiet

#: Ray tells on standard error of each task that a lost cluster cannot take.
SILENCE = {"RAY_BACKEND_LOG_LEVEL": "fatal"}
#: What a cluster may ask for that a stranger does not know.
SIGN_IN = "is it of the same version, and does it ask for a token? RAY_AUTH_MODE=token RAY_AUTH_TOKEN=... give one"


class RayEngine(TaskEngine):
    """Ray's own scheduler retries the tasks of a lost worker, and computes again the results it held."""

    def __init__(self, address: str | None) -> None:
        self.address = address
        #: Where the servers of a cluster listen that was started here.
        self.servers: list[tuple[str, int]] = []

    @cached_property
    def task(self) -> Any:
        """The remote function; the cluster is connected to when it is first asked for."""
        if self.address:
            check_reachable(self.address, ("ray",))
            settings: dict[str, Any] = {"runtime_env": {"env_vars": environment()}}
        else:
            os.environ.update(environment() | SILENCE)  # handed on to what is started here
            settings = {"num_cpus": processors(), "include_dashboard": False}
        logging.getLogger("ray").setLevel(logging.CRITICAL)  # of a lost cluster it tells in many lines
        logging.getLogger("ray.util.client.logsclient").disabled = True  # its level is set by Ray
        try:
            with quiet(), kept_termination(), warnings.catch_warnings(action="ignore"):
                self._connect(settings)
        except (OSError, RuntimeError, ray.exceptions.RayError) as error:
            raise refused("ray", error, SIGN_IN) from error
        if not self.address:
            host, _, port = ray.get_runtime_context().gcs_address.rpartition(":")
            nodes = [(node["NodeManagerAddress"], node["NodeManagerPort"]) for node in ray.nodes()]
            self.servers = [(host, int(port)), *nodes]
        return ray.remote(max_retries=TRIES)(call)

    def _connect(self, settings: dict[str, Any]) -> None:
        """Connects to the cluster; again where it aborts that, as it does now and then.

        It forks a server for each client while threads of gRPC run, which sometimes ends that server at once.
        """
        for attempt in range(1, TRIES + 1):
            try:
                ray.init(self.address or "local", log_to_driver=False, logging_level=logging.CRITICAL, **settings)
                return
            except ConnectionAbortedError:
                ray.shutdown()
                if attempt == TRIES:
                    raise

    def share(self, function: Callable[..., Any]) -> Promise:
        """See TaskEngine."""
        return self.task and ray.put(function)

    def submit(self, function: Promise, arguments: Sequence[Any], results: int = 1) -> Sequence[Promise]:
        """See TaskEngine."""
        promised = self.task.options(num_returns=results).remote(function, *arguments)
        return [promised] if results == 1 else promised

    def fetch(self, promise: Promise) -> Any:
        """See TaskEngine."""
        watch = Watch("ray", had_some=not self.address)
        try:
            while True:
                self._check_own_cluster()
                watch.look(int(ray.cluster_resources().get("CPU", 0)))
                with suppress(ray.exceptions.GetTimeoutError):
                    return ray.get(promise, timeout=PACE)
        except ray.exceptions.RayTaskError as error:
            raise error.cause from None
        except (ConnectionError, ray.exceptions.RayError) as error:
            raise lost("ray", error) from error

    def _check_own_cluster(self) -> None:
        """Raises ConnectionError where the cluster started here is gone; Ray would end this process a minute later."""
        for server in self.servers:
            socket.create_connection(server, timeout=PATIENCE).close()

    def close(self) -> None:
        """See Engine."""
        if "task" in self.__dict__:
            ray.shutdown()
