"""Markdown and HTML: the tables where they cannot do harm."""

from __future__ import annotations

import io
from html.parser import HTMLParser
from typing import Any

from datalife.render import render
from datalife.stats.model import Profile

from .samples import HOSTILE, PROFILE, column, top


def written(profile: Profile, name: str) -> str:
    """The document of a profile in a format."""
    stream = io.StringIO()
    render(profile, name, stream)
    return stream.getvalue()


def named(name: str) -> Profile:
    """A profile of one column with this name, which is also its value."""
    text = column(name, "string", 1, distinct_count=1, distinct_exact=True, top_values=top(**{name: 1}))
    return Profile(kind="profile", version=1, rows=1, sources=[name], columns=[text])


class Tags(HTMLParser):
    """The tags of a page and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keeps the name of a tag."""
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        """Keeps the text."""
        self.text += data


def test_markdown_is_one_block(snapshot: Any) -> None:
    """The tables of a pipe, as they are."""
    assert written(PROFILE, "markdown") == snapshot


def test_backticks_of_the_data_do_not_end_the_block() -> None:
    """The fence is longer than any that the data brings along."""
    lines = written(named("````\n# heading"), "markdown").splitlines()
    assert (lines[0], lines[-1]) == ("`````text", "`````")


def test_html_is_one_page_that_needs_nothing(snapshot: Any) -> None:
    """No script, no link, no picture from elsewhere."""
    page = written(PROFILE, "html")
    assert page == snapshot
    assert Tags(page).tags == ["html", "head", "meta", "meta", "title", "style", "body", "pre"]


def test_text_from_data_is_no_html() -> None:
    """A tag in the data is shown as it is written."""
    evil = "<script>alert(1)</script><b a='x'>&amp;{0}{kind}"
    page = Tags(written(named(evil), "html"))
    assert page.tags == Tags(written(HOSTILE, "html")).tags
    assert page.text.count(evil) == 3
