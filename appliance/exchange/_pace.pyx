"""The modems' own 8 kHz clocks: sound between a pseudo-terminal and a far end, for all trunks, on one thread.
Why Cython: the clock of a modem does not stop while Python holds the GIL; a Python thread loses 9 % of its 20 ms frames.
Oracle: tests/appliance/exchange/test_pace.py drives step() with a virtual time over socket pairs.
Memory: everything stands under one mutex, held for microseconds; the thread never needs the GIL and never allocates.
"""

from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport int16_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy, memmove, memset
from posix.time cimport timespec
from posix.unistd cimport close, read, write

import numpy as np

cdef extern from *:
    """
    #include <pthread.h>
    #include <sched.h>
    /* A modem has a processor of its own: the thread that stands for it comes before ordinary work, where the system lets us. */
    static void pace_come_first(void) {
        struct sched_param wanted = {.sched_priority = 40};
        (void)pthread_setschedparam(pthread_self(), SCHED_FIFO, &wanted);
    }
    /* Who holds the lock inherits the thread's turn, so that Python cannot keep it waiting. */
    static int pace_lock_init(pthread_mutex_t *lock) {
        pthread_mutexattr_t attr;
        pthread_mutexattr_init(&attr);
        pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT);
        return pthread_mutex_init(lock, &attr);
    }
    """
    void pace_come_first() noexcept nogil

cdef extern from "<pthread.h>" nogil:
    ctypedef struct pthread_mutex_t:
        pass
    int pace_lock_init(pthread_mutex_t *)
    int pthread_mutex_lock(pthread_mutex_t *)
    int pthread_mutex_unlock(pthread_mutex_t *)

cdef extern from "<time.h>" nogil:
    int clock_gettime(int, timespec *)
    int clock_nanosleep(int, int, const timespec *, timespec *)
    enum:
        CLOCK_MONOTONIC
        TIMER_ABSTIME

cdef extern from "<sys/ioctl.h>" nogil:
    int ioctl(int, unsigned long, ...)
    enum:
        FIONREAD

cdef extern from "<sys/eventfd.h>" nogil:
    int eventfd(unsigned int, int)
    enum:
        EFD_NONBLOCK
        EFD_CLOEXEC

cdef enum:
    CHANNELS = 64
    PLAY = 8192  # samples the modem can hold of what the host wrote
    EAR = 131072  # samples heard and not fetched yet, 16 s
    OUT = 16384  # bytes on their way to the host
    TEXT = 8192  # bytes that came after a stream's end
    EVENTS = 256
    BURST = 160  # 20 ms, as USB delivers
    ECHO = 512  # room for the hybrid's delay: 64 ms
    START = 400  # 50 ms in the play-out buffer before it begins
    FULL = 1600  # 200 ms: an older sample is dropped
    UNHEARD = 800  # 100 ms
    STEP_NS = 5000000
    STALL_NS = 60000000  # we slept longer: that time is lost, not made up for

cdef enum:
    OFF = 0  # the port is Python's
    DRAIN = 1  # read and forget
    PCM = 2  # 16 bit, little-endian
    SHIELDED = 3  # one byte a sample, <DLE> doubled

cdef enum:
    LINEAR16 = 0
    UNSIGNED8 = 1
    SIGNED8 = 2
    ULAW = 3
    ALAW = 4

cdef struct Chan:
    int used, fd, slave, mode, codec, sending, receiving, duplex, live, mute, deaf, dumb
    double rate, owed
    int carry, dle, starting, ending, drought
    int unheard  # samples sent since the host last wrote
    const int16_t *loop
    Py_ssize_t loop_n, loop_at
    const int16_t *once
    Py_ssize_t once_n, once_at
    const int16_t *inject
    Py_ssize_t inject_n, inject_at
    double echo
    int16_t echo_line[ECHO]
    int echo_at, echo_late
    int16_t burst[BURST]
    int burst_n
    int16_t play[PLAY]
    int play_at, play_n
    int16_t *ear
    Py_ssize_t ear_at, ear_n
    uint8_t out[OUT]
    int out_n
    uint8_t text[TEXT]
    int text_n
    uint8_t events[EVENTS]
    int events_n
    int64_t produced, dropped, underrun, overrun, lost_ear

cdef int16_t FROM_ULAW[256]
cdef int16_t FROM_ALAW[256]


cdef int16_t ulaw_sample(int code) noexcept nogil:
    """G.711 mu-law, expanded to 16 bit."""
    cdef int value = ~code & 0xFF
    cdef int size = (((value & 0x0F) << 3) + 0x84) << ((value >> 4) & 7)
    return <int16_t>(0x84 - size if value & 0x80 else size - 0x84)


cdef int16_t alaw_sample(int code) noexcept nogil:
    """G.711 A-law, expanded to 16 bit."""
    cdef int value = code ^ 0x55
    cdef int size = (value & 0x0F) << 4
    cdef int segment = (value >> 4) & 7
    size += 8 if segment == 0 else 0x108
    if segment > 1:
        size <<= segment - 1
    return <int16_t>(size if value & 0x80 else -size)


cdef uint8_t to_ulaw(int sample) noexcept nogil:
    cdef int sign = 0x80 if sample < 0 else 0
    cdef int size = -sample if sample < 0 else sample
    cdef int segment = 7
    if size > 32635:
        size = 32635
    size += 0x84
    while segment > 0 and not size & (0x80 << segment):
        segment -= 1
    return <uint8_t>(~(sign | (segment << 4) | ((size >> (segment + 3)) & 0x0F)) & 0xFF)


cdef uint8_t to_alaw(int sample) noexcept nogil:
    cdef int sign = 0x80 if sample >= 0 else 0
    cdef int size = (sample if sample >= 0 else ~sample) >> 3
    cdef int segment = 0
    cdef int high = size >> 5
    while high:
        segment += 1
        high >>= 1
    if segment > 7:
        segment = 7
    cdef int low = (size >> 1) & 0x0F if segment < 2 else (size >> segment) & 0x0F
    return <uint8_t>((sign | (segment << 4) | low) ^ 0x55)


cdef uint8_t encode(int codec, int sample) noexcept nogil:
    if codec == ULAW:
        return to_ulaw(sample)
    if codec == ALAW:
        return to_alaw(sample)
    sample = (sample + 128) >> 8
    if sample > 127:
        sample = 127
    return <uint8_t>(sample & 0xFF if codec == SIGNED8 else sample + 128)


cdef int16_t decode(int codec, uint8_t code) noexcept nogil:
    if codec == ULAW:
        return FROM_ULAW[code]
    if codec == ALAW:
        return FROM_ALAW[code]
    cdef int value = code if codec == UNSIGNED8 else code ^ 0x80
    return <int16_t>((value - 128) << 8)


cdef int64_t now_ns() noexcept nogil:
    cdef timespec t
    clock_gettime(CLOCK_MONOTONIC, &t)
    return <int64_t>t.tv_sec * 1000000000 + t.tv_nsec


cdef void push(Chan *c, int16_t sample) noexcept nogil:
    if c.play_n == PLAY:
        c.play_at = (c.play_at + 1) % PLAY
        c.play_n -= 1
        c.overrun += 1
    c.play[(c.play_at + c.play_n) % PLAY] = sample
    c.play_n += 1


cdef void event(Chan *c, uint8_t code) noexcept nogil:
    if c.events_n < EVENTS:
        c.events[c.events_n] = code
        c.events_n += 1


cdef void keep_newest(Chan *c, int samples) noexcept nogil:
    cdef int drop = c.play_n - samples
    if drop > 0:
        c.play_at = (c.play_at + drop) % PLAY
        c.play_n -= drop
        c.overrun += drop


cdef void stream_end(Chan *c, uint8_t code) noexcept nogil:
    """The host ended the stream: the port is Python's again."""
    c.mode = OFF
    c.sending = c.receiving = c.burst_n = 0
    event(c, code)


cdef Py_ssize_t take_shielded(Chan *c, const uint8_t *data, Py_ssize_t n) noexcept nogil:
    """Sound and commands of the host; returns how many bytes belong to the stream."""
    cdef Py_ssize_t i
    cdef uint8_t b
    for i in range(n):
        b = data[i]
        if not c.dle:
            if b == 0x10:
                c.dle = 1
            elif c.receiving and not c.ending:
                push(c, decode(c.codec, b))
            continue
        c.dle = 0
        if b == 0x10 or b == 0x1A:
            if c.receiving and not c.ending:
                push(c, decode(c.codec, 0x10))
                if b == 0x1A:
                    push(c, decode(c.codec, 0x10))
        elif b == 0x18:  # CAN: forget what is not played yet
            c.play_n = 0
        elif b == 0x03 and c.receiving:
            c.ending = 1
            if not c.duplex:
                if c.play_n == 0:
                    stream_end(c, 1)
                else:
                    c.starting = 0
                    c.mode = OFF  # what follows is text, while the rest is played
                return i + 1
        elif c.duplex and b == 0x5E:
            stream_end(c, b)
            return i + 1
        elif not c.duplex and c.sending and (b == 0x21 or b == 0x1B):
            stream_end(c, b)
            return i + 1
        else:
            event(c, b | 0x80)
    return n


cdef void take_pcm(Chan *c, const uint8_t *data, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        if c.carry < 0:
            c.carry = data[i]
        else:
            push(c, <int16_t>(c.carry | (data[i] << 8)))
            c.carry = -1


cdef void keep_text(Chan *c, const uint8_t *data, Py_ssize_t n) noexcept nogil:
    if n > TEXT - c.text_n:
        n = TEXT - c.text_n
    if n > 0:
        memcpy(&c.text[c.text_n], data, n)
        c.text_n += <int>n
        event(c, 0)


cdef void take_in(Chan *c) noexcept nogil:
    """All that the host wrote. A half-duplex play-out buffer that is full reads no more, as a modem would drop CTS."""
    cdef uint8_t data[4096]
    cdef Py_ssize_t n, used, total = 0
    cdef Py_ssize_t want
    while c.mode != OFF and total < 65536:
        want = sizeof(data)
        if c.mode == SHIELDED and c.receiving and not c.duplex:
            if c.play_n >= FULL:
                return
            want = 512
        n = read(c.fd, data, want)
        if n <= 0:
            return
        total += n
        c.unheard = 0
        if c.mode == PCM:
            take_pcm(c, data, n)
        elif c.mode == SHIELDED:
            used = take_shielded(c, data, n)
            if used < n:
                keep_text(c, &data[used], n - used)


cdef void flush(Chan *c) noexcept nogil:
    cdef Py_ssize_t n
    if c.fd < 0 or c.out_n == 0:
        return
    n = write(c.fd, c.out, c.out_n)
    if n > 0:
        c.out_n -= <int>n
        if c.out_n:
            memmove(c.out, &c.out[n], c.out_n)


cdef void send_burst(Chan *c) noexcept nogil:
    """20 ms to the host, unless it has left 200 ms unfetched: then the modem drops the new.

    The queue is asked for only where the host has written nothing for 100 ms: asking takes the terminal's lock for writing, and the host's
    own reading and writing would wait behind it, which no wire does.
    """
    cdef int waiting = 0, i, limit
    cdef uint8_t b
    c.burst_n = 0
    c.unheard += BURST
    if c.slave < 0 or c.unheard < UNHEARD or ioctl(c.slave, FIONREAD, &waiting) != 0:
        waiting = 0
    limit = FULL * (2 if c.mode == PCM else 1)
    if waiting + c.out_n + (2 * BURST if c.mode == PCM else BURST) > limit or c.out_n > OUT - 2 * BURST:
        c.dropped += BURST
        return
    for i in range(BURST):
        if c.mode == PCM:
            c.out[c.out_n] = <uint8_t>(c.burst[i] & 0xFF)
            c.out[c.out_n + 1] = <uint8_t>((c.burst[i] >> 8) & 0xFF)
            c.out_n += 2
        else:
            b = encode(c.codec, c.burst[i])
            c.out[c.out_n] = b
            c.out_n += 1
            if b == 0x10:
                c.out[c.out_n] = b
                c.out_n += 1


cdef int far_speaks(Chan *c) noexcept nogil:
    cdef int sample = 0
    if c.once_at < c.once_n:
        sample = c.once[c.once_at]
        c.once_at += 1
    elif c.loop_n:
        sample = c.loop[c.loop_at]
        c.loop_at = c.loop_at + 1 if c.loop_at + 1 < c.loop_n else 0
    return sample


cdef int host_speaks(Chan *c) noexcept nogil:
    """The next sample of the play-out buffer; silence while it fills for the first time, or ran dry."""
    cdef int sample
    if c.play_n == 0:
        c.drought += 1
        if c.drought > 800:
            c.starting = 1
        elif not c.starting:
            c.underrun += 1
        return 0
    if c.starting:
        if c.play_n < START and not c.ending:
            return 0
        c.starting = 0
    c.drought = 0
    sample = c.play[c.play_at]
    c.play_at = (c.play_at + 1) % PLAY
    c.play_n -= 1
    return sample


cdef void one_sample(Chan *c) noexcept nogil:
    cdef int down = far_speaks(c)
    cdef int up = host_speaks(c)
    cdef double echoed
    if c.inject_at < c.inject_n:
        up = c.inject[c.inject_at]
        c.inject_at += 1
    if c.mute:
        down = up = 0
    if c.echo > 0:
        echoed = down + c.echo * c.echo_line[(c.echo_at + ECHO - c.echo_late) % ECHO]
        down = <int>(32767 if echoed > 32767 else -32768 if echoed < -32768 else echoed)
    c.echo_line[c.echo_at] = <int16_t>up
    c.echo_at = (c.echo_at + 1) % ECHO
    if c.live:
        if c.ear_n < EAR:
            c.ear[(c.ear_at + c.ear_n) % EAR] = <int16_t>up
            c.ear_n += 1
        else:
            c.lost_ear += 1
    c.produced += 1
    if c.sending and not c.dumb:
        c.burst[c.burst_n] = <int16_t>down
        c.burst_n += 1
        if c.burst_n == BURST:
            send_burst(c)


cdef void step_channel(Chan *c, int64_t elapsed, int stalled) noexcept nogil:
    cdef int n, i
    c.owed += elapsed * c.rate
    n = <int>c.owed
    c.owed -= n
    if c.fd >= 0 and c.mode != OFF and not c.deaf:
        take_in(c)
        if stalled or (c.play_n > FULL and (c.mode == PCM or c.duplex)):
            keep_newest(c, START)
    for i in range(n):
        one_sample(c)
    if c.ending and c.receiving and not c.duplex and c.play_n == 0:
        stream_end(c, 1)
    flush(c)


cdef class Engine:
    """All channels and the thread that paces them. `event_fd` is readable when a channel has events or text."""

    cdef Chan *channels
    cdef pthread_mutex_t lock
    cdef int64_t last
    cdef int stopping
    cdef readonly int event_fd
    cdef readonly int64_t stalls

    def __cinit__(self):
        self.channels = <Chan *>calloc(CHANNELS, sizeof(Chan))
        if self.channels == NULL:
            raise MemoryError
        pace_lock_init(&self.lock)
        self.event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)
        self.last = -1

    def __dealloc__(self):
        cdef int i
        for i in range(CHANNELS):
            free(self.channels[i].ear)
        free(self.channels)
        close(self.event_fd)

    cdef void _step(self, int64_t now) noexcept nogil:
        cdef int64_t elapsed = now - self.last
        cdef int i, stalled = 0, waiting = 0
        cdef uint64_t one = 1
        if self.last < 0 or elapsed < 0:
            elapsed = 0
        if elapsed > STALL_NS:
            elapsed = STEP_NS
            stalled = 1
            self.stalls += 1
        self.last = now
        pthread_mutex_lock(&self.lock)
        for i in range(CHANNELS):
            if self.channels[i].used:
                step_channel(&self.channels[i], elapsed, stalled)
                waiting |= self.channels[i].events_n
        pthread_mutex_unlock(&self.lock)
        if waiting:
            write(self.event_fd, &one, sizeof(one))

    def step(self, int64_t now_ns):
        """One step of all channels up to `now_ns`: the thread's body as a plain function of time."""
        with nogil:
            self._step(now_ns)

    def run(self):
        """The thread's body: 5 ms steps on absolute deadlines, until stop()."""
        cdef int64_t due, now
        cdef timespec at
        with nogil:
            pace_come_first()
            due = now_ns()
            while not self.stopping:
                due += STEP_NS
                at.tv_sec = due // 1000000000
                at.tv_nsec = due % 1000000000
                clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL)
                now = now_ns()
                self._step(now)
                if now - due > STALL_NS:
                    due = now

    def stop(self):
        self.stopping = 1

    def open(self):
        """A new channel, with no port yet."""
        cdef int i
        for i in range(CHANNELS):
            if not self.channels[i].used:
                return Channel(self, i)
        raise RuntimeError("all channels of the pace are in use")


cdef class Channel:
    """One modem's sound: what the far end says goes to the port, what the port brings goes to the far end's ear."""

    cdef Engine engine
    cdef Chan *c
    cdef object held

    def __init__(self, Engine engine, int index):
        self.engine = engine
        self.c = &engine.channels[index]
        self.held = {}
        self._lock()
        if self.c.ear == NULL:
            self.c.ear = <int16_t *>calloc(EAR, sizeof(int16_t))
        self.c.fd = self.c.slave = self.c.carry = -1
        self.c.rate = 8000.0 / 1e9
        self.c.used = 1
        self._unlock()

    cdef void _lock(self) noexcept nogil:
        pthread_mutex_lock(&self.engine.lock)

    cdef void _unlock(self) noexcept nogil:
        pthread_mutex_unlock(&self.engine.lock)

    def attach(self, int fd, int slave):
        """`fd` is the pseudo-terminal's master (non-blocking), `slave` our own open end of it, or -1: its queue is measured."""
        self._lock()
        self.c.fd = fd
        self.c.slave = slave
        self.c.out_n = self.c.text_n = 0
        self._unlock()

    def detach(self):
        self._lock()
        self.c.fd = self.c.slave = -1
        self.c.out_n = self.c.text_n = 0
        self._unlock()

    def set_ppm(self, double ppm):
        """The crystal's error in parts per million; positive is fast."""
        self._lock()
        self.c.rate = 8000.0 * (1.0 + ppm * 1e-6) / 1e9
        self._unlock()

    def set_echo(self, level_db, double late_ms=4):
        """The hybrid's echo below what the host sends, in dB, after 1..60 ms; None: none."""
        self._lock()
        self.c.echo_late = <int>(late_ms * 8)
        self.c.echo = 0.0 if level_db is None else 10.0 ** (-abs(float(level_db)) / 20.0)
        self._unlock()

    def set_faults(self, bint mute=False, bint deaf=False, bint dumb=False):
        """mute: silence both ways. deaf: what the host writes is not read. dumb: no sound is sent."""
        self._lock()
        self.c.mute = mute
        self.c.deaf = deaf
        self.c.dumb = dumb
        self._unlock()

    def say(self, loop):
        """What the far end says without end: an int16 array, or None."""
        array = None if loop is None else np.ascontiguousarray(loop, dtype=np.int16)
        cdef const int16_t[::1] view
        self._lock()
        if array is None or not len(array):
            self.c.loop_n = 0
        else:
            view = array
            self.c.loop = &view[0]
            self.c.loop_n = view.shape[0]
        self.c.loop_at = 0
        self._unlock()
        self.held["loop"] = array

    def say_once(self, sound):
        """This instead of the loop, from now on and once; None stops it."""
        array = None if sound is None else np.ascontiguousarray(sound, dtype=np.int16)
        cdef const int16_t[::1] view
        self._lock()
        self.c.once_n = self.c.once_at = 0
        if array is not None and len(array):
            view = array
            self.c.once = &view[0]
            self.c.once_n = view.shape[0]
        self._unlock()
        self.held["once"] = array

    @property
    def once_at(self):
        """How many samples of say_once() have passed."""
        return self.c.once_at

    @property
    def once_done(self):
        return self.c.once_at >= self.c.once_n

    def tone_to_far_end(self, sound):
        """The modem's or network's own tone to the far end (AT+VTS), instead of the host's sound; after one that still sounds."""
        array = np.ascontiguousarray(sound, dtype=np.int16)
        if self.c.inject_at < self.c.inject_n:
            array = np.concatenate([self.held["inject"][self.c.inject_at :], array])
        cdef const int16_t[::1] view = array
        self._lock()
        self.c.inject = &view[0]
        self.c.inject_n = view.shape[0]
        self.c.inject_at = 0
        self._unlock()
        self.held["inject"] = array

    def listen(self, bint on):
        """Whether the far end's ear is there: from now on every sample of the modem's clock is one that it hears."""
        self._lock()
        self.c.live = on
        self.c.ear_n = 0
        self._unlock()

    def heard(self):
        """What the far end heard since last time."""
        cdef Py_ssize_t n, first
        self._lock()
        n = self.c.ear_n
        self._unlock()
        sound = np.empty(n, dtype=np.int16)
        cdef int16_t[::1] view = sound
        if n == 0:
            return sound
        self._lock()
        n = min(n, self.c.ear_n)
        first = min(n, EAR - self.c.ear_at)
        memcpy(&view[0], &self.c.ear[self.c.ear_at], first * 2)
        if n > first:
            memcpy(&view[first], self.c.ear, (n - first) * 2)
        self.c.ear_at = (self.c.ear_at + n) % EAR
        self.c.ear_n -= n
        self._unlock()
        return sound[:n]

    cdef void _begin(self, int mode) noexcept nogil:
        self.c.mode = mode
        self.c.play_at = self.c.play_n = self.c.burst_n = 0
        self.c.carry = -1
        self.c.dle = self.c.ending = self.c.drought = 0
        self.c.starting = 1

    def pcm(self, bint on):
        """A port of 16 bit sound: on, both ways; off, what comes is read and forgotten."""
        self._lock()
        self._begin(PCM if on else DRAIN)
        self.c.codec = LINEAR16
        self.c.sending = self.c.receiving = on
        self.c.duplex = 1
        self._unlock()

    def stream(self, int codec, bint sending, bint receiving, bytes rest=b""):
        """A shielded stream begins: sending is modem to host. `rest`: what the host has already sent after its command."""
        cdef const uint8_t *data = rest
        cdef Py_ssize_t used
        self._lock()
        self._begin(SHIELDED)
        self.c.codec = codec
        self.c.sending = sending
        self.c.receiving = receiving
        self.c.duplex = sending and receiving
        used = take_shielded(self.c, data, len(rest))
        if used < len(rest):
            keep_text(self.c, data + used, len(rest) - used)
        self._unlock()

    def idle(self):
        """The port is Python's: nothing is read, no sound sent."""
        self._lock()
        self._begin(OFF)
        self.c.sending = self.c.receiving = 0
        self._unlock()

    def send(self, bytes data):
        """Bytes to the host behind those already on their way, never inside a pair; beyond 16 kB they are lost."""
        cdef const uint8_t *source = data
        cdef Py_ssize_t n = len(data)
        self._lock()
        if n > OUT - self.c.out_n:
            n = OUT - self.c.out_n
        memcpy(&self.c.out[self.c.out_n], source, n)
        self.c.out_n += <int>n
        flush(self.c)
        self._unlock()

    def events(self):
        """Codes after <DLE> that ended a stream; 1: a play-out ended, 0: text waits, 128 and above: codes that changed nothing."""
        self._lock()
        data = PyBytes_FromStringAndSize(<char *>self.c.events, self.c.events_n)
        self.c.events_n = 0
        self._unlock()
        return data

    def text(self):
        """What the host wrote after the end of a stream."""
        self._lock()
        data = PyBytes_FromStringAndSize(<char *>self.c.text, self.c.text_n)
        self.c.text_n = 0
        self._unlock()
        return data

    def figures(self):
        """Samples since the channel opened."""
        return {
            "produced": self.c.produced,
            "dropped": self.c.dropped,
            "underrun": self.c.underrun,
            "overrun": self.c.overrun,
            "waiting": self.c.play_n,
            "lost_ear": self.c.lost_ear,
        }


def _tables():
    cdef int i
    for i in range(256):
        FROM_ULAW[i] = ulaw_sample(i)
        FROM_ALAW[i] = alaw_sample(i)


_tables()


def transcode(samples, int codec):
    """Samples through a codec and back: what a line with it would leave of them."""
    return np.array([decode(codec, encode(codec, int(s))) for s in samples], dtype=np.int16)


def encoded(samples, int codec):
    """The bytes of samples in a codec, not shielded."""
    return bytes(encode(codec, int(s)) for s in samples)
