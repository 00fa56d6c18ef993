/* The loops of the tick that are to become vectors: plain C, so that it holds on every processor (A4).
 *
 * On x86 each SEAT_WIDE function is compiled twice, for SSE2 and for AVX2 with FMA, and the loader takes what the processor has.
 * SEAT_NARROW leaves the second out. Whether they are vectorised is looked at by tests/appliance/audio/test_compiled.py; a loss fails it. Included by _dsp.pyx and _echo.pyx.
 */
#include <stdint.h>
#include <string.h>

#if !defined(SEAT_NARROW) && defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#define SEAT_WIDE __attribute__((noinline, unused, target_clones("arch=haswell", "default")))
#else
#define SEAT_WIDE __attribute__((noinline, unused))
#endif
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define SEAT_FRAME 160 /* samples of 20 ms */
#define SEAT_TAPS 24   /* of the resampling filter */
#define SEAT_GROUP 32  /* samples that share a phase of it: 200 ppm are 0.006 of a sample within them */
#define SEAT_CLOSE 8   /* input samples by which a frame's position may slip against its output */

typedef float seat_eight __attribute__((vector_size(32), aligned(4), may_alias)); /* two vectors of four where there are none of eight */

/* A code of G.711 is the exponent and the first bits of the mantissa: as a float's bits, which so give its value. */
static inline float seat_float(int32_t i) { union { float f; int32_t i; } u = {.i = i}; return u.f; }

/* And it is the least of the segments' lines: the curve is bent one way.
 *
 * A-law of n samples; the same as the tables of the recommendation (tests/appliance/audio/test_dsp.py). */
SEAT_WIDE static void seat_alaw_encode(const int16_t *restrict x, Py_ssize_t n, uint8_t *restrict out) {
    for (Py_ssize_t k = 0; k < n; k++) {
        int16_t sign = x[k] >> 15, m = x[k] ^ sign, code = m >> 4;
        for (int e = 2; e < 8; e++) {
            int16_t line = (m >> (e + 3)) + 16 * (e - 1);
            code = line < code ? line : code;
        }
        out[k] = (uint8_t)(code ^ 0xD5 ^ (sign & 0x80));
    }
}

SEAT_WIDE static void seat_alaw_decode(const uint8_t *restrict x, Py_ssize_t n, int16_t *restrict out) {
    for (Py_ssize_t k = 0; k < n; k++) {
        int32_t c = x[k] ^ 0x55, low = c & 127, sign = (c >> 7) - 1;
        int32_t steep = (int32_t)seat_float(((low + (134 << 4)) << 19) | 1 << 18), flat = (low << 4) + 8;
        int32_t v = low < 16 ? flat : steep;
        out[k] = (int16_t)((v ^ sign) - sign);
    }
}

/* Mu-law. */
SEAT_WIDE static void seat_ulaw_encode(const int16_t *restrict x, Py_ssize_t n, uint8_t *restrict out) {
    for (Py_ssize_t k = 0; k < n; k++) {
        int16_t v = x[k] & ~3, sign = v >> 15, m = v < -32635 ? 32635 : (v ^ sign) - sign, code;
        m = (m > 32635 ? 32635 : m) + 132;
        code = (m >> 3) - 16;
        for (int e = 1; e < 8; e++) {
            int16_t line = (m >> (e + 3)) + 16 * (e - 1);
            code = line < code ? line : code;
        }
        out[k] = (uint8_t)(code ^ 0xFF ^ (sign & 0x80));
    }
}

SEAT_WIDE static void seat_ulaw_decode(const uint8_t *restrict x, Py_ssize_t n, int16_t *restrict out) {
    for (Py_ssize_t k = 0; k < n; k++) {
        int32_t c = x[k] ^ 0xFF, sign = -(c >> 7);
        int32_t v = (int32_t)seat_float((((c & 127) + (134 << 4)) << 19) | 1 << 18) - 132;
        out[k] = (int16_t)((v ^ sign) - sign);
    }
}

/* One part of the echo's spectrum, n bins: what was played (a, b) through its filter (wr, wi), and in each bin the power by which it may be wrong. */
SEAT_WIDE static void seat_echo_part(
    const float *restrict a, const float *restrict b, const float *restrict wr, const float *restrict wi, const float *restrict p, Py_ssize_t n,
    float *restrict r, float *restrict i, float *restrict off) {
    for (Py_ssize_t k = 0; k < n; k++) {
        r[k] += a[k] * wr[k] - b[k] * wi[k];
        i[k] += a[k] * wi[k] + b[k] * wr[k];
        off[k] += (a[k] * a[k] + b[k] * b[k]) * p[k];
    }
}

/* And that part after the error (r, i) was seen: the filter follows it by `share` and its own doubt p, and forgets a little of both. */
SEAT_WIDE static void seat_echo_follow(
    const float *restrict a, const float *restrict b, const float *restrict r, const float *restrict i, const float *restrict share,
    float fade, float keep, Py_ssize_t n, float *restrict wr, float *restrict wi, float *restrict p) {
    for (Py_ssize_t k = 0; k < n; k++) {
        float mu = p[k] * share[k], left = 1 - 0.5f * mu * (a[k] * a[k] + b[k] * b[k]);
        float x = fade * (wr[k] + mu * (a[k] * r[k] + b[k] * i[k])), y = fade * (wi[k] + mu * (a[k] * i[k] - b[k] * r[k]));
        left = left > 0 ? left : 0;
        wr[k] = x;
        wi[k] = y;
        p[k] = keep * left * p[k] + (1 - keep) * (x * x + y * y) + 1e-12f;
    }
}

/* The sum of squares; n up to 65536. Halves of 16 bits, so that 32 bits hold their sums. */
SEAT_WIDE static int64_t seat_energy(const int16_t *restrict x, Py_ssize_t n) {
    uint32_t low = 0, high = 0;
    for (Py_ssize_t k = 0; k < n; k++) {
        uint32_t square = (uint32_t)((int32_t)x[k] * x[k]);
        low += square & 0xFFFF;
        high += square >> 16;
    }
    return ((int64_t)high << 16) + low;
}

static inline __attribute__((always_inline)) int32_t seat_dot(const int16_t *restrict x, const int16_t *restrict y, Py_ssize_t n) {
    int32_t total = 0;
    for (Py_ssize_t k = 0; k < n; k++) total += (int32_t)x[k] * y[k];
    return total;
}

/* Sums of x[k] * row[k] for each of `rows` tables of n, which is 80 or 160; 32 bits must hold them. */
SEAT_WIDE static void seat_dots(const int16_t *restrict x, const int16_t *restrict tables, Py_ssize_t n, int rows, int32_t *restrict out) {
    if (n == 80)
        for (int i = 0; i < rows; i++) out[i] = seat_dot(x, tables + i * 80, 80);
    else
        for (int i = 0; i < rows; i++) out[i] = seat_dot(x, tables + i * 160, 160);
}

static inline __attribute__((always_inline)) uint32_t seat_under(const int16_t *restrict x, const int16_t *restrict window, Py_ssize_t n) {
    int16_t v[SEAT_FRAME];
    for (Py_ssize_t k = 0; k < n; k++) v[k] = (int16_t)(((int32_t)x[k] * window[k]) >> 16);
    return (uint32_t)seat_dot(v, v, n);
}

/* The sum of squares of x[k] * window[k] / 65536, n as above. */
SEAT_WIDE static uint32_t seat_windowed(const int16_t *restrict x, const int16_t *restrict window, Py_ssize_t n) {
    return n == 80 ? seat_under(x, window, 80) : seat_under(x, window, 160);
}

/* out = acc, saturated; n is a multiple of 8. */
static inline void seat_saturate(int16_t *restrict out, const int32_t *restrict acc, Py_ssize_t n) {
#if defined(__SSE2__)
    for (Py_ssize_t k = 0; k < n; k += 8)
        _mm_storeu_si128((__m128i *)(out + k),
                         _mm_packs_epi32(_mm_loadu_si128((const __m128i *)(acc + k)), _mm_loadu_si128((const __m128i *)(acc + k + 4))));
#else
    for (Py_ssize_t k = 0; k < n; k++) out[k] = (int16_t)(acc[k] > 32767 ? 32767 : acc[k] < -32768 ? -32768 : acc[k]);
#endif
}

/* n samples at positions frac, frac + step, ... (2^-32 of a sample) behind x, whose neighbours lie before and behind it: SEAT_TAPS / 2 each way
 * and SEAT_GROUP more behind, which weigh nothing; always whole frames. Each group of SEAT_GROUP takes the phase of its middle: one row of `filter`, of 1025. */
SEAT_WIDE static void seat_resample(const int16_t *x, uint32_t frac, int64_t step, const float *filter, int16_t *restrict out, Py_ssize_t n) {
    float near[SEAT_FRAME + SEAT_TAPS + SEAT_GROUP + SEAT_CLOSE];
    float sum[SEAT_FRAME];
    int32_t whole[SEAT_FRAME];
    int16_t last[SEAT_FRAME];
    const int64_t one = (int64_t)1 << 32;
    for (Py_ssize_t at = 0; at < n; at += SEAT_FRAME) {
        Py_ssize_t begin = (Py_ssize_t)((frac + at * step) >> 32) - SEAT_CLOSE / 2;
        Py_ssize_t left = n - at < SEAT_FRAME ? n - at : SEAT_FRAME;
        const int16_t *from = x + begin - SEAT_TAPS / 2 + 1;
        for (int k = 0; k < SEAT_FRAME + SEAT_TAPS + SEAT_GROUP + SEAT_CLOSE; k++) near[k] = from[k];
        for (Py_ssize_t g = 0; g < SEAT_FRAME; g += SEAT_GROUP) {
            int64_t middle = frac + (at + g) * step + SEAT_GROUP / 2 * (step - one);
            const float *restrict h = filter + (((uint64_t)(uint32_t)middle + (1 << 21)) >> 22) * SEAT_TAPS;
            const float *restrict y = near + ((Py_ssize_t)(middle >> 32) - begin);
            seat_eight a = {0}, b = {0}, c = {0}, d = {0};
#pragma GCC unroll 24
            for (int k = 0; k < SEAT_TAPS; k++) {
                a += *(const seat_eight *)(y + k) * h[k];
                b += *(const seat_eight *)(y + k + 8) * h[k];
                c += *(const seat_eight *)(y + k + 16) * h[k];
                d += *(const seat_eight *)(y + k + 24) * h[k];
            }
            memcpy(sum + g, &a, sizeof(a));
            memcpy(sum + g + 8, &b, sizeof(b));
            memcpy(sum + g + 16, &c, sizeof(c));
            memcpy(sum + g + 24, &d, sizeof(d));
        }
        for (int k = 0; k < SEAT_FRAME; k++) whole[k] = (int32_t)(sum[k] + 131072.5f) - 131072;
        seat_saturate(left < SEAT_FRAME ? last : out + at, whole, SEAT_FRAME);
        if (left < SEAT_FRAME) memcpy(out + at, last, left * sizeof(int16_t));
    }
}

/* acc += x, or -= x. */
SEAT_WIDE static void seat_add(int32_t *restrict acc, const int16_t *restrict x) {
    for (int k = 0; k < SEAT_FRAME; k++) acc[k] += x[k];
}

SEAT_WIDE static void seat_sub(int32_t *restrict acc, const int16_t *restrict x) {
    for (int k = 0; k < SEAT_FRAME; k++) acc[k] -= x[k];
}

/* The largest magnitude. */
SEAT_WIDE static int32_t seat_peak(const int16_t *restrict x) {
    int16_t low = 0, high = 0;
    for (int k = 0; k < SEAT_FRAME; k++) {
        low = x[k] < low ? x[k] : low;
        high = x[k] > high ? x[k] : high;
    }
    return high > -(int32_t)low ? high : -(int32_t)low;
}

/* x at a gain that goes from `gain` on by `step` a sample, up to 3.999, rounded to the nearest, saturated. */
SEAT_WIDE static void seat_level(const int16_t *restrict x, float gain, float step, int16_t *restrict out) {
    int32_t whole[SEAT_FRAME];
    for (int k = 0; k < SEAT_FRAME; k++) whole[k] = (int32_t)(x[k] * (gain + step * (k + 1)) + 131072.5f) - 131072;
    seat_saturate(out, whole, SEAT_FRAME);
}

/* Two channels, sample by sample. */
static inline void seat_interleave(const int16_t *restrict left, const int16_t *restrict right, int16_t *restrict both) {
    for (int k = 0; k < SEAT_FRAME; k++) {
        both[2 * k] = left[k];
        both[2 * k + 1] = right[k];
    }
}
