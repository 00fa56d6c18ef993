"""WAV as recordings use it (A7): the sealed original as it is; of one that still grows, a copy with true sizes of what it has now;
of a packed one, the WAV that it stands for."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from appliance.store.packed import PackedSound
from appliance.store.wav_header import FRAME, HEADER, RATE_HZ, header, sound_in, true_header

__all__ = [
    "FRAME",
    "HEADER",
    "LISTENING",
    "RATE_HZ",
    "AsItIs",
    "Copy",
    "Unpacked",
    "header",
    "listening_path",
    "original",
    "seconds_of",
    "wav_of",
    "wav_parts",
]

_READ = 1 << 18


def seconds_of(size: int) -> float:
    """How long a recording's file of so many bytes sounds; a part of a frame at its end is not counted."""
    return sound_in(size) // FRAME / RATE_HZ


class Copy:
    """A WAV with true sizes of what is in the file now. Parts of it stay the same while the recording goes on: a file only grows.

    Once sealed it is the file, byte for byte (one that was sealed when headers still kept the largest sizes gets true ones here).
    """

    def __init__(self, path: Path) -> None:
        """Raises FileNotFoundError."""
        self._path = path
        with path.open("rb", buffering=0) as file:
            head = file.read(HEADER)  # before its size: true sizes are the last ones
            size = os.fstat(file.fileno()).st_size
        self._sound = sound_in(size)
        self._as_it_is = size >= HEADER and head == true_header(size)
        self.size = size if self._as_it_is else HEADER + self._sound

    def pieces(self, begin: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `begin` up to `end`, 256 kB at a time; reads nothing but these."""
        end = self.size if end is None else min(end, self.size)
        try:
            file = self._path.open("rb", buffering=0)
        except FileNotFoundError:  # packed since
            yield from Unpacked(packed_path(self._path)).pieces(begin, end)
            return
        with file:
            if begin < min(end, HEADER) and not self._as_it_is:
                yield header(self._sound)[begin:end]
                begin = HEADER
            file.seek(begin)
            while begin < end:
                piece = file.read(min(_READ, end - begin))
                if not piece:
                    return
                begin += len(piece)
                yield piece


def packed_path(path: Path) -> Path:
    """Where the packed form of an original lies."""
    return path.with_suffix(".flac")


class Unpacked:
    """A packed recording as the WAV that was sealed, byte for byte; as `Copy`. Raises FileNotFoundError, OSError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        sound = PackedSound(path)
        self.size = sound.size
        sound.close()

    def pieces(self, begin: int = 0, end: int | None = None) -> Iterator[bytes]:
        end = self.size if end is None else min(end, self.size)
        sound = PackedSound(self._path)
        try:
            while begin < end:
                piece = sound.read(min(_READ, end - begin), begin)
                if not piece:
                    return
                begin += len(piece)
                yield piece
        finally:
            sound.close()


class AsItIs:
    """A file that is handed out byte for byte; as `Copy`. Raises FileNotFoundError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.size = path.stat().st_size

    def pieces(self, begin: int = 0, end: int | None = None) -> Iterator[bytes]:
        end = self.size if end is None else min(end, self.size)
        with self._path.open("rb", buffering=0) as file:
            file.seek(begin)
            while begin < end and (piece := file.read(min(_READ, end - begin))):
                begin += len(piece)
                yield piece


LISTENING: Final = "listening"


def listening_path(path: str) -> str:
    """Where the copy for listening of an original lies, below DIR/listening."""
    return str(Path(path).with_suffix(".ogg"))


def original(path: Path) -> Copy | Unpacked | None:
    """An original by the path that it was begun with, packed or not; None where there is none."""
    for kind, place in ((Copy, path), (Unpacked, packed_path(path))):
        try:
            return kind(place)
        except FileNotFoundError:
            continue
    return None


def wav_parts(path: Path) -> tuple[int, Iterator[bytes]]:
    """(size, pieces) of the whole. Raises FileNotFoundError."""
    copy = Copy(path)
    return copy.size, copy.pieces()


def wav_of(path: Path) -> bytes:
    """The same as one piece: an hour is 115 MB, so `Copy` is the better one for a stream."""
    return b"".join(wav_parts(path)[1])
