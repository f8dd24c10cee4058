"""Text from data, files and messages as it may be shown to a person."""

from __future__ import annotations

from datalife import words

SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def safe(text: object) -> str:
    r"""`str(text)` on one line, with everything escaped that a terminal acts on or an eye cannot see.

    Control characters (ESC, C1, newlines), marks of writing direction, zero-width characters, spaces other than
    the plain one, lone surrogates and unassigned code points come out as `\x1b`, `\u202e`. Other text is unchanged.
    """
    shown = str(text)
    if shown.isprintable():
        return shown
    return "".join(character if character.isprintable() else _escaped(character) for character in shown)


def _escaped(character: str) -> str:
    if character in SHORT:
        return SHORT[character]
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def shortened(text: object, limit: int) -> str:
    """`safe(text)`; of a text longer than `limit` characters the beginning, and an ellipsis."""
    return safe(words.shortened(str(text), limit))


def ending(text: object, limit: int) -> str:
    """`safe(text)`; of a longer text an ellipsis and its end, where the files of one folder differ."""
    whole = str(text)
    return safe(whole if len(whole) <= limit else f"…{whole[1 - limit :]}")
