"""The examples for CI systems and orchestrators: each is run as far as it can be run without the system itself."""

from __future__ import annotations

import ast
import json
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from tests.processes import run

ROOT = Path(__file__).parent.parent
CI = ROOT / "configs" / "ci"
SCRIPTS = sysconfig.get_path("scripts")


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory as the examples expect it, and nothing of the surroundings in the environment."""
    shutil.copytree(ROOT / "sample_data", tmp_path / "sample_data")
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("DATALIFE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def spoil() -> None:
    """A distance that no run has."""
    path = Path("sample_data/training.csv")
    header, first, *rest = path.read_text().splitlines()
    place = header.split(",").index("distance")
    cells = first.split(",")
    cells[place] = "-1"
    path.write_text("\n".join([header, ",".join(cells), *rest]) + "\n")


def shell(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a script as the systems do: bash that ends at the first failure."""
    command = ["bash", "-eo", "pipefail", "-c", script]
    return run(command, env=os.environ | environment, capture_output=True, text=True)


def document(path: Path) -> Any:
    """A YAML file."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_github_actions() -> None:
    """The step passes on good data and fails on bad, with an annotation at the line; the report is written."""
    steps = {step.get("name"): step for step in document(CI / "github-actions.yml")["jobs"]["validate"]["steps"]}
    assert shell(steps["Validate"]["run"]).returncode == 0
    spoil()
    done = shell(steps["Validate"]["run"])
    assert done.returncode == 1
    assert "::error file=sample_data/training.csv,line=2,title=out-of-range distance::" in done.stdout
    assert json.loads(Path("datalife.sarif").read_text())["version"] == "2.1.0"
    assert shell(steps["Summary"]["run"], GITHUB_STEP_SUMMARY="summary.md").returncode == 0
    assert "out-of-range" in Path("summary.md").read_text()


def test_gitlab() -> None:
    """The script passes on good data and fails on bad; what is kept is there."""
    job = document(CI / "gitlab-ci.yml")["validate-data"]
    assert shell("\n".join(job["script"])).returncode == 0
    spoil()
    assert shell("\n".join(job["script"])).returncode == 1
    kept = [job["artifacts"]["reports"]["junit"], *job["artifacts"]["paths"]]
    assert [path for path in kept if not Path(path).exists()] == []


def test_pre_commit() -> None:
    """The hook of the example runs as pre-commit runs it."""
    (repository,) = document(CI / "pre-commit-config.yaml")["repos"]
    (hook,) = repository["hooks"]
    assert run(shlex.split(hook["entry"]), capture_output=True).returncode == 0
    spoil()
    assert run(shlex.split(hook["entry"]), capture_output=True).returncode == 1


def test_hooks_of_the_repository() -> None:
    """One checks the datasets of datalife.yaml, the other every schema that is named."""
    hooks = {hook["id"]: shlex.split(hook["entry"]) for hook in document(ROOT / ".pre-commit-hooks.yaml")}
    settings = "datasets: {runs: {source: sample_data/training.csv, schema: sample_data/schema.yaml}}\n"
    Path("datalife.yaml").write_text(settings)
    Path("bad.yaml").write_text("columns: {a: {typ: integer}}\n")
    assert run(hooks["datalife-validate"], capture_output=True).returncode == 0
    files = ["sample_data/schema.yaml", "bad.yaml", "sample_data/schema.yaml"]
    for names, code in ((files[:1], 0), (files, 2)):
        assert run([*hooks["datalife-schema"], *names], capture_output=True).returncode == code


def test_the_action() -> None:
    """Its arguments are those of a shell, of which nothing is run; without any it checks datalife.yaml."""
    steps = {step["name"]: step["run"] for step in document(ROOT / "action.yml")["runs"]["steps"]}
    arguments = (
        "sample_data/training.csv --schema sample_data/schema.yaml --where \"city = 'Kyoto'\" --environment training"
    )
    outputs = {"SARIF": "datalife.sarif", "JUNIT": "datalife.xml"}
    done = shell(steps["Validate"], ARGUMENTS=arguments, **outputs)
    assert (done.returncode, done.stdout.count("::notice")) == (0, 1), done.stderr
    assert shell(steps["Validate"], ARGUMENTS="$(touch hacked)", **outputs).returncode == 2
    assert not Path("hacked").exists()
    settings = "datasets: {runs: {source: sample_data/training.csv, schema: sample_data/schema.yaml}}\n"
    Path("datalife.yaml").write_text(settings)
    spoil()
    done = shell(steps["Validate"], ARGUMENTS="", **outputs)
    assert (done.returncode, "title=datalife validate runs" in done.stdout) == (1, True)
    assert Path("datalife.sarif").exists()
    assert Path("datalife.xml").exists()


def test_makefile() -> None:
    """What was checked is not checked again; bad data stops the build."""
    make = ["make", "-f", str(CI / "Makefile")]
    assert run(make, capture_output=True).returncode == 0
    assert "Nothing to be done" in run(make, capture_output=True, text=True).stdout
    spoil()
    assert run(make, capture_output=True).returncode == 2


def test_argo() -> None:
    """The container's command passes and leaves the report that the workflow keeps."""
    templates = {each["name"]: each for each in document(CI / "argo-workflow.yaml")["spec"]["templates"]}
    container = templates["validate"]["container"]
    done = run([*container["command"], *container["args"]], capture_output=True)
    assert done.returncode == 0
    assert Path(templates["validate"]["outputs"]["artifacts"][0]["path"]).exists()
    tasks = [task["template"] for task in templates["pipeline"]["dag"]["tasks"]]
    assert set(tasks) <= set(templates)


def test_airflow() -> None:
    """The command of the task, taken from the module without Airflow, which is too large to install here."""
    tree = ast.parse((CI / "airflow_dag.py").read_text())
    (command,) = (
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == "VALIDATE"
    )
    assert shell(command).returncode == 0
    spoil()
    assert shell(command).returncode == 1


def test_kubeflow() -> None:
    """The body of the component, taken from the module without kfp, as its container runs it."""
    tree = ast.parse((CI / "kubeflow_pipeline.py").read_text())
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "validate")
    function.decorator_list = []
    for argument in function.args.args:
        argument.annotation = None
    found: dict[str, Any] = {}
    exec(compile(ast.Module([function], []), "kubeflow_pipeline.py", "exec"), found)
    report = SimpleNamespace(path="artifact")
    found["validate"]("sample_data/training.csv", "sample_data/schema.yaml", report)
    assert Path("artifact").read_text().startswith("<!doctype html>")
    spoil()
    with pytest.raises(subprocess.CalledProcessError):
        found["validate"]("sample_data/training.csv", "sample_data/schema.yaml", report)


def test_luigi() -> None:
    """With Luigi itself: trains after good data, and not after bad."""
    train = [sys.executable, "-m", "luigi", "--module", "luigi_tasks", "Train", "--local-scheduler", "--no-lock"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(CI), os.environ.get("PYTHONPATH", "")])}
    run(train, env=environment, capture_output=True)
    assert Path("model.txt").read_text() == "trained on validated.parquet\n"
    Path("model.txt").unlink()
    Path("validated.parquet").unlink()
    spoil()
    run(train, env=environment, capture_output=True)
    assert not Path("model.txt").exists()
    assert not Path("validated.parquet").exists()


def test_every_example_is_run() -> None:
    """No file is left here that no test of this module knows."""
    here = Path(__file__).read_text(encoding="utf-8")
    assert [
        path.name
        for path in CI.iterdir()
        if path.is_file() and f'"{path.name}"' not in here.replace('luigi_tasks"', 'luigi_tasks.py"')
    ] == []
