#include <algorithm>
#include <limits>

#include "tempo/core/error.h"
#include "tempo/tree/forest.h"

namespace tempo::tree {
namespace {

using Tokens = std::span<const std::int32_t>;

Tokens item(Tokens tokens, Tokens offsets, std::int32_t index) {
  const auto i = static_cast<std::size_t>(index);
  return tokens.subspan(static_cast<std::size_t>(offsets[i]),
                        static_cast<std::size_t>(offsets[i + 1] - offsets[i]));
}

// Checks that the offsets divide `size` items into `parts` parts.
void check_offsets(const char* name, Tokens offsets, std::size_t parts, std::size_t size) {
  TEMPO_CHECK(offsets.size() == parts + 1, "FlatGroups: ", name, ": expected ", parts + 1, " offsets, got ",
              offsets.size());
  TEMPO_CHECK(offsets.front() == 0, "FlatGroups: ", name, ": expected to begin at 0, got ", offsets.front());
  const auto fall = std::adjacent_find(offsets.begin(), offsets.end(), std::greater<>());
  TEMPO_CHECK(fall == offsets.end(), "FlatGroups: ", name, ": expected offsets that do not fall, got ", *fall,
              " before ", *(fall + 1));
  TEMPO_CHECK(static_cast<std::size_t>(offsets.back()) == size, "FlatGroups: ", name, ": expected to end at ",
              size, ", got ", offsets.back());
}

void check_tokens(const char* name, Tokens tokens) {
  std::int32_t lowest = 0;
  for (const std::int32_t token : tokens) lowest = std::min(lowest, token);
  TEMPO_CHECK(lowest == 0, "FlatGroups: ", name, ": expected token ids of at least 0, got ", lowest);
}

void check_column(const char* name, std::span<const float> column, std::size_t tokens) {
  TEMPO_CHECK(column.empty() || column.size() == tokens, "FlatGroups: ", name, ": expected ", tokens,
              " numbers or none, got ", column.size());
}

}  // namespace

Tokens FlatGroups::prompt(std::int32_t group) const {
  return prompt_offsets.empty() ? Tokens() : item(prompt_tokens, prompt_offsets, group);
}

Tokens FlatGroups::response(std::int32_t index) const {
  return item(response_tokens, response_offsets, index);
}

void FlatGroups::validate() const {
  TEMPO_CHECK(!group_offsets.empty(), "FlatGroups: group_offsets: expected at least 1 offset, got 0");
  TEMPO_CHECK(!response_offsets.empty(), "FlatGroups: response_offsets: expected at least 1 offset, got 0");
  const std::size_t groups = group_offsets.size() - 1, responses = response_offsets.size() - 1;
  constexpr std::size_t kMost = std::numeric_limits<std::int32_t>::max();
  const std::size_t tokens = prompt_tokens.size() + response_tokens.size();
  TEMPO_CHECK(tokens <= kMost, "FlatGroups: expected at most ", kMost, " tokens in all, got ", tokens);
  check_offsets("group_offsets", group_offsets, groups, responses);
  check_offsets("response_offsets", response_offsets, responses, response_tokens.size());
  if (!prompt_offsets.empty() || !prompt_tokens.empty())
    check_offsets("prompt_offsets", prompt_offsets, groups, prompt_tokens.size());
  check_tokens("prompt_tokens", prompt_tokens);
  check_tokens("response_tokens", response_tokens);
  check_column("old_logp", old_logp, response_tokens.size());
  check_column("entropy", entropy, response_tokens.size());
}

}  // namespace tempo::tree
