"""Luigi tasks: `luigi --module luigi_tasks Train --local-scheduler`. What trains requires what was validated."""

from __future__ import annotations

import subprocess

import luigi


class Validated(luigi.Task):
    """The rows of a file that keep to the schema, there only when the file as a whole passes."""

    source = luigi.Parameter(default="sample_data/training.csv")
    schema = luigi.Parameter(default="sample_data/schema.yaml")

    def output(self) -> luigi.LocalTarget:
        """The rows that break nothing; datalife writes them whole or not at all."""
        return luigi.LocalTarget("validated.parquet")

    def run(self) -> None:
        """Fails with what was found; the rows appear only after a pass."""
        command = ["datalife", "validate", self.source, "--schema", self.schema, "--environment", "training"]
        with self.output().temporary_path() as path:
            # the format of the rows is that of the suffix, which the temporary name does not have
            rows = f"{path}.parquet"
            subprocess.run([*command, "--good-rows", rows, "-o", "report.html", "-o", "-"], check=True)
            subprocess.run(["mv", rows, path], check=True)


class Train(luigi.Task):
    """Whatever needs data that can be trusted."""

    def requires(self) -> Validated:
        """The data."""
        return Validated()

    def output(self) -> luigi.LocalTarget:
        """The model."""
        return luigi.LocalTarget("model.txt")

    def run(self) -> None:
        """Trains."""
        with self.output().open("w") as stream:
            stream.write(f"trained on {self.input().path}\n")
