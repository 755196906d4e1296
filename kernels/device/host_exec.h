// Runs a kernel on the CPU: each CUDA thread is a fiber, blocks run one after another, and the order of
// threads between two barriers is drawn from a seed. Finds missing barriers (results change with the seed),
// barriers that some threads do not reach, and, under AddressSanitizer, accesses outside of any array. It
// does not model the memory order of a GPU. One thread of the program at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <source_location>

namespace tempo::kernels::host_exec {

struct Index {
  unsigned x = 0, y = 0, z = 0;
};

// A grid's or block's size, as CUDA's dim3.
struct Extent {
  constexpr Extent(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
  unsigned x, y, z;
};

// Where the running fiber is.
struct Place {
  Index thread, block;
  Extent threads, blocks;
};

// Seeds the order of blocks and threads of all grids that follow.
void set_schedule_seed(std::uint64_t seed);

// Runs `body` once a thread. Throws tempo::Error when threads of a block wait at different places, and what a
// body throws.
void run_grid(Extent blocks, Extent threads, std::size_t shared_bytes, const std::function<void()>& body);

// What follows is called by bodies only.
const Place& place();
std::byte* dynamic_shared();  // of the running block, filled with garbage when it began

// Waits for all threads of the block.
void block_barrier(std::source_location site);

// Waits for the threads of the warp, of which each gives `value`; returns the 32 values. Lanes that have
// ended give 0.
const std::uint64_t* warp_exchange(std::uint64_t value, std::source_location site);

unsigned lane();

}  // namespace tempo::kernels::host_exec
