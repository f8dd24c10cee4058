"""Settings from files as the defaults of a command's options, each checked before the work begins."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from datalife.errors import Fault, SchemaError, did_you_mean

if TYPE_CHECKING:
    from datalife.config import Setting

#: Flags that say where settings come from cannot be settings themselves.
NOT_SETTINGS = {"config", "isolated", "help"}


def apply(context: click.Context, file: str | None) -> None:
    """Makes the settings of `file`, or of the one found from the working directory upwards, the defaults.

    Raises:
        SchemaError: a setting that no command knows, or a value that its flag does not take; all of them together.
    """
    # yaml takes longer to import than --help may take, and most commands are run without a file
    from datalife import config

    path = Path(file) if file else config.find(Path.cwd())
    if path is None:
        return
    settings = config.read(_shown(path))
    options = _options(context)
    faults = [fault for setting in settings if (fault := _fault(setting, options, context))]
    if faults:
        raise SchemaError.of(faults)
    shared = {_key(setting.name): setting.value for setting in settings if setting.command is None}
    own = {_key(setting.name): setting.value for setting in settings if setting.command == context.info_name}
    context.default_map = shared | own


def _shown(path: Path) -> Path:
    """The path as short as it can be said from the working directory, where it is below that."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _key(name: str) -> str:
    return name.replace("-", "_")


def _options(context: click.Context) -> dict[str, dict[str, click.Parameter]]:
    """Every command's options by name."""
    group = context.find_root().command
    assert isinstance(group, click.Group)
    found: dict[str, dict[str, click.Parameter]] = {}
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        parameters = command.params if command else []
        found[name] = {
            str(each.name): each
            for each in parameters
            if isinstance(each, click.Option) and each.name not in NOT_SETTINGS
        }
    return found


def _fault(setting: Setting, options: dict[str, dict[str, click.Parameter]], context: click.Context) -> Fault | None:
    """What is wrong with a setting, if anything."""
    where = str(setting.where)
    if setting.command is not None and setting.command not in options:
        return Fault(where, f"there is no command {setting.command!r}", did_you_mean(setting.command, options))
    commands = [setting.command] if setting.command else list(options)
    known = {name: option for command in commands for name, option in options[command].items()}
    option = known.get(_key(setting.name))
    if option is None:
        words = [name.replace("_", "-") for name in known]
        return Fault(where, f"unknown setting {setting.name!r}", did_you_mean(setting.name.replace("_", "-"), words))
    return _value_fault(setting, option, context)


def _value_fault(setting: Setting, option: click.Parameter, context: click.Context) -> Fault | None:
    value: Any = [setting.value] if option.multiple and isinstance(setting.value, str) else setting.value
    try:
        option.type_cast_value(context, value)
    except click.BadParameter as error:
        return Fault(str(setting.where), f"{setting.name}: {error.message.rstrip('.')}")
    return None
