// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <fftw3.h>

static inline unsigned ferro_FFTW_ESTIMATE(void) { return FFTW_ESTIMATE; }
static inline unsigned ferro_FFTW_DESTROY_INPUT(void) { return FFTW_DESTROY_INPUT; }
