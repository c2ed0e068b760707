// SPDX-License-Identifier: GPL-3.0-or-later
// The limit that the engine is measured against: a program for one task on one kind of file, and nothing around it.
//
// Reads int16 samples (64 channels abreast, say), filters them forward and backward with five sections in blocks with margins,
// takes the median of all channels off each frame, compares with one threshold a channel and counts how often a signal passes
// it downward. Blocks stay in the second-level cache, channels lie in SIMD lanes in the filter and frames in the median.
//
//     limit FILE OFFSET FRAMES CHANNELS LIMITS [--precision float32|float64] [--median on|off] [--threads N]
//           [--block FRAMES] [--deflate CHUNKS] [--only-read on]
//
// LIMITS: a text file with one number a channel, in counts of the file. CHUNKS: a text file with the frames and columns of a
// chunk, whether it is shuffled (1) or not (0), then for every chunk in the order of time, then columns, its offset and its size.
// With --only-read the samples are brought into memory and nothing else is done: a memory copy, or reading and inflating.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <immintrin.h>
#include <libdeflate.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "limit_sections.h"

#ifndef WIDTH
#define WIDTH 32
#endif
#ifndef GROUPS
#define GROUPS 1
#endif

#define REAL float
#define NAME(name) name##_float
#include "limit_filter.h"
#undef REAL
#undef NAME
#define REAL double
#define NAME(name) name##_double
#include "limit_filter.h"

static struct {
    int fd;
    long offset, frames;
    int channels;
    float *limits;
    int is_double, has_median, only_reads, threads;
    long block;
    // Chunks, when the file is compressed.
    long chunk_frames, chunk_columns, chunk_lines, chunks_across;
    int is_shuffled;
    long *chunk_offsets, *chunk_sizes;
} job;

static void fail(const char *what)
{
    fprintf(stderr, "limit: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
    exit(1);
}

static void *need(size_t bytes)
{
    void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (!memory) fail("no memory");
    return memory;
}

#include "limit_median.h"

static void read_fully(void *target, long bytes, long offset)
{
    for (char *to = target; bytes > 0;) {
        long got = pread(job.fd, to, bytes, offset);
        if (got <= 0) fail("cannot read");
        to += got;
        offset += got;
        bytes -= got;
    }
}

// Rows of the file for one thread: each chunk is inflated once, and its rows are kept until no block needs them.
struct rows {
    int16_t *held;
    long first, end, capacity;
    void *stored;
    uint8_t *inflated;
    struct libdeflate_decompressor *inflater;
};

static void inflate_line(struct rows *rows, long line)
{
    long cells = job.chunk_frames * job.chunk_columns;
    for (long across = 0; across < job.chunks_across; across++) {
        long index = line * job.chunks_across + across;
        read_fully(rows->stored, job.chunk_sizes[index], job.chunk_offsets[index]);
        if (libdeflate_zlib_decompress(rows->inflater, rows->stored, job.chunk_sizes[index], rows->inflated, cells * 2, NULL))
            fail("a damaged chunk");
        long columns = job.channels - across * job.chunk_columns;
        if (columns > job.chunk_columns) columns = job.chunk_columns;
        for (long row = 0; row < job.chunk_frames; row++) {
            int16_t *to = rows->held + (rows->end - rows->first + row) * job.channels + across * job.chunk_columns;
            if (job.is_shuffled) {
                const uint8_t *low = rows->inflated + row * job.chunk_columns, *high = low + cells;
                for (long column = 0; column < columns; column++) to[column] = (int16_t)(low[column] | high[column] << 8);
            } else {
                memcpy(to, rows->inflated + row * job.chunk_columns * 2, columns * 2);
            }
        }
    }
    rows->end += job.chunk_frames;
}

/// The rows from `first` to `end`; calls come with ascending ranges.
static const int16_t *rows_of(struct rows *rows, long first, long end)
{
    if (!job.chunk_frames) {
        read_fully(rows->held, (end - first) * job.channels * 2, job.offset + first * job.channels * 2);
        return rows->held;
    }
    if (rows->end == 0 || first >= rows->end) {
        rows->first = rows->end = first / job.chunk_frames * job.chunk_frames;
    } else {
        memmove(rows->held, rows->held + (first - rows->first) * job.channels, (rows->end - first) * job.channels * 2);
        rows->first = first;
    }
    while (rows->end < end) inflate_line(rows, rows->end / job.chunk_frames);
    return rows->held + (first - rows->first) * job.channels;
}

struct share {
    pthread_t thread;
    long first, end, crossings;
};

static void *work(void *argument)
{
    struct share *share = argument;
    long most = job.block + 2 * MARGIN;
    struct rows rows = {0};
    rows.held = need((most + 2 * job.chunk_frames) * job.channels * 2);
    if (job.chunk_frames) {
        long largest = 0;
        for (long index = 0; index < job.chunk_lines * job.chunks_across; index++)
            if (job.chunk_sizes[index] > largest) largest = job.chunk_sizes[index];
        rows.stored = need(largest);
        rows.inflated = need(job.chunk_frames * job.chunk_columns * 2);
        rows.inflater = libdeflate_alloc_decompressor();
    }
    void *scratch = need(most * GROUPS * WIDTH);
    float *filtered = need(job.block * job.channels * sizeof(float));
    struct median median = median_start(job.channels);
    for (long first = share->first; first < share->end; first += job.block) {
        long end = first + job.block < share->end ? first + job.block : share->end;
        long from = first > MARGIN ? first - MARGIN : 0;
        long to = end + MARGIN < job.frames ? end + MARGIN : job.frames;
        const int16_t *input = rows_of(&rows, from, to);
        if (job.only_reads) {
            share->crossings += input[0] & 1;
            continue;
        }
        const float *limits = job.has_median ? NULL : job.limits;
        share->crossings +=
            job.is_double
                ? filter_double(input, to - from, first - from, end - first, job.channels, GAIN, filtered, limits, scratch)
                : filter_float(input, to - from, first - from, end - first, job.channels, GAIN, filtered, limits, scratch);
        if (job.has_median) share->crossings += median_crossings(&median, filtered, end - first, job.limits);
    }
    return NULL;
}

static void read_limits(const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file) fail(path);
    job.limits = need(job.channels * sizeof(float));
    for (int channel = 0; channel < job.channels; channel++) {
        if (fscanf(file, "%f", &job.limits[channel]) != 1) fail("too few limits");
        job.limits[channel] = -job.limits[channel];
    }
    fclose(file);
}

static void read_chunks(const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file) fail(path);
    if (fscanf(file, "%ld %ld %d", &job.chunk_frames, &job.chunk_columns, &job.is_shuffled) != 3) fail("no chunks");
    job.chunks_across = (job.channels + job.chunk_columns - 1) / job.chunk_columns;
    job.chunk_lines = (job.frames + job.chunk_frames - 1) / job.chunk_frames;
    long count = job.chunks_across * job.chunk_lines;
    job.chunk_offsets = need(count * sizeof(long));
    job.chunk_sizes = need(count * sizeof(long));
    for (long index = 0; index < count; index++)
        if (fscanf(file, "%ld %ld", &job.chunk_offsets[index], &job.chunk_sizes[index]) != 2) fail("too few chunks");
    fclose(file);
}

static double seconds_of(struct timeval time) { return time.tv_sec + time.tv_usec * 1e-6; }

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec * 1e-9;
}

int main(int count, char **arguments)
{
    if (count < 6) fail("expected FILE OFFSET FRAMES CHANNELS LIMITS");
    job.fd = open(arguments[1], O_RDONLY);
    if (job.fd < 0) fail(arguments[1]);
    job.offset = atol(arguments[2]);
    job.frames = atol(arguments[3]);
    job.channels = atoi(arguments[4]);
    if (job.channels <= 0 || job.channels % (GROUPS * WIDTH / 4)) fail("expected a multiple of 16 channels");
    read_limits(arguments[5]);
    job.has_median = 1;
    job.threads = 1;
    // Margins are filtered twice, so blocks are long; but the filtered block of many channels has to stay in a cache.
    job.block = (3 << 19) / job.channels & ~7;
    if (job.block > 16384) job.block = 16384;
    if (job.block < 2048) job.block = 2048;
    for (int index = 6; index + 1 < count; index += 2) {
        const char *name = arguments[index], *value = arguments[index + 1];
        if (!strcmp(name, "--precision")) job.is_double = !strcmp(value, "float64");
        else if (!strcmp(name, "--median")) job.has_median = !strcmp(value, "on");
        else if (!strcmp(name, "--only-read")) job.only_reads = !strcmp(value, "on");
        else if (!strcmp(name, "--threads")) job.threads = atoi(value);
        else if (!strcmp(name, "--block")) job.block = atol(value);
        else if (!strcmp(name, "--deflate")) read_chunks(value);
        else fail(name);
    }
    double start = now();
    struct share *shares = calloc(job.threads, sizeof *shares);
    long blocks = (job.frames + job.block - 1) / job.block;
    for (int index = 0; index < job.threads; index++) {
        shares[index].first = blocks * index / job.threads * job.block;
        shares[index].end = blocks * (index + 1) / job.threads * job.block;
        if (shares[index].end > job.frames) shares[index].end = job.frames;
        if (pthread_create(&shares[index].thread, NULL, work, &shares[index])) fail("no thread");
    }
    long crossings = 0;
    for (int index = 0; index < job.threads; index++) {
        pthread_join(shares[index].thread, NULL);
        crossings += shares[index].crossings;
    }
    double wall = now() - start;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double processor = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
    double samples = (double)job.frames * job.channels;
    printf("{\"crossings\": %ld, \"wall_s\": %.4f, \"cpu_s\": %.4f, \"Msamples_per_cpu_s\": %.1f, \"peak_kB\": %ld}\n", crossings, wall,
        processor, samples / processor / 1e6, usage.ru_maxrss);
    return 0;
}
