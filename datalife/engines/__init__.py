"""The engines by name: this process, others of this machine, or the workers of a Ray, Dask or Spark cluster.

Those of a cluster are adapters over the public interface of its library, imported when it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from datalife.engine import Engine
from datalife.errors import UsageError

#: name -> (module, class, package that brings it)
ENGINES = {
    "local": ("datalife.engines.assisted", "AssistedEngine", None),
    "processes": ("datalife.engines.processes", "ProcessEngine", None),
    "ray": ("datalife.engines.ray", "RayEngine", "ray"),
    "dask": ("datalife.engines.dask", "DaskEngine", "distributed"),
    "spark": ("datalife.engines.spark", "SparkEngine", "pyspark"),
}
#: The engines that run on this machine alone.
HERE = ("local", "processes")


def open_engine(name: str, address: str | None = None) -> Engine:
    """The engine called `name`; its workers, or those of the cluster at `address`, are first asked for when needed.

    Without an address the cluster is one of this machine, with a worker for each processor.

    Raises:
        UsageError: there is no such engine, its package is not installed, or it takes no address.
    """
    if name in HERE and address is not None:
        raise UsageError("--engine-address", f"the engine {name} runs here", "name a cluster: --engine ray|dask|spark")
    if name not in ENGINES:
        raise UsageError("--engine", f"there is no engine {name!r}", f"known are {', '.join(ENGINES)}")
    module, kind, package = ENGINES[name]
    try:
        if package is not None:
            import_module(package)
    except ImportError as error:
        message, hint = f"the engine {name} needs the package {package}", f"pip install 'datalife[{name}]'"
        raise UsageError("--engine", message, hint) from error
    adapter: Any = getattr(import_module(module), kind)
    engine: Engine = adapter() if name in HERE else adapter(address)
    return engine
