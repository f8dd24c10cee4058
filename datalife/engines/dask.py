"""Dask: tasks on the workers of a distributed scheduler, or of one that is started on this machine."""

from __future__ import annotations

import logging
import operator
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any

import dask
from distributed import Client, KilledWorker, LocalCluster
from distributed.client import FutureCancelledError
from distributed.comm.core import CommClosedError

from datalife.engines.tasks import Promise, TaskEngine, call
from datalife.engines.workers import (
    PACE,
    PATIENCE,
    Watch,
    check_reachable,
    deaf_programs,
    environment,
    lost,
    processors,
    refused,
)

#: No page to look at; its port is any that is free, where the usual one may be taken, of which Dask would warn.
UNSEEN: dict[str, Any] = {"dashboard_address": "127.0.0.1:0", "scheduler_kwargs": {"dashboard": False}}
#: A lost worker is started again, however long that takes. By itself Dask takes away for good what is not there 15
#: seconds after it was lost, even where it is just being started again; and work without any worker waits for ever.
RESTARTS = {"distributed.deploy.lost-worker-timeout": "1 day"}
#: What a cluster may ask for that a stranger does not know.
SIGN_IN = "is it of the same version, and does it ask for a certificate? see docs/engines.md"


class DaskEngine(TaskEngine):
    """Dask's own scheduler runs the tasks of a lost worker, and those whose results it held, on another one."""

    def __init__(self, address: str | None) -> None:
        self.address = address
        self.cluster: LocalCluster | None = None
        self.had_workers = False

    @cached_property
    def client(self) -> Client:
        """The connection to the scheduler."""
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # it tells of a lost scheduler by tracebacks
        if self.address:
            check_reachable(self.address, ("tcp", "tls"))
            try:
                return Client(self.address, timeout=PATIENCE, set_as_default=False)
            except (OSError, TypeError, ValueError) as error:
                raise refused("dask", error, SIGN_IN) from error
        dask.config.set(RESTARTS)
        workers: dict[str, Any] = {"n_workers": processors(), "threads_per_worker": 1, "env": environment()}
        with deaf_programs():
            self.cluster = LocalCluster(**workers, **UNSEEN, silence_logs="CRITICAL")
        return Client(self.cluster, set_as_default=False)

    def share(self, function: Callable[..., Any]) -> Promise:
        """See TaskEngine; as a task of its own, a lost function is there again.

        Which workers there are is looked at before they have any work, by which they may be lost.
        """
        self.had_workers = self.cluster is not None or self._workers() > 0
        return self.client.submit(_itself, function, pure=False)

    def submit(self, function: Promise, arguments: Sequence[Any], results: int = 1) -> Sequence[Promise]:
        """See TaskEngine."""
        promised = self.client.submit(call, function, *arguments, pure=False)
        if results == 1:
            return [promised]
        return [self.client.submit(operator.getitem, promised, place) for place in range(results)]

    def fetch(self, promise: Promise) -> Any:
        """See TaskEngine."""
        watch = Watch("dask", self.had_workers)
        try:
            while not promise.done():
                watch.look(self._workers())
                with suppress(TimeoutError):
                    promise.result(timeout=PACE)
            return promise.result()
        except (KilledWorker, FutureCancelledError, CommClosedError, OSError) as error:
            raise lost("dask", error) from error

    def _workers(self) -> int:
        return len(self.client.scheduler_info(n_workers=-1)["workers"])

    def close(self) -> None:
        """See Engine."""
        if "client" in self.__dict__:
            self.client.close()
        if self.cluster is not None:
            self.cluster.close()


def _itself(function: Callable[..., Any]) -> Callable[..., Any]:
    return function
