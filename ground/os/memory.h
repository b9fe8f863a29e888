// The memory of a program that runs for months.
#pragma once

namespace zw {

/// Pieces of 128 KiB and more come from the kernel one by one and go back to it at once: what large work
/// needs for a moment does not stay. To be called first in a program that serves.
void keep_heap_small();

/// Gives the kernel every page of the heap in which nothing is left. Takes as long as there are free pieces,
/// and holds up whoever allocates meanwhile: for quiet moments.
void give_back_memory();

}  // namespace zw
