"""The JSON Schema of schema files, with which editors complete and check them: `python -m datalife.schema.editor`."""

from __future__ import annotations

import json
import sys
from typing import Any

from datalife.schema.model import Schema

#: A file has at least one of these keys; the model, made of a file with its layers, has columns.
SOME_OF = ("columns", "columns_matching", "extends")


def editor_schema() -> dict[str, Any]:
    """The vocabulary of `model.Schema` as JSON Schema; keys are those of the YAML."""
    described = Schema.model_json_schema(by_alias=True) | {"anyOf": [{"required": [each]} for each in SOME_OF]}
    del described["required"]
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "datalife schema",
        "description": "What a dataset should look like; checked by `datalife validate`.",
    }
    return head | {key: value for key, value in described.items() if key not in head}


def editor_text() -> str:
    """The file, ending in a newline."""
    return json.dumps(editor_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(editor_text())
