/* M/M/c with nothing but the waits: the yardstick of bench_simulate.py. No agents, offers or names; a heap of the times at which servers are free.
   xoshiro256+ seeded by splitmix64 (Blackman and Vigna); exponentials by the logarithm. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

static uint64_t s[4];

static void seed(uint64_t x) {
    for (int i = 0; i < 4; i++) {
        uint64_t z = (x += 0x9e3779b97f4a7c15u);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        s[i] = z ^ (z >> 31);
    }
}

static double exponential(double mean) {
    uint64_t drawn = s[0] + s[3], t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = s[3] << 45 | s[3] >> 19;
    return -mean * log(((drawn >> 11) + 1) * 0x1p-53);
}

/* Mean wait of so many callers in units of the mean talk time; load in 0 < load < 1. NAN where there is no memory. */
double mean_wait(int64_t callers, int servers, double load, uint64_t from) {
    double *free_at = calloc(servers, sizeof *free_at), now = 0, waited = 0;
    if (!free_at) return NAN;
    seed(from);
    for (int64_t n = 0; n < callers; n++) {
        now += exponential(1 / (servers * load));
        double begins = free_at[0] > now ? free_at[0] : now, ends = begins + exponential(1);
        waited += begins - now;
        int at = 0, child;
        while ((child = 2 * at + 1) < servers) {
            if (child + 1 < servers && free_at[child + 1] < free_at[child]) child++;
            if (free_at[child] >= ends) break;
            free_at[at] = free_at[child];
            at = child;
        }
        free_at[at] = ends;
    }
    free(free_at);
    return waited / callers;
}
