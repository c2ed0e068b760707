// SPDX-License-Identifier: GPL-3.0-or-later
// The filter of limit.c for one precision. Included twice, with REAL and NAME defined.
//
// A section with the numerator 1 - z^-2 in transposed direct form II is one addition and two fused multiply-adds:
//     y = x + s1;  s1 = s2 - a1 y;  s2 = -a2 y - x
// The gains of all sections of both directions are one factor of the conversion from int16.

#define LANES (WIDTH / (int)sizeof(REAL))
typedef REAL NAME(vec) __attribute__((vector_size(WIDTH), aligned(sizeof(REAL))));
typedef short NAME(words) __attribute__((vector_size(WIDTH / sizeof(REAL) * 2), aligned(2)));
typedef float NAME(floats) __attribute__((vector_size(WIDTH / sizeof(REAL) * 4), aligned(4)));
typedef int NAME(mask) __attribute__((vector_size(WIDTH / sizeof(REAL) * 4), aligned(4)));

static const REAL NAME(a1)[SECTIONS] = {SECTION_A1};
static const REAL NAME(a2)[SECTIONS] = {SECTION_A2};

/// Filters `channels` columns forward over `frames` rows and backward to row `lead`, and writes rows `lead` to `lead + core`
/// to `output`. Returns how often a value passes below `limits` when they are given.
static long NAME(filter)(
    const int16_t *input, long frames, long lead, long core, int channels, REAL gain, float *output, const float *limits,
    NAME(vec) *scratch)
{
    long crossings = 0;
    for (int column = 0; column < channels; column += GROUPS * LANES) {
        NAME(vec) s1[SECTIONS][GROUPS], s2[SECTIONS][GROUPS];
        for (int k = 0; k < SECTIONS; k++)
            for (int g = 0; g < GROUPS; g++) s1[k][g] = s2[k][g] = (NAME(vec)){0};
        // As if the first row had lasted for ever: only the first section remembers a constant.
        for (int g = 0; g < GROUPS; g++) {
            NAME(words) w = *(const NAME(words) *)(input + column + g * LANES);
            s1[0][g] = s2[0][g] = -__builtin_convertvector(w, NAME(vec)) * gain;
        }
        for (long row = 0; row < frames; row++) {
            NAME(vec) x[GROUPS];
            for (int g = 0; g < GROUPS; g++) {
                NAME(words) w = *(const NAME(words) *)(input + row * channels + column + g * LANES);
                x[g] = __builtin_convertvector(w, NAME(vec)) * gain;
            }
#pragma GCC unroll 8
            for (int k = 0; k < SECTIONS; k++)
#pragma GCC unroll 4
                for (int g = 0; g < GROUPS; g++) {
                    NAME(vec) y = x[g] + s1[k][g];
                    s1[k][g] = s2[k][g] - NAME(a1)[k] * y;
                    s2[k][g] = -x[g] - NAME(a2)[k] * y;
                    x[g] = y;
                }
            for (int g = 0; g < GROUPS; g++) scratch[row * GROUPS + g] = x[g];
        }
        for (int k = 0; k < SECTIONS; k++)
            for (int g = 0; g < GROUPS; g++) s1[k][g] = s2[k][g] = (NAME(vec)){0};
        for (int g = 0; g < GROUPS; g++) s1[0][g] = s2[0][g] = -scratch[(frames - 1) * GROUPS + g];
        NAME(mask) inside[GROUPS], count[GROUPS];
        NAME(floats) limit[GROUPS];
        for (int g = 0; g < GROUPS; g++) {
            inside[g] = count[g] = (NAME(mask)){0};
            limit[g] = limits ? *(const NAME(floats) *)(limits + column + g * LANES) : (NAME(floats)){0};
        }
        for (long row = frames - 1; row >= lead; row--) {
            NAME(vec) x[GROUPS];
            for (int g = 0; g < GROUPS; g++) x[g] = scratch[row * GROUPS + g];
#pragma GCC unroll 8
            for (int k = 0; k < SECTIONS; k++)
#pragma GCC unroll 4
                for (int g = 0; g < GROUPS; g++) {
                    NAME(vec) y = x[g] + s1[k][g];
                    s1[k][g] = s2[k][g] - NAME(a1)[k] * y;
                    s2[k][g] = -x[g] - NAME(a2)[k] * y;
                    x[g] = y;
                }
            if (row < lead + core) {
                for (int g = 0; g < GROUPS; g++) {
                    NAME(floats) value = __builtin_convertvector(x[g], NAME(floats));
                    *(NAME(floats) *)(output + (row - lead) * channels + column + g * LANES) = value;
                    if (limits) {
                        NAME(mask) now = value < limit[g];
                        count[g] -= now & ~inside[g];
                        inside[g] = now;
                    }
                }
            }
        }
        for (int g = 0; g < GROUPS; g++)
            for (int lane = 0; lane < LANES; lane++) crossings += count[g][lane];
    }
    return crossings;
}

#undef LANES
