"""Change single values of a YAML file and leave every other byte as it is: comments, order, quotes, layout.

Edits are addressed by paths of keys (of a list, positions) and made at the places where PyYAML saw the nodes. JSON,
being YAML, stays JSON: beside quoted keys everything new is quoted too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from datalife.schema.writer import entry_lines
from datalife.yamltext import flow, flow_key

Path = tuple[str, ...]
Pair = tuple[yaml.Node, yaml.Node]


@dataclass(frozen=True)
class Put:
    """The key at `path` gets `value` for the scalar it has; a key that is not there is added to its mapping.

    `lines` is how a new entry is laid out in a block, not indented, where that says more than the value.
    """

    path: Path
    value: Any
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Extend:
    """The list at `path` gets `values` at its end."""

    path: Path
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Drop:
    """The key at `path` goes; comment lines before it stay."""

    path: Path


Edit = Put | Extend | Drop

#: Comments that inference writes beside a rule, and what they gain once the rule was changed: they are of before.
EVIDENCE = re.compile(
    r"# (?:.+ to .+ (?:seen|a row)|[\d,]+ values?(?:, none missing|, all distinct| in [\d,]+ rows?.*)?"
    r"|[\d,]+ of [\d,]+ (?:rows|values) .+|all of [\d,]+ distinct values?|.+: new ones may come"
    r"|.+ missing in [\d,]+ batch(?:es)?|[\d,]+ are \d.*)"
)
SINCE = ", relaxed since"
#: Rules whose evidence stands beside another one.
TOLD_BESIDE = {"max": "min", "max_length": "min_length", "max_items": "min_items", "max_null_fraction": "type"}


@dataclass(frozen=True)
class Splice:
    """Replace text[start:end]."""

    start: int
    end: int
    text: str


def value_at(value: Any, path: Sequence[str | int]) -> Any:
    """What a plain value holds at a path of keys and positions; None where it holds nothing."""
    for step in path:
        is_list = isinstance(value, list)
        value = value[int(step)] if is_list else value.get(step) if isinstance(value, Mapping) else None
    return value


def apply_edits(text: str, edits: Sequence[Edit]) -> str:
    """`text`, a YAML mapping without aliases, with all `edits` made; each path occurs once.

    At one place an inner entry comes before an outer one, and new entries before what is taken away behind them.
    """
    file = _File(text, frozenset(edit.path for edit in edits if isinstance(edit, Drop)))
    inner_first = sorted(edits, key=lambda edit: -len(edit.path))
    aged = dict.fromkeys(splice for edit in edits for splice in file.aged(edit))
    splices = [*aged, *(splice for edit in inner_first for splice in file.splices(edit))]
    pieces, position = [], 0
    for splice in sorted(splices, key=lambda each: (each.start, each.end)):
        pieces += [text[position : splice.start], splice.text]
        position = splice.end
    return "".join([*pieces, text[position:]])


class _File:
    """A YAML text, the nodes seen in it, and the keys that are to go."""

    def __init__(self, text: str, dropped: frozenset[Path]) -> None:
        self.text = text
        self.dropped = dropped
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self.root = yaml.compose(text, Loader=yaml.SafeLoader)
        self.names: dict[int, dict[str, Pair]] = {}

    def splices(self, edit: Edit) -> Iterator[Splice]:
        """What one edit changes in the text."""
        parent, entry = self._find(edit.path[:-1]), self._entry(edit.path)
        if isinstance(edit, Extend):
            if entry is not None and isinstance(entry[1], yaml.SequenceNode):
                yield self._extend(entry[1], edit.values)
        elif isinstance(edit, Drop):
            if entry is not None and isinstance(parent, yaml.MappingNode):
                yield self._drop(parent, edit.path)
        elif entry is not None:
            yield self._replace(entry[1], edit.value)
        elif isinstance(parent, yaml.MappingNode) and parent.value:
            yield self._add(parent, edit)
        elif parent is not None:
            start, end = parent.start_mark.index, parent.end_mark.index
            gap = "" if self.text[start - 1 : start].isspace() else " "
            yield Splice(start, end, gap + flow({edit.path[-1]: edit.value}))

    def aged(self, edit: Edit) -> Iterator[Splice]:
        """Says of the evidence beside a rule that is changed, or above one that goes, that it is of before."""
        parent = self._find(edit.path[:-1])
        if not isinstance(parent, yaml.MappingNode) or parent.flow_style:
            return
        beside = TOLD_BESIDE.get(edit.path[-1])
        for name in (edit.path[-1], beside):
            entry = self._entry((*edit.path[:-1], name)) if name is not None else None
            if entry is not None and (*edit.path[:-1], name) not in self.dropped:
                yield from self._aged_comment(self._after(entry), self._end_of_line(entry[0].start_mark.index))
            if entry is not None:
                start = entry[0].start_mark.index - entry[0].start_mark.column
                yield from self._aged_comment(self.text.rfind("\n", 0, max(start - 1, 0)) + 1, max(start - 1, 0))

    def _after(self, entry: Pair) -> int:
        """Where a comment beside an entry may begin: behind its value, or behind its key where that has lines."""
        key, value = entry
        on_line = value.end_mark.line == key.start_mark.line
        return int((value if on_line else key).end_mark.index)

    def _end_of_line(self, index: int) -> int:
        end = self.text.find("\n", index)
        end = len(self.text) if end < 0 else end
        return end - 1 if self.text[end - 1 : end] == "\r" else end

    def _aged_comment(self, start: int, end: int) -> Iterator[Splice]:
        """The comment that alone stands between two places of a line, where it is evidence of before."""
        found = self.text[start:end].strip(" :\r")
        if EVIDENCE.fullmatch(found):
            place = start + self.text[start:end].index(found) + len(found)
            yield Splice(place, place, SINCE)

    def _find(self, path: Path) -> yaml.Node | None:
        node: yaml.Node | None = self.root
        for length in range(1, len(path) + 1):
            entry = self._entry(path[:length])
            node = entry[1] if entry else None
        return node

    def _entry(self, path: Path) -> Pair | None:
        parent = self._find(path[:-1])
        if isinstance(parent, yaml.SequenceNode) and path[-1].isdecimal():
            item = parent.value[int(path[-1])]
            return item, item
        if not isinstance(parent, yaml.MappingNode):
            return None
        if id(parent) not in self.names:
            self.names[id(parent)] = {pair[0].value: pair for pair in parent.value}
        return self.names[id(parent)].get(path[-1])

    def _line_end(self, node: yaml.Node) -> int:
        """The end of the line on which the last of a node stands, before the line break."""
        end = _last(node).end_mark.index
        if end and self.text[end - 1] == "\n":  # a block scalar ends behind its last line
            end -= 1
        return self._end_of_line(end)

    def _replace(self, node: yaml.Node, value: Any) -> Splice:
        start, end = node.start_mark.index, _last(node).end_mark.index
        gap = "" if self.text[start - 1 : start].isspace() else " "
        return Splice(start, end, gap + (_json(value) if _is_quoted(node) else flow(value)))

    def _extend(self, node: yaml.SequenceNode, values: tuple[Any, ...]) -> Splice:
        items = node.value
        texts = [_json(value) if items and all(map(_is_quoted, items)) else flow(value) for value in values]
        if not items:
            return Splice(node.start_mark.index, node.end_mark.index, f"[{', '.join(texts)}]")
        if node.flow_style:
            end = items[-1].end_mark.index
            return Splice(end, end, "".join(f", {text}" for text in texts))
        end, margin = self._line_end(items[-1]), self.newline + " " * node.start_mark.column
        return Splice(end, end, "".join(f"{margin}- {text}" for text in texts))

    def _add(self, parent: yaml.MappingNode, edit: Put) -> Splice:
        """A new entry: a rule behind the type of its column, a column behind the last one."""
        kept = parent.value
        if len(edit.path) > 2:
            kept = [pair for pair in kept if (*edit.path[:-1], pair[0].value) not in self.dropped]
            kept = [pair for pair in kept if pair[0].value == "type"] or kept
        key, value = (kept or parent.value)[-1]
        name = edit.path[-1]
        if parent.flow_style:
            end = value.end_mark.index
            pair = f"{_json(name)}: {_json(edit.value)}" if _is_quoted(key) else f"{flow_key(name)}: {flow(edit.value)}"
            return Splice(end, end, f", {pair}" if kept else pair)
        end, margin = self._line_end(value), self.newline + " " * parent.start_mark.column
        return Splice(end, end, "".join(margin + line for line in edit.lines or entry_lines(name, edit.value)))

    def _drop(self, parent: yaml.MappingNode, path: Path) -> Splice:
        position = next(each for each, pair in enumerate(parent.value) if pair[0].value == path[-1])
        key, value = parent.value[position]
        kept = [pair for pair in parent.value[:position] if (*path[:-1], pair[0].value) not in self.dropped]
        if not parent.flow_style:
            return Splice(self._line_start(key), self._line_end(value), "")
        if kept:
            return Splice(parent.value[position - 1][1].end_mark.index, value.end_mark.index, "")
        following = parent.value[position + 1 : position + 2]
        end = following[0][0].start_mark.index if following else value.end_mark.index
        return Splice(key.start_mark.index, end, "")

    def _line_start(self, key: yaml.Node) -> int:
        """The end of the line before that of `key`; the key itself where more stands before it on its line."""
        start = key.start_mark.index
        margin = start - key.start_mark.column
        if self.text[margin:start].strip(" ?") or not margin:
            return int(start)
        return margin - 2 if self.text[margin - 2 : margin] == "\r\n" else margin - 1


def _last(node: yaml.Node) -> yaml.Node:
    """The last node that a node holds; PyYAML ends a block collection behind the blank lines that follow it."""
    if not isinstance(node, yaml.CollectionNode) or node.flow_style or not node.value:
        return node
    last = node.value[-1]
    return _last(last[1] if isinstance(last, tuple) else last)


def _is_quoted(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.style == '"'


def _json(value: Any) -> str:
    """JSON in which what a terminal could act on, or YAML does not take as it stands, is escaped.

    Beyond 16 bits JSON and YAML have no escape in common, and both take any character.
    """
    text = json.dumps(value, ensure_ascii=False)
    return "".join(each if each.isprintable() or each > "\uffff" else json.dumps(each)[1:-1] for each in text)
