"""Ray: tasks on the workers of a cluster, or of one that is started on this machine."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import ray

from datalife.engines.tasks import Promise, TaskEngine, call
from datalife.engines.workers import ENVIRONMENT, TRIES, check_reachable, lost, processors


class RayEngine(TaskEngine):
    """Ray's own scheduler retries the tasks of a lost worker, and computes again the results it held."""

    def __init__(self, address: str | None) -> None:
        self.address = address

    @cached_property
    def task(self) -> Any:
        """The remote function; the cluster is connected to when it is first asked for."""
        if self.address:
            check_reachable(self.address, ("ray",))
            settings: dict[str, Any] = {"runtime_env": {"env_vars": ENVIRONMENT}}
        else:
            os.environ.update(ENVIRONMENT)  # handed on to the workers that are started here
            settings = {"num_cpus": processors(), "include_dashboard": False}
        try:
            ray.init(self.address or "local", log_to_driver=False, logging_level=logging.ERROR, **settings)
        except (OSError, RuntimeError, ray.exceptions.RayError) as error:
            raise lost("ray", error) from error
        return ray.remote(max_retries=TRIES)(call)

    def share(self, function: Callable[..., Any]) -> Promise:
        """See TaskEngine."""
        return self.task and ray.put(function)

    def submit(self, function: Promise, arguments: Sequence[Any], results: int = 1) -> Sequence[Promise]:
        """See TaskEngine."""
        promised = self.task.options(num_returns=results).remote(function, *arguments)
        return [promised] if results == 1 else promised

    def fetch(self, promise: Promise) -> Any:
        """See TaskEngine."""
        try:
            return ray.get(promise)
        except ray.exceptions.RayTaskError as error:
            raise error.cause from None
        except (ConnectionError, ray.exceptions.RayError) as error:
            raise lost("ray", error) from error

    def close(self) -> None:
        """See Engine."""
        if "task" in self.__dict__:
            ray.shutdown()
