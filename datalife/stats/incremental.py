"""A profile that grows batch by batch: what it holds already is known by its content, and counts once.

The identity of a file is a hash of all its bytes: the same on every machine, whatever the file is called and whenever
it was copied. That of an object in a store is its URL: to hash it is to fetch it.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Sequence

from datalife.engine import Engine
from datalife.errors import SchemaError, SourceError, UsageError
from datalife.sources.dataset import open_files
from datalife.sources.model import ReadOptions
from datalife.sources.paths import SourceFile, expand
from datalife.sources.plain import Watch
from datalife.sources.remote import is_store, scheme_of
from datalife.stats.model import Merged, Profile
from datalife.stats.profile import profile_of
from datalife.stats.request import Request
from datalife.stats.saved import load_profile, summary_from
from datalife.stats.scan import scan

LOGGER = logging.getLogger(__name__)


def grown(
    path: str,
    sources: Sequence[str],
    options: ReadOptions | None = None,
    engine: Engine | None = None,
    request: Request | None = None,
) -> Profile:
    """The profile in the file `path` with the sources that it does not hold yet; nothing is written.

    Without such a file it is the profile of the sources. Counts and moments are exact, quantiles and distinct counts
    estimated, as wherever profiles merge.

    Raises:
        SchemaError: the file is no profile that grew here, or does not fit the data or the request.
        SourceError: data cannot be read, or was merged before and has other content now.
        UsageError: a source has no identity, or the request is for what merged profiles cannot tell.
    """
    request = request or Request()
    _refuse_findings(request)
    before = _profile_at(path)
    held = before.merged or [] if before else []
    files = _fresh([file for source in sources for file in expand(source)], held)
    summaries = [summary_from(before, path)] if before else []
    if files:
        names = [file.name for file, _ in files]
        dataset = open_files(
            names, [file for file, _ in files], request.reading(options or ReadOptions()), engine, proven=False
        )
        summaries.append(scan(dataset, request))
    whole = summaries[0] if len(summaries) == 1 else summaries[0].merge(summaries[1])
    found = profile_of(whole, request)
    found.merged = [*held, *(Merged(source=file.name, identity=identity) for file, identity in files)]
    return found


def _refuse_findings(request: Request) -> None:
    """What compares columns with each other is in no profile's state, and so cannot grow."""
    asked = {
        "--label": request.label,
        "--correlations": request.correlations,
        "--cross": request.cross,
        "--group": request.group,
        "--exact": request.exact,
    }
    for flag, value in asked.items():
        if value:
            raise UsageError("--merge-into", f"does not go with {flag}", "profile all the data together for that")


def _profile_at(path: str) -> Profile | None:
    if not os.path.exists(path):
        return None
    found = load_profile(path)
    if found is None:
        raise SchemaError(path, "is no profile", "name a file that --merge-into wrote, ending in .json, or a new one")
    if found.merged is None:
        raise SchemaError(path, "does not say which sources it holds", "begin a new file with --merge-into")
    return found


def _fresh(files: Sequence[SourceFile], held: Sequence[Merged]) -> list[tuple[SourceFile, str]]:
    """The files whose content is not held yet, each once, with their identities."""
    known = {each.identity: each.source for each in held}
    names = {each.source for each in held}
    fresh: list[tuple[SourceFile, str]] = []
    for file in files:
        identity = identity_of(file)
        if identity in known:
            same = "" if known[identity] == file.name else f", with the content of {known[identity]}"
            LOGGER.warning("%s: is in the profile already%s; it counts once", file.name, same)
            continue
        if file.name in names:
            message = "was merged before, and has other content now: a profile cannot forget"
            raise SourceError(file.name, message, "give a new batch a new name, or profile all the data again")
        known[identity] = file.name
        fresh.append((file, identity))
    return fresh


def identity_of(file: SourceFile) -> str:
    """What a source is known by, such as `blake2b:9f86d0...`.

    Raises:
        UsageError: it can be read once only, or is an answer that may differ each time.
    """
    if file.url is not None and is_store(scheme_of(file.url)):
        return file.url
    if file.url is not None or not file.path.is_file():
        hint = "save the data to a file first"
        raise UsageError("--merge-into", f"{file.name} has no content to know it by", hint)
    watch = Watch(file.path, file.name)
    with open(file.path, "rb") as stream:
        digest = hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=16))
    watch.check()
    return f"blake2b:{digest.hexdigest()}"
