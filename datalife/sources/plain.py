"""Any text file as plain UTF-8 bytes on disk: compressed, piped and transcoded text is spooled to a temporary file."""

from __future__ import annotations

import codecs
import os
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from datalife.errors import SourceError, UsageError, did_you_mean
from datalife.sources.model import ReadOptions
from datalife.sources.packed import GZIP, PIECE, ZSTD, unpacked, written
from datalife.workspace import lasting

#: A record longer than this is taken for one that is not closed.
LONGEST = 256 << 20
MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
ENCODINGS = ("utf-8", "utf-16", "utf-32", "latin-1", "windows-1252", "shift_jis", "gb18030", "big5", "euc-kr")


@dataclass(frozen=True)
class Watch:
    """A file as it was when it was opened; `check` tells whether it still is.

    `longest` is the most bytes that one record of it may have; `strict` says that no byte may be other than text.
    """

    path: Path
    name: str
    longest: int = LONGEST
    strict: bool = True
    state: tuple[int, int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", self._state())

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from `start` to `stop`, of the file as it was."""
        self.check()
        with open(self.path, "rb") as stream:
            stream.seek(start)
            block = stream.read(stop - start)
        self.check()
        return block

    def too_long(self, line: int) -> SourceError:
        """The error about a record that begins on a line and is longer than is allowed."""
        hint = "if it is one record, allow more: --max-memory 1GB"
        return SourceError(f"{self.name}:{line}", f"a record is longer than {written(self.longest)}", hint)

    def check(self) -> None:
        """Raises SourceError when the size or the time of the last change is another."""
        if self._state() != self.state:
            raise SourceError(self.name, "changed while it was read", "wait until it is written, or read a copy")

    def _state(self) -> tuple[int, int]:
        try:
            found = self.path.stat()
        except OSError as error:
            raise SourceError(self.name, f"cannot be read: {error.strerror}") from error
        return found.st_size, found.st_mtime_ns


def watch_of(path: Path, name: str, options: ReadOptions) -> Watch:
    """A text file, watched, whose records may be as long and as bad as the user allows."""
    longest = LONGEST if options.max_memory is None else options.max_memory
    return Watch(path, name, longest, strict=options.on_bad_row == "error")


def head(path: Path, name: str, size: int = PIECE) -> bytes:
    """The first bytes of a file."""
    try:
        with open(path, "rb") as stream:
            return stream.read(size)
    except OSError as error:
        raise SourceError(name, f"cannot be read: {error.strerror}") from error


def spool(chunks: Iterator[bytes], name: str) -> Path:
    """A temporary file with these bytes; it disappears when the process ends."""
    handle, path = tempfile.mkstemp(dir=lasting())
    try:
        with os.fdopen(handle, "wb") as stream:
            for chunk in chunks:
                stream.write(chunk)
    except OSError as error:
        raise SourceError(name, f"cannot be unpacked: {error.strerror}", "set TMPDIR to a disk with room") from error
    return Path(path)


def spooled(path: Path, name: str) -> Path:
    """A pipe read once into a temporary file; Ctrl-C ends the wait for it."""
    signal.siginterrupt(signal.SIGINT, True)
    with open(path, "rb") as stream:
        return spool(iter(lambda: stream.read(PIECE), b""), name)


def plain_text(path: Path, name: str, options: ReadOptions) -> Path:
    """The same text as uncompressed UTF-8: `path` itself where it is that already.

    Raises:
        SourceError: the compressed data is damaged or too much, or the bytes are not text in this encoding.
        UsageError: no such encoding.
    """
    codec = codec_of(options.encoding)
    start = head(path, name, 4)
    if start.startswith((GZIP, ZSTD)):
        path = spool(unpacked(path, name, options.max_memory), name)
        start = head(path, name, 4)
    marked = next((found for mark, found in MARKS.items() if start.startswith(mark)), None)
    if marked in ("utf-16", "utf-32"):
        codec = marked
    elif codec in ("utf-16", "utf-32"):
        codec += "-be" if start.startswith(b"\0") else "-le"  # plain text begins with a character of ASCII
    if codec == "utf-8":
        return path
    return spool(_decoded(path, name, codec), name)


def refuse_binary(start: bytes, name: str) -> None:
    """Refuses what begins with too many NUL bytes to be text."""
    if start.count(0) > len(start) // 10:
        raise SourceError(name, "is binary, damaged or UTF-16 without a mark", "try --encoding utf-16")


def codec_of(encoding: str) -> str:
    """Python's name of an encoding of text; ASCII is UTF-8.

    Raises:
        UsageError: no such encoding.
    """
    try:
        name = codecs.lookup(encoding).name
        b"a".decode(name, "replace")  # some codecs are not of text
    except (LookupError, ValueError):  # a name with a NUL is no name
        hint = did_you_mean(encoding, ENCODINGS) or "known are " + ", ".join(ENCODINGS[:5]) + " ..."
        raise UsageError("--encoding", f"unknown encoding {encoding!r}", hint) from None
    return "utf-8" if name in ("utf-8", "utf-8-sig", "ascii") else name


def _decoded(path: Path, name: str, codec: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(codec)()
    place = 0
    with open(path, "rb") as stream:
        while True:
            chunk = stream.read(PIECE)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                message = f"is not {codec}: byte {place + error.start} ({error.reason})"
                raise SourceError(name, message, "try another --encoding") from error
            except UnicodeError as error:
                raise SourceError(name, f"is not {codec}: {error}", "try another --encoding") from error
            text = text if place else text.removeprefix("\ufeff")
            yield text.encode("utf-8", "surrogatepass")  # half of a pair is told of as what is no UTF-8
            if not chunk:
                return
            place += len(chunk)
