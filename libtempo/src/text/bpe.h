// The merges of byte-pair encoding over the bytes of one piece of text.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tempo::text {

// Lets a map of strings be asked with a string_view.
struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
using Vocabulary = std::unordered_map<std::string, std::int32_t, StringHash, std::equal_to<>>;

struct BpeOptions {
  std::int32_t unknown_id = -1;  // for a byte that the vocabulary lacks; -1: such bytes are left out
  bool fuse_unknown = false;     // one unknown token for a run of such bytes
  bool ignore_merges = false;    // a piece that is a token is not taken apart
};

class Bpe {
 public:
  // Throws tempo::Error that begins with `where` for a merge of unknown tokens or into one.
  // Tokens and merges are in the byte-level alphabet; earlier merges go first.
  Bpe(const Vocabulary& vocabulary, std::span<const std::pair<std::string, std::string>> merges,
      const BpeOptions& options, const std::string& where);

  // Appends the ids of a piece. n bytes cost O(n log n).
  void encode(std::string_view piece, std::vector<std::int32_t>& ids) const;

 private:
  struct Merge {
    std::int32_t rank = 0;
    std::int32_t id = 0;
  };
  struct Symbol {
    std::int32_t id = 0;
    std::int32_t previous = -1;
    std::int32_t next = -1;
  };

  const Merge* find_merge(std::int32_t left, std::int32_t right) const;
  std::vector<Symbol> symbols(std::string_view piece) const;
  void merge_all(std::vector<Symbol>& symbols) const;

  std::array<std::int32_t, 256> byte_ids_{};         // -1: the vocabulary lacks the byte
  std::unordered_map<std::uint64_t, Merge> merges_;  // by the ids of both parts
  Vocabulary pieces_;                                // tokens by their bytes; filled for ignore_merges
  BpeOptions options_;
};

}  // namespace tempo::text
