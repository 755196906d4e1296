#include "tempo/reward/repetition.h"

#include <cmath>
#include <unordered_set>
#include <vector>

#include "extract.h"
#include "tempo/core/error.h"

namespace tempo::reward {
namespace {

constexpr std::uint64_t kPrime = 0x100000001b3, kBasis = 0xcbf29ce484222325;  // FNV-1a

// Mixes all bits of a hash into all (the finaliser of MurmurHash3).
std::uint64_t mixed(std::uint64_t hash) {
  hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
  hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
  return hash ^ (hash >> 33);
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::vector<std::uint64_t> word_hashes(std::string_view text) {
  std::vector<std::uint64_t> hashes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_space(text[i])) continue;
    std::uint64_t hash = kBasis;
    for (; i < text.size() && !is_space(text[i]); ++i) {
      const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
      hash = (hash ^ static_cast<unsigned char>(c)) * kPrime;
    }
    hashes.push_back(mixed(hash));
  }
  return hashes;
}

// Returns the number of distinct sequences of n words: a polynomial of the words' hashes, modulo 2^64, rolls
// along.
std::size_t distinct_sequences(const std::vector<std::uint64_t>& words, std::size_t n) {
  std::uint64_t highest = 1, hash = 0;
  for (std::size_t i = 1; i < n; ++i) highest *= kPrime;
  std::unordered_set<std::uint64_t> seen;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i >= n) hash -= highest * words[i - n];
    hash = hash * kPrime + words[i];
    if (i + 1 >= n) seen.insert(mixed(hash));
  }
  return seen.size();
}

}  // namespace

void RepetitionOptions::validate() const {
  TEMPO_CHECK(ngram > 0, "ngram: expected 1 or more, got ", ngram);
  TEMPO_CHECK(std::isfinite(max_penalty) && max_penalty >= 0, "max_penalty: expected 0 or more, got ",
              max_penalty);
}

Verdict score_repetition(std::string_view response, const RepetitionOptions& options) {
  options.validate();
  const auto words = word_hashes(response);
  const auto n = static_cast<std::size_t>(options.ngram);
  if (words.size() < n) return {.score = 0, .reason = "too few words to repeat", .extracted = {}};
  const std::size_t all = words.size() - n + 1, repeated = all - distinct_sequences(words, n);
  const double share = static_cast<double>(repeated) / static_cast<double>(all);
  return {.score = repeated == 0 ? 0.0 : -options.max_penalty * share,
          .reason = core::concat(repeated, " of ", all, " sequences of ", n, " words are repeated"),
          .extracted = {}};
}

}  // namespace tempo::reward
