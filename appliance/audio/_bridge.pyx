"""The 20 ms voice path: endpoints, who hears whom, taps, and the thread that does it all (A4 A7).

Why Cython: a tick ends within 20 ms while Python holds the GIL for longer. Figures: bench/bench_audio.py
Oracle: reference.py, compared sample by sample in tests/appliance/audio/test_bridge.py
Memory: Python allocates before an order is given and frees after it is done; the tick allocates nothing and takes no lock.
Orders cross by a ring of fixed records; taps, text, events come back by rings. `done` counts the orders carried out.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.errno cimport EINTR, errno
from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.math cimport log10
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy, memset

from appliance.audio._answer cimport BEEP, MACHINE, PERSON, answer_begin, answer_feed
from appliance.audio._detect cimport ToneTable, Tones, cadence_feed, cadence_reset, keys_feed, keys_reset
from appliance.audio._dsp cimport (
    FRAME,
    Encoding,
    apply_gain,
    crossfade,
    dots,
    energy,
    interleave,
    mix_matrix,
    mix_one,
    mix_scaled,
    mix_store,
    scale_sum,
)
from appliance.audio._echo cimport Echo, echo_loss, echo_reset
from appliance.audio._elastic cimport elastic_frame, elastic_level
from appliance.audio._level cimport level_frame, level_heard, level_reset
from appliance.audio._port cimport (
    BEEPED,
    BY_MACHINE,
    BY_PERSON,
    ENDPOINTS,
    IN_PATIENT,
    IN_RINGS,
    IN_TARGET,
    LEAD,
    NOT_TAKEN,
    NO_SOUND,
    ORDER_SIZE,
    PCM,
    PLAY_END,
    RINGS,
    SOUND_AGAIN,
    SOURCE,
    TEXT_SIZE,
    UNITY,
    UNKNOWN,
    V253,
    Endpoint,
    Heard,
    port_read,
    port_sound,
    port_resume,
    port_text_mode,
    port_write,
)
from appliance.audio._ring cimport Ring, SharedRings, ring_new, ring_offer, ring_pull, ring_room, ring_waiting, seat_load, seat_store

import os
import time
import numpy as np

from appliance.audio._dsp import encoding_code

cdef enum:
    TAPS = 64
    EVENT_ROOM = 65536  # bytes
    ORDER_ROOM = 65536
    TAP_BYTES = 1 << 20  # 32 s of two channels
    CATCH_UP = 3  # ticks in a row after a late one: as deep as the buffers; more are skipped
    BUCKETS = 1024
    PRIORITY = 50
    DEAD_TICKS = 100  # 2 s without sound in a direction where there must be some
    FLOOR_TICKS = 250
    VOICE_TICKS = 15  # a pause of 0.3 s is none
    SPOKEN_TICKS = 10  # and one of 0.2 s belongs to what P.56 measures
    DEEPER = 5  # bits that a loud frame's samples lose, so that 32 hold the sums of their products

cdef int64_t PERIOD_NS = 20_000_000
cdef int16_t SILENCE[FRAME]
cdef int64_t LEAST_VOICE = FRAME * 100 * 100 // 2  # energy of a frame: -50 dBFS
cdef double LOUDEST_HISS = 13485.0  # mean square: -46 dBFS, so that no second of it is above -45
cdef double HISS = 1.5 / FRAME  # of the quietest frame of 5 s: the mean of its like is so much above it (Martin 2001)
cdef double NO_TONE = 0.01  # the share of a noise that two samples before do not foretell; of a tone, in G.711 too, it is less
cdef float DULLEST = 0.9

cdef extern from * nogil:
    """
    #include <errno.h>
    #include <pthread.h>
    #include <sched.h>
    #include <stdint.h>
    #include <sys/eventfd.h>
    #include <sys/mman.h>
    #include <sys/prctl.h>
    #include <sys/resource.h>
    #include <time.h>
    #include <unistd.h>

    static int64_t seat_now_ns(void) {
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return t.tv_sec * 1000000000LL + t.tv_nsec;
    }
    static void seat_sleep_until(int64_t ns) {
        struct timespec t = {ns / 1000000000LL, ns % 1000000000LL};
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, 0) == EINTR) {}
    }
    static void seat_name_thread(void) {
        prctl(PR_SET_NAME, "seatbox-audio", 0, 0, 0);
        prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
    }
    /* 1: real-time, 0: ordinary, < 0: no thread */
    static int seat_thread(pthread_t *thread, void *(*run)(void *), void *arg, int priority) {
        pthread_attr_t attr;
        struct sched_param wanted = {.sched_priority = priority};
        pthread_attr_init(&attr);
        pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
        pthread_attr_setschedpolicy(&attr, SCHED_FIFO);
        pthread_attr_setschedparam(&attr, &wanted);
        if (priority > 0 && pthread_create(thread, &attr, run, arg) == 0) return 1;
        return pthread_create(thread, 0, run, arg) == 0 ? 0 : -1;
    }
    /* what is touched stays in memory, where our limit does not make later allocations fail */
    static int seat_lock_memory(void) {
        struct rlimit limit;
        if (geteuid() != 0 && (getrlimit(RLIMIT_MEMLOCK, &limit) || limit.rlim_cur != RLIM_INFINITY)) return 0;
        return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
    }
    """
    ctypedef unsigned long pthread_t
    int64_t seat_now_ns()
    void seat_sleep_until(int64_t ns)
    void seat_name_thread()
    int seat_thread(pthread_t *thread, void *(*run)(void *) noexcept nogil, void *arg, int priority)
    int seat_lock_memory()
    int pthread_join(pthread_t thread, void **result)
    int eventfd(unsigned int start, int flags)
    int EFD_NONBLOCK, EFD_CLOEXEC
    Py_ssize_t c_write "write"(int fd, const void *buf, size_t n)
    int __builtin_ctzll(uint64_t x)


cdef enum Op:
    ADD
    REMOVE
    SOUND
    WEIGHT
    HEARS
    PLAY
    ENCODING
    GAIN
    GAIN_TO
    FIND
    TONES
    ANSWER
    CANCEL
    LEVEL
    TEXT_MODE
    RESUME
    TAP_ADD
    TAP_RIGHT
    TAP_END
    TAP_FREE


cdef struct Order:
    int32_t op
    int32_t at
    uint64_t a
    void *p
    int64_t n


cdef struct Event:
    int32_t ep
    int32_t code
    int64_t tick


cdef struct Tap:
    Ring *ring
    int left
    uint64_t right
    uint64_t owed  # frames of silence that belong before the next sound: skipped ticks, or there was no room
    uint64_t lost
    bint ended


cdef struct State:
    Endpoint *eps[ENDPOINTS]
    uint64_t active
    Tap *taps[TAPS]
    uint64_t tapped  # which of them there are
    Ring *orders
    Ring *events
    uint64_t done
    uint64_t stop
    int event_fd
    bint wake
    int64_t tick
    int64_t next_ns
    uint64_t ran, late, skipped
    int64_t worst_ns, work_ns, worst_work_ns
    uint64_t histogram[BUCKETS]


cdef int _bucket(int64_t late_ns) noexcept nogil:
    """Lateness in us to a bucket: exact to 32 us, then 32 buckets an octave (3 %)."""
    cdef int64_t us = late_ns // 1000
    cdef int octave = 0
    if us < 0:
        us = 0
    while us >= 64:
        us >>= 1
        octave += 1
    return min(<int>(us + octave * 32), BUCKETS - 1)


cdef double _bucket_us(int bucket):
    if bucket < 64:
        return bucket
    octave = (bucket - 32) // 32
    return float((bucket - octave * 32) << octave)


cdef void _tell(State *s, int ep, int code) noexcept nogil:
    cdef Event event
    event.ep = ep
    event.code = code
    event.tick = s.tick
    ring_offer(s.events, EVENT_ROOM, <const uint8_t *>&event, sizeof(event))
    s.wake = True


cdef void _switch(Endpoint *ep) noexcept nogil:
    """Remembers what is heard now; the next tick fades from it."""
    if not ep.switched:
        ep.switched = True
        ep.before = ep.heard


cdef void _hears(Endpoint *ep, uint64_t sources) noexcept nogil:
    """Another row of the matrix, with the weights that were told before it; they are 1 again afterwards."""
    cdef int i
    _switch(ep)
    ep.heard.sources = sources
    ep.heard.scaled = 0
    for i in range(ENDPOINTS):
        ep.heard.weight[i] = ep.weights[i]
        if ep.weights[i] != UNITY:
            ep.heard.scaled |= <uint64_t>1 << i
        ep.weights[i] = UNITY


cdef void _play(Endpoint *ep, int16_t *tune, Py_ssize_t n, bint loop, int16_t weight) noexcept nogil:
    _switch(ep)
    ep.heard.tune = tune
    ep.heard.n = n
    ep.heard.at = 0
    ep.heard.loop = loop
    ep.heard.tune_weight = weight


cdef void _forget(State *s, int at) noexcept nogil:
    """Nobody hears or records this endpoint any more: its number may be given to another."""
    cdef uint64_t bit = <uint64_t>1 << at
    cdef int i
    s.active &= ~bit
    s.eps[at] = NULL
    for i in range(ENDPOINTS):
        if s.eps[i] != NULL:
            s.eps[i].heard.sources &= ~bit
            s.eps[i].before.sources &= ~bit
    for i in range(TAPS):
        if s.taps[i] != NULL:
            s.taps[i].right &= ~bit
            if s.taps[i].left == at:
                s.taps[i].left = -1


cdef void _carry_out(State *s, Order *order) noexcept nogil:
    cdef Endpoint *ep = s.eps[order.at] if order.op < TAP_ADD else NULL
    cdef Tap *tap = s.taps[order.at] if order.op >= TAP_ADD else NULL
    if order.op == ADD:
        s.eps[order.at] = <Endpoint *>order.p
        s.active |= <uint64_t>1 << order.at
    elif order.op == TAP_ADD:
        s.taps[order.at] = <Tap *>order.p
        s.tapped |= <uint64_t>1 << order.at
    elif ep != NULL:
        if order.op == REMOVE:
            _forget(s, order.at)
        elif order.op == SOUND:
            port_sound(ep, order.a != 0)
            ep.answer.on = ep.answer.on and order.a != 0
        elif order.op == WEIGHT:
            ep.weights[order.a] = <int16_t>order.n
        elif order.op == HEARS:
            _hears(ep, order.a)
        elif order.op == PLAY:
            _play(ep, <int16_t *>order.p, order.n, order.a & 1, <int16_t>(order.a >> 1))
        elif order.op == ENCODING:
            ep.encoding = <Encoding>order.a
        elif order.op == GAIN:
            ep.gain = <int16_t>order.a
            _limit_hiss(ep)
        elif order.op == GAIN_TO:
            _switch(ep)
            ep.heard.gain = <int16_t>order.a
        elif order.op == FIND:
            ep.find_keys = order.a & 1
            ep.find_tones = order.a & 2
        elif order.op == TONES:
            ep.cadence.tones = <ToneTable *>order.p
            cadence_reset(&ep.cadence)
        elif order.op == ANSWER:
            answer_begin(&ep.answer)
        elif order.op == CANCEL and ep.echo != NULL:
            ep.echo.on = order.a != 0
            echo_reset(ep.echo)
        elif order.op == LEVEL:
            ep.level.on = order.a
            ep.level.target = order.n
            _limit_hiss(ep)
        elif order.op == TEXT_MODE:
            port_text_mode(ep)
            ep.out_n = 0
        elif order.op == RESUME:
            port_resume(ep)
            ep.out_n = 0
    elif tap != NULL:
        if order.op == TAP_RIGHT:
            tap.right = order.a
        elif order.op == TAP_END:
            tap.ended = True
        elif order.op == TAP_FREE:
            s.taps[order.at] = NULL
            s.tapped &= ~(<uint64_t>1 << order.at)


cdef void _orders(State *s) noexcept nogil:
    cdef Order order
    while ring_waiting(s.orders) >= sizeof(order):
        ring_pull(s.orders, ORDER_ROOM, <uint8_t *>&order, sizeof(order), 0)
        _carry_out(s, &order)
        seat_store(&s.done, s.done + 1)


cdef void _tune(int32_t *acc, const Heard *heard) noexcept nogil:
    """The next frame of what the box plays, on top."""
    cdef int16_t part[FRAME]
    cdef Py_ssize_t k = 0, at = heard.at, n
    memset(part, 0, sizeof(part))
    while k < FRAME:
        n = min(FRAME - k, heard.n - at)
        memcpy(part + k, heard.tune + at, n * sizeof(int16_t))
        k += n
        at += n
        if at >= heard.n:
            if not heard.loop:
                break
            at = 0
    mix_scaled(acc, part, heard.tune_weight)


cdef void _compose(const int16_t *const *ins, uint64_t active, const Heard *heard, int16_t *out) noexcept nogil:
    """What is heard: everybody at his weight, and what is played, added in 32 bits and saturated once."""
    cdef int32_t acc[FRAME]
    cdef uint64_t left = heard.sources & heard.scaled & active
    cdef int i
    mix_one(ins, acc, heard.sources & ~heard.scaled & active)
    while left:
        i = __builtin_ctzll(left)
        left &= left - 1
        mix_scaled(acc, ins[i], heard.weight[i])
    if heard.tune != NULL and heard.n > 0:
        _tune(acc, heard)
    if heard.gain != UNITY:
        scale_sum(acc, heard.gain)
    mix_store(out, acc)


cdef void _sum(State *s, int at, Endpoint *ep, const int16_t *const *ins, uint64_t active, int16_t *out) noexcept nogil:
    """The part of an endpoint's frame that the plain matrix does not make: weights, what is played, the fade from what was."""
    cdef int16_t before[FRAME]
    if not _is_plain(&ep.heard) or ep.kind == SOURCE:
        _compose(ins, active, &ep.heard, out)
    if ep.heard.tune != NULL:
        ep.heard.at += FRAME
        if ep.heard.at >= ep.heard.n:
            if ep.heard.loop:
                ep.heard.at %= ep.heard.n
            else:
                ep.heard.tune = NULL
                _tell(s, at, PLAY_END)
    if ep.switched:
        _compose(ins, active, &ep.before, before)
        crossfade(out, before)
        ep.switched = False


cdef bint _is_plain(const Heard *heard) noexcept nogil:
    return heard.tune == NULL and heard.gain == UNITY and not heard.sources & heard.scaled


cdef void _watch(State *s, int at, Endpoint *ep) noexcept nogil:
    """Both directions of a sound must move: a port that gives nothing, or takes nothing, for 2 s is told; and once, when both go again."""
    ep.silent = 0 if ep.moved else ep.silent + 1
    if ep.silent == DEAD_TICKS or ep.untaken == DEAD_TICKS:
        ep.missed = True
        _tell(s, at, NO_SOUND if ep.silent == DEAD_TICKS else NOT_TAKEN)
    elif ep.missed and ep.silent == 0 and ep.untaken == 0:
        ep.missed = False
        _tell(s, at, SOUND_AGAIN)


cdef void _limit_hiss(Endpoint *ep) noexcept nogil:
    """So that none is louder than LOUDEST_HISS to those who hear it, at whatever gain."""
    cdef double gain = ep.gain / <double>UNITY * (max(1, ep.level.gain) if ep.level.on else 1)
    ep.inward.loudest = LOUDEST_HISS / (gain * gain)


cdef void _take_for_floor(Endpoint *ep, int64_t power) noexcept nogil:
    """The quietest frame of late: how much of it is noise, and of what shape. A tone is foretold by the two samples before."""
    cdef int16_t x[FRAME + 2]
    cdef int32_t sums[3]
    cdef double c00, c01, c02, c11, c12, c22, det, left
    cdef int k, deeper = DEEPER if power > 1 << 30 else 0
    ep.floor_next = power
    ep.hiss_next = 0
    for k in range(FRAME + 2):
        x[k] = ep.frame[k - 2] >> deeper  # `past` lies before it
    for k in range(3):
        dots(x + 2, x + 2 - k, FRAME, 1, sums + k)
    c00, c01, c02 = sums[0], sums[1], sums[2]
    c11 = c00 + x[1] * x[1] - x[FRAME + 1] * x[FRAME + 1]
    c22 = c11 + x[0] * x[0] - x[FRAME] * x[FRAME]
    c12 = c01 + x[1] * x[0] - x[FRAME + 1] * x[FRAME]
    det = c11 * c22 - c12 * c12
    if det <= 0 or ep.cadence.on:
        return
    left = c00 - (c01 * (c01 * c22 - c02 * c12) + c02 * (c02 * c11 - c01 * c12)) / det
    if left > NO_TONE * c00:
        ep.hiss_next = power * HISS
        ep.pole_next = <float>max(-DULLEST, min(DULLEST, c01 / c11))


cdef void _activity(Endpoint *ep, int64_t power) noexcept nogil:
    """Of what came in. Voice: 9 dB above the quietest frame of the last 5 s, above -50 dBFS, and no tone of the exchange."""
    if ep.inward.unreal:
        if ep.voice:
            ep.voice -= 1
        return
    if power == 0:  # digital silence: says nothing of the noise of others, and is to remain what it is
        ep.blank = True
    elif power < ep.floor_next:
        _take_for_floor(ep, power)
    ep.floor_ticks += 1
    if ep.floor_ticks == FLOOR_TICKS:
        ep.floor = ep.floor_next
        ep.inward.hiss = 0 if ep.blank else ep.hiss_next * (UNITY / <double>ep.gain) * (UNITY / <double>ep.gain)
        ep.inward.pole = ep.pole_next
        ep.floor_next = UNKNOWN
        ep.floor_ticks = 0
        ep.blank = False
    if power and power < ep.floor:
        ep.floor = power
    if power > LEAST_VOICE and power > 8 * ep.floor and not ep.cadence.on:
        ep.voice = VOICE_TICKS
    elif ep.voice:
        ep.voice -= 1


cdef void _answered(State *s, int at, Endpoint *ep) noexcept nogil:
    """Who it was, as soon as it is known."""
    cdef int told = answer_feed(&ep.answer, ep.frame, ep.power, ep.cadence.on)
    if told & PERSON:
        _tell(s, at, BY_PERSON)
    if told & MACHINE:
        _tell(s, at, BY_MACHINE)
    if told & BEEP:
        _tell(s, at, BEEPED)


cdef void _at_its_gain(Endpoint *ep) noexcept nogil:
    if ep.gain != UNITY or ep.gain_before != UNITY:
        apply_gain(ep.frame, ep.gain_before, ep.gain)
        ep.gain_before = ep.gain


cdef void _hear(State *s, int at, Endpoint *ep, int behind) noexcept nogil:
    """One frame from an endpoint, and what is in it."""
    cdef int happened, found
    ep.said = ep.frame
    if ep.kind == SOURCE:
        _sum(s, at, ep, NULL, 0, ep.frame)
        _at_its_gain(ep)
        return
    happened = port_read(ep)
    if happened & 256:
        s.wake = True
    if happened & 255:
        _tell(s, at, happened & 255)
    if not ep.sound or ep.gone:
        memset(ep.frame, 0, sizeof(ep.frame))
        return
    _watch(s, at, ep)
    if behind:
        ep.inward.behind = behind
    memcpy(ep.past, ep.frame, sizeof(ep.frame))
    elastic_frame(&ep.inward, ep.frame)
    _at_its_gain(ep)
    if ep.find_keys or ep.level.on:
        found = keys_feed(&ep.keys, ep.frame)
        if found and ep.find_keys:
            _tell(s, at, 256 + found)
    if ep.find_tones:
        found = cadence_feed(&ep.cadence, ep.frame)
        if found:
            _tell(s, at, found)
    if (ep.level.on or ep.level.now != 1) and level_frame(&ep.level, ep.frame, ep.levelled):
        ep.said = ep.levelled


cdef void _mix(State *s) noexcept nogil:
    """Everybody's frame: the sum of those he hears and of what the box plays to him, saturated once."""
    cdef const int16_t *ins[ENDPOINTS]
    cdef int16_t *outs[ENDPOINTS]
    cdef uint64_t hears[ENDPOINTS]
    cdef uint64_t left = s.active
    cdef Endpoint *ep
    cdef int i
    while left:
        i = __builtin_ctzll(left)
        left &= left - 1
        ep = s.eps[i]
        ins[i] = ep.said
        outs[i] = ep.mixed
        hears[i] = ep.heard.sources & s.active if _is_plain(&ep.heard) else 0
        ep.copied = -1  # who hears one and nothing else has that one's power
        if hears[i] and hears[i] & (hears[i] - 1) == 0 and not ep.switched:
            ep.copied = __builtin_ctzll(hears[i])
    mix_matrix(ins, outs, hears, s.active)
    left = s.active
    while left:
        i = __builtin_ctzll(left)
        left &= left - 1
        if s.eps[i].kind != SOURCE:
            _sum(s, i, s.eps[i], ins, s.active, s.eps[i].mixed)


cdef void _record(State *s, Tap *tap) noexcept nogil:
    """160 frames for this tick; what has no room becomes silence of the same length as soon as there is room."""
    cdef int16_t both[2 * FRAME]
    cdef int16_t sum[FRAME]
    cdef int32_t acc[FRAME]
    cdef const int16_t *ins[ENDPOINTS]
    cdef uint64_t wanted = tap.right & s.active
    cdef uint64_t left = wanted
    cdef const int16_t *customer = SILENCE
    cdef const int16_t *agents = SILENCE
    cdef int i
    if tap.owed:
        memset(both, 0, sizeof(both))
        while tap.owed and ring_offer(tap.ring, TAP_BYTES, <const uint8_t *>both, sizeof(both)):
            tap.owed -= FRAME
    if tap.ended:
        return
    if tap.owed or ring_room(tap.ring, TAP_BYTES) < sizeof(both):
        tap.owed += FRAME
        tap.lost += FRAME
        return
    while left:
        i = __builtin_ctzll(left)
        left &= left - 1
        ins[i] = s.eps[i].frame
    if wanted and wanted & (wanted - 1) == 0:
        agents = ins[i]
    elif wanted:
        mix_one(ins, acc, wanted)
        mix_store(sum, acc)
        agents = sum
    if tap.left >= 0 and s.eps[tap.left] != NULL:
        customer = s.eps[tap.left].frame
    interleave(customer, agents, both)
    ring_offer(tap.ring, TAP_BYTES, <const uint8_t *>both, sizeof(both))


cdef void _one_tick(State *s, int behind) noexcept nogil:
    cdef uint64_t left
    cdef Endpoint *ep
    cdef uint64_t one = 1
    cdef int i
    s.wake = False
    _orders(s)
    left = s.active
    while left:
        i = __builtin_ctzll(left)
        left &= left - 1
        _hear(s, i, s.eps[i], behind)
    _mix(s)
    left = s.active
    while left:
        i = __builtin_ctzll(left)
        left &= left - 1
        ep = s.eps[i]
        port_write(ep)
        ep.power = energy(ep.frame, FRAME)
        _activity(ep, ep.power)
        ep.power_said = ep.power if ep.said == ep.frame else <int64_t>(ep.power * ep.level.now * ep.level.now)
        if ep.answer.on and ep.sound:
            _answered(s, i, ep)
    left = s.active
    while left:
        i = __builtin_ctzll(left)
        left &= left - 1
        ep = s.eps[i]
        ep.power_in[ep.power_at] = ep.power
        ep.power_out[ep.power_at] = s.eps[ep.copied].power_said if ep.copied >= 0 else energy(ep.mixed, FRAME)
        if ep.level.on:
            level_heard(
                &ep.level, ep.power, ep.power_out[ep.power_at], ep.voice > VOICE_TICKS - SPOKEN_TICKS, ep.keys.held >= 0 or ep.cadence.on
            )
            _limit_hiss(ep)
        ep.power_at = 0 if ep.power_at == 49 else ep.power_at + 1
    left = s.tapped
    while left:
        i = __builtin_ctzll(left)
        left &= left - 1
        _record(s, s.taps[i])
    s.tick += 1
    s.ran += 1
    if s.wake:
        c_write(s.event_fd, &one, sizeof(one))


cdef int _run_due(State *s, int64_t now_ns) noexcept nogil:
    """The ticks that are due. A late box takes up to CATCH_UP of them in a row, so nothing is missing; more are skipped."""
    cdef int64_t late, due, i
    if s.next_ns == 0:
        s.next_ns = now_ns
    late = now_ns - s.next_ns
    if late < 0:
        return 0
    due = late // PERIOD_NS + 1
    s.histogram[_bucket(late)] += 1
    s.worst_ns = max(s.worst_ns, late)
    s.late += late > PERIOD_NS
    s.next_ns += due * PERIOD_NS
    if due > CATCH_UP:
        s.skipped += due - CATCH_UP
        s.tick += due - CATCH_UP
        for i in range(TAPS):
            if s.taps[i] != NULL and not s.taps[i].ended:
                s.taps[i].owed += (due - CATCH_UP) * FRAME
        due = CATCH_UP
        _one_tick(s, CATCH_UP)
        due -= 1
        for i in range(due):
            _one_tick(s, 0)
        return CATCH_UP
    for i in range(due):
        _one_tick(s, 0)
    return <int>due


cdef void *_thread(void *arg) noexcept nogil:
    cdef State *s = <State *>arg
    cdef int64_t began
    seat_name_thread()
    s.next_ns = seat_now_ns() + PERIOD_NS
    while not seat_load(&s.stop):
        seat_sleep_until(s.next_ns)
        began = seat_now_ns()
        _run_due(s, began)
        s.work_ns = seat_now_ns() - began
        s.worst_work_ns = max(s.worst_work_ns, s.work_ns)
    return NULL


cdef class Sound:
    """A sound to be played, in memory that Python never moves."""

    cdef int16_t *pcm
    cdef readonly Py_ssize_t n

    def __cinit__(self, const int16_t[::1] pcm):
        self.n = pcm.shape[0]
        self.pcm = <int16_t *>calloc(max(1, self.n), sizeof(int16_t))
        if self.pcm == NULL:
            raise MemoryError
        if self.n:
            memcpy(self.pcm, &pcm[0], self.n * sizeof(int16_t))

    def __dealloc__(self):
        free(self.pcm)


cdef void _free_endpoint(Endpoint *ep):
    free(ep.text)
    free(ep.orders)
    free(ep.escapes)
    free(ep.echo)
    free(ep)


cdef dict EVENT_NAMES = {
    1: "busy_tone", 2: "ringback_tone", 3: "dial_tone", 16: "port_gone", 17: "port_error", 18: "play_end",
    19: "no_sound", 20: "sound_not_taken", 21: "sound_again", 4: "fax_calling_tone", 5: "fax_answer_tone",
    6: "congestion_tone", 22: "answered_by_person", 23: "answered_by_machine", 24: "beep",
}


cdef class Core:
    """What `bridge.Bridge` is made of: numbers and pointers. Every method is for one Python thread at a time."""

    cdef State *s
    cdef Endpoint *mine[ENDPOINTS]
    cdef Tap *my_taps[TAPS]
    cdef pthread_t thread
    cdef readonly bint running
    cdef readonly bint real_time
    cdef readonly bint locked
    cdef int next_ep, next_tap
    cdef uint64_t given
    cdef dict kept
    cdef list sounds

    def __cinit__(self):
        self.s = <State *>calloc(1, sizeof(State))
        if self.s == NULL:
            raise MemoryError
        self.s.orders = ring_new(ORDER_ROOM)
        self.s.events = ring_new(EVENT_ROOM)
        self.s.event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)
        self.kept = {}
        self.sounds = []
        if self.s.orders == NULL or self.s.events == NULL or self.s.event_fd < 0:
            raise MemoryError

    def __dealloc__(self):
        cdef int i
        if self.s == NULL:
            return
        if self.running:
            self.stop()
        for i in range(ENDPOINTS):
            if self.mine[i] != NULL:
                _free_endpoint(self.mine[i])
        for i in range(TAPS):
            if self.my_taps[i] != NULL:
                free(self.my_taps[i].ring)
                free(self.my_taps[i])
        free(self.s.orders)
        free(self.s.events)
        if self.s.event_fd >= 0:
            os.close(self.s.event_fd)
        free(self.s)

    # the thread

    def start(self, int priority=PRIORITY, bint lock_memory=True) -> None:
        if self.running:
            return
        cdef int kind
        self.locked = lock_memory and seat_lock_memory()
        seat_store(&self.s.stop, 0)
        kind = seat_thread(&self.thread, _thread, self.s, priority)
        if kind < 0:
            raise OSError("the audio thread could not be started")
        self.real_time = kind == 1
        self.running = True

    def stop(self) -> None:
        if not self.running:
            return
        seat_store(&self.s.stop, 1)
        with nogil:
            pthread_join(self.thread, NULL)
        self.running = False

    def step(self, int64_t now_ns) -> int:
        """The ticks that are due at this time, carried out here and now; returns how many. Not beside the thread."""
        if self.running:
            raise RuntimeError("the audio thread runs")
        cdef int ran
        with nogil:
            ran = _run_due(self.s, now_ns)
        return ran

    @property
    def event_fd(self) -> int:
        return self.s.event_fd

    @property
    def tick(self) -> int:
        return self.s.tick

    @property
    def ran(self) -> int:
        return self.s.ran

    # orders

    cdef int give(self, Op op, int at, uint64_t a, void *p, int64_t n) except -1:
        cdef Order order
        cdef uint64_t waited = 0
        order.op = op
        order.at = at
        order.a = a
        order.p = p
        order.n = n
        while not ring_offer(self.s.orders, ORDER_ROOM, <const uint8_t *>&order, sizeof(order)):
            self.pause()
            waited += 1
            if waited > 2000:
                raise OSError("the audio thread takes no orders")
        self.given += 1
        return 0

    cdef int pause(self) except -1:
        if self.running:
            time.sleep(0.001)
        else:
            _orders(self.s)
        return 0

    cdef int wait(self) except -1:
        """Until all that was ordered is done, and with it the tick that did it."""
        cdef uint64_t ran, wanted = self.given
        cdef int waited = 0
        while seat_load(&self.s.done) < wanted:
            self.pause()
            waited += 1
            if waited > 5000:
                raise OSError("the audio thread does not move")
        return 0

    cdef Endpoint *endpoint(self, int ep) except NULL:
        if not 0 <= ep < ENDPOINTS or self.mine[ep] == NULL:
            raise KeyError(f"no endpoint {ep}")
        return self.mine[ep]

    cdef Tap *known_tap(self, int tap) except NULL:
        if not 0 <= tap < TAPS or self.my_taps[tap] == NULL:
            raise KeyError(f"no tap {tap}")
        return self.my_taps[tap]

    # endpoints

    def add(self, int kind, int fd, SharedRings rings, int lead_samples, bint far=False) -> int:
        cdef int i, at = -1
        cdef Endpoint *ep
        for i in range(ENDPOINTS):
            if self.mine[(self.next_ep + i) % ENDPOINTS] == NULL:
                at = (self.next_ep + i) % ENDPOINTS
                break
        if at < 0:
            raise OSError(f"more than {ENDPOINTS} endpoints")
        ep = <Endpoint *>calloc(1, sizeof(Endpoint))
        if ep == NULL:
            raise MemoryError
        ep.kind = kind
        ep.fd = fd
        ep.gain = ep.gain_before = ep.heard.gain = UNITY
        for i in range(ENDPOINTS):
            ep.weights[i] = UNITY
        _limit_hiss(ep)
        level_reset(&ep.level)
        keys_reset(&ep.keys)
        ep.said = ep.frame
        ep.floor = ep.floor_next = UNKNOWN
        ep.carry = -1
        ep.lead_target = lead_samples
        ep.reserve = IN_RINGS if kind == RINGS else IN_PATIENT if self.running and not self.real_time else IN_TARGET
        ep.far = far
        ep.find_tones = kind == PCM or kind == V253 or far
        ep.find_keys = kind == PCM or far
        if kind == V253:
            ep.encoding = <Encoding><int>encoding_code("ulaw")
            ep.text = ring_new(TEXT_SIZE)
            ep.orders = ring_new(ORDER_SIZE)
            ep.escapes = ring_new(ORDER_SIZE)
            ep.echo = <Echo *>calloc(1, sizeof(Echo))
            if ep.text == NULL or ep.orders == NULL or ep.escapes == NULL or ep.echo == NULL:
                _free_endpoint(ep)
                raise MemoryError
            ep.echo.on = True
            echo_reset(ep.echo)
        elif kind == RINGS:
            ep.from_other = rings.to_box
            ep.to_other = rings.from_box
            if not far:
                port_sound(ep, True)
        self.next_ep = (at + 1) % ENDPOINTS
        self.mine[at] = ep
        self.kept[at] = rings
        self.give(ADD, at, 0, ep, 0)
        return at

    def remove(self, int at) -> None:
        cdef Endpoint *ep = self.endpoint(at)
        self.give(REMOVE, at, 0, NULL, 0)
        self.wait()
        self.mine[at] = NULL
        _free_endpoint(ep)
        self.kept.pop(at, None)

    def sound(self, int ep, bint on) -> None:
        self.endpoint(ep)
        self.give(SOUND, ep, on, NULL, 0)

    def hears(self, int ep, sources, dict weights) -> None:
        """weights: q12, of those sources that have another than 1. The thread uses them with the order that follows them."""
        cdef uint64_t mask = self.mask(sources) & ~(<uint64_t>1 << ep)
        if self.endpoint(ep).kind == SOURCE:
            raise ValueError(f"endpoint {ep} is a source: it hears nobody")
        for source, weight in weights.items():
            if 0 <= source < ENDPOINTS:
                self.give(WEIGHT, ep, source, NULL, weight)
        self.give(HEARS, ep, mask, NULL, 0)

    cdef uint64_t mask(self, sources) except? 0:
        cdef uint64_t bits = 0
        cdef int source
        for source in sources:
            if 0 <= source < ENDPOINTS and self.mine[source] != NULL:
                bits |= <uint64_t>1 << source
        return bits

    def encoding(self, int ep, str name) -> None:
        if self.endpoint(ep).kind != V253:
            raise ValueError(f"endpoint {ep} is no v253 port")
        self.give(ENCODING, ep, encoding_code(name), NULL, 0)

    def gain(self, int ep, int q12) -> None:
        self.endpoint(ep)
        self.give(GAIN, ep, q12, NULL, 0)

    def gain_to(self, int ep, int q12) -> None:
        self.endpoint(ep)
        self.give(GAIN_TO, ep, q12, NULL, 0)

    def find(self, int ep, bint keys, bint tones) -> None:
        self.endpoint(ep)
        self.give(FIND, ep, keys | tones << 1, NULL, 0)

    def tones(self, int ep, Tones tones) -> None:
        """The caller keeps `tones` for the life of the bridge: the thread reads them."""
        self.endpoint(ep)
        self.give(TONES, ep, 0, &tones.table, 0)

    def answer(self, int ep) -> None:
        self.endpoint(ep)
        self.give(ANSWER, ep, 0, NULL, 0)

    def cancel(self, int ep, bint on) -> None:
        if self.endpoint(ep).kind != V253:
            raise ValueError(f"endpoint {ep} is no v253 port")
        self.give(CANCEL, ep, on, NULL, 0)

    def level(self, int ep, bint on, double mean_square) -> None:
        """mean_square: of speech as it shall be."""
        if self.endpoint(ep).kind == SOURCE:
            raise ValueError(f"endpoint {ep} is a source: it has the level of what it plays")
        self.give(LEVEL, ep, on, NULL, <int64_t>(mean_square * FRAME))

    def play(self, int ep, Sound sound, bint loop, int weight) -> None:
        self.endpoint(ep)
        if sound is None or sound.n == 0:
            self.give(PLAY, ep, 0, NULL, 0)
            return
        if sound not in self.sounds:
            self.sounds.append(sound)  # for the life of the bridge: the thread may be inside it
        self.give(PLAY, ep, loop | weight << 1, sound.pcm, sound.n)

    def send(self, int ep, bytes data, bint expect_connect, bint shielded) -> None:
        cdef Endpoint *port = self.endpoint(ep)
        cdef Ring *ring = port.escapes if shielded else port.orders
        if port.kind != V253:
            raise ValueError(f"endpoint {ep} is no v253 port")
        if len(data) > 4096:
            raise ValueError("a command has at most 4096 bytes")
        record = len(data).to_bytes(2, "little") + bytes([expect_connect]) + data
        if not ring_offer(ring, ORDER_SIZE, <const uint8_t *>PyBytes_AS_STRING(record), PyBytes_GET_SIZE(record)):
            raise BlockingIOError(f"endpoint {ep} takes no more commands")

    def text_mode(self, int ep) -> None:
        if self.endpoint(ep).kind != V253:
            raise ValueError(f"endpoint {ep} is no v253 port")
        self.give(TEXT_MODE, ep, 0, NULL, 0)

    def resume_stream(self, int ep) -> None:
        if self.endpoint(ep).kind != V253:
            raise ValueError(f"endpoint {ep} is no v253 port")
        self.give(RESUME, ep, 0, NULL, 0)

    def read_text(self, int ep) -> bytes:
        cdef Endpoint *port = self.endpoint(ep)
        cdef bytearray all_of_it = bytearray()
        cdef uint8_t buf[4096]
        cdef uint64_t n = 1
        if port.kind != V253:
            return b""
        while n:
            n = ring_pull(port.text, TEXT_SIZE, buf, sizeof(buf), 0)
            all_of_it += PyBytes_FromStringAndSize(<char *>buf, n)
        return bytes(all_of_it)

    def events(self) -> list[tuple[int, str, int]]:
        cdef Event event
        found = []
        try:
            os.eventfd_read(self.s.event_fd)
        except BlockingIOError:
            pass
        while ring_waiting(self.s.events) >= sizeof(event):
            ring_pull(self.s.events, EVENT_ROOM, <uint8_t *>&event, sizeof(event), 0)
            what = f"key:{chr(event.code - 256)}" if event.code >= 256 else EVENT_NAMES[event.code]
            found.append((event.ep, what, event.tick))
        return found

    # taps

    def tap(self, int left, right) -> int:
        cdef int i, at = -1
        cdef Tap *tap
        self.endpoint(left)
        for i in range(TAPS):
            if self.my_taps[(self.next_tap + i) % TAPS] == NULL:
                at = (self.next_tap + i) % TAPS
                break
        if at < 0:
            raise OSError(f"more than {TAPS} taps")
        tap = <Tap *>calloc(1, sizeof(Tap))
        if tap != NULL:
            tap.ring = ring_new(TAP_BYTES)
        if tap == NULL or tap.ring == NULL:
            free(tap)
            raise MemoryError
        tap.left = left
        tap.right = self.mask(right)
        self.next_tap = (at + 1) % TAPS
        self.my_taps[at] = tap
        self.give(TAP_ADD, at, 0, tap, 0)
        return at

    def tap_right(self, int tap, right) -> None:
        self.known_tap(tap)
        self.give(TAP_RIGHT, tap, self.mask(right), NULL, 0)

    def tap_end(self, int tap) -> None:
        self.known_tap(tap)
        self.give(TAP_END, tap, 0, NULL, 0)
        self.wait()

    def tap_free(self, int tap) -> None:
        cdef Tap *known = self.known_tap(tap)
        self.give(TAP_FREE, tap, 0, NULL, 0)
        self.wait()
        self.my_taps[tap] = NULL
        free(known.ring)
        free(known)

    def tap_read(self, int tap):
        cdef Tap *known = self.known_tap(tap)
        cdef Py_ssize_t n = <Py_ssize_t>ring_waiting(known.ring) // 4
        out = np.empty((n, 2), np.int16)
        cdef int16_t[:, ::1] view = out
        if n:
            ring_pull(known.ring, TAP_BYTES, <uint8_t *>&view[0, 0], n * 4, 0)
        return out

    def tap_lost(self, int tap) -> int:
        return self.known_tap(tap).lost

    # figures

    def power(self, int ep) -> tuple[float, float]:
        """Mean squares (from it, to it) of the last second."""
        cdef Endpoint *port = self.endpoint(ep)
        cdef double inward = 0, outward = 0
        cdef int i
        for i in range(50):
            inward += port.power_in[i]
            outward += port.power_out[i]
        return inward / (50 * FRAME), outward / (50 * FRAME)

    def ticks(self) -> tuple:
        """(ran, late, skipped, p50, p99, p99.9, worst, worst work: us)."""
        cdef uint64_t seen = 0, total = 0
        cdef int i
        quantiles = []
        for i in range(BUCKETS):
            total += self.s.histogram[i]
        for share in (0.5, 0.99, 0.999):
            seen = 0
            for i in range(BUCKETS):
                seen += self.s.histogram[i]
                if seen >= share * total and total:
                    break
            quantiles.append(_bucket_us(i) if total else 0.0)
        return (self.s.ran, self.s.late, self.s.skipped, *quantiles, self.s.worst_ns / 1000, self.s.worst_work_ns / 1000)

    def port(self, int ep) -> dict:
        cdef Endpoint *port = self.endpoint(ep)
        return {
            "bytes_in": port.bytes_in,
            "bytes_out": port.bytes_out,
            "buffer_ms": max(0, elastic_level(&port.inward)) / 8 if port.sound else 0.0,
            "lead_ms": port.lead / 8 if port.sound and port.kind != RINGS else 0.0,
            "underruns": port.inward.underruns,
            "made_up_ms": port.inward.made_up / 8,
            "underruns_out": port.underruns_out,
            "flushed_ms": (port.inward.flushed + port.stale) / 8,
            "refused_ms": port.refused / 8,
            "text_lost": port.text.lost if port.text != NULL else 0,
            "ppm": (port.inward.step - (<int64_t>1 << 32)) * 1e6 / (<int64_t>1 << 32),
            "echo_loss_db": 10 * log10(echo_loss(port.echo)) if port.echo != NULL and echo_loss(port.echo) > 0 else 0.0,
            "voice": port.voice > 0,
            "level_control": port.level.on,
            "gain_db": 20 * log10(port.level.now),
            "streaming": port.sound,
            "gone": port.gone,
        }
