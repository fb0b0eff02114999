"""Undoes one content coding, a bounded piece at a time, so that a bomb costs no more than the cap.

HTTP libraries decode a chunk wholly before anybody can count it: 1.8 kB of double gzip become 1 GiB in one chunk.
"""
from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable

from advisord.errors import AdvisordError

GZIP_WINDOW = zlib.MAX_WBITS | 16
PIECE = 65_536  # decoded bytes a step
GZIP_MEMBERS = 64  # a gzip body may be several members in a row; a feed has no reason for more


class CodingError(AdvisordError):
    """A body that can't be unpacked, or not within its cap; the message is a plain sentence."""


def decoded(chunks: Iterable[bytes], coding: str, *, max_packed: int, max_bytes: int) -> bytes:
    """The body, with at most one coding undone: nothing, identity, gzip, x-gzip or deflate, as Content-Encoding says.

    Raises CodingError for another or a second coding, a body that breaks off, and more bytes than either cap.
    """
    name = _one_coding(coding)
    packed = _counted(chunks, max_packed if name else max_bytes)
    body = bytearray()
    inflate = _inflater(name)
    for chunk in packed:
        inflate.feed(chunk, body, max_bytes)
    inflate.finish(body, max_bytes)
    return bytes(body)


def _one_coding(coding: str) -> str:
    names = [name for part in coding.lower().split(",") if (name := part.strip()) and name != "identity"]
    if len(names) > 1:
        raise CodingError("the answer is packed more than once, which no feed is")
    name = names[0].removeprefix("x-") if names else ""
    if name not in {"", "gzip", "deflate"}:
        raise CodingError(f"the answer is packed as '{name[:20]}', which was not asked for")
    return name


def _counted(chunks: Iterable[bytes], most: int) -> Iterable[bytes]:
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total > most:
            raise CodingError(f"the answer is larger than {most // 1_000_000} MB")
        yield chunk


def _inflater(name: str) -> _Plain | _Inflate:
    if not name:
        return _Plain()
    return _Inflate(lambda _: zlib.decompressobj(GZIP_WINDOW)) if name == "gzip" else _Inflate(_deflater)


def _deflater(start: bytes) -> zlib._Decompress:
    """RFC 9110 says zlib, but many servers send the bare stream; a zlib header is a multiple of 31."""
    is_zlib = len(start) > 1 and start[0] & 15 == zlib.DEFLATED and int.from_bytes(start[:2], "big") % 31 == 0
    return zlib.decompressobj(zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS)


class _Plain:
    __slots__ = ()

    def feed(self, chunk: bytes, body: bytearray, max_bytes: int) -> None:
        _append(body, chunk, max_bytes)

    def finish(self, body: bytearray, max_bytes: int) -> None:
        """Nothing can be missing of a body that isn't packed."""


class _Inflate:
    __slots__ = ("_begin", "_members", "_stream")

    def __init__(self, begin: Callable[[bytes], zlib._Decompress]) -> None:
        self._begin = begin
        self._stream: zlib._Decompress | None = None
        self._members = 0

    def feed(self, chunk: bytes, body: bytearray, max_bytes: int) -> None:
        while chunk:
            if self._stream is None:
                if self._members and chunk[:1] != b"\x1f":
                    return  # padding behind the last member
                self._open(chunk)
            chunk = self._step(chunk, body, max_bytes)

    def finish(self, body: bytearray, max_bytes: int) -> None:
        if self._stream is not None:
            self._step(b"", body, max_bytes)  # a match may wait inside the stream until it is asked once more
        if self._stream is not None:
            raise CodingError("the answer broke off before its end")

    def _open(self, chunk: bytes) -> None:
        self._members += 1
        if self._members > GZIP_MEMBERS:
            raise CodingError("the answer is packed in more pieces than any feed is")
        self._stream = self._begin(chunk)

    def _step(self, chunk: bytes, body: bytearray, max_bytes: int) -> bytes:
        stream = self._stream
        if stream is None:
            return b""
        try:
            _append(body, stream.decompress(chunk, PIECE), max_bytes)
        except zlib.error as error:
            raise CodingError("the answer says it is packed, but can't be unpacked") from error
        if stream.eof:
            self._stream = None
            return stream.unused_data
        return stream.unconsumed_tail


def _append(body: bytearray, piece: bytes, max_bytes: int) -> None:
    if len(body) + len(piece) > max_bytes:
        raise CodingError(f"the answer unpacks to more than {max_bytes // 1_000_000} MB")
    body += piece
