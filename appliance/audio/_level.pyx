"""Level control of one direction: who speaks softly or loudly is heard at the usual level (A4).

Why Cython: it runs for each endpoint in each tick, without the GIL.
Oracle: reference.py, compared in tests/appliance/audio/test_level.py
What is measured is the active speech level as ITU-T P.56 has it: the mean square while somebody speaks, pauses of up to 0.2 s with it. In
silence, in tones and keys, and while what comes may be the echo of what was said there (G.169, 7.2 to 7.4), nothing is measured and the gain
stays; so it does where all is more than 15.9 dB (P.56) below what speech has been, which meanwhile is slowly forgotten. The gain rises by 3 dB
a second at most and falls by 12; within a frame it goes in a straight line. A frame that has no room for it gets less, and the rest saturates.
"""

from libc.math cimport fabs, sqrt
from libc.stdint cimport int16_t, int64_t, uint8_t

from appliance.audio._dsp cimport FRAME, energy, level_samples, peak

import numpy as np

cdef enum:
    MEMORY = 100  # frames of speech (2 s)
    HANG = 10  # frames of a pause that belongs to speech (P.56)
    STEADY = 3  # a tone: four frames of one energy

cdef double LEAST = 0.251189  # -12 dB
cdef double MOST = 3.981072  # +12 dB
cdef double RISE = 1.0069317  # 3 dB a second
cdef double FALL = 0.9727472  # 12 dB a second
cdef double BACK = 1.122018  # 1 dB a frame: after a frame that had no room
cdef double SAME = 1.0 / 32  # two energies that differ by less (0.13 dB)
cdef double ECHO = 1.0 / 256  # -24 dB: an echo is softer than that, in a network or when the canceller has learnt
cdef double MARGIN = 0.0257  # -15.9 dB: what is softer against speech is none
cdef double LEAK = 1.0 / 800  # in 16 s what speech has been is forgotten, where somebody seems to speak ever softer than that
cdef double FADES = 0.9  # of what was said there, a frame: 80 ms of echo lose 2 dB of it


cdef void level_reset(Level *level) noexcept nogil:
    """Another voice: nothing is known of it."""
    cdef int k
    level.speech = level.last = level.told = 0
    level.frames = level.steady = level.own = 0
    level.was_tone = False
    level.gain = level.now = 1
    for k in range(WAITS):
        level.waits[k] = -1


cdef void level_heard(Level *level, int64_t power, int64_t told, bint speaking, bint tone) noexcept nogil:
    """Once a frame: its energy and that of what its speaker hears meanwhile, whether somebody speaks, whether a key or tone is known."""
    cdef double oldest = level.waits[0], wanted
    cdef bint own
    cdef int k
    level.steady = level.steady + 1 if fabs(power - level.last) < SAME * power else 0
    level.last = power
    level.told = max(<double>told, FADES * level.told)
    tone = tone or level.steady >= STEADY
    for k in range(WAITS - 1):
        level.waits[k] = level.waits[k + 1]
    own = power > ECHO * level.told
    speaking = speaking and not level.was_tone
    if own and (level.frames < MEMORY or power > MARGIN * level.speech):
        level.own = HANG
    elif level.own:
        level.own -= 1
    elif own and speaking:
        level.speech -= LEAK * level.speech
    level.waits[WAITS - 1] = power if speaking and level.own else -1
    level.was_tone = tone
    if tone:
        for k in range(WAITS):
            level.waits[k] = -1
        return
    if oldest < 0:
        return
    level.frames = min(level.frames + 1, MEMORY)
    level.speech += (oldest - level.speech) / level.frames
    wanted = min(MOST, max(LEAST, sqrt(level.target / max(1.0, level.speech))))
    level.gain = min(RISE * level.gain, max(FALL * level.gain, wanted))


cdef bint level_frame(Level *level, const int16_t *frame, int16_t *out) noexcept nogil:
    """The frame at its gain; False, and nothing is done, where it passes as it is."""
    cdef double before = level.now, wanted = level.gain if level.on else 1, most
    if wanted == 1 and before == 1:
        return False
    most = peak(frame) * wanted
    if most > 32767:
        wanted *= 32767 / most
    level.now = min(wanted, BACK * before)
    level_samples(frame, <float>before, <float>((level.now - before) / FRAME), out)
    return True


def run_level(const int16_t[:, ::1] frames, const int64_t[::1] told, const uint8_t[::1] speaking, const uint8_t[::1] tone, double target):
    """For tests: frames (n, 160), and of each what `level_heard` is told; `target` is the energy of a frame. Gives (frames, gains)."""
    cdef Level level
    cdef Py_ssize_t i, n = frames.shape[0]
    out, gains = np.array(frames), np.zeros(n)
    cdef int16_t[:, ::1] pcm = out
    cdef double[::1] gain = gains
    level.on = True
    level.target = target
    level_reset(&level)
    for i in range(n):
        level_frame(&level, &frames[i, 0], &pcm[i, 0])
        gain[i] = level.now
        level_heard(&level, energy(&frames[i, 0], FRAME), told[i], speaking[i], tone[i])
    return out, gains
