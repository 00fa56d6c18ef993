"""What is heard in the sound itself: keys (DTMF) and the exchange's tones (busy, ring-back, dial tone).

Why Cython: it runs for each line in each tick, without the GIL.
Keys: ITU-T Q.23 and Q.24. Windows of 10 ms (Hann) every 5 ms, eight complex energies as integer dot products; a window is a hit when
its energy lies in one low and one high frequency (twist -8..+4 dB and a margin) and their phases advance as that frequency
must, to 2.3 %. Six hits in a row are a key: any tone of 40 ms gives six, one of 23 ms cannot.
Tones of China: GB/T 3380, 450 Hz +-25: busy 0.35/0.35 s (congestion 0.7/0.7), ring-back 1/4 s, dial tone without end.
Fax: ITU-T T.30, the caller's 1100 Hz for 0.5 s every 3.5 s, the answerer's 2100 Hz for 2.6 s or more.
"""

from libc.math cimport M_PI, atan2, cos, fabs, fmod, log10, sin
from libc.string cimport memcpy, memset

import numpy as np

from appliance.audio._dsp cimport dots, windowed_energy

cdef enum:
    HITS = 6
    RELEASE = 4  # windows without it: the key is up
    TABLE_ONE = 1023  # 1.0 of the tables: 80 products under a Hann window stay within 31 bits

cdef double LEAST_ENERGY = 40.0 * 40.0 / 2  # mean square of a window under which nothing is looked for: -58 dBFS
cdef double FREQUENCIES[8]
FREQUENCIES[:] = [697, 770, 852, 941, 1209, 1336, 1477, 1633]
cdef char *LAYOUT = b"123A456B789C*0#D"
cdef int16_t TABLE[16][SPAN]
cdef int16_t HANN[SPAN]  # 16 times larger: the product's upper half has 13 bits, 80 squares of which stay within 31
cdef int16_t TONE[6][FRAME_]  # cosine and sine of 450, 1100, 2100 Hz
cdef int16_t HANN_TONE[FRAME_]
cdef double WINDOWED = 16777216.0  # a windowed energy's unit, in those of the squared dot products


def _fill_tables():
    cdef int i, k
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(SPAN) + 0.5) / SPAN)
    t = np.arange(SPAN) / 8000
    for i in range(8):
        wave = np.round(TABLE_ONE * hann * np.exp(2j * np.pi * FREQUENCIES[i] * t))
        for k in range(SPAN):
            TABLE[2 * i][k] = int(wave[k].real)
            TABLE[2 * i + 1][k] = int(wave[k].imag)
    for k in range(SPAN):
        HANN[k] = round(TABLE_ONE * hann[k]) * 16
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(FRAME_) + 0.5) / FRAME_)
    for i in range(3):
        wave = np.round(TABLE_ONE / 2 * hann * np.exp(2j * np.pi * (450, 1100, 2100)[i] * np.arange(FRAME_) / 8000))
        for k in range(FRAME_):
            TONE[2 * i][k] = int(wave[k].real)
            TONE[2 * i + 1][k] = int(wave[k].imag)
    for k in range(FRAME_):
        HANN_TONE[k] = round(TABLE_ONE / 2 * hann[k]) * 16


_fill_tables()


cdef void keys_reset(Keys *keys) noexcept nogil:
    memset(keys, 0, sizeof(Keys))
    keys.candidate = -1
    keys.held = -1


cdef double _turn(double angle) noexcept nogil:
    """An angle brought into -pi..pi."""
    angle = fmod(angle + M_PI, 2 * M_PI)
    return angle + M_PI if angle < 0 else angle - M_PI


cdef double _drift_hz(double before, double now, double hz) noexcept nogil:
    """How far the true frequency is from hz, by the phase's advance over one hop."""
    return _turn(now - before - 2 * M_PI * hz * HOP / 8000) / (2 * M_PI) * 8000 / HOP


cdef int _window_key(Keys *keys, const int16_t *x) noexcept nogil:
    """The key whose two tones make up this window, or -1; keeps their phases in any case."""
    cdef int32_t sums[16]
    cdef double power[8]
    cdef double total, both, twist, low_angle, high_angle
    cdef int i, low = 0, high = 4, found
    total = WINDOWED * windowed_energy(x, HANN, SPAN)
    if total < LEAST_ENERGY * TABLE_ONE * TABLE_ONE * SPAN * 0.375:
        keys.candidate = -1
        return -1
    dots(x, &TABLE[0][0], SPAN, 16, sums)
    for i in range(8):
        power[i] = <double>sums[2 * i] * sums[2 * i] + <double>sums[2 * i + 1] * sums[2 * i + 1]
    for i in range(1, 4):
        if power[i] > power[low]:
            low = i
    for i in range(5, 8):
        if power[i] > power[high]:
            high = i
    # a pure tone A: |X|^2 = A^2/4 * (sum w)^2 and the energy A^2/2 * sum w^2; with Hann their ratio is SPAN/2 * (1/4)/(3/8)
    both = (power[low] + power[high]) / (SPAN * (0.25 / 0.375) / 2)
    if both < 0.8 * total:
        return -1
    low_angle = atan2(-<double>sums[2 * low + 1], sums[2 * low])
    high_angle = atan2(-<double>sums[2 * high + 1], sums[2 * high])
    found = low * 4 + high - 4
    twist = 10 * log10((power[high] + 1) / (power[low] + 1))
    if twist < -10 or twist > 6.5:
        found = -1
    elif keys.candidate == found and (
        fabs(_drift_hz(keys.angle_low, low_angle, FREQUENCIES[low])) > 0.023 * FREQUENCIES[low]
        or fabs(_drift_hz(keys.angle_high, high_angle, FREQUENCIES[high])) > 0.023 * FREQUENCIES[high]
    ):
        found = -1
    keys.angle_low = low_angle
    keys.angle_high = high_angle
    return found


cdef int keys_feed(Keys *keys, const int16_t *frame) noexcept nogil:
    """The key that is known to be pressed with this frame (its character), once for each press; else 0. SPAN samples lie before the frame."""
    cdef const int16_t *x = frame - SPAN
    cdef Keys probe
    cdef int hop, key, told = 0
    if keys.hits == 0 and keys.held < 0:  # six in a row are wanted: where the last of four is none, the others do not matter
        probe.candidate = -1
        if _window_key(&probe, x + FRAME_) < 0:
            keys.candidate = -1
            return 0
    for hop in range(FRAME_ / HOP):
        key = _window_key(keys, x + HOP * (hop + 1))
        if key >= 0 and key == keys.candidate:
            keys.hits += 1
        else:
            keys.hits = 1 if key >= 0 else 0
        keys.candidate = key
        if keys.held >= 0:
            keys.misses = 0 if key == keys.held else keys.misses + 1
            if keys.misses >= RELEASE:
                keys.held = -1
        if keys.held < 0 and keys.hits >= HITS:
            keys.held = key
            keys.misses = 0
            told = LAYOUT[key]
    return told


cdef void cadence_reset(Cadence *cadence) noexcept nogil:
    memset(cadence, 0, sizeof(Cadence))


cdef int _which_tone(const int16_t *x, bint fax) noexcept nogil:
    """450 Hz, and where `fax` 1100 or 2100, where this window of 20 ms is that and little else (70 % of its energy), else 0."""
    cdef double total = WINDOWED * windowed_energy(x, HANN_TONE, FRAME_)
    cdef int32_t sums[6]
    cdef int i, tones = 3 if fax else 1
    if total < LEAST_ENERGY * TABLE_ONE * TABLE_ONE / 4 * FRAME_ * 0.375:
        return 0
    dots(x, &TONE[0][0], FRAME_, 2 * tones, sums)
    for i in range(tones):
        if (<double>sums[2 * i] * sums[2 * i] + <double>sums[2 * i + 1] * sums[2 * i + 1]) / (FRAME_ * (0.25 / 0.375) / 2) > 0.7 * total:
            return 450 if i == 0 else (1100 if i == 1 else 2100)
    return 0


cdef int _fax(Cadence *c, int hz) noexcept nogil:
    """FAX_CALLS at the end of 0.4 to 0.6 s of 1100 Hz, FAX_ANSWERS after 1 s of 2100 Hz; each once until reset."""
    cdef int found = NOTHING
    if hz != 1100 and 20 <= c.calling <= 31 and not c.calling_told:
        c.calling_told = True
        found = FAX_CALLS
    c.calling = c.calling + 1 if hz == 1100 else 0
    c.answering = c.answering + 1 if hz == 2100 else 0
    if c.answering == 50 and not c.answering_told:
        c.answering_told = True
        found = FAX_ANSWERS
    return found


cdef int _half_ended(Cadence *c) noexcept nogil:
    """A tone or a pause of c.length steps of 10 ms has ended: what has thereby been recognised."""
    cdef int n = c.length
    c.short_runs = c.short_runs + 1 if 29 <= n <= 41 else 0
    c.long_runs = c.long_runs + 1 if 62 <= n <= 78 else 0
    if not c.busy_told and (c.short_runs >= 6 or c.long_runs >= 5):
        c.busy_told = True
        return BUSY
    return NOTHING


cdef int cadence_feed(Cadence *c, const int16_t *frame) noexcept nogil:
    """What is recognised with this frame (BUSY, RINGBACK, DIAL; each once until reset), else NOTHING. One frame more lies before it."""
    cdef const int16_t *x = frame - FRAME_
    cdef int step, found = NOTHING, now, hz
    for step in range(2):
        hz = _which_tone(x + (step + 1) * FRAME_ / 2, step == 1)
        now = _fax(c, hz) if step == 1 else NOTHING
        c.length += 1
        if (hz == 450) == c.on:
            c.changing = 0
        else:
            c.changing += 1
            if c.changing == 3:  # three windows in a row: a change, which began three steps ago
                c.length -= 3
                now = _half_ended(c)
                if c.on:
                    c.last_on = c.length
                c.on = not c.on
                c.length = 3
                c.changing = 0
        if not c.on and c.length == 120 and 80 <= c.last_on <= 120 and not c.ringback_told:
            c.ringback_told = True
            now = RINGBACK
        if c.on and c.length == 200 and not c.dial_told:
            c.dial_told = True
            now = DIAL
        if now != NOTHING:
            found = now
    return found


TONES = ("", "busy_tone", "ringback_tone", "dial_tone", "fax_calling_tone", "fax_answer_tone")


cdef class Detector:
    """Both detectors over whole sounds, for tests and the bench."""

    cdef Keys keys
    cdef Cadence cadence
    cdef int16_t sound[2 * FRAME_]

    def __cinit__(self):
        keys_reset(&self.keys)
        cadence_reset(&self.cadence)

    def feed(self, const int16_t[::1] pcm) -> list[tuple[int, str]]:
        """[(sample, "key:5" | or a word of TONES)]; whole frames only."""
        cdef Py_ssize_t at
        cdef int key, tone
        found = []
        for at in range(0, pcm.shape[0] - FRAME_ + 1, FRAME_):
            memcpy(self.sound, self.sound + FRAME_, FRAME_ * sizeof(int16_t))
            memcpy(self.sound + FRAME_, &pcm[at], FRAME_ * sizeof(int16_t))
            key = keys_feed(&self.keys, self.sound + FRAME_)
            if key:
                found.append((at, f"key:{chr(key)}"))
            tone = cadence_feed(&self.cadence, self.sound + FRAME_)
            if tone:
                found.append((at, TONES[tone]))
        return found
