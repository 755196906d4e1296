#include "forest_order.h"

#include <algorithm>

namespace tempo::kernels {
namespace {

using Tokens = std::span<const std::int32_t>;

Tokens tokens_of(const FlatGroups& groups, std::int32_t response) {
  return {groups.response_tokens + groups.response_offsets[response],
          groups.response_tokens + groups.response_offsets[response + 1]};
}

// Returns how many first tokens are equal, up to kBlock - 1 fewer than there are, knowing that the first
// `known` are.
template <std::size_t kBlock>
std::size_t equal_blocks(Tokens a, Tokens b, std::size_t known) {
  const std::size_t end = std::min(a.size(), b.size());
  std::size_t i = known;
  for (; i + kBlock <= end; i += kBlock) {
    std::int32_t differ = 0;
    for (std::size_t j = 0; j < kBlock; ++j) differ |= a[i + j] ^ b[i + j];
    if (differ != 0) break;
  }
  return i;
}

std::size_t common_prefix(Tokens a, Tokens b, std::size_t known) {
  return equal_blocks<1>(a, b, equal_blocks<32>(a, b, equal_blocks<256>(a, b, known)));
}

// Returns how many first tokens are those of `first`. Piece by piece, each compared while the cache holds it.
std::size_t compare(Tokens first, Tokens tokens, bool* negative) {
  constexpr std::size_t kPiece = 1024;
  std::size_t shared = 0;
  for (std::size_t begin = 0; begin < tokens.size(); begin += kPiece) {
    const std::size_t end = std::min(begin + kPiece, tokens.size());
    if (negative) *negative |= any_negative(tokens.subspan(begin, end - begin));
    if (shared == begin)
      shared = common_prefix(first, tokens.first(end), begin);
    else if (!negative)
      break;
  }
  return shared;
}

// Merges the sorted runs [0, left.size()) and the rest of `leaves`, where `left` is a copy of the first run.
// Invariant: the `shared` of both heads counts against the last leaf written, so the larger one comes first
// and only heads that share equally much are compared, from there on.
void merge(const FlatGroups& groups, std::span<Leaf> left, std::span<Leaf> leaves) {
  std::size_t i = 0, j = left.size();
  for (std::size_t out = 0; i < left.size(); ++out) {
    bool take_left = j == leaves.size() || left[i].shared > leaves[j].shared;
    if (!take_left && left[i].shared == leaves[j].shared) {
      const Tokens a = tokens_of(groups, left[i].response), b = tokens_of(groups, leaves[j].response);
      const std::int32_t by_first = std::min(left[i].shared_with_first, leaves[j].shared_with_first);
      const std::size_t shared =
          common_prefix(a, b, static_cast<std::size_t>(std::max(left[i].shared, by_first)));
      take_left = shared == a.size() || (shared < b.size() && a[shared] < b[shared]);
      (take_left ? leaves[j] : left[i]).shared = static_cast<std::int32_t>(shared);
    }
    leaves[out] = take_left ? left[i++] : leaves[j++];
  }
}

void merge_sort(const FlatGroups& groups, std::span<Leaf> leaves, std::span<Leaf> scratch) {
  if (leaves.size() < 2) return;
  const std::size_t half = leaves.size() / 2;
  merge_sort(groups, leaves.first(half), scratch);
  merge_sort(groups, leaves.subspan(half), scratch);
  const std::span<Leaf> left = scratch.first(half);
  std::copy_n(leaves.begin(), half, left.begin());
  merge(groups, left, leaves);
}

}  // namespace

bool any_negative(Tokens tokens) {
  std::int32_t bits = 0;
  for (const std::int32_t token : tokens) bits |= token;
  return bits < 0;
}

void compare_to_first(const FlatGroups& groups, std::span<Leaf> leaves, bool* negative) {
  if (leaves.empty()) return;
  const Tokens first = tokens_of(groups, leaves.front().response);
  if (negative) *negative = any_negative(first);
  leaves.front().shared_with_first = static_cast<std::int32_t>(first.size());
  for (Leaf& leaf : leaves.subspan(1))
    leaf.shared_with_first =
        static_cast<std::int32_t>(compare(first, tokens_of(groups, leaf.response), negative));
}

void sort_leaves(const FlatGroups& groups, std::span<Leaf> leaves, std::span<Leaf> scratch) {
  for (Leaf& leaf : leaves) leaf.shared = 0;
  merge_sort(groups, leaves, scratch);
}

}  // namespace tempo::kernels
