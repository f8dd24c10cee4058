"""Data behind a URL: object stores through polars, https through the standard library."""

from __future__ import annotations

import contextlib
import glob
import os
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath

import polars as pl

from datalife.errors import SourceError, first_line
from datalife.sources.packed import PIECE
from datalife.sources.plain import spool

WEB = ("http", "https")
#: The schemes of each object store, what says that somebody signs in there, and the setting that says nobody does.
STORES = {
    ("s3", "s3a"): (("AWS_",), ("~/.aws/credentials", "~/.aws/config"), "aws_skip_signature"),
    ("gs", "gcs"): (("GOOGLE_",), ("~/.config/gcloud",), "google_skip_signature"),
    ("az", "azure", "abfs", "abfss", "adl"): (("AZURE_",), ("~/.azure",), "azure_skip_signature"),
}
#: The folder that makes a directory one table of Delta Lake.
DELTA_LOG = "_delta_log"
#: What stands in the names of the variables that sign in.
SIGNS = ("_KEY", "_PROFILE", "_TOKEN", "_CREDENTIALS", "_SERVICE_ACCOUNT", "_CLIENT_ID", "_SKIP_SIGNATURE")
#: What makes a URL a pattern.
MAGIC = re.compile(r"[*?\[]")
#: How a server says no, and that there is nothing; how polars says that it reads no text.
REFUSED = re.compile(r"status code: 40[13]\b")
ABSENT = re.compile(r"status code: 404\b")
NO_TEXT = re.compile("invalid utf-?8", re.IGNORECASE)
#: Seconds without an answer after which a web server is given up.
PATIENCE = 30


def scheme_of(source: str) -> str | None:
    """The scheme of a URL, in lower case; None for a path."""
    scheme, found, _ = source.partition("://")
    return scheme.lower() if found else None


def is_store(scheme: str | None) -> bool:
    """Whether URLs of this scheme name objects of a store."""
    return any(scheme in schemes for schemes in STORES)


def without_secrets(source: str) -> str:
    """A URL to show: no user, no password, no query (signatures and tokens are there); a path as it is."""
    scheme, found, rest = source.partition("://")
    if not found or is_store(scheme):
        return source
    server, slash, path = rest.partition("?")[0].partition("/")
    return f"{scheme}://{server.rpartition('@')[2]}{slash}{path}"


def sign_in(url: str) -> dict[str, str]:
    """How to open a store: as the environment says, or anonymously where nothing there signs in."""
    scheme = scheme_of(url)
    for schemes, (prefixes, files, anonymous) in STORES.items():
        if scheme in schemes:
            named = [name for name in os.environ if name.startswith(prefixes) and any(sign in name for sign in SIGNS)]
            known = named or any(os.path.exists(os.path.expanduser(file)) for file in files)
            return {} if known else {anonymous: "true"}
    return {}


def listed(url: str) -> list[str]:
    """The objects that a URL of a store means: itself, those that fit its pattern, or those below its folder.

    A folder that is a table of Delta Lake is meant itself, and keeps the slash at its end. Hidden objects and those
    whose names, or folders, begin with `_` are skipped, and so are empty ones. None of them is read.

    Raises:
        SourceError: there are none, or the store cannot be reached.
    """
    name = without_secrets(url)
    if not glob.has_magic(url) and not url.endswith("/"):
        return [url]
    pattern = url + "**/*" if url.endswith("/") else url
    with _reaching(name):
        found = sorted(_planned(pl.scan_lines(pattern, storage_options=sign_in(url))))
    if any(each.startswith(f"{url}{DELTA_LOG}/") for each in found):
        return [url]
    shown = len(PurePosixPath(MAGIC.split(url)[0].rpartition("/")[0]).parts)
    visible = [each for each in found if not any(part[0] in "._" for part in PurePosixPath(each).parts[shown:])]
    if not visible:
        raise SourceError(name, "no object with content matches")
    return visible


def _planned(scan: pl.LazyFrame) -> Sequence[str]:
    """The objects that a scan would read.

    They stand in its plan, which polars' GPU engine looks at in the same way; no public function lists a store.
    """
    node = scan._ldf.visit().view_current_node()
    return getattr(node, "paths", ())  # a scan of nothing has become an empty frame


def download(url: str, name: str) -> Path:
    """A temporary file with the content behind a URL.

    What lies in a store comes as lines of UTF-8, unpacked; a carriage return at the end of a line is dropped.

    Raises:
        SourceError: it cannot be reached, is not there, or is not allowed to be read.
    """
    if scheme_of(url) in WEB:
        return spool(_fetched(url, name), name)
    target = spool(iter(()), name)
    with _reaching(name):
        lines = pl.scan_lines(url, glob=False, storage_options=sign_in(url))
        lines.sink_csv(target, include_header=False, quote_style="never")
    return target


def scanned(url: str, scan: Callable[..., pl.LazyFrame]) -> pl.LazyFrame:
    """A lazy scan of an object of a store."""
    return scan(url, glob=False, storage_options=sign_in(url))


def _fetched(url: str, name: str) -> Iterator[bytes]:
    request = urllib.request.Request(url, headers={"User-Agent": "datalife"})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            expected, received = answer.headers.get("Content-Length"), 0
            while chunk := answer.read(PIECE):
                received += len(chunk)
                yield chunk
    except urllib.error.HTTPError as error:
        raise SourceError(name, f"the server answers {error.code} {error.reason}") from error
    except urllib.error.URLError as error:
        raise SourceError(name, f"cannot be reached: {error.reason}") from error
    except (OSError, ValueError) as error:
        raise SourceError(name, f"cannot be read: {error}") from error
    if expected is not None and received != int(expected):
        raise SourceError(name, f"broke off after {received:,} of {int(expected):,} bytes", "try again")


@contextlib.contextmanager
def _reaching(name: str) -> Iterator[None]:
    """Turns what polars says about a store into a SourceError."""
    try:
        yield
    except (OSError, pl.exceptions.PolarsError) as error:
        raise of_store(name, error) from error


def of_store(name: str, error: Exception) -> SourceError:
    """What polars says about an object of a store, as an error of ours."""
    text = first_line(error)
    if isinstance(error, FileNotFoundError) or ABSENT.search(text):
        return SourceError(name, "is not there, or its bucket is not")
    if NO_TEXT.search(text):
        message = "is no text in UTF-8; beside that, Parquet, Arrow and Delta are read from a store"
        return SourceError(name, message, "copy it here, or pipe it in: aws s3 cp URL - | datalife stats -")
    if isinstance(error, PermissionError) or REFUSED.search(text):
        return SourceError(name, "permission is denied", "check the keys in the environment")
    return SourceError(name, f"cannot be read from the store: {text}"[:300])
