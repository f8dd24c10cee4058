"""The datasets of a project, which `datalife.yaml` lists: each with the flags of `validate` as its settings.

datasets:
  trips:
    source: data/trips/*.parquet
    schema: schemas/trips.yaml
    environment: serving
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from datalife.cli import failures
from datalife.cli.settings import flag_of, value_fault, value_of
from datalife.errors import Fault, UsageError, did_you_mean

if TYPE_CHECKING:
    from datalife.anomalies import Project
    from datalife.config import Setting

COMMAND = "validate"
SOURCE = "source"
#: What is said of the run, not of one of its datasets.
OF_THE_RUN = {"format", "output", "quiet", "verbose", "color", "exit-zero", "engine", "engine-address"}
#: Settings that name files; they are found from the folder of the file that names them.
FILES = ("source", "schema", "baseline", "training", "failing-rows", "good-rows", "suggest")
#: The same of a run with one dataset: of several, each would overwrite that of the one before.
WRITTEN = ("failing_rows", "good_rows", "suggest")
LISTED = "datalife.datasets"


def list_datasets(settings: Sequence[Setting], flags: dict[str, click.Option], context: click.Context) -> list[Fault]:
    """Keeps the datasets with the values of their settings in the context; what is wrong with them."""
    known = {flag: option for flag, option in flags.items() if flag not in OF_THE_RUN}
    known[SOURCE] = click.Option(["--source", "sources"], multiple=True)
    faults: list[Fault] = []
    datasets: dict[str, dict[str, Any]] = {}
    for setting in settings:
        values, option = datasets.setdefault(str(setting.dataset), {}), known.get(flag_of(setting))
        if option is None:
            message = f"unknown setting {setting.name!r} of the dataset {setting.dataset!r}"
            faults.append(Fault(str(setting.where), message, did_you_mean(flag_of(setting), known)))
            continue
        fault = value_fault(setting, option, context)
        if fault is not None:
            faults.append(fault)
            continue
        found = value_of(setting, option, context)
        values[str(option.name)] = _from_file(found, setting.where.file) if flag_of(setting) in FILES else found
    faults += [fault for name, values in datasets.items() for fault in _lacking(name, values, settings)]
    context.meta[LISTED] = datasets
    return faults


def _lacking(name: str, values: dict[str, Any], settings: Sequence[Setting]) -> list[Fault]:
    where = next(str(setting.where) for setting in settings if setting.dataset == name)
    needed = {"sources": "source", "schema_file": "schema"}
    said = {setting.name for setting in settings if setting.dataset == name}
    return [
        Fault(where, f"the dataset {name!r} has no {key}", f"add {key}: FILE")
        for parameter, key in needed.items()
        if parameter not in values and key not in said
    ]


def _from_file(value: Any, file: str) -> Any:
    """Paths of a settings file, as they are called from the working directory."""
    if isinstance(value, tuple):
        return tuple(_from_file(each, file) for each in value)
    return value if "://" in value else os.path.normpath(os.path.join(os.path.dirname(file), value))


def chosen(context: click.Context) -> dict[str, dict[str, Any]]:
    """The datasets to validate, each with the values of all options; none where data or a schema is named.

    What the command line says is stronger than what is said of a dataset.

    Raises:
        UsageError: there is neither a schema nor a dataset of that name.
    """
    datasets, sources, schema = context.meta.get(LISTED, {}), context.params["sources"], context.params["schema_file"]
    named = [source for source in sources if source in datasets and not os.path.exists(source)]
    if schema and (_is_given(context, "schema_file") or not datasets or (sources and not named)):
        return {}
    if not datasets:
        hint = "name one, or list datasets with their schemas in datalife.yaml"
        raise UsageError(f"datalife {COMMAND}", "missing option '--schema'", hint)
    for source in sources:
        if source not in named:
            hint = did_you_mean(source, datasets) or "the data of a file is validated with --schema FILE"
            raise UsageError(source, "is no dataset of datalife.yaml", hint)
    names = named or list(datasets)
    _refuse_one_file(context, names)
    given = {name: value for name, value in context.params.items() if name != "sources" and _is_given(context, name)}
    return {name: context.params | datasets[name] | given for name in names}


def _is_given(context: click.Context, name: str) -> bool:
    """Whether an option has its value from the command line or the environment."""
    return context.get_parameter_source(name) in (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT)


def _refuse_one_file(context: click.Context, names: Sequence[str]) -> None:
    for name in WRITTEN:
        if len(names) > 1 and _is_given(context, name):
            flag = f"--{name.replace('_', '-')}"
            raise UsageError(flag, f"is one file for {len(names)} datasets", "name one dataset, or set it for each")


def tell(project: Project) -> int:
    """Tells why datasets could not be checked; the exit code of that, 0 where all could."""
    faults = [
        Fault(f"{each.name}: {fault.where}", fault.message, fault.hint)
        for each in project.datasets
        for fault in each.errors
    ]
    if faults:
        failures.report(faults)
    return failures.CANNOT if faults else 0
