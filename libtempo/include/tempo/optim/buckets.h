// How the numbers of many parameters lie in buckets, and which rank owns which of them: the layout of
// gradients that are reduced while the backward pass runs, and of an optimiser whose state is spread over
// ranks. Source: ZeRO-2 of Rajbhandari et al., arXiv:1910.02054.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tempo::optim {

// Numbers [begin, end) of a parameter, in memory order, that stand from `offset` on.
struct Piece {
  std::size_t parameter = 0;
  std::int64_t begin = 0, end = 0;
  std::int64_t offset = 0;

  std::int64_t numbers() const { return end - begin; }
  bool operator==(const Piece&) const = default;
};

// Whole parameters, one after another; then zeros up to a multiple of the ranks.
struct Bucket {
  std::vector<Piece> pieces;  // offsets from the bucket's begin
  std::int64_t size = 0;      // numbers

  bool operator==(const Bucket&) const = default;
};

// Fills buckets with the parameters from the last to the first, as their gradients come, each with at least
// `bucket_numbers` but for the last. numbers: of each parameter. Throws tempo::Error unless every parameter
// has one or more, ranks >= 1 and bucket_numbers >= 1.
std::vector<Bucket> make_buckets(std::span<const std::int64_t> numbers, int ranks,
                                 std::int64_t bucket_numbers);

// Returns what rank owns of a bucket: part `rank` of `ranks` equal parts; offsets from that part's begin.
std::vector<Piece> owned_pieces(const Bucket& bucket, int rank, int ranks);

}  // namespace tempo::optim
