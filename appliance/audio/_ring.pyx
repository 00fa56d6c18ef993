"""Single-producer single-consumer rings of bytes, private or in shared memory (A2, A7).

Why Cython: the audio thread reads and writes them without the GIL; other processes (gateway, headsets) see the same bytes.
Memory: `claimed` and `written` are the writer's, `read` and `lost` the reader's, released and acquired (a Pi reorders).
Two ways to write: `push` always accepts and overwrites the oldest (sound, text: the reader notices and skips to what is left);
`offer` refuses what has no room (commands, taps). Sizes are powers of two, and are arguments: a counter or size that another
process has damaged can give wrong sound, never a wrong address.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.errno cimport errno
from libc.stdlib cimport calloc
from libc.string cimport memcpy, memset

import os


cdef extern from "<sys/mman.h>" nogil:
    int PROT_READ, PROT_WRITE, MAP_SHARED
    void *MAP_FAILED
    void *mmap(void *addr, size_t length, int prot, int flags, int fd, long offset)
    int munmap(void *addr, size_t length)
    int shm_open(const char *name, int flags, unsigned int mode)
    int shm_unlink(const char *name)


cdef uint64_t MAGIC = 0x31474E4952544153  # "SATRING1", little-endian
cdef enum:
    HEADER = 64


cdef uint64_t ring_bytes(uint64_t size) noexcept nogil:
    return (sizeof(Ring) + size + 63) & ~<uint64_t>63


cdef void ring_reset(Ring *ring, uint64_t size) noexcept nogil:
    memset(ring, 0, sizeof(Ring))
    ring.size = size


cdef Ring *ring_new(uint64_t size) noexcept nogil:
    """A private ring; NULL when there is no memory. Freed with free()."""
    cdef Ring *ring = <Ring *>calloc(1, ring_bytes(size))
    if ring != NULL:
        ring.size = size
    return ring


cdef void _copy_in(Ring *ring, uint64_t size, uint64_t at, const uint8_t *src, uint64_t n) noexcept nogil:
    cdef uint64_t start = at & (size - 1)
    cdef uint64_t first = min(n, size - start)
    memcpy(&ring.data[start], src, first)
    memcpy(&ring.data[0], src + first, n - first)


cdef void ring_push(Ring *ring, uint64_t size, const uint8_t *src, uint64_t n) noexcept nogil:
    """Writes all n bytes (of which the newest `size` stay); what was not read yet may be overwritten."""
    cdef uint64_t at = ring.written
    if n > size:
        at += n - size
        src += n - size
        n = size
    seat_store(&ring.claimed, at + n)
    seat_fence()
    _copy_in(ring, size, at, src, n)
    seat_store(&ring.written, at + n)


cdef bint ring_offer(Ring *ring, uint64_t size, const uint8_t *src, uint64_t n) noexcept nogil:
    """Writes n bytes, or nothing where they have no room. Never mixed with `ring_push` on one ring."""
    if ring_room(ring, size) < n:
        return False
    _copy_in(ring, size, ring.written, src, n)
    seat_store(&ring.written, ring.written + n)
    return True


cdef uint64_t ring_pull(Ring *ring, uint64_t size, uint8_t *dst, uint64_t n, uint64_t keep) noexcept nogil:
    """Reads up to n of the oldest bytes. Where more than `keep` wait (0: more than the ring holds), the oldest are lost."""
    cdef uint64_t written = seat_load(&ring.written)
    cdef uint64_t at = ring.read
    cdef uint64_t waiting = written - at
    cdef uint64_t limit = keep if keep else size
    cdef uint64_t start, first, overwritten
    if waiting > limit:
        ring.lost += waiting - limit
        at = written - limit
        waiting = limit
    if n > waiting:
        n = waiting
    start = at & (size - 1)
    first = min(n, size - start)
    memcpy(dst, &ring.data[start], first)
    memcpy(dst + first, &ring.data[0], n - first)
    seat_fence()
    overwritten = seat_load(&ring.claimed)
    if overwritten > size and overwritten - size > at and overwritten - at < (1ull << 62):
        ring.lost += overwritten - size - at  # the writer lapped us while we copied: these bytes are mixed, give none
        at = overwritten - size
        n = 0
    seat_store(&ring.read, at + n)
    return n


cdef uint64_t ring_waiting(Ring *ring) noexcept nogil:
    return seat_load(&ring.written) - seat_load(&ring.read)


cdef uint64_t ring_room(Ring *ring, uint64_t size) noexcept nogil:
    cdef uint64_t waiting = ring_waiting(ring)
    return 0 if waiting > size else size - waiting


cdef class SharedRings:
    """Two sound rings (8 kHz int16) in POSIX shared memory, one each way; one writer and one reader a direction.

    The box `create`s, the other process `attach`es by the same name. `write_in` and `read_out` are the other process's side.
    A reader that is late by more than `KEEP_MS` loses the oldest.
    """

    KEEP_MS = 250

    def __init__(self):
        raise TypeError("SharedRings.create(name) or SharedRings.attach(name)")

    def __dealloc__(self):
        if self.base != NULL:
            munmap(self.base, HEADER + 2 * ring_bytes(SHARED_SIZE))

    @staticmethod
    def create(str name) -> SharedRings:
        """New, empty rings, readable by this user alone; an older segment of that name (a killed box's) is replaced."""
        shm_unlink(_path(name))
        return _open(name, os.O_CREAT | os.O_EXCL | os.O_RDWR, True)

    @staticmethod
    def attach(str name) -> SharedRings:
        """The rings that another process created; FileNotFoundError where there are none."""
        return _open(name, os.O_RDWR, False)

    def unlink(self) -> None:
        """Takes the name away; whoever has the rings open keeps them."""
        shm_unlink(_path(self.name))

    def write_in(self, data: bytes) -> None:
        """Sound towards the box: whole samples, little-endian int16."""
        _push(self.to_box, data)

    def read_out(self, n: int = 3200) -> bytes:
        """Up to n bytes (even) of sound from the box, oldest first; b"" when there is none."""
        return _pull(self.from_box, n, KEEP_BYTES)

    def write_out(self, data: bytes) -> None:
        """The box's side of `read_out` (the audio thread writes there without Python; for tests and headsets)."""
        _push(self.from_box, data)

    def read_in(self, n: int = 3200) -> bytes:
        """The box's side of `write_in`."""
        return _pull(self.to_box, n, KEEP_BYTES)

    def lost(self) -> tuple[int, int]:
        """Bytes lost so far (towards the box, from the box) because the reader was late."""
        return self.to_box.lost, self.from_box.lost


KEEP_BYTES = SharedRings.KEEP_MS * 16


cdef bytes _path(str name):
    if not name or "/" in name.lstrip("/") or len(name) > 200:
        raise ValueError(f"not a name for shared memory: {name!r}")
    return b"/" + name.lstrip("/").encode()


cdef _push(Ring *ring, bytes data):
    if PyBytes_GET_SIZE(data) % 2:
        raise ValueError("sound comes in whole samples of two bytes")
    ring_push(ring, SHARED_SIZE, <const uint8_t *>PyBytes_AS_STRING(data), PyBytes_GET_SIZE(data))


cdef bytes _pull(Ring *ring, Py_ssize_t n, uint64_t keep):
    cdef uint8_t buffer[SHARED_SIZE]
    n = max(0, min(n, SHARED_SIZE)) & ~1
    n = <Py_ssize_t>ring_pull(ring, SHARED_SIZE, buffer, n, keep)
    return PyBytes_FromStringAndSize(<char *>buffer, n)


cdef SharedRings _open(str name, int flags, bint fresh):
    cdef SharedRings rings = SharedRings.__new__(SharedRings)
    cdef size_t total = HEADER + 2 * ring_bytes(SHARED_SIZE)
    cdef bytes path = _path(name)
    cdef int fd = shm_open(path, flags | os.O_CLOEXEC, 0o600)
    cdef void *base
    if fd < 0:
        raise OSError(errno, f"{os.strerror(errno)}: shared memory {name}")
    try:
        if fresh:
            os.ftruncate(fd, total)
        elif os.fstat(fd).st_size != total:
            raise ValueError(f"shared memory {name} is not of this version")
        base = mmap(NULL, total, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
        if base == MAP_FAILED:
            raise OSError(errno, os.strerror(errno))
    finally:
        os.close(fd)
    rings.base = <uint8_t *>base
    rings.name = name
    rings.to_box = <Ring *>(rings.base + HEADER)
    rings.from_box = <Ring *>(rings.base + HEADER + ring_bytes(SHARED_SIZE))
    if fresh:
        ring_reset(rings.to_box, SHARED_SIZE)
        ring_reset(rings.from_box, SHARED_SIZE)
        (<uint64_t *>rings.base)[0] = MAGIC
    elif (<uint64_t *>rings.base)[0] != MAGIC:
        raise ValueError(f"shared memory {name} is not of this version")
    return rings
