// SPDX-License-Identifier: GPL-3.0-or-later
// Names for the macros of hdf5.h that Swift cannot import.
#pragma once
#include <hdf5.h>

static inline unsigned ferro_H5F_ACC_RDONLY(void) { return H5F_ACC_RDONLY; }
static inline unsigned ferro_H5F_ACC_TRUNC(void) { return H5F_ACC_TRUNC; }
static inline hid_t ferro_H5P_DEFAULT(void) { return H5P_DEFAULT; }
static inline hid_t ferro_H5E_DEFAULT(void) { return H5E_DEFAULT; }
static inline hid_t ferro_H5S_ALL(void) { return H5S_ALL; }
static inline hsize_t ferro_H5S_UNLIMITED(void) { return H5S_UNLIMITED; }
static inline haddr_t ferro_HADDR_UNDEF(void) { return HADDR_UNDEF; }
static inline size_t ferro_H5T_VARIABLE(void) { return H5T_VARIABLE; }

static inline hid_t ferro_H5P_FILE_ACCESS(void) { return H5P_FILE_ACCESS; }
static inline hid_t ferro_H5P_DATASET_XFER(void) { return H5P_DATASET_XFER; }
static inline hid_t ferro_H5P_DATASET_CREATE(void) { return H5P_DATASET_CREATE; }
static inline hid_t ferro_H5P_GROUP_CREATE(void) { return H5P_GROUP_CREATE; }
static inline hid_t ferro_H5P_LINK_CREATE(void) { return H5P_LINK_CREATE; }

static inline hid_t ferro_H5T_C_S1(void) { return H5T_C_S1; }
static inline hid_t ferro_H5T_NATIVE_INT8(void) { return H5T_NATIVE_INT8; }
static inline hid_t ferro_H5T_NATIVE_INT16(void) { return H5T_NATIVE_INT16; }
static inline hid_t ferro_H5T_NATIVE_INT32(void) { return H5T_NATIVE_INT32; }
static inline hid_t ferro_H5T_NATIVE_INT64(void) { return H5T_NATIVE_INT64; }
static inline hid_t ferro_H5T_NATIVE_UINT8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t ferro_H5T_NATIVE_UINT16(void) { return H5T_NATIVE_UINT16; }
static inline hid_t ferro_H5T_NATIVE_UINT32(void) { return H5T_NATIVE_UINT32; }
static inline hid_t ferro_H5T_NATIVE_UINT64(void) { return H5T_NATIVE_UINT64; }
static inline hid_t ferro_H5T_NATIVE_FLOAT(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t ferro_H5T_NATIVE_DOUBLE(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t ferro_H5T_STD_REF_OBJ(void) { return H5T_STD_REF_OBJ; }
static inline hid_t ferro_H5T_STD_REF_DSETREG(void) { return H5T_STD_REF_DSETREG; }

// H5Lget_info is a macro over versioned functions from HDF5 1.12 on.
static inline herr_t ferro_H5Lget_info(hid_t location, const char *name, int *type, size_t *value_size) {
    H5L_info_t info;
    herr_t status = H5Lget_info(location, name, &info, H5P_DEFAULT);
    if (status >= 0) {
        *type = (int)info.type;
        *value_size = info.type == H5L_TYPE_HARD ? 0 : info.u.val_size;
    }
    return status;
}

// The structure that H5Oget_info2 fills has another name from HDF5 1.12 on.
static inline herr_t ferro_H5Oget_identity(hid_t object, unsigned long *file, unsigned long long *address) {
#if H5_VERSION_GE(1, 12, 0)
    H5O_info1_t info;
#else
    H5O_info_t info;
#endif
    herr_t status = H5Oget_info2(object, &info, H5O_INFO_BASIC);
    if (status >= 0) {
        *file = info.fileno;
        *address = info.addr;
    }
    return status;
}

// Present from HDF5 1.10.7 on; older libraries obey the environment variable HDF5_USE_FILE_LOCKING only.
static inline herr_t ferro_H5Pset_no_file_locking(hid_t access) {
#if H5_VERSION_GE(1, 10, 7)
    return H5Pset_file_locking(access, 0, 1);
#else
    (void)access;
    return 0;
#endif
}
