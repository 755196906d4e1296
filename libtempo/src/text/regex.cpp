#define PCRE2_CODE_UNIT_WIDTH 8
#include "regex.h"

#include <pcre2.h>

#include <array>

#include "tempo/core/error.h"
#include "utf8.h"

namespace tempo::text {

namespace {

struct MatchDataDeleter {
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};
using MatchData = std::unique_ptr<pcre2_match_data, MatchDataDeleter>;

std::string error_text(int code) {
  std::array<PCRE2_UCHAR, 256> buffer{};
  pcre2_get_error_message(code, buffer.data(), buffer.size());
  return reinterpret_cast<const char*>(buffer.data());
}

// The JIT's stack is small and fixed; the interpreter goes on where it ends.
int match_at(const pcre2_code* code, std::string_view text, std::size_t start, pcre2_match_data* data) {
  const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data());
  const int rc = pcre2_match(code, subject, text.size(), start, PCRE2_NO_UTF_CHECK, data, nullptr);
  if (rc != PCRE2_ERROR_JIT_STACKLIMIT) return rc;
  return pcre2_match(code, subject, text.size(), start, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, data, nullptr);
}

}  // namespace

Regex::Regex(std::string_view pattern, unsigned options, const std::string& where) : where_(where) {
  int error = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                                   PCRE2_UTF | options, &error, &offset, nullptr);
  TEMPO_CHECK(code != nullptr, where, ": expected a regular expression, got ", printable(pattern), " (",
              error_text(error), ")");
  pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);  // where the machine has no JIT, matching is interpreted
  code_ = std::shared_ptr<const pcre2_code>(code, [](pcre2_code* owned) { pcre2_code_free(owned); });
}

Regex Regex::compile(std::string_view pattern, const std::string& where) {
  // Oniguruma's ^ and $ stand at every line.
  return Regex(to_pcre2(pattern, where), PCRE2_UCP | PCRE2_MULTILINE, where);
}

Regex Regex::literal(std::string_view text, const std::string& where) {
  return Regex(text, PCRE2_LITERAL, where);
}

std::vector<Span> Regex::find_all(std::string_view text) const {
  std::vector<Span> matches;
  const MatchData data(pcre2_match_data_create(1, nullptr));
  TEMPO_CHECK(data != nullptr, where_, ": expected memory for a match, got none");
  const PCRE2_SIZE* range = pcre2_get_ovector_pointer(data.get());
  for (std::size_t start = 0; start <= text.size();) {
    const int rc = match_at(code_.get(), text, start, data.get());
    if (rc == PCRE2_ERROR_NOMATCH) break;
    TEMPO_CHECK(rc >= 0, where_, ": expected to match a text of ", text.size(),
                " bytes, got: ", error_text(rc));
    const Span match{range[0], range[1]};
    const bool empty = match.begin == match.end;
    if (!empty || matches.empty() || matches.back().end != match.end) matches.push_back(match);
    start = match.end;
    if (empty) start += start < text.size() ? read_utf8(text, start).length : 1;
  }
  return matches;
}

}  // namespace tempo::text
