// Regular expressions of tokenizer files: written for Oniguruma, matched by PCRE2 with the same meaning.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct pcre2_real_code_8;

namespace tempo::text {

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool operator==(const Span&) const = default;
};

// A compiled pattern; immutable and safe for concurrent use.
class Regex {
 public:
  // Throws tempo::Error that begins with `where` for a pattern that is wrong, or that has a part whose
  // meaning differs between the two engines.
  static Regex compile(std::string_view pattern, const std::string& where);
  static Regex literal(std::string_view text, const std::string& where);

  // Returns the matches from left to right. An empty match directly after another match is left out.
  // Requires valid UTF-8. Throws tempo::Error when a limit of the engine is hit.
  std::vector<Span> find_all(std::string_view text) const;

 private:
  Regex(std::string_view pattern, unsigned options, const std::string& where);

  std::shared_ptr<const pcre2_real_code_8> code_;
  std::string where_;
};

// Returns the pattern in PCRE2's syntax. Throws as Regex::compile does.
std::string to_pcre2(std::string_view pattern, const std::string& where);

}  // namespace tempo::text
