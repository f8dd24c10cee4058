"""Markdown and HTML: the tables where they cannot do harm."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from datalife.render import render
from datalife.stats.model import ColumnState, Profile

from ..page import Page
from .samples import HOSTILE, PROFILE, column, top

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def written(profile: Profile, name: str) -> str:
    """The document of a profile in a format."""
    stream = io.StringIO()
    render(profile, name, stream)
    return stream.getvalue()


def named(name: str) -> Profile:
    """A profile of one column with this name, which is also its value."""
    text = column(name, "string", 1, distinct_count=1, distinct_exact=True, top_values=top(**{name: 1}))
    return Profile(kind="profile", version=1, rows=1, sources=[name], columns=[text])


def test_markdown_is_one_block(snapshot: Any) -> None:
    """The tables of a pipe, as they are."""
    assert written(PROFILE, "markdown") == snapshot


def test_backticks_of_the_data_do_not_end_the_block() -> None:
    """The fence is longer than any that the data brings along."""
    lines = written(named("````\n# heading"), "markdown").splitlines()
    assert (lines[0], lines[-1]) == ("`````text", "`````")


def test_html_is_one_page_that_needs_nothing() -> None:
    """Style, script and data are in the page; no link, no picture, no address from elsewhere."""
    page = written(PROFILE, "html")
    own = ["main", "noscript", "pre", "script", "script"]
    assert Page(page).tags == ["html", "head", "meta", "meta", "title", "style", "body", *own]
    assert "://" not in page
    assert "@import" not in page
    assert "url(" not in page


def test_the_page_holds_the_profile_without_its_states() -> None:
    """What the script draws is the profile as JSON; merging needs states, looking does not."""
    column_with_state = column("x", "integer", distinct_count=1, distinct_exact=True, state=ColumnState(dtype="Int64"))
    profile = Profile(kind="profile", version=1, rows=1000, sources=[], columns=[column_with_state])
    told = json.loads(Page(written(profile, "html")).scripts[0])
    assert told["rows"] == 1000
    assert told["columns"][0]["name"] == "x"
    assert "state" not in told["columns"][0]


def test_text_from_data_is_no_html() -> None:
    """A tag in the data is shown as it is written, and does not end the script that holds it."""
    evil = "</script><script>alert(1)</script><b a='x'>&amp;{0}{kind}"
    page = Page(written(named(evil), "html"))
    assert page.tags == Page(written(HOSTILE, "html")).tags
    assert json.loads(page.scripts[0])["columns"][0]["name"] == evil


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_the_page_builds_itself_in_a_browser(tmp_path: Path) -> None:
    """Opened from a file, every column has a card, and the script says nothing on the console."""
    path = tmp_path / "page.html"
    path.write_text(written(PROFILE, "html"), encoding="utf-8")
    assert CHROMIUM is not None
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", f"--user-data-dir={tmp_path}/u"]
    done = subprocess.run(
        [CHROMIUM, *flags, "--dump-dom", path.as_uri()], capture_output=True, text=True, timeout=120, check=True
    )
    assert 'id="column trip_id"' in done.stdout
    assert done.stdout.count('<details class="card" id="column ') >= len(PROFILE.columns)
    assert ":CONSOLE" not in done.stderr
