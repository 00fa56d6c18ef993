from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t, uint32_t, uint64_t

from appliance.audio._answer cimport Answer
from appliance.audio._detect cimport Cadence, Keys
from appliance.audio._dle cimport Dle
from appliance.audio._dsp cimport Encoding
from appliance.audio._echo cimport Echo
from appliance.audio._elastic cimport Elastic
from appliance.audio._level cimport Level
from appliance.audio._ring cimport Ring

cdef enum:
    FRAME__ = 160
    ENDPOINTS = 64
    UNITY = 4096  # 1.0 of a gain
    CHUNK = 4096  # bytes read at once
    MOST = 65536  # bytes read from one port in one tick
    TEXT_SIZE = 65536
    ORDER_SIZE = 16384
    OUT_SIZE = 8192
    IN_TARGET = 212  # samples left in the buffer after each frame: with the outgoing filter's 12 (AHEAD) 28 ms
    IN_PATIENT = 308  # the same where the thread is an ordinary one, which comes late at times
    IN_RINGS = 320  # the same of a browser or headset, whose rings are filtered once
    IN_MOST = 960  # samples (120 ms): what a browser or headset that is late may make of it
    LEAD = 480  # samples (60 ms) written ahead of what the modem has played
    MOST_LEAD = 1600  # samples (200 ms)

cdef enum Kind:
    PCM = 1
    V253 = 2
    RINGS = 3
    SOURCE = 4

cdef enum Happened:
    PORT_GONE = 16
    PORT_ERROR = 17
    PLAY_END = 18
    NO_SOUND = 19
    NOT_TAKEN = 20
    SOUND_AGAIN = 21
    BY_PERSON = 22
    BY_MACHINE = 23
    BEEPED = 24


cdef enum:
    UNKNOWN = 0x7FFFFFFFFFFF  # of a floor: nothing has been heard


cdef struct Heard:
    uint64_t sources
    uint64_t scaled  # those of them whose weight is not 1
    int16_t weight[ENDPOINTS]  # q12
    int16_t gain  # q12, of the whole
    int16_t *tune  # what the box plays to it besides
    Py_ssize_t n, at
    bint loop
    int16_t tune_weight  # q12


cdef struct Endpoint:
    int kind
    int fd
    bint gone
    bint sound  # pcm: switched on; v253: inside a stream; rings: always
    bint find_keys, find_tones
    Encoding encoding
    Elastic inward, outward
    Py_ssize_t reserve  # samples that the inward buffer shall hold
    Py_ssize_t lead, lead_target
    Py_ssize_t taken  # samples read in this tick
    int idle_ticks  # without a byte
    bint moved  # in this tick sound came; of a module: not only zeros, which no network sends
    int silent, untaken  # ticks in a row without; in which the port took nothing
    bint missed  # told that a direction is dead
    int carry  # first byte of a split sample, or -1
    uint8_t out[OUT_SIZE]  # bytes to be written
    Py_ssize_t out_n
    # v253
    bint armed, stopping, text_dle
    int matched
    double offset  # of its sound, which is a modem's own and no caller's
    Dle dle
    Ring *text
    Ring *orders
    Ring *escapes
    Echo *echo
    # rings
    bint far  # at their other end is a line, whose sound is switched on for each call
    Ring *from_other
    Ring *to_other
    # who hears whom
    Heard heard, before
    int16_t weights[ENDPOINTS]  # q12: what the next order to hear will use
    bint switched  # in this tick: fade from what was heard before
    int16_t gain, gain_before  # q12, of its own sound
    int16_t past[FRAME__]  # the frame before, for what looks for keys and tones
    int16_t frame[FRAME__]  # directly behind it
    int16_t levelled[FRAME__]  # the frame at the gain of level control
    const int16_t *said  # what others hear of it: one of these two
    int16_t mixed[FRAME__]
    Level level
    Keys keys
    Cadence cadence
    Answer answer
    # figures
    int64_t power, power_said  # energies of this tick's frame: as it came, and as others hear it
    int copied  # whose frame this endpoint hears unchanged, or -1
    int64_t power_in[50]
    int64_t power_out[50]
    int power_at
    int64_t floor, floor_next  # the quietest frame of the last 5 s: what is no voice
    bint blank  # one of them was digital silence
    double hiss_next  # mean square of what is noise in the quietest
    float pole_next
    int floor_ticks, voice  # voice: ticks until it counts as over
    uint64_t bytes_in, bytes_out, underruns_out, refused, stale


cdef int port_read(Endpoint *ep) noexcept nogil
cdef void port_write(Endpoint *ep) noexcept nogil
cdef void port_sound(Endpoint *ep, bint on) noexcept nogil
cdef void port_text_mode(Endpoint *ep) noexcept nogil
cdef void port_resume(Endpoint *ep) noexcept nogil
