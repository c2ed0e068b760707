// SPDX-License-Identifier: GPL-3.0-or-later
// Names for the macros of hdf5.h that Swift cannot import.
#pragma once
#include <hdf5.h>

static inline unsigned ferro_H5F_ACC_RDONLY(void) { return H5F_ACC_RDONLY; }
static inline unsigned ferro_H5F_ACC_TRUNC(void) { return H5F_ACC_TRUNC; }
static inline hid_t ferro_H5P_DEFAULT(void) { return H5P_DEFAULT; }
