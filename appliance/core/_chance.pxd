"""Chance that is the same on every machine: xoshiro256++ seeded by splitmix64, and distributions from + - * / and square roots alone.

No logarithm or exponential of the C library is asked: theirs differ in the last bit from machine to machine. Who cimports this is compiled with
-ffp-contract=off, so that no compiler joins a product and a sum into one rounding.
Source: Blackman and Vigna, "Scrambled linear pseudorandom number generators"; Steele, Lea and Flood, "Fast splittable pseudorandom number generators".
"""
from libc.math cimport ldexp, sqrt
from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memcpy

cdef extern from *:
    bint likely(bint) nogil

cdef enum:
    CONSTANT, EXPONENTIAL, LOGNORMAL, EMPIRICAL, INFINITE
    WORDS = 4
    LAYERS = 256


cdef struct Stream:
    uint64_t s[WORDS]


cdef struct Spread:
    int32_t kind
    double mean  # units; of a lognormal one the mean of the logarithm
    double sigma  # of the logarithm
    int64_t *values
    int64_t n


cdef inline uint64_t _mixed(uint64_t *state) noexcept nogil:
    """splitmix64."""
    cdef uint64_t z
    state[0] += <uint64_t>0x9E3779B97F4A7C15
    z = state[0]
    z = (z ^ (z >> 30)) * <uint64_t>0xBF58476D1CE4E5B9
    z = (z ^ (z >> 27)) * <uint64_t>0x94D049BB133111EB
    return z ^ (z >> 31)


cdef inline void seed_stream(Stream *stream, uint64_t seed, uint64_t run, uint64_t queue, uint64_t use) noexcept nogil:
    """Own numbers for each run, queue and use: a candidate meets the very callers that the routing in force met."""
    cdef uint64_t state = seed
    cdef int32_t i
    state = _mixed(&state) ^ run
    state = _mixed(&state) ^ queue
    state = _mixed(&state) ^ use
    for i in range(WORDS):
        stream.s[i] = _mixed(&state)


cdef inline uint64_t _turned(uint64_t x, int32_t by) noexcept nogil:
    return (x << by) | (x >> (64 - by))


cdef inline uint64_t draw64(Stream *stream) noexcept nogil:
    cdef uint64_t *s = stream.s
    cdef uint64_t given = _turned(s[0] + s[3], 23) + s[0], t = s[1] << 17
    s[2] ^= s[0]
    s[3] ^= s[1]
    s[1] ^= s[2]
    s[0] ^= s[3]
    s[2] ^= t
    s[3] = _turned(s[3], 45)
    return given


cdef inline double unit(Stream *stream) noexcept nogil:
    """Between 0 and 1, neither of them."""
    return (<double>(draw64(stream) >> 12) + 0.5) * (1.0 / 4503599627370496.0)


cdef inline double ln(double x) noexcept nogil:
    """Of a normal number above 0; error below 4e-16 of the value, or of 1 near 1."""
    cdef uint64_t bits
    cdef int64_t e
    cdef double s, z
    memcpy(&bits, &x, 8)
    e = <int64_t>(bits >> 52) - 1023
    bits = (bits & <uint64_t>0xFFFFFFFFFFFFF) | <uint64_t>0x3FF0000000000000
    memcpy(&x, &bits, 8)
    if x > 1.4142135623730951:
        x *= 0.5
        e += 1
    s = (x - 1.0) / (x + 1.0)
    z = s * s
    z = z * (1.0/3 + z * (1.0/5 + z * (1.0/7 + z * (1.0/9 + z * (1.0/11 + z * (1.0/13 + z * (1.0/15 + z * (1.0/17 + z * (1.0/19)))))))))
    return <double>e * 0.6931471805599453 + (s + s) * (1.0 + z)


cdef inline double power_of_e(double x) noexcept nogil:
    """For -700 .. 700."""
    cdef double k = <double>(<int64_t>(x * 1.4426950408889634 + (0.5 if x >= 0 else -0.5)))
    cdef double r = (x - k * 0.693147180369123816490) - k * 1.90821492927058770002e-10
    cdef double sum = 1.0
    cdef int32_t i
    for i in range(14, 0, -1):
        sum = 1.0 + r * sum / i
    return ldexp(sum, <int>k)


cdef struct Layers:
    double x[LAYERS + 1]  # right edges; the first is of the base, which goes on for ever
    double y[LAYERS + 1]


cdef inline void cut_layers(Layers *layers) noexcept nogil:
    """The area under exp(-x) in 256 pieces of one size. Source: Marsaglia and Tsang, "The ziggurat method for generating random variables"."""
    cdef double edge = 7.69711747013104972, area = 0.0039496598225815571993
    cdef int32_t i
    layers.x[0] = area / power_of_e(-edge)
    layers.x[1] = edge
    layers.x[LAYERS] = 0.0
    for i in range(2, LAYERS):
        layers.x[i] = -ln(area / layers.x[i - 1] + power_of_e(-layers.x[i - 1]))
    for i in range(LAYERS + 1):
        layers.y[i] = power_of_e(-layers.x[i])


cdef inline double exponential(const Layers *layers, Stream *stream) noexcept nogil:
    """Of mean 1. Nearly always one number, one comparison, one product."""
    cdef uint64_t bits = draw64(stream)
    cdef double x = _within(layers, bits)
    if likely(x < layers.x[(bits & (LAYERS - 1)) + 1]):
        return x
    return _else_exponential(layers, stream, bits)


cdef inline double _within(const Layers *layers, uint64_t bits) noexcept nogil:
    """Somewhere in the layer that the last bits say."""
    return (<double>(bits >> 12) + 0.5) * (1.0 / 4503599627370496.0) * layers.x[bits & (LAYERS - 1)]


cdef inline double _else_exponential(const Layers *layers, Stream *stream, uint64_t bits) noexcept nogil:
    """Where it may not lie under the curve."""
    cdef uint64_t i
    cdef double x
    while True:
        i = bits & (LAYERS - 1)
        x = _within(layers, bits)
        if x < layers.x[i + 1]:
            return x
        if i == 0:
            return layers.x[1] - ln(unit(stream))
        if layers.y[i] + unit(stream) * (layers.y[i + 1] - layers.y[i]) < power_of_e(-x):
            return x
        bits = draw64(stream)


cdef inline double normal(Stream *stream) noexcept nogil:
    """Of mean 0 and deviation 1, by the polar method; the second of the pair is dropped."""
    cdef double x, y, r
    while True:
        x = 2.0 * unit(stream) - 1.0
        y = 2.0 * unit(stream) - 1.0
        r = x * x + y * y
        if 0.0 < r < 1.0:
            return x * sqrt(-2.0 * ln(r) / r)


cdef inline int64_t rounded(double x) noexcept nogil:
    """Of a number from 0 on; at most 2**60."""
    return <int64_t>(x + 0.5) if x < 1152921504606846976.0 else <int64_t>1 << 60


cdef inline int64_t draw(const Layers *layers, const Spread *spread, Stream *stream) noexcept nogil:
    """A duration in units; -1: without end."""
    cdef double x
    if spread.kind == EXPONENTIAL:
        return rounded(exponential(layers, stream) * spread.mean)
    if spread.kind == INFINITE:
        return -1
    if spread.kind == CONSTANT:
        return rounded(spread.mean)
    if spread.kind == LOGNORMAL:
        x = spread.mean + spread.sigma * normal(stream)
        return rounded(power_of_e(-700.0 if x < -700.0 else 700.0 if x > 700.0 else x))
    return spread.values[<int64_t>(unit(stream) * <double>spread.n)]
