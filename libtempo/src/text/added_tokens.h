// Tokens that are found in the text before anything else: special ones and those a user added.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tempo::text {

struct AddedToken {
  std::int32_t id = 0;
  std::string content;
  bool special = false;
  bool single_word = false;  // not inside a word
  bool lstrip = false;       // takes the white space before it
  bool rstrip = false;       // takes the white space after it
  bool normalized = false;   // looked for after the normalizer has run
};

// Finds a set of added tokens in text, the leftmost and there the longest first.
class AddedTokenFinder {
 public:
  // One part of a text: an added token, or text between them, which is never empty.
  struct Part {
    std::string_view text;
    std::int32_t id = -1;  // -1: text
  };

  // `contents` are the texts to look for, one a token: normalized where the token asks for it.
  AddedTokenFinder(const std::vector<AddedToken>& tokens, const std::vector<std::string>& contents);

  // Returns the parts in order. Requires valid UTF-8 that outlives the result.
  std::vector<Part> split(std::string_view text) const;

 private:
  struct Match {
    std::size_t end = 0;
    const AddedToken* token = nullptr;
  };

  Match longest_at(std::string_view text, std::size_t at) const;

  std::vector<AddedToken> tokens_;
  // The contents as a trie: node and next byte to node; the token that ends at a node, or -1.
  std::unordered_map<std::uint64_t, std::int32_t> edges_;
  std::vector<std::int32_t> ends_;
};

}  // namespace tempo::text
