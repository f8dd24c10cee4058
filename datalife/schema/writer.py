"""The text of a schema file: YAML for a reviewer, with the evidence beside each rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from datalife.yamltext import LONGEST_KEY, comment, flow, scalar

Path = tuple[str, ...]

#: The JSON Schema of schema files; editors that know the YAML language server complete and check with it.
EDITOR_SCHEMA = "datalife.schema.json"
FIRST_LINE = f"# yaml-language-server: $schema={EDITOR_SCHEMA}"
INDENT = "  "
WIDTH = 100


def schema_text(
    document: Mapping[str, Any],
    beside: Mapping[Path, str] | None = None,
    above: Mapping[Path, Sequence[str]] | None = None,
) -> str:
    """`document` (the keys of a schema, plain values) as YAML, reread the same by YAML 1.1 and 1.2.

    `beside` holds remarks behind a key and `above` lines before it, both by the path of the key; `above[()]`
    heads the file. Lists go on one line where they fit, else one value a line.
    """
    above = above or {}
    head = [FIRST_LINE, *(f"# {comment(line)}" for line in above.get((), ()))]
    return "\n".join([*head, *_mapping(document, (), beside or {}, above)]) + "\n"


def entry_lines(
    key: str,
    value: Any,
    beside: Mapping[Path, str] | None = None,
    above: Mapping[Path, Sequence[str]] | None = None,
) -> tuple[str, ...]:
    """One key with a plain value as the lines of a block, not indented; the paths of remarks begin with `key`."""
    return tuple(_mapping({key: value}, (), beside or {}, above or {}))


def _mapping(
    document: Mapping[str, Any], path: Path, beside: Mapping[Path, str], above: Mapping[Path, Sequence[str]]
) -> Iterator[str]:
    indent = INDENT * len(path)
    for key, value in document.items():
        here = (*path, key)
        yield from (f"{indent}# {comment(line)}" for line in above.get(here, ()))
        remark = f"  # {comment(beside[here])}" if beside.get(here) else ""
        if isinstance(value, Mapping) and value and not _fits(value, here, beside):
            yield _key(key, indent) + remark
            yield from _mapping(value, here, beside, above)
        else:
            yield from _entry(key, value, indent, remark)


def _entry(key: str, value: Any, indent: str, remark: str) -> Iterator[str]:
    """A key whose value is a scalar or a list; a remark that would run off the screen goes before it."""
    line = f"{_key(key, indent)} {flow(value)}"
    is_block = isinstance(value, list | tuple) and bool(value) and len(line) > WIDTH
    first = _key(key, indent) if is_block else line
    if remark and len(first) + len(remark) > WIDTH + 20:
        yield indent + remark.strip()
        remark = ""
    yield first + remark
    if is_block:
        yield from (f"{indent}{INDENT}- {flow(each)}" for each in value)


def _fits(value: Mapping[str, Any], path: Path, beside: Mapping[Path, str]) -> bool:
    """Whether a mapping is a leaf that reads best on one line, as `{min: 0, max: 10}`."""
    simple = all(not isinstance(each, Mapping | list | tuple) for each in value.values())
    remarked = any(beside.get((*path, key)) for key in value)
    is_column = path[-2] in ("columns", "fields") if len(path) > 1 else False
    return simple and not remarked and not is_column and "type" not in value and len(flow(value)) <= WIDTH


def _key(key: str, indent: str) -> str:
    text = scalar(key)
    return f"{indent}{text}:" if len(text) <= LONGEST_KEY else f"{indent}? {text}\n{indent}:"
