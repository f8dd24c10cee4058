"""Who may import whom: nobody upwards, rich in one place, and nothing heavy for `--help`."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import run

ROOT = Path(__file__).parent.parent
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((ROOT / "datalife").rglob("*.py"))
}
#: The first pattern that fits a module gives its layer; a module imports from its own layer or a lower one.
LAYERS = (
    ("datalife.errors", 0),
    ("datalife.yamltext", 0),
    ("datalife.allocator", 0),
    ("datalife.quiet", 0),
    ("datalife.words", 0),
    ("datalife.durations", 1),
    ("datalife.files", 1),
    ("datalife.locks", 1),
    ("datalife.workspace", 1),
    ("datalife.record", 1),
    ("datalife.yamlfile", 1),
    ("datalife.config", 1),
    ("datalife.render.safe", 1),
    ("datalife.render.figures", 1),
    ("datalife.anomalies", 2),
    ("datalife.sources.model", 2),
    ("datalife.stats.model", 2),
    ("datalife.schema.model", 2),
    ("datalife.drift.model", 2),
    ("datalife.labels.model", 2),
    ("datalife.engine", 3),
    ("datalife.engines", 3),
    ("datalife.sources", 4),
    ("datalife.stats", 5),
    ("datalife.schema", 6),
    ("datalife.drift", 6),
    ("datalife.labels", 6),
    ("datalife.render", 7),
    ("datalife.cli", 8),
    ("datalife.__main__", 9),
    ("datalife", 0),
)
#: Limits of a schema are distances of diff: measured by the same code, they are the same numbers.
SHARED = {
    ("datalife.schema.totals", "datalife.drift.metrics"),
    ("datalife.schema.inference.drift", "datalife.drift.metrics"),
}
ROOMS = ("stats", "schema", "drift", "labels")


def layer(module: str) -> int:
    """The height at which a module lives."""
    return next(level for name, level in LAYERS if module == name or module.startswith(f"{name}."))


def imports(module: str) -> Iterator[str]:
    """Every module that `module` imports when it runs, also within functions, but not for its types alone."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = [f"{node.module}.{each.name}" for each in node.names]
            yield from (name if name in MODULES else node.module for name in inner)


def users(package: str) -> set[str]:
    """The modules that import `package` or a part of it."""
    return {
        module
        for module in MODULES
        if any(name == package or name.startswith(f"{package}.") for name in imports(module))
    }


@pytest.mark.parametrize("module", MODULES)
def test_nobody_imports_upwards(module: str) -> None:
    """A module knows its own layer and those below it."""
    ours = [name for name in imports(module) if name.split(".")[0] == "datalife"]
    assert [name for name in ours if layer(name) > layer(module)] == []


@pytest.mark.parametrize("module", [name for name in MODULES if name.split(".")[1:2] in ([room] for room in ROOMS)])
def test_rooms_know_the_models_and_the_statistics_of_each_other(module: str) -> None:
    """Schema, drift and labels share the profile's summary; of one another they see the model alone."""
    room = module.split(".")[1]
    others = [name for name in imports(module) if name.startswith("datalife.") and name.split(".")[1] in ROOMS]
    others = [name for name in others if (module, name) not in SHARED]
    strange = [name for name in others if name.split(".")[1] not in (room, "stats") and not name.endswith(".model")]
    assert strange == []


@pytest.mark.parametrize(
    ("package", "homes"),
    [
        ("rich", ("datalife.render.table", "datalife.render.tables.")),
        ("click", ("datalife.cli",)),
        ("yaml", ("datalife.yamlfile", "datalife.schema.edits")),
        ("polars", ("datalife.sources", "datalife.engine", *(f"datalife.{room}" for room in ROOMS))),
    ],
)
def test_each_library_has_its_place(package: str, homes: tuple[str, ...]) -> None:
    """Terminal tables, the command line, YAML and data frames are each handled in one part of the house."""
    assert {module for module in users(package) if not module.startswith(homes)} == set()


@pytest.mark.parametrize("package", ["polars", "click"])
def test_models_and_renderers_are_free_of(package: str) -> None:
    """A stored result can be read and shown without the machinery that made it."""
    models = {module for module in MODULES if module.endswith(".model") or module.startswith("datalife.render")}
    assert models & users(package) == set()


@pytest.mark.parametrize("arguments", [["--help"], ["stats", "--help"], ["validate", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    """`--help` is quick because polars, pydantic, rich and yaml stay out."""
    program = (
        "import sys; from datalife.cli import main; code = main(sys.argv[1:]);"
        "sys.exit(code or ' '.join({'polars', 'pydantic', 'rich', 'yaml'} & set(sys.modules)) or 0)"
    )
    done = run([sys.executable, "-c", program, *arguments], capture_output=True, text=True)
    assert (done.returncode, done.stderr.strip()) == (0, "")


def test_the_public_api_is_light_and_whole() -> None:
    """`import datalife` loads no library, and each name of it exists."""
    program = (
        "import sys, datalife; heavy = {'polars', 'pydantic', 'rich', 'yaml', 'click'} & set(sys.modules);"
        "[getattr(datalife, name) for name in datalife.__all__]; sys.exit(' '.join(heavy) or 0)"
    )
    done = run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
