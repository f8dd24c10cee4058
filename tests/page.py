"""A page of HTML as a browser would take it apart."""

from __future__ import annotations

from html.parser import HTMLParser

#: Elements that have no end.
VOID = ("meta",)


class Page(HTMLParser):
    """What a page is made of, in order: `tags`, `links` (href and src), `words`, and the data of its `scripts`.

    `words` are the texts of the elements, without white space around them. Every element must end before the one
    that holds it; those that never do are in `unclosed`.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str | None] = []
        self.words: list[str] = []
        self.scripts: list[str] = []
        self.unclosed: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href")]
        if tag not in VOID:
            self.unclosed.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """What ends is what began last."""
        assert self.unclosed.pop() == tag

    def handle_data(self, data: str) -> None:
        """Text, which of a script is code."""
        kept = self.scripts if self.unclosed[-1:] == ["script"] else self.words
        kept += [data.strip()] if data.strip() else []
