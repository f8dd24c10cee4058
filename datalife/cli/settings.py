"""Settings from files as the defaults of a command's options, each checked before the work begins."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from datalife.errors import Fault, SchemaError, did_you_mean

if TYPE_CHECKING:
    from datalife.config import Setting

#: Flags that say where settings come from: not settings themselves.
NOT_SETTINGS = {"config", "isolated"}


def apply(context: click.Context, file: str | None) -> None:
    """Makes the settings of `file`, or of the one found from the working directory upwards, the defaults.

    Raises:
        SchemaError: a setting that no command knows, or a value that its flag does not take; all of them together.
    """
    # yaml takes longer to import than --help may take, and most commands are run without a file
    from datalife import config
    from datalife.cli import project

    path = Path(file) if file else config.find(Path.cwd())
    if path is None:
        return
    everything = config.read(Path(os.path.relpath(path)))
    settings = [setting for setting in everything if setting.dataset is None]
    commands = _commands(context)
    faults = [fault for setting in settings if (fault := _fault(setting, commands, context))]
    listed = [setting for setting in everything if setting.dataset is not None]
    faults += project.list_datasets(listed, commands[project.COMMAND], context)
    if faults:
        raise SchemaError.of(faults)
    own = flags(context.command)
    # settings of the command alone come after those of all commands, and are the stronger ones
    ordered = sorted(settings, key=lambda setting: setting.command is not None)
    context.default_map = {
        str(own[flag_of(setting)].name): setting.value
        for setting in ordered
        if setting.command in (None, context.info_name) and _takes(own, setting, context)
    }


def _takes(own: dict[str, click.Option], setting: Setting, context: click.Context) -> bool:
    """Whether a command has a setting's flag, and the flag such a value: flags of one name can differ in that."""
    option = own.get(flag_of(setting))
    return option is not None and value_fault(setting, option, context) is None


def flags(command: click.Command) -> dict[str, click.Option]:
    """The options of a command by their long names without the dashes before them."""
    options = [each for each in command.params if isinstance(each, click.Option)]
    return {max(option.opts, key=len).removeprefix("--"): option for option in options}


def flag_of(setting: Setting) -> str:
    """The flag that a setting is about, without the dashes before it."""
    return setting.name.replace("_", "-")


def _commands(context: click.Context) -> dict[str, dict[str, click.Option]]:
    """By the name of every command, its flags that can be set in a file."""
    group = context.find_root().command
    assert isinstance(group, click.Group)
    found = {name: group.get_command(context, name) for name in group.list_commands(context)}
    return {
        name: {flag: option for flag, option in flags(command).items() if flag not in NOT_SETTINGS}
        for name, command in found.items()
        if command is not None
    }


def _fault(setting: Setting, commands: dict[str, dict[str, click.Option]], context: click.Context) -> Fault | None:
    """What is wrong with a setting, if anything."""
    where = str(setting.where)
    if setting.command is not None and setting.command not in commands:
        return Fault(where, f"there is no command {setting.command!r}", did_you_mean(setting.command, commands))
    judges = [commands[name] for name in ([setting.command] if setting.command else commands)]
    options = [own[flag_of(setting)] for own in judges if flag_of(setting) in own]
    if not options:
        known = dict.fromkeys(flag for own in judges for flag in own)
        return Fault(where, f"unknown setting {setting.name!r}", did_you_mean(flag_of(setting), known))
    # a setting for all commands is right when one of them takes it
    found = [value_fault(setting, option, context) for option in options]
    return found[0] if all(found) else None


def value_fault(setting: Setting, option: click.Option, context: click.Context) -> Fault | None:
    """What is wrong with the value of a setting, if anything."""
    try:
        value_of(setting, option, context)
    except click.BadParameter as error:
        return Fault(str(setting.where), f"{setting.name}: {error.message.rstrip('.')}")
    return None


def value_of(setting: Setting, option: click.Option, context: click.Context) -> Any:
    """The value of a setting as its option would have it from the command line.

    Raises:
        click.BadParameter: the option takes no such value.
    """
    is_one = option.multiple and isinstance(setting.value, str)
    return option.type_cast_value(context, [setting.value] if is_one else setting.value)
