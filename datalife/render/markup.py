"""Pieces of HTML. Text becomes markup here and nowhere else, and is escaped on the way."""

from __future__ import annotations

import html
from collections.abc import Sequence

from datalife.render.safe import safe


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(tag: str, *children: object, **attributes: str) -> Markup:
    """An element with its children; what is no Markup is text.

    `class_` is the attribute `class`; an attribute with an empty value is left out.
    """
    named = "".join(f' {name.rstrip("_")}="{html.escape(value)}"' for name, value in attributes.items() if value)
    return Markup(f"<{tag}{named}>{joined(children)}</{tag}>")


def joined(children: Sequence[object]) -> Markup:
    """Children one after the other; each line of text is made safe, as a terminal would need it too."""
    return Markup("".join(each if isinstance(each, Markup) else _text(str(each)) for each in children))


def _text(text: str) -> str:
    return html.escape("\n".join(map(safe, text.split("\n"))))


def bars(counts: Sequence[float]) -> Markup:
    """A histogram as a small picture; an empty bin is empty, any other shows."""
    most, width = max(counts, default=0), 8
    pieces = [
        f'<rect x="{place * width}" y="{40 - size}" width="{width - 1}" height="{size}"/>'
        for place, count in enumerate(counts)
        if (size := max(1, round(40 * count / most)) if count else 0)
    ]
    return Markup(f'<svg width="{len(counts) * width}" height="40" role="img">{"".join(pieces)}</svg>')
