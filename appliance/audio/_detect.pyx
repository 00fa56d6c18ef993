"""What is heard in the sound itself: keys (DTMF) and the exchange's tones (busy, congestion, ring-back, dial tone).

Why Cython: it runs for each line in each tick, without the GIL.
Keys: ITU-T Q.23 and Q.24. Windows of 10 ms (Hann) every 5 ms, eight complex energies as integer dot products; a window is a hit when
its energy lies in one low and one high frequency (twist -8..+4 dB and a margin) and their phases advance as that frequency
must, to 2.3 %. Six hits in a row are a key: any tone of 40 ms gives six, one of 23 ms cannot.
Tones of an exchange are data (firmware_cfg/tones), one table a country. Windows of 20 ms every 10 ms: how much of the energy do the tone's one
or two frequencies explain, by least squares under the window, so that two 40 Hz apart are told from one; then its cadence, part by part.
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
cdef int16_t FAX[4][FRAME_]  # cosine and sine of 1100, 2100 Hz, under Hann's window
cdef int16_t ROOT[FRAME_]  # the root of that window: squares of sound under it are energies under the window
cdef double HANN_SUM = FRAME_ / 2.0
cdef double MARGIN = 0.85  # of the share that a tone at the edge of its tolerance has: room for noise 9 dB below it
cdef double PAIR = 1.0 / 16  # of two frequencies at once the softer is at most 12 dB below the other
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
    for i in range(2):
        cosine, sine = _waves((1100, 2100)[i])
        for k in range(FRAME_):
            FAX[2 * i][k] = cosine[k]
            FAX[2 * i + 1][k] = sine[k]
    root = np.sqrt(_hann())
    for k in range(FRAME_):
        ROOT[k] = round(TABLE_ONE / 2 * root[k]) * 16


def _hann():
    return 0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(FRAME_) + 0.5) / FRAME_)


def _waves(hz):
    """Cosine and sine of a frequency under the window, as the kernels have them."""
    wave = np.round(TABLE_ONE / 2 * _hann() * np.exp(2j * np.pi * hz * np.arange(FRAME_) / 8000))
    return wave.real.astype(int), wave.imag.astype(int)


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


def _basis(hz):
    """The waves of some frequencies, not windowed, one a column."""
    t = 2 * np.pi * np.arange(FRAME_) / 8000
    return np.stack([wave(one * t) for one in hz for wave in (np.cos, np.sin)], 1)


def _share(hz, tolerance_hz):
    """The least share of its energy that a tone within its tolerance has in its nominal frequencies; of two, a beat's hollow left out."""
    window, nominal = _hann(), _basis(hz)
    inverse = np.linalg.inv(nominal.T @ (window[:, None] * nominal))
    shares = []
    for off in np.stack(np.meshgrid(*[(-tolerance_hz, tolerance_hz)] * len(hz)), -1).reshape(-1, len(hz)):
        real = _basis(np.array(hz) + off)
        for phases in np.stack(np.meshgrid(*[np.arange(8) * np.pi / 4] * len(hz)), -1).reshape(-1, len(hz)):
            sound = real @ np.ravel(np.stack([np.cos(phases), np.sin(phases)], 1))
            dots_ = nominal.T @ (window * sound)
            shares.append((dots_ @ inverse @ dots_) / np.sum(window * sound**2))
    return float(np.quantile(shares, 0.1))


cdef class Tones:
    """The tones of one country's exchanges, ready for the ear."""

    def __init__(self, tones):
        """tones: (word, hz, tolerance_hz, cadence_ms, tolerance_ms, known_after_ms), words without `_tone`."""
        cdef int k, row, column
        cdef Pattern *pattern
        memset(&self.table, 0, sizeof(ToneTable))
        known = {}
        if len(tones) > MOST_TONES:
            raise ValueError(f"more than {MOST_TONES} tones")
        for word, hz, tolerance_hz, cadence_ms, tolerance_ms, known_after_ms in tones:
            if len(cadence_ms) > MOST_PARTS or not 1 <= len(hz) <= 2:
                raise ValueError(f"{word} cannot be heard")
            if (hz, tolerance_hz) not in known:
                known[hz, tolerance_hz] = self._add(hz, tolerance_hz)
            pattern = &self.table.pattern[self.table.n_patterns]
            pattern.word = WORDS.index(word + "_tone")
            pattern.hz = known[hz, tolerance_hz]
            pattern.parts = len(cadence_ms)
            for k in range(pattern.parts):
                pattern.part[k] = round(cadence_ms[k] / 10)
            pattern.tolerance = round(tolerance_ms / 10)
            pattern.known_after = round(known_after_ms / 10)
            self.table.n_patterns += 1

    def _add(self, hz, tolerance_hz):
        cdef int k, row = self.table.rows
        cdef Frequencies *one = &self.table.hz[self.table.n_hz]
        nominal = _basis(hz)
        inverse = np.linalg.inv(nominal.T @ (_hann()[:, None] * nominal)).ravel()
        for k in range(len(inverse)):
            one.inverse[k] = inverse[k]
        one.n = len(hz)
        one.least = MARGIN * _share(hz, tolerance_hz)
        for each in hz:
            for wave in _waves(each):
                for k in range(FRAME_):
                    self.table.wave[row][k] = wave[k]
                row += 1
        self.table.rows = row
        self.table.n_hz += 1
        return self.table.n_hz - 1


cdef void cadence_reset(Cadence *cadence) noexcept nogil:
    cdef ToneTable *tones = cadence.tones
    cdef int i
    memset(cadence, 0, sizeof(Cadence))
    cadence.tones = tones
    for i in range(MOST_TONES):
        cadence.progress[i].at = -1


cdef bint _is_heard(const Frequencies *hz, const int32_t *sums, double total) noexcept nogil:
    """The window's energy is that of these frequencies, and each of two is there. sums: of the window with their waves."""
    cdef double level[4]
    cdef double share = 0, first, second
    cdef int i, k, n = 2 * hz.n
    for i in range(n):
        level[i] = 0
        for k in range(n):
            level[i] += hz.inverse[n * i + k] * sums[k]
        share += level[i] * sums[i]
    if share < hz.least * total:
        return False
    if hz.n == 1:
        return True
    first = level[0] * level[0] + level[1] * level[1]
    second = level[2] * level[2] + level[3] * level[3]
    return first > PAIR * second and second > PAIR * first


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


cdef bint _fits(Pattern *pattern, int at, int length) noexcept nogil:
    return pattern.part[at] - pattern.tolerance <= length <= pattern.part[at] + pattern.tolerance


cdef void _part_ended(Cadence *c, int hz, int length) noexcept nogil:
    """A sound or a pause of so many steps of 10 ms has ended at these frequencies: each cadence goes on with it, or begins, or is broken."""
    cdef Pattern *pattern
    cdef Progress *progress
    cdef int i, k
    for i in range(c.tones.n_patterns):
        pattern, progress = &c.tones.pattern[i], &c.progress[i]
        if pattern.hz != hz or pattern.parts == 0:
            continue
        if progress.at >= 0 and _fits(pattern, progress.at, length):
            progress.heard += length
            progress.at = (progress.at + 1) % pattern.parts
            continue
        progress.at = -1
        progress.heard = 0
        if c.track[hz].on:
            for k in range(0, pattern.parts, 2):
                if _fits(pattern, k, length):
                    progress.heard = length
                    progress.at = k + 1
                    break


cdef int _recognised(Cadence *c) noexcept nogil:
    """The tone of which by now enough was heard, once each; what goes on counts as far as it may still be right."""
    cdef Pattern *pattern
    cdef Progress *progress
    cdef Track *track
    cdef int i, found = NOTHING
    for i in range(c.tones.n_patterns):
        pattern, progress = &c.tones.pattern[i], &c.progress[i]
        track = &c.track[pattern.hz]
        if progress.told or track.changing:
            continue
        if pattern.parts == 0:
            if track.on and track.length >= pattern.known_after:
                progress.told = True
                found = pattern.word
        elif progress.at >= 0:
            if track.length > pattern.part[progress.at] + pattern.tolerance:
                progress.at = -1
            elif progress.heard + track.length >= pattern.known_after:
                progress.told = True
                found = pattern.word
    return found


cdef int cadence_feed(Cadence *c, const int16_t *frame) noexcept nogil:
    """What is recognised with this frame (BUSY, DIAL, FAX_CALLS ...; each once until reset), else NOTHING. One frame more lies before it."""
    cdef const int16_t *x
    cdef ToneTable *tones = c.tones
    cdef Track *track
    cdef int32_t sums[4 * MOST_TONES]
    cdef int32_t fax[4]
    cdef double total
    cdef int step, i, row, hz, now, found = NOTHING
    cdef bint loud, heard
    for step in range(2):
        x = frame - FRAME_ + (step + 1) * FRAME_ / 2
        total = WINDOWED * windowed_energy(x, ROOT, FRAME_)
        loud = total >= LEAST_ENERGY * TABLE_ONE * TABLE_ONE / 4 * HANN_SUM
        if step == 1:
            hz = 0
            if loud:
                dots(x, &FAX[0][0], FRAME_, 4, fax)
                for i in range(2):
                    if <double>fax[2 * i] * fax[2 * i] + <double>fax[2 * i + 1] * fax[2 * i + 1] > 0.7 * total * HANN_SUM / 2:
                        hz = 1100 if i == 0 else 2100
            now = _fax(c, hz)
            if now != NOTHING:
                found = now
        if tones == NULL:
            continue
        if loud:
            dots(x, &tones.wave[0][0], FRAME_, tones.rows, sums)
        row = 0
        c.on = False
        for i in range(tones.n_hz):
            track = &c.track[i]
            heard = loud and _is_heard(&tones.hz[i], &sums[row], total)
            row += 2 * tones.hz[i].n
            track.length += 1
            if heard == track.on:
                track.changing = 0
            else:
                track.changing += 1
                if track.changing == 3:  # three windows in a row: a change, which began three steps ago
                    _part_ended(c, i, track.length - 3)
                    track.on = not track.on
                    track.length = 3
                    track.changing = 0
            c.on = c.on or track.on
        now = _recognised(c)
        if now != NOTHING:
            found = now
    return found


WORDS = ("", "busy_tone", "ringback_tone", "dial_tone", "fax_calling_tone", "fax_answer_tone", "congestion_tone")


cdef class Detector:
    """Both detectors over whole sounds, for tests and the bench."""

    cdef Keys keys
    cdef Cadence cadence
    cdef int16_t sound[2 * FRAME_]
    cdef Tones tones

    def __cinit__(self, Tones tones=None):
        self.tones = tones
        keys_reset(&self.keys)
        if tones is not None:
            self.cadence.tones = &tones.table
        cadence_reset(&self.cadence)

    def feed(self, const int16_t[::1] pcm) -> list[tuple[int, str]]:
        """[(sample, "key:5" | or a word of WORDS)]; whole frames only."""
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
                found.append((at, WORDS[tone]))
        return found
