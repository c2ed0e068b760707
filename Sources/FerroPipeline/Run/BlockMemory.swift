// SPDX-License-Identifier: GPL-3.0-or-later
import CMalloc

/// How the process handles the memory of blocks.
///
/// Every block of the grid asks for the same few megabytes again. By default glibc gives such memory back to the system as soon as it
/// is free, and the next block pays for fresh pages, cleared by the kernel: a quarter of the time of a run. Kept, it is the same
/// pages again; the peak does not grow with the recording.
package enum BlockMemory {
    /// Keeps freed memory for the next block. Called once at the start of a program; changes no result.
    package static func keepFreed() {
        // Up to 32 MB (glibc's limit) a piece comes from the heap, and up to 64 MB of each heap stay when free.
        ferro_keep_freed_memory(32 << 20, 64 << 20)
    }

    /// Gives back what is kept: called where blocks are done with and something large is made of what was found in them.
    static func giveBack() { ferro_return_freed_memory() }
}
