#include "tempo/optim/buckets.h"

#include <algorithm>

#include "tempo/core/error.h"

namespace tempo::optim {

std::vector<Bucket> make_buckets(std::span<const std::int64_t> numbers, int ranks,
                                 std::int64_t bucket_numbers) {
  TEMPO_CHECK(ranks >= 1, "make_buckets: expected a rank or more, got ", ranks);
  TEMPO_CHECK(bucket_numbers >= 1, "make_buckets: expected buckets of 1 or more, got ", bucket_numbers);
  std::vector<Bucket> buckets;
  for (std::size_t i = numbers.size(); i-- > 0;) {
    TEMPO_CHECK(numbers[i] >= 1, "make_buckets: expected parameters of 1 number or more, got ", numbers[i]);
    if (buckets.empty() || buckets.back().size >= bucket_numbers) buckets.emplace_back();
    Bucket& bucket = buckets.back();
    bucket.pieces.push_back({i, 0, numbers[i], bucket.size});
    bucket.size += numbers[i];
  }
  for (Bucket& bucket : buckets) bucket.size = (bucket.size + ranks - 1) / ranks * ranks;
  return buckets;
}

std::vector<Piece> owned_pieces(const Bucket& bucket, int rank, int ranks) {
  const std::int64_t part = bucket.size / ranks, first = part * rank, last = first + part;
  std::vector<Piece> owned;
  for (const Piece& piece : bucket.pieces) {
    const std::int64_t begin = std::max(first, piece.offset),
                       end = std::min(last, piece.offset + piece.numbers());
    if (begin < end) {
      const std::int64_t shift = piece.begin - piece.offset;
      owned.push_back({piece.parameter, begin + shift, end + shift, begin - first});
    }
  }
  return owned;
}

}  // namespace tempo::optim
