/* Preloaded before the routing core: one chosen allocation of its own finds no memory. Others' are never touched. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
static long left = -1, seen;

void starve_at(long n) { left = n; seen = 0; }
long starve_seen(void) { return seen; }

static int starved(void *caller) {
  Dl_info info;
  if (left < 0 || !dladdr(caller, &info) || info.dli_fname == NULL || strstr(info.dli_fname, "/core/_acd") == NULL) return 0;
  return ++seen == left;
}

void *malloc(size_t n) { return starved(__builtin_return_address(0)) ? NULL : __libc_malloc(n); }
void *calloc(size_t n, size_t m) { return starved(__builtin_return_address(0)) ? NULL : __libc_calloc(n, m); }
void *realloc(void *p, size_t n) { return starved(__builtin_return_address(0)) ? NULL : __libc_realloc(p, n); }
