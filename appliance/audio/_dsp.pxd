from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t, uint32_t, uint64_t

cdef enum:
    FRAME = 160  # samples of 20 ms at 8 kHz
    RAMP = 40  # samples of a fade: 5 ms

cdef enum Encoding:
    SIGNED16 = 0
    ULAW = 1
    ALAW = 2
    UNSIGNED8 = 3

cdef void interleave(const int16_t *left, const int16_t *right, int16_t *both) noexcept nogil
cdef void dots(const int16_t *x, const int16_t *tables, Py_ssize_t n, int rows, int32_t *out) noexcept nogil
cdef double windowed_energy(const int16_t *x, const int16_t *window, Py_ssize_t n) noexcept nogil
cdef void resample(const int16_t *x, uint32_t frac, int64_t step, const float *filter, int16_t *out, Py_ssize_t n) noexcept nogil
cdef void mix_store(int16_t *out, const int32_t *acc) noexcept nogil
cdef void mix_matrix(const int16_t *const *ins, int16_t *const *outs, const uint64_t *hears, uint64_t active) noexcept nogil
cdef void mix_one(const int16_t *const *ins, int32_t *acc, uint64_t sources) noexcept nogil
cdef void mix_scaled(int32_t *acc, const int16_t *x, int16_t weight) noexcept nogil
cdef void scale_sum(int32_t *acc, int16_t gain) noexcept nogil
cdef void apply_gain(int16_t *x, int16_t before, int16_t gain) noexcept nogil
cdef int32_t peak(const int16_t *x) noexcept nogil
cdef void level_samples(const int16_t *x, float gain, float step, int16_t *out) noexcept nogil
cdef void crossfade(int16_t *out, const int16_t *old) noexcept nogil
cdef int64_t energy(const int16_t *x, Py_ssize_t n) noexcept nogil
cdef Py_ssize_t encode(Encoding encoding, const int16_t *x, Py_ssize_t n, uint8_t *out) noexcept nogil
cdef Py_ssize_t decode(Encoding encoding, const uint8_t *x, Py_ssize_t n, int16_t *out) noexcept nogil
