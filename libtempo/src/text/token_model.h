// What differs between the kinds of tokenizers: how text between special tokens becomes ids.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace tempo::text {

// Immutable; may be called from many threads.
class TokenModel {
 public:
  virtual ~TokenModel() = default;

  // Appends the ids of a part of a text. `first`: the text begins with it. Requires valid UTF-8.
  virtual void encode(std::string_view part, bool first, std::vector<std::int32_t>& ids) const = 0;
};

}  // namespace tempo::text
