"""A Kubeflow pipeline: `python kubeflow_pipeline.py` compiles it to validate.yaml."""

from __future__ import annotations

from kfp import compiler, dsl


@dsl.component(base_image="python:3.13-slim", packages_to_install=["datalife"])
def validate(source: str, schema: str, report: dsl.Output[dsl.HTML]) -> None:
    """Fails when the data breaks its schema; the report is an artifact either way."""
    import subprocess

    command = ["datalife", "validate", source, "--schema", schema, "--environment", "training"]
    subprocess.run([*command, "-f", "html", "-o", report.path], check=True)


@dsl.component(base_image="python:3.13-slim")
def train() -> None:
    """Whatever needs data that can be trusted."""


@dsl.pipeline(name="validate-then-train")
def pipeline(source: str = "sample_data/training.csv", schema: str = "sample_data/schema.yaml") -> None:
    """Trains only on data that keeps to its schema."""
    checked = validate(source=source, schema=schema)
    train().after(checked)


if __name__ == "__main__":
    compiler.Compiler().compile(pipeline, "validate.yaml")
