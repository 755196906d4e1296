// Kernels from flat tokens to the order of each group's responses: the check, what each two responses share,
// and the rank of each. A row of `prefixes` [R, largest group] holds, for the other responses of the group,
// 2 * (tokens shared) + (1 if the row's response comes first).
#pragma once

#include <climits>

#include "device/device.h"
#include "device/reduce.h"
#include "src/forest_check.h"
#include "tempo/kernels/forest.h"

namespace tempo::kernels::TEMPO_BACKEND {
namespace {

constexpr int kThreads = 256;
constexpr int kWarps = kThreads / kWarp;
constexpr int kTokensPerThread = 4;    // of the check
constexpr int kTile = 32;              // responses that a block compares with as many
constexpr int kRows = kTile / kWarps;  // of them a warp
constexpr int kChunk = 128;            // tokens of each that it holds

__device__ bool failed(const GroupsError* error) { return *error != GroupsError::kNone; }

// Returns the part that holds the item: the last that begins at it or before.
__device__ std::int32_t part_of(const std::int32_t* offsets, std::int32_t parts, std::int32_t item) {
  std::int32_t low = 0, high = parts;
  while (high - low > 1) {
    const std::int32_t middle = low + (high - low) / 2;
    (offsets[middle] <= item ? low : high) = middle;
  }
  return low;
}

// One block.
__global__ void __launch_bounds__(kThreads) check_offsets(FlatGroups groups, GroupsError* error) {
  __shared__ int lowest;
  if (threadIdx.x == 0) lowest = INT_MAX;
  __syncthreads();
  GroupsError mine = GroupsError::kNone;
  for (std::int64_t i = threadIdx.x; i < most_offsets(groups); i += kThreads)
    mine = first_error(mine, offsets_error(groups, i));
  if (mine != GroupsError::kNone) atomicMin(&lowest, static_cast<int>(mine));
  __syncthreads();
  if (threadIdx.x == 0) *error = lowest == INT_MAX ? GroupsError::kNone : static_cast<GroupsError>(lowest);
}

// Many threads may write the error, all of them the same one.
__global__ void __launch_bounds__(kThreads) check_tokens(FlatGroups groups, GroupsError* error) {
  const std::int64_t begin = std::int64_t{blockIdx.x} * kThreads * kTokensPerThread + threadIdx.x;
  const std::int64_t responses = groups.response_token_count, all = responses + groups.prompt_token_count;
  std::int32_t bits = 0;
  for (int k = 0; k < kTokensPerThread; ++k) {
    const std::int64_t i = begin + std::int64_t{k} * kThreads;
    if (i < all) bits |= i < responses ? groups.response_tokens[i] : groups.prompt_tokens[i - responses];
  }
  if (bits < 0 && !failed(error)) *error = GroupsError::kNegativeToken;
}

// A warp a response: what it shares with each other one, as if one began with the other.
__global__ void __launch_bounds__(kThreads)
    start_prefixes(FlatGroups groups, const GroupsError* error, std::uint32_t* prefixes) {
  if (failed(error)) return;
  const auto response = static_cast<std::int32_t>(blockIdx.x * kWarps + threadIdx.x / kWarp);
  if (response >= groups.responses) return;
  const std::int32_t group = part_of(groups.group_offsets, groups.groups, response);
  const std::int32_t begin = groups.group_offsets[group], end = groups.group_offsets[group + 1];
  const std::int32_t length = groups.response_offsets[response + 1] - groups.response_offsets[response];
  std::uint32_t* const row = prefixes + std::int64_t{response} * groups.largest_group;
  for (std::int32_t other = begin + static_cast<std::int32_t>(threadIdx.x % kWarp); other < end;
       other += kWarp) {
    const std::int32_t others = groups.response_offsets[other + 1] - groups.response_offsets[other];
    const bool is_first = length < others || (length == others && response < other);
    row[other - begin] = 2 * static_cast<std::uint32_t>(min(length, others)) + (is_first ? 1U : 0U);
  }
}

// What a block compares: each response of one tile of its group with each of another, or of the same one.
struct TilePair {
  std::int32_t begin, responses;  // of the group
  std::int32_t row, column;       // first responses of the tiles, counted in the group
  int split;                      // part of the positions
};

__device__ TilePair tile_pair(const FlatGroups& groups, int tile_pairs, int splits) {
  const int block = static_cast<int>(blockIdx.x);
  const std::int32_t* const group = groups.group_offsets + block / splits / tile_pairs;
  int row = block / splits % tile_pairs, column = 0;
  for (; row > column; ++column) row -= column + 1;
  return {group[0], group[1] - group[0], row * kTile, column * kTile, block % splits};
}

// Shared memory of compare_prefixes: the rows' tile, then the columns'; one tile is both in blocks on the
// diagonal.
struct Tiles {
  std::int32_t tokens[2][kTile][kChunk];  // -1 past a response's end
  std::int32_t offset[2][kTile], length[2][kTile];
  unsigned rows[kWarps], columns[kWarps];  // that each warp still compares, a bit each
};

__device__ void load_offsets(const FlatGroups& groups, const TilePair& pair, Tiles& tiles) {
  if (threadIdx.x >= 2 * kTile) return;
  const int side = static_cast<int>(threadIdx.x) / kTile, i = static_cast<int>(threadIdx.x) % kTile;
  const std::int32_t response = (side == 0 ? pair.row : pair.column) + i;
  const bool exists = response < pair.responses;
  const std::int32_t* const offsets = groups.response_offsets + pair.begin + response;
  tiles.offset[side][i] = exists ? offsets[0] : 0;
  tiles.length[side][i] = exists ? offsets[1] - offsets[0] : 0;
}

// What is still compared with any other, a bit a response; what is left of a diagonal block stands in rows.
struct Live {
  unsigned rows, columns;
};

__device__ Live live_responses(const TilePair& pair, const Tiles& tiles) {
  Live live{};
  for (int warp = 0; warp < kWarps; ++warp) {
    live.rows |= tiles.rows[warp];
    live.columns |= tiles.columns[warp];
  }
  return pair.row == pair.column ? Live{live.rows | live.columns, 0} : live;
}

// Loads the chunk of each live response, a warp a response.
__device__ void load_tokens(const FlatGroups& groups, std::int64_t position, const Live& live, Tiles& tiles) {
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  for (int i = static_cast<int>(threadIdx.x) / kWarp; i < 2 * kTile; i += kWarps) {
    const int side = i / kTile, row = i % kTile;
    if (((side == 0 ? live.rows : live.columns) >> row & 1U) == 0) continue;
    const std::int32_t* const tokens = groups.response_tokens + tiles.offset[side][row];
    const std::int32_t length = tiles.length[side][row];
    for (int k = lane; k < kChunk; k += kWarp)
      tiles.tokens[side][row][k] = position + k < length ? tokens[position + k] : -1;
  }
}

// The columns that a row of the block is still compared with, a bit each.
__device__ unsigned open_columns(const TilePair& pair, int row) {
  if (pair.row + row >= pair.responses) return 0;
  const std::int32_t columns = pair.responses - pair.column;
  const unsigned all = columns >= kTile ? ~0U : (1U << columns) - 1;
  return pair.row == pair.column ? all & ~((2U << row) - 1) : all;
}

// Says what the warp still compares.
__device__ void store_live(int warp, const unsigned (&open)[kRows], Tiles& tiles) {
  if (threadIdx.x % kWarp != 0) return;
  unsigned rows = 0, columns = 0;
  for (int k = 0; k < kRows; ++k) {
    if (open[k] != 0) rows |= 1U << (warp + k * kWarps);
    columns |= open[k];
  }
  tiles.rows[warp] = rows;
  tiles.columns[warp] = columns;
}

// Compares the chunk of a row with those of its open columns, by a warp; returns the columns that stay open.
__device__ unsigned compare_row(const FlatGroups& groups, const TilePair& pair, const Tiles& tiles,
                                std::int64_t position, int row, unsigned open, std::uint32_t* prefixes) {
  const int lane = static_cast<int>(threadIdx.x) % kWarp, side = pair.row == pair.column ? 0 : 1;
  const std::int32_t first = pair.row + row;
  for (int k = lane; k - lane < kChunk && open != 0; k += kWarp) {
    const std::int32_t mine = tiles.tokens[0][row][k];
    for (unsigned left = open; left != 0; left &= left - 1) {
      const int column = __ffs(static_cast<int>(left)) - 1;
      const std::int32_t other = tiles.tokens[side][column][k];
      const unsigned stops = __ballot_sync(kAllLanes, mine != other || mine < 0);
      if (stops == 0) continue;
      open &= ~(1U << column);
      if (lane != __ffs(static_cast<int>(stops)) - 1 || mine == other) continue;
      const std::int32_t second = pair.column + column;
      const auto shared = 2 * static_cast<std::uint32_t>(position + k);
      std::uint32_t* const rows = prefixes + std::int64_t{pair.begin} * groups.largest_group;
      const std::int64_t stride = groups.largest_group;
      atomicMin(rows + first * stride + second, shared + (mine < other ? 1U : 0U));
      atomicMin(rows + second * stride + first, shared + (other < mine ? 1U : 0U));
    }
  }
  return open;
}

// Compares each two responses of a group up to their first difference, or to the end of one. A group's
// responses stand in tiles; a block takes a pair of tiles and a split of the positions. Reads no token of a
// response that differs from all others, chunk by chunk.
__global__ void __launch_bounds__(kThreads)
    compare_prefixes(FlatGroups groups, const GroupsError* error, std::uint32_t* prefixes, int tile_pairs,
                     int splits) {
  __shared__ Tiles tiles;
  if (failed(error)) return;
  const TilePair pair = tile_pair(groups, tile_pairs, splits);
  if (pair.column >= pair.responses) return;
  const int warp = static_cast<int>(threadIdx.x) / kWarp, lane = static_cast<int>(threadIdx.x) % kWarp;
  load_offsets(groups, pair, tiles);
  __syncthreads();
  const std::int64_t longest = warp_max(max(tiles.length[0][lane], tiles.length[1][lane]));
  const std::int64_t share = ((longest + splits - 1) / splits + kChunk - 1) / kChunk * kChunk;
  const std::int64_t end = min(longest, (pair.split + 1) * share);
  unsigned open[kRows];
  for (int k = 0; k < kRows; ++k) open[k] = open_columns(pair, warp + k * kWarps);
  for (std::int64_t position = pair.split * share; position < end; position += kChunk) {
    store_live(warp, open, tiles);
    __syncthreads();
    const Live live = live_responses(pair, tiles);
    if ((live.rows | live.columns) == 0) break;
    load_tokens(groups, position, live, tiles);
    __syncthreads();
    for (int k = 0; k < kRows; ++k)
      open[k] = compare_row(groups, pair, tiles, position, warp + k * kWarps, open[k], prefixes);
  }
}

// A warp a response: its place among the leaves, and the most that it shares with any before it, which is
// what it shares with the last of them. No `prefixes`: the order is the caller's.
__global__ void __launch_bounds__(kThreads)
    order_leaves(FlatGroups groups, ForestPlan plan, const std::uint32_t* prefixes) {
  if (failed(plan.error)) return;
  const auto response = static_cast<std::int32_t>(blockIdx.x * kWarps + threadIdx.x / kWarp);
  if (response >= groups.responses) return;
  const std::int32_t group = part_of(groups.group_offsets, groups.groups, response);
  const std::int32_t begin = groups.group_offsets[group], end = groups.group_offsets[group + 1];
  std::int32_t before = 0, shared = 0;
  if (prefixes) {
    const std::uint32_t* const row = prefixes + std::int64_t{response} * groups.largest_group - begin;
    for (std::int32_t other = begin + static_cast<std::int32_t>(threadIdx.x % kWarp); other < end;
         other += kWarp) {
      const std::uint32_t prefix = row[other];
      if (other == response || (prefix & 1U) != 0) continue;
      ++before;
      shared = max(shared, static_cast<std::int32_t>(prefix >> 1));
    }
    before = warp_sum(before);
    shared = warp_max(shared);
  }
  if (threadIdx.x % kWarp != 0) return;
  const std::int32_t leaf = prefixes ? begin + before : response;
  plan.leaf_response[leaf] = response;
  plan.leaf_shared[leaf] = shared;
}

}  // namespace
}  // namespace tempo::kernels::TEMPO_BACKEND
