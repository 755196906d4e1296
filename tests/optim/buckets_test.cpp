#include "tempo/optim/buckets.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <numeric>
#include <random>

#include "tempo/core/error.h"

using namespace tempo::optim;

TEST_CASE("make_buckets: parameters from the last on, padded to the ranks", "[optim]") {
  const std::vector<std::int64_t> numbers{7, 4, 3, 5};
  const auto buckets = make_buckets(numbers, 4, 8);
  REQUIRE(buckets.size() == 2);
  CHECK((buckets[0] == Bucket{{{3, 0, 5, 0}, {2, 0, 3, 5}}, 8}));
  CHECK((buckets[1] == Bucket{{{1, 0, 4, 0}, {0, 0, 7, 4}}, 12}));
}

TEST_CASE("owned_pieces: parts of parameters that lie in the rank's part", "[optim]") {
  const Bucket bucket{{{1, 0, 4, 0}, {0, 0, 7, 4}}, 12};
  CHECK((owned_pieces(bucket, 0, 4) == std::vector<Piece>{{1, 0, 3, 0}}));
  CHECK((owned_pieces(bucket, 1, 4) == std::vector<Piece>{{1, 3, 4, 0}, {0, 0, 2, 1}}));
  CHECK((owned_pieces(bucket, 3, 4) == std::vector<Piece>{{0, 5, 7, 0}}));
  CHECK((owned_pieces(bucket, 0, 1) == bucket.pieces));
}

TEST_CASE("owned_pieces: every number of every parameter has one owner", "[optim]") {
  const int ranks = GENERATE(1, 2, 3, 8, 64);
  std::mt19937 random(static_cast<unsigned>(ranks));
  std::vector<std::int64_t> numbers(20);
  for (auto& n : numbers) n = 1 + static_cast<std::int64_t>(random() % 50);
  std::vector<std::vector<int>> owners(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) owners[i].resize(static_cast<std::size_t>(numbers[i]));
  for (const Bucket& bucket : make_buckets(numbers, ranks, 64)) {
    CHECK(bucket.size % ranks == 0);
    for (int rank = 0; rank < ranks; ++rank) {
      for (const Piece& piece : owned_pieces(bucket, rank, ranks)) {
        CHECK((piece.offset >= 0 && piece.offset + piece.numbers() <= bucket.size / ranks));
        for (std::int64_t n = piece.begin; n < piece.end; ++n)
          ++owners[piece.parameter][static_cast<std::size_t>(n)];
      }
    }
  }
  for (const auto& counts : owners) CHECK((counts == std::vector<int>(counts.size(), 1)));
}

TEST_CASE("make_buckets: refuses what has no layout", "[optim]") {
  CHECK_THROWS_AS(make_buckets(std::vector<std::int64_t>{0}, 1, 8), tempo::Error);
  CHECK_THROWS_AS(make_buckets(std::vector<std::int64_t>{1}, 0, 8), tempo::Error);
  CHECK_THROWS_AS(make_buckets(std::vector<std::int64_t>{1}, 1, 0), tempo::Error);
}
