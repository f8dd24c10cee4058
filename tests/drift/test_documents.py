"""A comparison in every format: shown, whole, and with nothing of the data as markup."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from datalife.cli import main

from ..page import Page

NASTY = '<script>alert("1")</script>|`*[x](http://a.example)@all'


@pytest.fixture(autouse=True)
def _data(tmp_path, monkeypatch):
    """Three days of trips with a key, a label, and a text that would like to be more than text."""
    monkeypatch.chdir(tmp_path)
    for day in range(3):
        draw = random.Random(day)
        rows = []
        for number in range(300):
            fare = draw.gauss(10 + 3 * (day == 2), 2)
            paid = draw.choice([NASTY if day else "card", "cash", ""])
            label = "yes" if fare + draw.gauss(0, 2) > 11 else "no"
            rows.append(f'{number + day},{fare:.2f},"{paid.replace(chr(34), chr(34) * 2)}",{label}')
        Path(f"day{day}.csv").write_text("id,fare,paid,tipped\n" + "\n".join(rows) + "\n")


COMMANDS = {
    "two": ["day0.csv", "day1.csv", "--key", "id", "--label", "tipped"],
    "several": ["day0.csv", "day1.csv", "day2.csv"],
}


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_a_page_is_whole_and_harmless(words, capsys):
    """Every tag is closed, pictures are drawn, and no text of the data became a tag."""
    assert main(["diff", *words, "-f", "html"]) == 1
    text = capsys.readouterr().out
    page = Page(text)
    assert page.unclosed == []
    assert "svg" in page.tags
    assert "script" not in page.tags
    assert "&lt;script&gt;" in text


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize("format", ["html", "markdown", "table"])
def test_documents(words, format, capsys, snapshot):
    """The whole document."""
    main(["diff", *words, "-f", format])
    assert capsys.readouterr().out == snapshot


def test_a_comment_has_tables_of_equal_rows(capsys):
    """No value of the data opens a cell, a link or a mention."""
    main(["diff", *COMMANDS["two"], "-f", "markdown"])
    text = capsys.readouterr().out
    assert "<script>" not in text
    assert "@all" not in text
    assert "http://" not in text
    for block in text.split("\n\n"):
        lines = [line for line in block.splitlines() if line.startswith("|")]
        assert len({line.count("|") for line in lines}) <= 1


@pytest.mark.parametrize("format", ["html", "markdown", "table"])
def test_rows_that_could_not_be_compared_are_told(format, capsys):
    """Keys that repeat and rows without one, in every format."""
    Path("one.csv").write_text("id,x\n1,2\n1,3\n,4\n5,6\n")
    assert main(["diff", "one.csv", "one.csv", "--key", "id", "-f", format]) == 1
    text = capsys.readouterr().out
    assert "1 key repeats in the baseline data; rows of such a key are not compared" in text
    assert "1 row of the current data without a key, not compared" in text


def test_no_samples_reach_a_page(capsys):
    """Pictures name values too."""
    main(["diff", *COMMANDS["two"], "-f", "html", "--no-samples"])
    page = capsys.readouterr().out
    assert "cash" not in page
    assert "script" not in page
