// Credit of responses and segments, written out for every node or token.
#include <algorithm>

#include "credit_of_group.h"
#include "fill.h"
#include "pieces.h"
#include "tempo/kernels/advantages.h"

namespace tempo::kernels::cpu {
namespace {

constexpr std::int64_t kInterval = 1 << 15;  // of a thread's turn: an output that stays in its cache

std::int64_t intervals_of(std::int64_t items) { return (items + kInterval - 1) / kInterval; }

void fill_tokens(const FlatGroups& groups, const ForestPlan& plan, const float* response_credit,
                 const float* segment_credit, std::int64_t begin, float* advantages) {
  const std::int64_t end = std::min(begin + kInterval, groups.response_token_count);
  const bool large = groups.response_token_count * 4 > kCacheBytes;
  for (TokenPieces piece(groups, segment_credit ? &plan : nullptr, begin, end); piece.next();) {
    const float response = response_credit[piece.response];
    const bool opens = segment_credit && piece.first == piece.begin;
    float* to = advantages + piece.begin;
    *to++ = advantage_of(response, opens ? segment_credit[piece.segment] : 0.0F);
    const float rest = advantage_of(response, 0.0F);
    if (large)
      fill_memory(to, advantages + piece.end, rest);
    else
      std::fill(to, advantages + piece.end, rest);
  }
  if (large) fill_fence();
}

// Calls write(piece) for the pieces of all nodes.
template <typename Write>
void for_each_piece(const FlatGroups& groups, const ForestPlan& plan, const Write& write) {
  if (failed(plan)) return;
  const std::int64_t intervals = intervals_of(plan.group_node[groups.groups]);
#pragma omp parallel for schedule(static) if (intervals > 1)
  for (std::int64_t i = 0; i < intervals; ++i)
    for (NodePieces piece(plan, groups.groups, i * kInterval, (i + 1) * kInterval); piece.next();)
      write(piece);
}

}  // namespace

void write_token_advantages(const FlatGroups& groups, const ForestPlan& plan, const float* response_credit,
                            const float* segment_credit, float* advantages) {
  if (failed(plan)) return;
  const std::int64_t intervals = intervals_of(groups.response_token_count);
#pragma omp parallel for schedule(static) if (intervals > 1)
  for (std::int64_t i = 0; i < intervals; ++i)
    fill_tokens(groups, plan, response_credit, segment_credit, i * kInterval, advantages);
}

void write_node_values(const FlatGroups& groups, const ForestPlan& plan, const double* segment_value,
                       double* values) {
  for_each_piece(groups, plan, [&](const NodePieces& piece) {
    std::fill(values + piece.begin, values + piece.end, segment_value[piece.segment]);
  });
}

void write_node_credit(const FlatGroups& groups, const ForestPlan& plan, const float* segment_credit,
                       float* credit) {
  for_each_piece(groups, plan, [&](const NodePieces& piece) {
    std::fill(credit + piece.begin, credit + piece.end, 0.0F);
    if (piece.first == piece.begin) credit[piece.begin] = segment_credit[piece.segment];
  });
}

}  // namespace tempo::kernels::cpu
