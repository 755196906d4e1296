#define PCRE2_CODE_UNIT_WIDTH 8
#include "pattern.h"

#include <pcre2.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "extract.h"
#include "tempo/core/error.h"

namespace tempo::reward {
namespace {

// A linear pattern on a response of a megabyte takes a few million.
constexpr std::int64_t kMaxSteps = 20'000'000;
constexpr std::uint32_t kMaxHeapKilobytes = 256 * 1024;

// The work of the searches of one text. PCRE2's own limits start again at each position of a search and do
// not count the characters that an item runs over, so steps are counted here, before each item of the
// pattern.
struct Steps {
  std::int64_t left = kMaxSteps;
  std::size_t position = 0;
};

int count_step(pcre2_callout_block* block, void* data) {
  auto& steps = *static_cast<Steps*>(data);
  const std::size_t position = block->current_position;
  const std::size_t moved = position > steps.position ? position - steps.position : steps.position - position;
  steps.position = position;
  steps.left -= static_cast<std::int64_t>(moved) + 1;
  return steps.left > 0 ? 0 : PCRE2_ERROR_MATCHLIMIT;
}

struct MatchDataDeleter {
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};
struct ContextDeleter {
  void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};

// One text's searches, which share a number of steps.
class Matcher {
 public:
  Matcher(const pcre2_code* code, std::string_view text)
      : code_(code),
        text_(valid_utf8(text)),
        data_(pcre2_match_data_create_from_pattern(code, nullptr)),
        context_(pcre2_match_context_create(nullptr)) {
    TEMPO_CHECK(data_ != nullptr && context_ != nullptr, "pattern: expected memory for a match, got none");
    pcre2_set_heap_limit(context_.get(), kMaxHeapKilobytes);
    pcre2_set_callout(context_.get(), count_step, &steps_);
  }

  Pattern::Result match(std::size_t begin, std::uint32_t options) {
    const auto* subject = reinterpret_cast<PCRE2_SPTR>(text_.data());
    const int rc = pcre2_match(code_, subject, text_.size(), begin, options | PCRE2_NO_UTF_CHECK, data_.get(),
                               context_.get());
    if (rc == PCRE2_ERROR_NOMATCH) return Pattern::Result::kNotFound;
    return rc > 0 ? Pattern::Result::kFound : Pattern::Result::kLimit;
  }

  std::vector<std::string> groups() const {
    std::vector<std::string> groups;
    const PCRE2_SIZE* range = pcre2_get_ovector_pointer(data_.get());
    for (std::uint32_t i = 0; i < pcre2_get_ovector_count(data_.get()); ++i) {
      const PCRE2_SIZE begin = range[2 * i], end = range[2 * i + 1];
      groups.push_back(begin > end || begin == PCRE2_UNSET ? std::string{}
                                                           : text_.substr(begin, end - begin));
    }
    return groups;
  }

  // Returns where to look for the next match, at least a character behind `begin`, where the last search
  // began.
  std::size_t behind_match(std::size_t begin) const {
    std::size_t end = std::max(pcre2_get_ovector_pointer(data_.get())[1], begin);
    const bool empty = pcre2_get_ovector_pointer(data_.get())[0] >= end;
    if (empty || end == begin) ++end;
    while (end < text_.size() && (text_[end] & 0xc0) == 0x80) ++end;
    return end;
  }

  std::size_t size() const { return text_.size(); }

 private:
  const pcre2_code* code_;
  std::string text_;
  std::unique_ptr<pcre2_match_data, MatchDataDeleter> data_;
  std::unique_ptr<pcre2_match_context, ContextDeleter> context_;
  Steps steps_;
};

}  // namespace

Pattern::Pattern(const std::string& pattern) {
  int error = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                                   PCRE2_UTF | PCRE2_DOTALL | PCRE2_AUTO_CALLOUT, &error, &offset, nullptr);
  if (code == nullptr) {
    std::array<PCRE2_UCHAR, 256> text{};
    pcre2_get_error_message(error, text.data(), text.size());
    core::fail("pattern: expected a regular expression, got ", quoted(pattern), ": ",
               reinterpret_cast<const char*>(text.data()), " at character ", offset + 1);
  }
  code_ = std::shared_ptr<const pcre2_code>(code, [](pcre2_code* owned) { pcre2_code_free(owned); });
}

std::size_t Pattern::groups() const {
  std::uint32_t count = 0;
  pcre2_pattern_info(code_.get(), PCRE2_INFO_CAPTURECOUNT, &count);
  return count;
}

Pattern::Match Pattern::find_last(std::string_view text) const {
  Matcher matcher(code_.get(), text);
  Match last;
  for (std::size_t begin = 0; begin <= matcher.size();) {
    const Result result = matcher.match(begin, 0);
    if (result == Result::kLimit) return {Result::kLimit, {}};
    if (result == Result::kNotFound) break;
    last = {Result::kFound, matcher.groups()};
    begin = matcher.behind_match(begin);
  }
  return last;
}

Pattern::Match Pattern::match_whole(std::string_view text) const {
  Matcher matcher(code_.get(), text);
  const Result result = matcher.match(0, PCRE2_ANCHORED | PCRE2_ENDANCHORED);
  if (result != Result::kFound) return {result, {}};
  return {result, matcher.groups()};
}

Verdict limit_verdict() {
  return {.score = 0,
          .reason = "the pattern takes too many steps or too much memory",
          .extracted = {},
          .failure = Failure::kLimit};
}

}  // namespace tempo::reward
