// What is asked of every tokenizer that a damaged file gave.
#pragma once

#include <string>
#include <vector>

#include "fuzz/fuzz.h"
#include "tempo/text/tokenizer.h"

namespace tempo::fuzz {

// Encodes a short text and decodes all that may come of it.
inline void use(const text::Tokenizer& tokenizer) {
  constexpr std::string_view kText = "Hello  world's 2,880 \xc3\xa9\xe2\x82\xac\n\t<|im_end|>\xff";
  const std::vector<std::int32_t> ids = tokenizer.encode(kText);
  for (const std::int32_t id : ids) require(id >= 0 && id < tokenizer.vocab_size(), "ids of the vocabulary");
  tokenizer.decode(ids);
  const std::int32_t last = tokenizer.vocab_size() - 1;
  tokenizer.decode(std::vector<std::int32_t>{0, last, last + 1}, true);
}

}  // namespace tempo::fuzz
