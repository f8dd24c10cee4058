"""Data behind URLs, from servers that the tests start."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from pathlib import Path

import boto3
import polars as pl
import pytest

from datalife.errors import SourceError
from datalife.sources.dataset import open_dataset
from datalife.sources.model import ReadOptions
from datalife.sources.remote import listed, sign_in, without_secrets
from tests.sources.servers import s3, web

TABLE = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
ROWS = TABLE.rows()


def parquet() -> bytes:
    """The table as Parquet."""
    buffer = io.BytesIO()
    TABLE.write_parquet(buffer)
    return buffer.getvalue()


def arrow() -> bytes:
    """The table as Arrow IPC."""
    buffer = io.BytesIO()
    TABLE.write_ipc(buffer)
    return buffer.getvalue()


OBJECTS = {
    "one/t.parquet": parquet(),
    "one/t.arrow": arrow(),
    "one/t.csv": TABLE.write_csv().encode(),
    "one/t.csv.gz": gzip.compress(TABLE.write_csv().encode()),
    "one/t.ndjson": TABLE.write_ndjson().encode(),
    "days/day=2026-01-01/p.csv": b"a\n1\n",
    "days/day=2026-01-02/p.csv": b"a\n2\n",
    "bad/t.csv": b"a\n\xe9\n",
    "bad/t.parquet": b"PAR1junk",
    "bad/t.avro": b"Obj\x01\xff",
}


@pytest.fixture(scope="module")
def requests(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of the requests that the S3 server was asked."""
    return tmp_path_factory.mktemp("s3") / "requests"


@pytest.fixture(scope="module")
def store(requests: Path) -> Iterator[str]:
    """The address of an S3 server with a public bucket and a private one."""
    with s3(requests) as address:
        keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
        client = boto3.client("s3", endpoint_url=address, **keys)
        client.create_bucket(Bucket="bucket")
        for key, content in OBJECTS.items():
            client.put_object(Bucket="bucket", Key=key, Body=content)
        client.put_object(Bucket="bucket", Key="public/t.parquet", Body=parquet(), ACL="public-read")
        client.put_object(Bucket="bucket", Key="public/t.csv", Body=OBJECTS["one/t.csv"], ACL="public-read")
        yield address


@pytest.fixture
def anonymous(store: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment that knows the server and no keys."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_ENDPOINT_URL", store)
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def keyed(anonymous: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment with keys."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


def read(url: str, options: ReadOptions | None = None) -> list[tuple[object, ...]]:
    """All rows."""
    return open_dataset([url], options).frame().rows()


EACH = ("t.parquet", "t.arrow", "t.csv", "t.csv.gz", "t.ndjson")


@pytest.mark.usefixtures("keyed")
@pytest.mark.parametrize("name", EACH)
def test_every_format_in_a_store(name: str) -> None:
    """What lies in a store is read as a file is."""
    assert read(f"s3://bucket/one/{name}") == ROWS


@pytest.mark.usefixtures("anonymous")
@pytest.mark.parametrize("name", ["t.parquet", "t.csv"])
def test_public_objects_need_no_keys(name: str) -> None:
    """Where nothing signs in, the request is anonymous."""
    assert read(f"s3://bucket/public/{name}") == ROWS


@pytest.mark.usefixtures("keyed")
@pytest.mark.parametrize("url", ["s3://bucket/days/", "s3://bucket/days/*/*.csv"])
def test_folders_and_patterns_of_a_store(url: str) -> None:
    """A URL that ends in a slash is all below it, with hive partitions; `*` is a pattern."""
    dataset = open_dataset([url])
    assert [(column.name, column.type) for column in dataset.columns] == [("a", "integer"), ("day", "date")]
    assert [(a, str(day)) for a, day in dataset.frame().rows()] == [(1, "2026-01-01"), (2, "2026-01-02")]
    assert dataset.where(1) == "s3://bucket/days/day=2026-01-02/p.csv:2"


def asked_for(requests: Path, path: str) -> int:
    """How often the server was asked for what begins with a path."""
    return requests.read_text().count(f"GET /bucket/{path}")


@pytest.mark.usefixtures("keyed")
def test_a_folder_of_a_store_is_listed_and_nothing_else(requests: Path) -> None:
    """None of its objects is read, whatever they are."""
    before = asked_for(requests, "")
    assert listed("s3://bucket/one/") == [f"s3://bucket/one/{name}" for name in sorted(EACH)]
    assert listed("s3://bucket/days/*/*.csv") == [f"s3://bucket/days/day=2026-01-0{day}/p.csv" for day in (1, 2)]
    assert asked_for(requests, "") == before


@pytest.mark.usefixtures("keyed")
def test_an_object_is_read_before_the_next_is_fetched(store: str, requests: Path) -> None:
    """A bad record in the first of many is told before the others have come."""
    client = boto3.client("s3", endpoint_url=store, region_name="us-east-1")
    for key, content in (("lazy/1.csv", b"a,b\n1\n"), ("lazy/2.csv", b"a,b\n1,2\n")):
        client.put_object(Bucket="bucket", Key=key, Body=content)
    with pytest.raises(SourceError, match=r"lazy/1\.csv:2: the record has 1 field"):
        read("s3://bucket/lazy/")
    assert asked_for(requests, "lazy/1.csv") > 0
    assert asked_for(requests, "lazy/2.csv") == 0


@pytest.mark.usefixtures("keyed")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("one/none.csv", "is not there"),
        ("one/none.parquet", "cannot be read|is not there"),
        ("none/*.csv", "no object|cannot be read"),
        ("bad/t.csv", "is no text in UTF-8"),
        ("bad/t.avro", "is no text in UTF-8; beside that, Parquet, Arrow and Delta are read"),
        ("bad/t.parquet", "damaged or not Parquet"),
    ],
)
def test_faults_of_a_store(name: str, message: str) -> None:
    """What is missing or damaged there is one error with the URL."""
    with pytest.raises(SourceError, match=message) as caught:
        read(f"s3://bucket/{name}")
    assert str(caught.value).startswith("s3://bucket/")


@pytest.mark.usefixtures("keyed")
def test_a_bucket_that_is_not_there() -> None:
    """One short line, though the server says much."""
    with pytest.raises(SourceError, match=r"s3://nobody/: is not there, or its bucket is not$"):
        read("s3://nobody/")


@pytest.mark.usefixtures("anonymous")
@pytest.mark.parametrize("name", ["one/t.csv", "one/t.parquet"])
def test_a_private_object_without_keys(name: str) -> None:
    """A refusal is an error, quickly."""
    with pytest.raises(SourceError, match=r"denied|cannot be read"):
        read(f"s3://bucket/{name}")


@pytest.mark.usefixtures("keyed")
@pytest.mark.parametrize("url", ["s3://bucket/table/", "s3://bucket/table"])
def test_a_delta_table_of_a_store(store: str, tmp_path: Path, url: str) -> None:
    """A folder with a Delta log is one table, its newest version; without the slash the format says so."""
    TABLE.write_delta(tmp_path / "table")
    TABLE.head(1).write_delta(tmp_path / "table", mode="overwrite")
    client = boto3.client("s3", endpoint_url=store, region_name="us-east-1")
    for path in (tmp_path / "table").rglob("*.*"):
        client.put_object(Bucket="bucket", Key=str(path.relative_to(tmp_path)), Body=path.read_bytes())
    options = ReadOptions() if url.endswith("/") else ReadOptions(input_format="delta")
    assert open_dataset([url], options).frame().rows() == ROWS[:1]


@pytest.mark.usefixtures("keyed")
def test_hidden_objects_are_skipped(store: str) -> None:
    """Names and folders that begin with `_` or a dot are no data."""
    client = boto3.client("s3", endpoint_url=store, region_name="us-east-1")
    for key in ("hidden/_SUCCESS", "hidden/_tmp/t.csv", "hidden/.t.csv", "hidden/day=1/t.csv"):
        client.put_object(Bucket="bucket", Key=key, Body=b"a\n1\n")
    assert read("s3://bucket/hidden/") == [(1, 1)]


def test_signing_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Anonymous only where neither the environment nor a file signs in."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    assert sign_in("s3://bucket/x") == {"aws_skip_signature": "true"}
    monkeypatch.setenv("AWS_PROFILE", "work")
    assert sign_in("s3://bucket/x") == {}


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.parquet", "t.arrow", "t.ndjson"])
def test_every_format_from_the_web(tmp_path: Path, name: str) -> None:
    """A file of a web server is fetched and read."""
    (tmp_path / name).write_bytes(OBJECTS[f"one/{name}"])
    with web(tmp_path) as address:
        dataset = open_dataset([f"{address}/{name}?token=secret"])
        assert dataset.frame().rows() == ROWS
        assert dataset.sources == (f"{address}/{name}",)


def test_faults_of_the_web(tmp_path: Path) -> None:
    """A missing page and a server that is not there are told apart."""
    with web(tmp_path) as address, pytest.raises(SourceError, match="the server answers 404"):
        read(f"{address}/none.csv")
    with pytest.raises(SourceError, match="cannot be reached"):
        read(f"{address}/none.csv")
    with pytest.raises(SourceError, match="nothing is known of ftp://"):
        read("ftp://127.0.0.1/t.csv")


def test_secrets_are_not_shown() -> None:
    """Passwords and signed queries are left out of names."""
    assert without_secrets("postgresql://me:secret@host:5432/db?sslmode=off") == "postgresql://host:5432/db"
    assert without_secrets("https://host/a.csv?X-Amz-Signature=1") == "https://host/a.csv"
    assert without_secrets("a?b@c.csv") == "a?b@c.csv"
    assert without_secrets("s3://bucket/a?.csv") == "s3://bucket/a?.csv"
