"""Who has answered a call that the box dialled: a person, or a machine that speaks its greeting and beeps.

Why Cython: it runs in the tick, without the GIL; on one line for a minute from the answer on, else nothing.
Oracle: the sounds of tests/appliance/audio/test_answer.py, in two languages. Memory: one struct in each endpoint, nothing allocated.
Voice is what is 9 dB above the quietest of late, at most 15 dB below the loudest, and no tone. A person says a short word and waits; a machine talks on.
A beep: a window of 40 ms (Hann) each 20 ms whose energy is that of one frequency (its place by Pisarenko's method, which noise does not
shift), 400 to 2000 Hz, steady in pitch and level for 0.15 to 1 s, silence on both sides of it.
"""

from libc.math cimport M_PI, acos, fabs, sqrt
from libc.stdint cimport int16_t, int32_t, int64_t
from libc.string cimport memcpy, memset

import numpy as np

from appliance.audio._detect cimport Cadence, Tones, cadence_feed, cadence_reset
from appliance.audio._dsp cimport FRAME, energy

cdef enum:
    LOOK = 4  # each so many frames it is looked at what was said
    LISTENS = 3000  # frames of 20 ms: a minute
    SHORT = 75  # a greeting of up to 1.5 s is a person's after PAUSE
    PAUSE = 35  # 0.7 s
    LONG_PAUSE = 70  # 1.4 s after a longer one, up to LONG: who waits for an answer waits so long
    LONG = 125  # 2.5 s of talk are a machine's
    WORD = 4  # frames of voice; less is a click
    LEAST_TONE = 5  # windows within a beep of 0.15 s
    MOST_TONE = 52  # and of 1 s
    BEGIN = 4  # loud frames before a tone fills its window
    END = 2  # loud frames behind it that are not all its own
    SILENT = 10  # frames without voice behind a beep
    WINDOW = 320

cdef int64_t LEAST_VOICE = FRAME * 100 * 100 // 2  # energy of a frame: -50 dBFS
cdef int64_t LEAST_BEEP = FRAME * 330 * 330 // 2  # -40 dBFS
cdef double LOWEST_HZ = 400
cdef double HIGHEST_HZ = 2000
cdef double PURE = 0.85  # share of the energy that is the one frequency's: all else 8 dB below it
cdef int16_t HANN[WINDOW]  # 4096 is 1: a windowed sample has 12 bits, and 31 hold the squares of a window


def _fill_table():
    cdef int k
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(WINDOW) + 0.5) / WINDOW)
    for k in range(WINDOW):
        HANN[k] = round(4096 * hann[k])


_fill_table()


cdef void answer_begin(Answer *answer) noexcept nogil:
    memset(answer, 0, sizeof(Answer))
    answer.on = True
    answer.floor = <int64_t>1 << 40


cdef double _steady_hz(const int16_t *x, double *level) noexcept nogil:
    """The frequency of which these WINDOW samples are, and its level as mean square under the window; 0 where they are none's."""
    cdef int16_t y[WINDOW]
    cdef int32_t r0 = 0, r1 = 0, r2 = 0
    cdef double cosine, sine, hz, c = 1, s = 0, before, re = 0, im = 0
    cdef int k
    for k in range(WINDOW):
        y[k] = <int16_t>((<int32_t>x[k] * HANN[k]) >> 16)
    for k in range(WINDOW):
        r0 += <int32_t>y[k] * y[k]
    for k in range(1, WINDOW):
        r1 += <int32_t>y[k] * y[k - 1]
    for k in range(2, WINDOW):
        r2 += <int32_t>y[k] * y[k - 2]
    level[0] = r0
    if r1 <= 0:
        return 0  # above 2000 Hz, or nothing
    cosine = (r2 + sqrt(<double>r2 * r2 + 8.0 * r1 * r1)) / (4.0 * r1)
    if cosine >= 1 or r1 < PURE * cosine * r0:
        return 0
    hz = acos(cosine) * 8000 / (2 * M_PI)
    if not LOWEST_HZ <= hz <= HIGHEST_HZ:
        return 0
    sine = sqrt(1 - cosine * cosine)
    for k in range(WINDOW):
        re += y[k] * c
        im += y[k] * s
        before = c
        c = c * cosine - s * sine
        s = s * cosine + before * sine
    # |X|^2 = A^2/4 (sum h)^2, the energy A^2/2 sum h^2
    return hz if 3 * (re * re + im * im) >= PURE * WINDOW * <double>r0 else 0


cdef bint _tone(Answer *a, const int16_t *frame, bint loud, bint network) noexcept nogil:
    """Follows a steady tone; True while there is one. One that ends and had a beep's length may have been one."""
    cdef double level = 0
    cdef double hz = _steady_hz(frame - FRAME, &level) if loud and (a.tone or a.near <= BEGIN) else 0
    cdef bint same = a.tone > 0 and hz > 0 and fabs(hz - a.hz) < 0.02 * a.hz and 0.5 * a.level < level < 2 * a.level
    if same:
        a.tone += 1
        a.alone = a.alone and not network
        return a.tone > 1
    if LEAST_TONE <= a.tone <= MOST_TONE and a.alone and (a.told or a.voiced >= WORD):
        a.after = 1
    a.alone = (a.near <= BEGIN or a.alone) and hz > 0 and not network
    a.tone = 1 if hz > 0 else 0
    a.hz = hz
    a.level = level
    return False


cdef int _who(Answer *a) noexcept nogil:
    """PERSON or MACHINE once enough was said, else 0. What is far below the loudest so far was somebody else in the room."""
    cdef int64_t least = a.loudest >> 5
    cdef int back = 0, first = -1, last = 0, voiced = 0
    while back < min(a.ticks, MEMORY) and (first < 0 or back - last < LONG_PAUSE):
        if a.voice[(a.ticks - back) % MEMORY] > least:
            if first < 0:
                first = back
            last = back
            voiced += 1
        back += 1
    if voiced < WORD:
        return 0
    if last - first >= LONG:
        return MACHINE
    return PERSON if first >= (PAUSE if last - first < SHORT else LONG_PAUSE) else 0


cdef int answer_feed(Answer *a, const int16_t *frame, int64_t power, bint network) noexcept nogil:
    """What is known with this frame, bits of Told, each once. One frame more lies before it; power: its energy; network: a tone of the
    exchange is heard. A machine may still be told after a person, by its beep."""
    cdef bint loud, near, tone, voice
    cdef int now = 0
    a.ticks += 1
    if a.ticks > LISTENS or a.told & BEEP:
        a.on = False
        return 0
    a.floor = min(a.floor + (a.floor >> 9), power)
    loud = power > LEAST_VOICE and power > 8 * a.floor
    near = loud and power > a.loudest >> 5  # what is softer is somebody else in the room
    a.near = a.near + 1 if near else 0
    tone = _tone(a, frame, loud and power > LEAST_BEEP, network)
    voice = near and not tone and not network
    a.voice[a.ticks % MEMORY] = power if voice else 0
    if voice:
        a.loudest = max(a.loudest, power)
        a.voiced += 1
        if a.after > END:
            a.after = 0
    if a.voiced >= WORD and a.ticks % LOOK == 0 and not a.told & (PERSON | MACHINE):
        now = _who(a)
    if a.after and not tone:
        a.after += 1
        if a.after > SILENT:
            now |= BEEP | MACHINE
    now &= ~a.told
    a.told |= now
    return now


cdef class AnswerEar:
    """Who answers, over whole sounds, for tests."""

    cdef Answer answer
    cdef Cadence cadence
    cdef int16_t sound[2 * FRAME]
    cdef Tones tones

    def __cinit__(self, Tones tones=None):
        self.tones = tones
        if tones is not None:
            self.cadence.tones = &tones.table
        cadence_reset(&self.cadence)
        answer_begin(&self.answer)

    def feed(self, const int16_t[::1] pcm) -> list[tuple[int, str]]:
        cdef Py_ssize_t at
        cdef int told
        found = []
        for at in range(0, pcm.shape[0] - FRAME + 1, FRAME):
            memcpy(self.sound, self.sound + FRAME, FRAME * sizeof(int16_t))
            memcpy(self.sound + FRAME, &pcm[at], FRAME * sizeof(int16_t))
            cadence_feed(&self.cadence, self.sound + FRAME)
            if not self.answer.on:
                break
            told = answer_feed(&self.answer, self.sound + FRAME, energy(self.sound + FRAME, FRAME), self.cadence.on)
            for bit, word in ((PERSON, "answered_by_person"), (MACHINE, "answered_by_machine"), (BEEP, "beep")):
                if told & bit:
                    found.append((at, word))
        return found
