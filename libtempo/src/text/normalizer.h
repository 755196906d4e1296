// The Unicode normal forms that a tokenizer's normalizer may ask for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tempo::text {

enum class NormalForm { kNfc, kNfd, kNfkc, kNfkd };

// Applies the forms in turn. Requires valid UTF-8.
std::string normalize(const std::vector<NormalForm>& forms, std::string_view text);

}  // namespace tempo::text
