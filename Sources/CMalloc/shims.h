// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef FERRO_CMALLOC_SHIMS_H
#define FERRO_CMALLOC_SHIMS_H

#include <stdlib.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

/// Sets from which size on a piece of memory is mapped for itself, and how much free memory a heap keeps; nothing where the C library is another.
static inline void ferro_keep_freed_memory(int mapped_from_bytes, int kept_bytes) {
#if defined(__GLIBC__)
    mallopt(M_MMAP_THRESHOLD, mapped_from_bytes);
    mallopt(M_TRIM_THRESHOLD, kept_bytes);
#else
    (void)mapped_from_bytes;
    (void)kept_bytes;
#endif
}

/// Gives the free memory of all heaps back to the system.
static inline void ferro_return_freed_memory(void) {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}

#endif
