"""Ports of the audio thread: raw PCM ttys, DLE-shielded modem ports, rings in shared memory (A1 A2 A4).

Why Cython: read and written from the tick itself, without the GIL. Nothing here blocks, allocates, or knows a call.
The module is the clock (serial-lines 3.1): for each sample read one is written. `lead` is what we have written beyond what the modem has
played meanwhile: 60 ms are given at the start, and given again after the modem ran dry; so a stall never makes a burst.
"""

from libc.errno cimport EAGAIN, ECONNRESET, EINTR, EIO, ENODEV, ENXIO, errno
from libc.string cimport memcpy, memmove, memset

from appliance.audio._dle cimport dle_decode, dle_encode
from appliance.audio._dsp cimport FRAME, RAMP, SIGNED16, UNSIGNED8, decode, encode
from appliance.audio._echo cimport STEP, echo_feed, echo_played, echo_reset, echo_shaken
from appliance.audio._elastic cimport (
    AHEAD,
    SHAKEN,
    elastic_adapt,
    elastic_control,
    elastic_drop,
    elastic_excess,
    elastic_level,
    elastic_pull,
    elastic_push,
    elastic_ready,
    elastic_reset,
    elastic_settle,
    elastic_splice,
)
from appliance.audio._detect cimport cadence_reset, keys_reset
from appliance.audio._level cimport level_reset
from appliance.audio._ring cimport SHARED_SIZE, ring_pull, ring_push, ring_waiting


cdef extern from "<unistd.h>" nogil:
    Py_ssize_t read(int fd, void *buf, size_t n)
    Py_ssize_t write(int fd, const void *buf, size_t n)


cdef extern from "<poll.h>" nogil:
    int POLLHUP, POLLERR, POLLNVAL, POLLIN

    struct pollfd:
        int fd
        short events
        short revents
    int poll(pollfd *fds, unsigned long n, int timeout)


cdef extern from "<termios.h>" nogil:
    int TCIFLUSH, TCOFLUSH
    int tcflush(int fd, int queue)
    int isatty(int fd)


cdef char *CONNECT = b"CONNECT\r\n"

cdef enum:
    FULL = CHUNK - 1  # bytes of a read after which there may be more (a tty gives one less than it is asked for): else one read a tick
    CONNECT_N = 9
    DLE = 0x10
    ETX = 0x03
    OFFSET_WINDOW = 8000  # samples, 1 s
    OFFSET_LEFT = 64
    EIGHT_BITS = 5461  # mean square of the noise of unsigned8
    QUIET_TICKS = 10  # 200 ms without a byte: what waits to be written is stale


cdef bint _hung_up(int fd) noexcept nogil:
    """A read of 0 bytes: a tty that has nothing (VMIN 0), or an end."""
    cdef pollfd p
    p.fd = fd
    p.events = POLLIN
    p.revents = 0
    if not isatty(fd):
        return True
    return poll(&p, 1, 0) > 0 and p.revents & (POLLHUP | POLLERR | POLLNVAL)


cdef int _read_some(Endpoint *ep, uint8_t *buf, Py_ssize_t *got) noexcept nogil:
    """One read. Returns 0, or what happened to the port; got is 0 when there is nothing more."""
    cdef Py_ssize_t n
    got[0] = 0
    while True:
        n = read(ep.fd, buf, CHUNK)
        if n > 0:
            got[0] = n
            ep.bytes_in += n
            return 0
        if n == 0:
            if _hung_up(ep.fd):
                ep.gone = True
                return PORT_GONE
            return 0
        if errno == EINTR:
            continue
        if errno == EAGAIN:
            return 0
        ep.gone = True
        if errno == EIO or errno == ENODEV or errno == ENXIO or errno == ECONNRESET:
            return PORT_GONE
        return PORT_ERROR


cdef void _start_sound(Endpoint *ep) noexcept nogil:
    cdef int16_t silence[AHEAD]
    memset(silence, 0, sizeof(silence))
    elastic_reset(&ep.inward, ep.reserve)
    if ep.kind == RINGS:
        elastic_adapt(&ep.inward, IN_MOST)
    elastic_reset(&ep.outward, 0)
    elastic_push(&ep.outward, silence, AHEAD)
    elastic_settle(&ep.outward, AHEAD + ep.lead_target)
    memset(ep.past, 0, sizeof(ep.past))
    memset(ep.frame, 0, sizeof(ep.frame))
    keys_reset(&ep.keys)
    cadence_reset(&ep.cadence)
    level_reset(&ep.level)
    ep.floor = ep.floor_next = UNKNOWN
    ep.floor_ticks = ep.voice = 0
    ep.blank = False
    if ep.echo != NULL:
        ep.echo.grain = EIGHT_BITS if ep.encoding == UNSIGNED8 else 0
        echo_reset(ep.echo)
    ep.lead = 0
    ep.offset = 0
    ep.carry = -1
    ep.idle_ticks = ep.silent = ep.untaken = 0
    ep.sound = True


cdef void port_sound(Endpoint *ep, bint on) noexcept nogil:
    """pcm: on throws away what is old and starts; off drops all and writes nothing."""
    cdef uint8_t buf[CHUNK]
    cdef Py_ssize_t got = 1, total = 0
    if ep.kind == V253:
        return
    if ep.kind == PCM and not ep.gone:
        tcflush(ep.fd, TCIFLUSH)
        while got > 0 and total < MOST and _read_some(ep, buf, &got) == 0:
            total += got
    if on:
        _start_sound(ep)
        if ep.kind == RINGS:
            ep.from_other.read = ep.from_other.written
    else:
        ep.sound = False


cdef void port_text_mode(Endpoint *ep) noexcept nogil:
    """v253: whatever was going on, what comes now is text."""
    ep.sound = False
    ep.armed = False
    ep.stopping = False
    ep.matched = 0
    ep.text_dle = False
    ep.dle.pending = False


cdef bint _zeros(const int16_t *x, Py_ssize_t n) noexcept nogil:
    cdef int32_t bits = 0
    cdef Py_ssize_t k
    for k in range(n):
        bits |= x[k]
    return bits == 0


cdef void port_resume(Endpoint *ep) noexcept nogil:
    """v253: a stream of before our start runs already. Where the half of a DLE pair came last, the other half is still to come."""
    cdef bint half = ep.text_dle
    port_text_mode(ep)
    ep.dle.pending = half
    _start_sound(ep)


cdef void _centre(Endpoint *ep, int16_t *x, Py_ssize_t n) noexcept nogil:
    """An analog modem's zero is not always zero: its converter is off, or its 8 bits have their middle at 127 where others have 128.

    What stands still for a second is taken away, but for the last 64 (-54 dBFS), so that sound without an offset passes as it is.
    """
    cdef int32_t total = 0, off, value
    cdef Py_ssize_t k
    if n == 0:
        return
    for k in range(n):
        total += x[k]
    ep.offset += (total - ep.offset * n) / OFFSET_WINDOW
    off = <int32_t>ep.offset
    off = off - OFFSET_LEFT if off > OFFSET_LEFT else off + OFFSET_LEFT if off < -OFFSET_LEFT else 0
    if off == 0:
        return
    for k in range(n):
        value = x[k] - off
        x[k] = <int16_t>(32767 if value > 32767 else -32768 if value < -32768 else value)


cdef Py_ssize_t _take_sound(Endpoint *ep, uint8_t *buf, Py_ssize_t n) noexcept nogil:
    """Sound bytes into the elastic buffer; buf has one byte of room in front for a carried one."""
    cdef int16_t pcm[2 * CHUNK + 2]
    cdef int16_t clean[2 * CHUNK + STEP + 2]
    cdef Py_ssize_t samples
    if ep.encoding == SIGNED16:
        if ep.carry >= 0:
            buf -= 1
            buf[0] = <uint8_t>ep.carry
            n += 1
        ep.carry = buf[n - 1] if n & 1 else -1
        n &= ~<Py_ssize_t>1
    samples = decode(ep.encoding, buf, n, pcm)
    ep.moved = ep.moved or (samples > 0 and (ep.kind != PCM or not _zeros(pcm, samples)))
    if ep.kind == V253:
        _centre(ep, pcm, samples)
    if ep.echo != NULL and ep.echo.on:
        elastic_push(&ep.inward, clean, echo_feed(ep.echo, pcm, samples, clean))
    else:
        elastic_push(&ep.inward, pcm, samples)
    ep.taken += samples
    return samples


cdef int _read_pcm(Endpoint *ep) noexcept nogil:
    cdef uint8_t buf[CHUNK + 8]
    cdef Py_ssize_t got = FULL, total = 0
    cdef int happened = 0
    while got >= FULL and total < MOST and happened == 0:
        happened = _read_some(ep, buf + 8, &got)
        total += got
        if ep.sound and got:
            _take_sound(ep, buf + 8, got)
    return happened


cdef Py_ssize_t _take_text(Endpoint *ep, const uint8_t *buf, Py_ssize_t n) noexcept nogil:
    """Text up to a stream's begin; returns the bytes used. A DLE pair inside the text does not disturb the word CONNECT."""
    cdef Py_ssize_t i
    cdef uint8_t c
    for i in range(n):
        c = buf[i]
        if ep.text_dle:
            ep.text_dle = False
            continue
        if c == DLE:
            ep.text_dle = True
            continue
        if not ep.armed:
            continue
        if c == <uint8_t>CONNECT[ep.matched]:
            ep.matched += 1
        elif ep.matched == 6 and c == <uint8_t>CONNECT[1]:
            ep.matched = 2
        else:
            ep.matched = 1 if c == <uint8_t>CONNECT[0] else 0
        if ep.matched == CONNECT_N:
            ring_push(ep.text, TEXT_SIZE, buf, i + 1)
            port_text_mode(ep)
            _start_sound(ep)
            return i + 1
    ring_push(ep.text, TEXT_SIZE, buf, n)
    return n


cdef Py_ssize_t _take_stream(Endpoint *ep, const uint8_t *buf, Py_ssize_t n) noexcept nogil:
    """Sound and events up to the stream's end; returns the bytes used."""
    cdef uint8_t sound[CHUNK + 16]
    cdef uint8_t codes[64]
    cdef uint8_t pair[2]
    cdef Py_ssize_t used, sounds, count, i
    used = dle_decode(&ep.dle, buf, n, sound + 8, &sounds, codes, &count, 64)
    if sounds:
        _take_sound(ep, sound + 8, sounds)
    pair[0] = DLE
    for i in range(count):
        pair[1] = codes[i]
        ring_push(ep.text, TEXT_SIZE, pair, 2)
        if codes[i] == ETX:
            port_text_mode(ep)
            ep.taken = 0
            ep.out_n = 0
    return used


cdef int _read_v253(Endpoint *ep, bint *spoke) noexcept nogil:
    cdef uint8_t buf[CHUNK]
    cdef Py_ssize_t got = FULL, total = 0, at
    cdef int happened = 0
    cdef uint64_t before = ep.text.written
    while got >= FULL and total < MOST and happened == 0:
        happened = _read_some(ep, buf, &got)
        total += got
        at = 0
        while at < got:
            if ep.sound:
                at += _take_stream(ep, buf + at, got - at)
            else:
                at += _take_text(ep, buf + at, got - at)
    spoke[0] = ep.text.written != before
    return happened


cdef void _read_rings(Endpoint *ep) noexcept nogil:
    cdef int16_t pcm[CHUNK]
    cdef Py_ssize_t got = 1
    while got > 0:
        got = <Py_ssize_t>ring_pull(ep.from_other, SHARED_SIZE, <uint8_t *>pcm, sizeof(pcm), 0) // 2
        ep.moved = ep.moved or (got > 0 and not (ep.far and _zeros(pcm, got)))
        if ep.sound:
            elastic_push(&ep.inward, pcm, got)


cdef int port_read(Endpoint *ep) noexcept nogil:
    """All that has come. Returns what happened to the port in the low byte, and 256 when text or events wait."""
    cdef int happened = 0
    cdef bint spoke = False
    ep.taken = 0
    ep.moved = False
    if ep.gone:
        return 0
    if ep.kind == PCM:
        happened = _read_pcm(ep)
    elif ep.kind == V253:
        happened = _read_v253(ep, &spoke)
    elif ep.kind == RINGS:
        _read_rings(ep)
    return happened | (256 if spoke else 0)


cdef void _flush(Endpoint *ep) noexcept nogil:
    """Writes what it can; the rest waits."""
    cdef Py_ssize_t n, at = 0
    while at < ep.out_n:
        n = write(ep.fd, ep.out + at, ep.out_n - at)
        if n > 0:
            at += n
            ep.bytes_out += n
        elif n < 0 and errno == EINTR:
            continue
        else:
            break
    memmove(ep.out, ep.out + at, ep.out_n - at)
    ep.out_n -= at


cdef Py_ssize_t _due(Endpoint *ep) noexcept nogil:
    """How many samples may be written now: as many as were read, and at the start or after the modem ran dry the lead again."""
    cdef Py_ssize_t silence_n, n
    cdef int16_t silence[MOST_LEAD]
    if ep.taken == 0:
        return 0
    ep.lead -= ep.taken
    if ep.lead <= 0:
        if ep.bytes_out and ep.lead < 0 and ep.outward.playing:
            ep.underruns_out += 1
            if ep.echo != NULL:
                echo_shaken(ep.echo)
        ep.lead = 0
        ep.outward.shaken = SHAKEN
        n = elastic_ready(&ep.outward)
        silence_n = ep.lead_target - n
        if silence_n > 0:  # silence in front of what there is: the lead is whole again at once
            memset(silence, 0, sizeof(silence))
            silence_n = min(silence_n, MOST_LEAD)
            _put(ep, silence, silence_n)
            ep.lead += silence_n
        ep.outward.playing = True
    return min(ep.lead_target - ep.lead, elastic_ready(&ep.outward))


cdef void _put(Endpoint *ep, const int16_t *pcm, Py_ssize_t n) noexcept nogil:
    """Samples, encoded and where needed shielded, behind what waits to be written."""
    cdef uint8_t raw[2 * MOST_LEAD]
    cdef int16_t heard[MOST_LEAD]
    cdef Py_ssize_t bytes_n
    if n <= 0:
        return
    bytes_n = encode(ep.encoding, pcm, n, raw)
    if ep.kind == V253:
        if ep.out_n + 2 * bytes_n > OUT_SIZE:
            ep.refused += n
            return
        ep.out_n += dle_encode(raw, bytes_n, ep.out + ep.out_n)
        if ep.echo.on:
            echo_played(ep.echo, heard, decode(ep.encoding, raw, bytes_n, heard))
    else:
        if ep.out_n + bytes_n > OUT_SIZE:
            ep.refused += n
            return
        memcpy(ep.out + ep.out_n, raw, bytes_n)
        ep.out_n += bytes_n


cdef void _write_sound(Endpoint *ep) noexcept nogil:
    """The tick's frame into the outgoing buffer, and out of it what is due."""
    cdef int16_t pcm[MOST_LEAD]
    cdef Py_ssize_t n, surplus
    elastic_push(&ep.outward, ep.mixed, FRAME)
    if ep.taken == 0:
        ep.idle_ticks += 1
        return
    if ep.idle_ticks >= QUIET_TICKS and elastic_level(&ep.outward) > AHEAD + FRAME:
        n = elastic_level(&ep.outward) - AHEAD - FRAME
        elastic_drop(&ep.outward, n)
        ep.stale += n
        ep.outward.shaken = SHAKEN
        elastic_settle(&ep.outward, AHEAD + ep.lead_target)
    ep.idle_ticks = 0
    n = _due(ep)
    surplus = elastic_excess(&ep.outward, AHEAD + ep.lead_target)
    n = min(n, MOST_LEAD)
    surplus = min(surplus, elastic_ready(&ep.outward) - n - 2)
    if surplus > 0 and n >= RAMP:
        elastic_splice(&ep.outward, pcm, n, surplus)
        elastic_settle(&ep.outward, AHEAD + ep.lead_target)
    elif n > 0:
        elastic_pull(&ep.outward, pcm, n)
    if n > 0:
        _put(ep, pcm, n)
        ep.lead += n
    elastic_control(&ep.outward, elastic_level(&ep.outward) + ep.lead, AHEAD + ep.lead_target)


cdef void _write_pcm(Endpoint *ep) noexcept nogil:
    if ep.sound:
        _write_sound(ep)
    _flush(ep)
    ep.untaken = ep.untaken + 1 if ep.out_n > 1 and ep.sound else 0
    if ep.out_n:  # it takes nothing: old sound is worth nothing later; keep the second byte of a split sample
        ep.refused += ep.out_n // 2
        ep.lead -= ep.out_n // 2
        ep.out_n = ep.out_n & 1


cdef void _take_orders(Endpoint *ep) noexcept nogil:
    """Commands, outside a stream only; each arms or disarms the wait for CONNECT."""
    cdef uint8_t head[3]
    cdef Py_ssize_t n
    while ep.out_n == 0 and not ep.sound and ring_waiting(ep.orders) >= 3:
        ring_pull(ep.orders, ORDER_SIZE, head, 3, 0)
        n = head[0] | head[1] << 8
        n = min(n, OUT_SIZE)
        ep.out_n = <Py_ssize_t>ring_pull(ep.orders, ORDER_SIZE, ep.out, n, 0)
        ep.armed = head[2]
        ep.matched = 0
        _flush(ep)


cdef void _take_escapes(Endpoint *ep) noexcept nogil:
    """Shielded commands, inside a stream only; those that end it end our sound too. Outside they are void."""
    cdef uint8_t head[3]
    cdef Py_ssize_t n
    cdef uint8_t last
    while ring_waiting(ep.escapes) >= 3 and not (ep.armed and not ep.sound):
        ring_pull(ep.escapes, ORDER_SIZE, head, 3, 0)
        n = head[0] | head[1] << 8
        if ep.out_n + n > OUT_SIZE:
            ep.out_n = 0
        n = <Py_ssize_t>ring_pull(ep.escapes, ORDER_SIZE, ep.out + ep.out_n, n, 0)
        if not ep.sound or n == 0:
            continue
        ep.out_n += n
        last = ep.out[ep.out_n - 1]
        if last == ETX or last == b"^" or last == b"!" or last == 0x1B:
            ep.stopping = True


cdef void _write_v253(Endpoint *ep) noexcept nogil:
    _flush(ep)
    _take_escapes(ep)
    if ep.sound:
        if not ep.stopping:
            ep.untaken = ep.untaken + 1 if ep.out_n > OUT_SIZE // 2 else 0
            if ep.untaken:
                ep.taken = 0  # it takes nothing: do not pile up
            _write_sound(ep)
        _flush(ep)
    else:
        _take_orders(ep)


cdef void port_write(Endpoint *ep) noexcept nogil:
    if ep.gone:
        return
    if ep.kind == PCM:
        _write_pcm(ep)
    elif ep.kind == V253:
        _write_v253(ep)
    elif ep.kind == RINGS:
        if ep.far and not ep.sound:
            memset(ep.mixed, 0, sizeof(ep.mixed))
        ring_push(ep.to_other, SHARED_SIZE, <const uint8_t *>ep.mixed, FRAME * sizeof(int16_t))
