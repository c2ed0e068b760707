// SPDX-License-Identifier: GPL-3.0-or-later
// The median of all channels, frame by frame, by a sorting network whose lanes are eight frames.
//
// Batcher's merge exchange (Knuth, The Art of Computer Programming 3, 5.3.4) without the steps that no middle value depends on.

typedef float times __attribute__((vector_size(32), aligned(32)));

struct median {
    int channels;
    long steps;
    short (*step)[2];
    times *values, *sorted;
};

static struct median median_start(int channels)
{
    struct median median = {.channels = channels};
    int top = 1;
    while (top < channels) top *= 2;
    short(*all)[2] = need(sizeof(short[2]) * channels * 128);
    long count = 0;
    for (int p = top / 2; p > 0; p /= 2) {
        int q = top / 2, r = 0, d = p;
        for (;;) {
            for (int index = 0; index + d < channels; index++)
                if ((index & p) == r) {
                    all[count][0] = (short)index;
                    all[count++][1] = (short)(index + d);
                }
            if (q == p) break;
            d = q - p;
            q /= 2;
            r = p;
        }
    }
    char *needed = calloc(channels, 1);
    needed[(channels - 1) / 2] = needed[channels / 2] = 1;
    median.step = need(sizeof(short[2]) * count);
    long kept = count;
    for (long index = count - 1; index >= 0; index--)
        if (needed[all[index][0]] | needed[all[index][1]]) {
            needed[all[index][0]] = needed[all[index][1]] = 1;
            memcpy(median.step[--kept], all[index], sizeof all[index]);
        }
    median.step += kept;
    median.steps = count - kept;
    median.values = need(channels * sizeof(times));
    median.sorted = need(channels * sizeof(times));
    free(all);
    free(needed);
    return median;
}

/// Eight rows of eight values, `stride` floats apart, into eight columns.
static inline void transpose(const float *rows, long stride, times *columns)
{
    __m256 r[8], t[8];
    for (int i = 0; i < 4; i++) {
        // Half rows of frames i and i + 4 side by side, so that only four-lane shuffles follow.
        r[i] = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(rows + i * stride)), _mm_loadu_ps(rows + (i + 4) * stride), 1);
        r[i + 4] = _mm256_insertf128_ps(
            _mm256_castps128_ps256(_mm_loadu_ps(rows + i * stride + 4)), _mm_loadu_ps(rows + (i + 4) * stride + 4), 1);
    }
    for (int h = 0; h < 8; h += 4) {
        t[0] = _mm256_unpacklo_ps(r[h], r[h + 1]);
        t[1] = _mm256_unpackhi_ps(r[h], r[h + 1]);
        t[2] = _mm256_unpacklo_ps(r[h + 2], r[h + 3]);
        t[3] = _mm256_unpackhi_ps(r[h + 2], r[h + 3]);
        columns[h] = (times)_mm256_shuffle_ps(t[0], t[2], 0x44);
        columns[h + 1] = (times)_mm256_shuffle_ps(t[0], t[2], 0xee);
        columns[h + 2] = (times)_mm256_shuffle_ps(t[1], t[3], 0x44);
        columns[h + 3] = (times)_mm256_shuffle_ps(t[1], t[3], 0xee);
    }
}

static inline times median_of(struct median *median)
{
    times *values = median->sorted;
    for (long index = 0; index < median->steps; index++) {
        times *low = &values[median->step[index][0]], *high = &values[median->step[index][1]];
        __m256 a = (__m256)*low, b = (__m256)*high;
        *low = (times)_mm256_min_ps(a, b);
        *high = (times)_mm256_max_ps(a, b);
    }
    return (values[(median->channels - 1) / 2] + values[median->channels / 2]) * 0.5f;
}

/// How often a channel less the median of its frame passes below its limit.
static long median_crossings(struct median *median, const float *rows, long frames, const float *limits)
{
    long crossings = 0;
    int channels = median->channels;
    unsigned char *inside = calloc(channels, 1);
    for (long frame = 0; frame + 8 <= frames; frame += 8) {
        for (int column = 0; column < channels; column += 8)
            transpose(rows + frame * channels + column, channels, median->values + column);
        memcpy(median->sorted, median->values, channels * sizeof(times));
        times middle = median_of(median);
        for (int channel = 0; channel < channels; channel++) {
            unsigned below = _mm256_movemask_ps(
                _mm256_cmp_ps((__m256)(median->values[channel] - middle), _mm256_set1_ps(limits[channel]), _CMP_LT_OQ));
            if (below | inside[channel]) {
                crossings += __builtin_popcount(below & ~(below << 1 | inside[channel]));
                inside[channel] = below >> 7;
            }
        }
    }
    free(inside);
    return crossings;
}
