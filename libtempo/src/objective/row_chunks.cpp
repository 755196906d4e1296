#include "row_chunks.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "tempo/core/error.h"

namespace tempo::objective {

RowTargets distinct_rows(const at::Tensor& row_N, const at::Tensor& target_N, std::int64_t rows,
                         std::int64_t vocabulary) {
  const at::Tensor host_row_N = row_N.cpu().contiguous(), host_target_N = target_N.cpu().contiguous();
  const auto* row = host_row_N.const_data_ptr<std::int64_t>();
  const auto* target = host_target_N.const_data_ptr<std::int64_t>();
  std::vector<std::int64_t> distinct, index, first;
  for (std::int64_t n = 0; n < row_N.size(0); ++n) {
    TEMPO_CHECK(row[n] >= 0 && row[n] < rows, "token_logprobs: expected rows of [0, ", rows, "), got ",
                row[n]);
    TEMPO_CHECK(distinct.empty() || row[n] >= distinct.back(),
                "token_logprobs: expected rows that never fall, got ", row[n], " after ", distinct.back());
    TEMPO_CHECK(target[n] >= 0 && target[n] < vocabulary, "token_logprobs: expected targets of [0, ",
                vocabulary, "), got ", target[n]);
    if (distinct.empty() || row[n] != distinct.back()) {
      distinct.push_back(row[n]);
      first.push_back(n);
    }
    index.push_back(static_cast<std::int64_t>(distinct.size()) - 1);
  }
  first.push_back(row_N.size(0));
  const auto on_device = [&](const std::vector<std::int64_t>& x) {
    return at::tensor(x, at::kLong).to(row_N.device());
  };
  return {on_device(distinct), on_device(index), on_device(first), std::move(first)};
}

std::vector<Chunk> chunks_of(const std::vector<std::int64_t>& first, std::int64_t chunk_rows) {
  const auto rows = static_cast<std::int64_t>(first.size()) - 1;
  std::vector<Chunk> chunks;
  for (std::int64_t begin = 0; begin < rows; begin += chunk_rows) {
    const std::int64_t end = std::min(rows, begin + chunk_rows);
    chunks.push_back(
        {begin, end, first[static_cast<std::size_t>(begin)], first[static_cast<std::size_t>(end)]});
  }
  return chunks;
}

}  // namespace tempo::objective
