// The table of normalisation in a sentencepiece model: a trie of texts and what each becomes.
#pragma once

#include <string>
#include <string_view>

namespace tempo::text {

// Checks that whoever follows the table stays inside it. Throws tempo::Error that begins with `where`
// otherwise. An empty table is valid.
void check_charsmap(std::string_view table, const std::string& where);

}  // namespace tempo::text
