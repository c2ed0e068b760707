// SPDX-License-Identifier: GPL-3.0-or-later
// The median of all channels, frame by frame; eight frames lie in the lanes of a vector.
//
// Up to COUNTING channels by a sorting network: Batcher's merge exchange (Knuth, The Art of Computer Programming 3, 5.3.4)
// without the steps that no middle value depends on. Its steps a channel grow with the square of the logarithm. Beyond, by
// counting: how many values lie below a guess, which is then moved by what is missing, until it is at most one place off in
// every lane; the two values next to it on either side then hold the middle ones. A comparison and a subtraction a value and
// guess, four guesses or so.

#ifndef COUNTING
#define COUNTING 16
#endif

typedef float times __attribute__((vector_size(32), aligned(32)));

struct median {
    int channels;
    long steps;
    short (*step)[2];
    times *values, *sorted;
    /// Usual distance of neighbouring middle values, from the frames before.
    float step_of_one;
    long passes;
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

/// The middle values by counting; falls back on the network where many values are equal.
static inline times median_by_counting(struct median *median)
{
    const times *values = median->values;
    int n = median->channels;
    times sum[2] = {{0}, {0}};
    for (int i = 0; i + 1 < n; i += 2) {
        sum[0] += values[i];
        sum[1] += values[i + 1];
    }
    times guess = (sum[0] + sum[1]) / (float)n;
    float target = (float)n / 2;
    __m256 step = _mm256_set1_ps(median->step_of_one), lo = _mm256_set1_ps(-INFINITY), hi = _mm256_set1_ps(INFINITY);
    __m256 lo_count = _mm256_setzero_ps(), hi_count = _mm256_set1_ps((float)n), missing = _mm256_setzero_ps();
    int tries = 0;
    for (;; tries++) {
        __m256i count[4] = {{0}, {0}, {0}, {0}};
        __m256 pivot = (__m256)guess;
        int i = 0;
        for (; i + 3 < n; i += 4)
            for (int k = 0; k < 4; k++)
                count[k] = _mm256_sub_epi32(count[k], (__m256i)_mm256_cmp_ps((__m256)values[i + k], pivot, _CMP_LT_OQ));
        for (; i < n; i++) count[0] = _mm256_sub_epi32(count[0], (__m256i)_mm256_cmp_ps((__m256)values[i], pivot, _CMP_LT_OQ));
        __m256 below = _mm256_cvtepi32_ps(_mm256_add_epi32(_mm256_add_epi32(count[0], count[1]), _mm256_add_epi32(count[2], count[3])));
        missing = _mm256_sub_ps(_mm256_set1_ps(target), below);
        __m256 far = _mm256_cmp_ps(_mm256_andnot_ps(_mm256_set1_ps(-0.0f), missing), _mm256_set1_ps(1), _CMP_GT_OQ);
        int left = _mm256_movemask_ps(far);
        median->passes++;
        if (!left || tries == 16) break;
        __m256 is_low = _mm256_cmp_ps(missing, _mm256_setzero_ps(), _CMP_GT_OQ);
        lo = _mm256_blendv_ps(lo, pivot, is_low);
        lo_count = _mm256_blendv_ps(lo_count, below, is_low);
        hi = _mm256_blendv_ps(pivot, hi, is_low);
        hi_count = _mm256_blendv_ps(below, hi_count, is_low);
        // By the usual spacing of the middle values while one side is open, by the straight line between the sides then.
        __m256 newton = _mm256_fmadd_ps(missing, step, pivot);
        __m256 width = _mm256_sub_ps(hi, lo);
        __m256 line = _mm256_fmadd_ps(
            width, _mm256_div_ps(_mm256_sub_ps(_mm256_set1_ps(target), lo_count), _mm256_sub_ps(hi_count, lo_count)), lo);
        __m256 closed = _mm256_cmp_ps(width, _mm256_set1_ps(INFINITY), _CMP_LT_OQ);
        __m256 next = _mm256_blendv_ps(newton, line, closed);
        guess = (times)_mm256_blendv_ps(pivot, next, far);
    }
    if (tries == 16) {
        memcpy(median->sorted, values, n * sizeof(times));
        return median_of(median);
    }
    __m256 pivot = (__m256)guess, inf = _mm256_set1_ps(INFINITY), minus = _mm256_set1_ps(-INFINITY);
    __m256 up1 = inf, up2 = inf, down1 = minus, down2 = minus;
    for (int i = 0; i < n; i++) {
        __m256 value = (__m256)values[i], below = _mm256_cmp_ps(value, pivot, _CMP_LT_OQ);
        __m256 up = _mm256_blendv_ps(value, inf, below), down = _mm256_blendv_ps(minus, value, below);
        up2 = _mm256_min_ps(up2, _mm256_max_ps(up1, up));
        up1 = _mm256_min_ps(up1, up);
        down2 = _mm256_max_ps(down2, _mm256_min_ps(down1, down));
        down1 = _mm256_max_ps(down1, down);
    }
    __m256 one_low = _mm256_cmp_ps(missing, _mm256_set1_ps(0.75f), _CMP_GT_OQ);
    __m256 one_high = _mm256_cmp_ps(missing, _mm256_set1_ps(-0.75f), _CMP_LT_OQ);
    __m256 lower = _mm256_blendv_ps(_mm256_blendv_ps(down1, up1, one_low), down2, one_high);
    __m256 upper = _mm256_blendv_ps(_mm256_blendv_ps(up1, up2, one_low), down1, one_high);
    return (times)_mm256_mul_ps(_mm256_add_ps(lower, upper), _mm256_set1_ps(0.5f));
}

/// How often a channel less the median of its frame passes below its limit.
static long median_crossings(struct median *median, const float *rows, long frames, const float *limits)
{
    long crossings = 0;
    int channels = median->channels;
    unsigned char *inside = calloc(channels, 1);
    // Normal values with this mean deviation: their middle ones are that far apart.
    float sum = 0;
    for (int channel = 0; channel < channels; channel++) sum += fabsf(rows[channel]);
    median->step_of_one = sum / channels * 1.2533f * 2.5066f / channels;
    for (long frame = 0; frame + 8 <= frames; frame += 8) {
        for (int column = 0; column < channels; column += 8)
            transpose(rows + frame * channels + column, channels, median->values + column);
        times middle;
        if (channels > COUNTING) {
            middle = median_by_counting(median);
        } else {
            memcpy(median->sorted, median->values, channels * sizeof(times));
            middle = median_of(median);
        }
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
