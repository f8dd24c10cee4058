"""Packages that only some formats need."""

from __future__ import annotations

import importlib
from types import ModuleType

from datalife.errors import SourceError


def extra(module: str, bundle: str, where: str) -> ModuleType:
    """A module of an optional package.

    Raises:
        SourceError: it is not installed; the hint names the bundle of datalife that brings it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        hint = f"pip install 'datalife[{bundle}]'"
        raise SourceError(where, f"cannot be read without the package {package}", hint) from error
