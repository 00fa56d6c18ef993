"""A packed recording read as the WAV that it stands for (A7): the same header, the same samples, byte for byte."""

from pathlib import Path

import numpy as np

from appliance.store.wav_header import CHANNELS, FRAME, HEADER, RATE_HZ, header


class PackedSound:
    """`size`: bytes of the WAV. Raises OSError where it is missing, or no FLAC of two channels with 16 bits at 8000 Hz."""

    def __init__(self, path: Path) -> None:
        import soundfile  # here, as most who look at recordings never meet a packed one: 20 MB, 0.1 s

        if path.is_symlink() or not path.is_file():
            raise FileNotFoundError(2, "no such file", str(path))
        try:
            self._file = soundfile.SoundFile(path)
        except soundfile.LibsndfileError as why:
            raise OSError(f"it is no FLAC file ({why.error_string})") from None
        form = (self._file.format, self._file.subtype, self._file.channels, self._file.samplerate)
        if form != ("FLAC", "PCM_16", CHANNELS, RATE_HZ):
            self._file.close()
            raise OSError(f"it is not a packed recording but {form}")
        self._header = header(self._file.frames * FRAME)
        self.size = HEADER + self._file.frames * FRAME

    def read(self, size: int, offset: int) -> bytes:
        """At most `size` bytes from `offset` on; from where it cannot be decoded, less: never an error."""
        data = self._header[offset : offset + size]
        begin = max(0, offset - HEADER)
        end = min(self.size, offset + size) - HEADER
        if end <= begin:
            return data
        first = begin // FRAME
        try:
            if self._file.tell() != first:
                self._file.seek(first)
            frames = self._file.read(-(-end // FRAME) - first, dtype="int16", always_2d=True)
        except RuntimeError:  # soundfile.LibsndfileError
            return data
        sound = np.ascontiguousarray(frames, dtype="<i2").tobytes()
        return data + sound[begin - first * FRAME : end - first * FRAME]

    def close(self) -> None:
        self._file.close()
