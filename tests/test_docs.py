"""What the documents say is true: every command of the README and of docs/ is run, and what it shows is compared.

A `console` block is a conversation: `$ ` begins a command, a final backslash continues it, the
lines below are what it printed. `…` alone stands for lines left out, `…` at the end of a line for the rest of
it, and `$ echo $?` shows the exit code of the command before. Run as a program (`make docs`), this file
writes the `--help` blocks and the editor schema of `configs/` anew.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import textwrap
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from datalife.render.explanations import EXPLANATIONS, GROUPS
from datalife.schema.editor import editor_text

ROOT = Path(__file__).parent.parent
FINDINGS = ROOT / "docs" / "findings.md"
EDITOR_SCHEMA = ROOT / "configs" / "datalife.schema.json"
PAGES = {path: path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))}
README = PAGES[ROOT / "README.md"]
DATALIFE = str(Path(sysconfig.get_path("scripts")) / "datalife")
FENCE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROGRAM = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
PROGRAMS = [program for page in PAGES.values() for program in PROGRAM.findall(page)]
CODES = {
    "missing-column",
    "unexpected-column",
    "column-order",
    "unexpected-type",
    "too-many-nulls",
    "too-few-values",
    "value-outside-domain",
    "out-of-range",
    "wrong-length",
    "pattern-mismatch",
    "format-mismatch",
    "not-unique",
    "distinct-out-of-range",
    "items-out-of-range",
    "nan-value",
    "infinite-value",
    "statistic-out-of-range",
    "duplicate-key",
    "too-few-rows",
    "too-many-rows",
    "row-count-change",
    "stale-data",
    "check-failed",
    "broken-reference",
    "drift",
    "skew",
    "not-checked",
    "unreadable-row",
}


@dataclass
class Step:
    """One command of a conversation, what the page shows of its output, and its exit code where shown."""

    command: str
    shown: list[str]
    code: int | None = None


def conversation(block: str) -> list[Step]:
    """The steps of one console block."""
    steps: list[Step] = []
    for line in re.sub(r"\\\n\s*", "", block).splitlines():
        if line.startswith("$ "):
            steps.append(Step(line[2:], []))
        else:
            steps[-1].shown.append(line.rstrip())
    for step, following in pairwise(steps):
        if following.command == "echo $?":
            step.code = int(following.shown[0])
    return [step for step in steps if step.command != "echo $?"]


CONVERSATIONS = [conversation(block) for page in PAGES.values() for block in FENCE.findall(page)]
TOLD = [
    steps
    for steps in CONVERSATIONS
    if not steps[0].command.startswith("make") and not steps[0].command.endswith("--help")
]


def run(command: str, directory: Path) -> tuple[int, list[str]]:
    """The exit code and the lines that `command` prints, both streams together, in `directory`."""
    arguments = shlex.split(command)
    arguments[0] = {"datalife": DATALIFE, "python": sys.executable}.get(arguments[0], arguments[0])
    settings = ("COLUMNS", "DATALIFE_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(settings)}
    done = subprocess.run(
        arguments,
        cwd=directory,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return done.returncode, [line.rstrip() for line in done.stdout.splitlines()]


def missing_line(shown: list[str], printed: list[str]) -> str | None:
    """The first line of `shown` that does not follow, in order, among the lines printed."""
    rest = iter(printed)
    for line in shown:
        if line == "…":
            continue
        cut = line.endswith("…")
        if not any(found.startswith(line[:-1]) if cut else found == line for found in rest):
            return line
    return None


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A directory with the files that the commands of the pages read."""
    for name in ("sample_data", "configs"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("steps", TOLD, ids=[steps[-1].command[:60] for steps in TOLD])
def test_pages_show_what_their_commands_print(steps: list[Step], checkout: Path) -> None:
    """Each command ends with the code the page states (0 if it states none) and prints the lines shown."""
    for step in steps:
        code, printed = run(step.command, checkout)
        assert code == (step.code or 0), "\n".join(printed)
        assert missing_line(step.shown, printed) is None, "\n".join([step.command, *printed])


def with_fresh_help(text: str) -> str:
    """A page with every `--help` block as the command prints it now."""

    def fresh(match: re.Match[str]) -> str:
        steps = conversation(match[1])
        if len(steps) != 1 or not steps[0].command.endswith("--help"):
            return match[0]
        printed = "\n".join(run(steps[0].command, ROOT)[1])
        return f"```console\n$ {steps[0].command}\n{printed}\n```"

    return FENCE.sub(fresh, text)


@pytest.mark.parametrize("path", PAGES, ids=[path.name for path in PAGES])
def test_pages_have_the_help_texts_in_full(path: Path) -> None:
    """A `--help` block is the whole text, not a part of it; `make docs` writes them anew."""
    assert with_fresh_help(PAGES[path]) == PAGES[path]


def test_every_command_has_a_page() -> None:
    """A command that `datalife --help` lists has a page that opens with its own help text."""
    listed = re.findall(r"^  ([a-z-]+)  ", README.split("Commands:")[1].split("```")[0], re.MULTILINE)
    assert listed
    for command in listed:
        first = FENCE.search(PAGES[ROOT / "docs" / f"{command}.md"])
        assert first
        assert first[1].startswith(f"$ datalife {command} --help\n")


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_run(program: str, checkout: Path) -> None:
    """A Python example runs as it stands, and what it asserts holds."""
    code, printed = run(shlex.join([sys.executable, "-c", program]), checkout)
    assert code == 0, "\n".join(printed)


def with_fresh_explanations(text: str) -> str:
    """The page of the findings with the explanations that the program has."""
    introduction, _, _ = text.partition("\n## ")
    parts = [introduction]
    for heading, explanations in GROUPS.items():
        parts.append(f"## {heading}\n")
        for code, explanation in explanations.items():
            wrapped = [_wrapped(explanation.meaning), _wrapped(f"Mend: {explanation.mend}")]
            parts.append("\n".join([f"### {code}\n", *wrapped]) + "\n")
    return "\n".join(parts)


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 118, break_long_words=False, break_on_hyphens=False)


def test_every_finding_is_explained() -> None:
    """Each code of a finding has a section that says what it means and how to mend it; `make docs` writes them."""
    assert set(EXPLANATIONS) == CODES
    assert with_fresh_explanations(PAGES[FINDINGS]) == PAGES[FINDINGS]


def test_every_code_is_explained() -> None:
    """Whatever code the program gives to a finding."""
    program = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "datalife" / "schema").glob("*.py"))
    given = re.findall(r"""(?:\bcode=|\bcode = |\bCODE = |Seen\(|Seen\.of\(|_rows\()"([a-z-]+)\"""", program)
    assert set(given) - CODES == set()
    assert len(set(given)) > 20


def test_editor_schema_is_that_of_the_code() -> None:
    """Editors complete and check the keys that datalife knows; `make docs` writes the file anew."""
    assert EDITOR_SCHEMA.read_text(encoding="utf-8") == editor_text()


def test_example_schema_is_valid(checkout: Path) -> None:
    """Every key that the annotated schema explains is one that datalife knows."""
    code, printed = run("datalife validate --schema configs/schema.yaml", checkout)
    assert code == 0, "\n".join(printed)


def test_example_settings_are_valid(checkout: Path) -> None:
    """Every setting in the annotated example is a flag, and has a value that the flag takes."""
    code, printed = run("datalife stats sample_data/training.csv --config configs/datalife.yaml", checkout)
    assert code == 0, "\n".join(printed)


def test_demo_is_the_tutorial() -> None:
    """`make demo` runs commands of the README, in its order, and expects the exit codes it states."""
    script = re.sub(r"\\\n\s*", "", (ROOT / "sample_data" / "tour.sh").read_text())
    toured = [(command, int(code)) for code, command in re.findall(r"^show (\d) (.+)$", script, re.MULTILINE)]
    told = iter([(step.command, step.code or 0) for steps in TOLD for step in steps])
    assert len({command.split()[1] for command, _ in toured if command.startswith("datalife")}) == 5
    assert all(any(step == other for other in told) for step in toured)


@pytest.mark.parametrize("path", [*PAGES, ROOT / "CHANGELOG.md"], ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    """A relative link of a document names a file of the project."""
    links = LINK.findall(path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


if __name__ == "__main__":
    for path, text in PAGES.items():
        fresh = with_fresh_explanations(text) if path == FINDINGS else with_fresh_help(text)
        path.write_text(fresh, encoding="utf-8")
    EDITOR_SCHEMA.write_text(editor_text(), encoding="utf-8")
