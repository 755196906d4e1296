// How the rows that predict something are walked: chunk by chunk.
// Shapes: T hidden rows, U distinct ones, U1 = U + 1, C those of a chunk, N targets.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

#include "output_layer.h"

namespace tempo::objective {

// Targets first[u] .. first[u + 1] - 1 belong to distinct row u.
struct RowTargets {
  at::Tensor row_U;
  at::Tensor index_N;  // distinct row of each target
  at::Tensor first_U1;
  std::vector<std::int64_t> first;  // the same on the host
};

// Returns the distinct rows, found on the host, where the chunks' bounds are needed anyway. Throws
// tempo::Error for a row outside [0, rows) or below the one before it, or a target outside [0, vocabulary).
RowTargets distinct_rows(const at::Tensor& row_N, const at::Tensor& target_N, std::int64_t rows,
                         std::int64_t vocabulary);

// Distinct rows [begin, end) and their targets.
struct Chunk {
  std::int64_t begin, end;
  std::int64_t target_begin, target_end;

  std::int64_t rows() const { return end - begin; }
  at::Tensor of_rows(const at::Tensor& x_U) const { return x_U.narrow(0, begin, rows()); }
  at::Tensor of_targets(const at::Tensor& x_N) const {
    return x_N.narrow(0, target_begin, target_end - target_begin);
  }
  ChunkTargets targets(const RowTargets& all, const at::Tensor& target_N) const {
    return {all.first_U1.narrow(0, begin, rows() + 1), of_targets(all.index_N) - begin,
            of_targets(target_N).contiguous()};
  }
};

// Returns the chunks of the rows that RowTargets::first describes.
std::vector<Chunk> chunks_of(const std::vector<std::int64_t>& first, std::int64_t chunk_rows);

}  // namespace tempo::objective
