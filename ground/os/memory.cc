#include "os/memory.h"

#include <malloc.h>

namespace zw {

// Set once, it does not grow with the largest piece that was freed.
void keep_heap_small() { mallopt(M_MMAP_THRESHOLD, 128 << 10); }

void give_back_memory() { malloc_trim(0); }

}  // namespace zw
