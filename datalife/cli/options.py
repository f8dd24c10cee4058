"""Options that several commands share, in bundles; each bundle reaches the command as one object.

@click.command("stats", cls=options.Command)
@click.argument("sources", nargs=-1, required=True)
@click.option("--top", ...)
@options.reading
@options.output("table", "json")
def command(sources: tuple[str, ...], top: int, reading: ReadOptions, output: Output) -> None: ...
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import wraps
from typing import Any

import click

from datalife import files
from datalife.cli import memory, notes, settings
from datalife.cli.output import Output, targets_of
from datalife.sources.model import ReadOptions

Function = Callable[..., Any]
#: What adds an option to a command, as a decorator.
Adds = Callable[[Function], Function]
EXIT_ZERO = "datalife.exit-zero"
ISOLATED = "datalife.isolated"
#: Headings that come last, in this order: they say the same in every command.
SHARED = {"Reading": 1, "Workers": 2, "Output": 3}
INPUT_FORMATS = ("csv", "tsv", "ndjson", "parquet", "arrow", "avro", "excel", "delta", "sqlite", "duckdb", "postgresql")


class Option(click.Option):
    """An option that the help shows under a heading of its own, `section`."""

    def __init__(self, *arguments: Any, section: str = "Options", **details: Any) -> None:
        super().__init__(*arguments, **details)
        self.section = section


class Command(click.Command):
    """A command whose help has its own options first and then those of the bundles, under their headings."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """One section of the help after the other."""
        sections: dict[str, list[tuple[str, str]]] = {"Options": []}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and isinstance(parameter, click.Option):
                own = "Output" if "--help" in parameter.opts else "Options"
                sections.setdefault(getattr(parameter, "section", own), []).append(record)
        for heading, records in sorted(sections.items(), key=lambda section: SHARED.get(section[0], 0)):
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)


class Names(click.ParamType[Any]):
    """Names separated by commas; one that holds a comma stands in double quotes."""

    name = "names"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """The names as a tuple; a configuration file may give them as a list."""
        if isinstance(value, list | tuple):
            return tuple(str(each) for each in value)
        names = tuple(name.strip() for name in next(csv.reader([value], skipinitialspace=True), []))
        if not names or not all(names):
            self.fail(f"{value!r} is not a list of names such as A,B", param, ctx)
        return names


class Size(click.ParamType[Any]):
    """A number of bytes: 500MB, 8GB, 1GiB."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number of bytes; K, M, G and T are powers of 1000, and of 1024 with an i behind them."""
        match = re.fullmatch(r"(\d+(?:\.\d+)?) *(?:([KMGT])(I?))?B?", str(value).upper())
        size = 0 if match is None else float(match[1]) * (1024 if match[3] else 1000) ** "_KMGT".index(match[2] or "_")
        if size < 1:
            self.fail(f"{value!r} is no size such as 500MB or 8GB", param, ctx)
        return int(size)


class Character(click.ParamType[Any]):
    r"""One character; `\t` and `tab` mean the tabulator."""

    name = "character"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The character itself."""
        text = {"\\t": "\t", "tab": "\t"}.get(str(value), str(value))
        if len(text) != 1:
            self.fail(f"{text!r} is not one character", param, ctx)
        return text


def option(section: str, *names: str, **details: Any) -> Adds:
    """An option of a section of the help."""
    return click.option(*names, cls=Option, section=section, **details)


def several(*options: Adds) -> Adds:
    """These options, in their order in the help."""

    def decorate(function: Function) -> Function:
        for add in reversed(options):
            function = add(function)
        return function

    return decorate


def _bundle(name: str, build: Callable[..., Any], options: Sequence[Adds]) -> Adds:
    """A decorator that adds `options` and hands the command what `build` makes of their values, as `name`."""

    def decorate(function: Function) -> Function:
        @wraps(function)
        def command(**values: Any) -> Any:
            own = {key: values.pop(key) for key in keys}
            return function(**values, **{name: build(**own)})

        known = {parameter.name for parameter in _declared(command)}
        decorated = several(*options)(command)
        keys = [each.name for each in _declared(command) if each.name not in known and each.expose_value]
        return decorated

    return decorate


def _declared(function: Function) -> list[click.Parameter]:
    return getattr(function, "__click_params__", [])


def _read_options(**values: Any) -> ReadOptions:
    values["header"] = not values.pop("no_header")
    values["null_values"] = values.pop("null_value")
    values["time_formats"] = values.pop("time_format")
    values["exclude"] = values["exclude"] or ()
    return ReadOptions(**values)


def _open_engine(engine: str, engine_address: str | None) -> Any:
    from datalife.engines import open_engine

    memory.settle()
    return click.get_current_context().with_resource(closing(open_engine(engine, engine_address)))


#: Where the work is done; the command gets `engine: Engine`, which is closed when it ends.
engine = _bundle(
    "engine",
    _open_engine,
    [
        option(
            "Workers",
            "--engine",
            type=click.Choice(["local", "processes", "ray", "dask", "spark"]),
            default="local",
            show_default=True,
            help="Where the work is done.",
        ),
        option(
            "Workers",
            "--engine-address",
            metavar="URL",
            help="The cluster: ray://HOST:10001, tcp://HOST:8786 (Dask), spark://HOST:7077.",
        ),
    ],
)


#: Every option of reading data; the command gets `reading: ReadOptions`.
reading = _bundle(
    "reading",
    _read_options,
    [
        option(
            "Reading",
            "--input-format",
            type=click.Choice(INPUT_FORMATS),
            metavar="FORMAT",
            help=f"Whatever suffix and content say: {', '.join(INPUT_FORMATS[:-1])} or {INPUT_FORMATS[-1]}.",
        ),
        option("Reading", "--delimiter", type=Character(), help="What separates the fields of a line."),
        option("Reading", "--quote", type=Character(), default='"', help="What encloses a field."),
        option("Reading", "--encoding", default="utf-8", help="Such as utf-16, latin-1, windows-1252."),
        option("Reading", "--no-header", is_flag=True, help="The first line is data."),
        option("Reading", "--null-value", metavar="TEXT", multiple=True, help="A text that means missing; repeatable."),
        option("Reading", "--decimal-comma", is_flag=True, help="Text writes 1.234,5 for 1234.5."),
        option(
            "Reading",
            "--time-format",
            metavar="LAYOUT",
            multiple=True,
            help="How text also writes times: %d/%m/%Y; repeatable.",
        ),
        option("Reading", "--columns", type=Names(), metavar="A,B", help="Only these columns."),
        option("Reading", "--exclude", type=Names(), metavar="A,B", help="Not these columns."),
        option(
            "Reading", "--where", metavar="SQL", help="Only rows for which this holds: \"fare > 0 and zone = 'A'\"."
        ),
        option(
            "Reading",
            "--sample",
            type=click.FloatRange(0, 1, min_open=True),
            metavar="FRACTION",
            help="Only this share of the rows, drawn at random.",
        ),
        option("Reading", "--query", metavar="SQL", help='What to ask a database: "SELECT * FROM trips".'),
        option("Reading", "--seed", type=int, default=0, metavar="N", help="Draws another sample."),
        option(
            "Reading",
            "--max-memory",
            type=Size(),
            metavar="SIZE",
            help="The most that one record, or one file unpacked or held whole, may take: 8GB.",
        ),
        option(
            "Reading",
            "--on-bad-row",
            type=click.Choice(["error", "report", "skip"]),
            default="error",
            show_default=True,
            help="A record with too few or too many fields ends the work, is reported, or is left out.",
        ),
    ],
)


def reading_of(values: Mapping[str, Any]) -> ReadOptions:
    """The reading options among the values of all options of a command."""

    def own(**_: Any) -> None: ...

    return _read_options(**{str(each.name): values[str(each.name)] for each in _declared(reading(own))})


def output(*formats: str, to_file: bool = True) -> Adds:
    """The options of the result, which can be written in `formats`, the default first; the command gets `output`.

    A command whose `-o` names data, with the result always on standard output, declares that option itself
    (`to_file=False`).
    """
    target = option(
        "Output",
        "-o",
        "--output",
        metavar="FILE",
        multiple=True,
        help="Write the result to this file; several times for several formats.",
    )

    def build(**values: Any) -> Output:
        return _output(formats, **values)

    options = [
        option("Output", "-f", "--format", type=click.Choice(formats), help=_formats_help(formats, to_file)),
        *([target] if to_file else []),
        option("Output", "-q", "--quiet", is_flag=True, help="No warnings, notes or progress."),
        option("Output", "-v", "--verbose", is_flag=True, help="More notes."),
        option(
            "Output",
            "--color",
            type=click.Choice(["auto", "always", "never"]),
            default="auto",
            help="Colours; auto: on a terminal, unless NO_COLOR is set.",
        ),
        option(
            "Output",
            "--isolated",
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_isolate,
            help="No settings from files.",
        ),
        option(
            "Output",
            "--config",
            metavar="FILE",
            is_eager=True,
            expose_value=False,
            callback=_apply_settings,
            help="Settings from this file, not from one found upwards.",
        ),
    ]
    return _bundle("output", build, options)


def _formats_help(formats: tuple[str, ...], to_file: bool) -> str:
    return f"By default that of the suffix of --output, else {formats[0]}." if to_file else f"By default {formats[0]}."


def _output(formats: tuple[str, ...], **values: Any) -> Output:
    context = click.get_current_context()
    targets = targets_of(values.get("output", ()), values["format"], formats)
    for target in targets:
        if target.file is not None:
            files.check_writable(target.file)
            files.refuse_overwriting(target.file, _arguments(context))
    context.with_resource(notes.shown(quiet=values["quiet"], verbose=values["verbose"]))
    return Output(
        targets=targets,
        quiet=values["quiet"],
        is_verbose=values["verbose"],
        color=values["color"],
        exit_zero=context.meta.get(EXIT_ZERO, False),
    )


def _apply_settings(context: click.Context, _parameter: click.Parameter, file: str | None) -> None:
    """Looks for settings before the options that they are the defaults of."""
    if ISOLATED not in context.meta:
        settings.apply(context, file)


def _isolate(context: click.Context, _parameter: click.Parameter, is_isolated: bool) -> None:
    if is_isolated:
        context.meta[ISOLATED] = True
        context.default_map = None


def _arguments(context: click.Context) -> list[str]:
    """The values of the positional arguments of a command: its sources."""
    found: list[str] = []
    for parameter in context.command.params:
        if isinstance(parameter, click.Argument):
            value = context.params[str(parameter.name)]
            found += [value] if isinstance(value, str) else [str(each) for each in value or ()]
    return found


def _remember_exit_zero(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    context.meta[EXIT_ZERO] = value


#: `--exit-zero`; what it says reaches `output.code`.
gate = option(
    "Options",
    "--exit-zero",
    is_flag=True,
    expose_value=False,
    callback=_remember_exit_zero,
    help="Exit with 0 where a failed gate would mean 1.",
)
