#include "extract.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "tempo/core/error.h"

namespace tempo::reward {
namespace {

using std::size_t;
using std::string_view;

constexpr string_view kSpace{" \t\r\n\f\v\0", 7};

// Returns the contents of each \boxed{...}, by one pass with a stack of open braces.
std::vector<string_view> boxed_spans(string_view text) {
  constexpr string_view kBoxed = "\\boxed{";
  struct Open {
    size_t begin;
    bool boxed;
  };
  std::vector<Open> open;
  std::vector<string_view> spans;
  size_t last_begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, kBoxed.size()) == kBoxed) {
      i += kBoxed.size() - 1;
      open.push_back({i + 1, true});
    } else if (text[i] == '\\') {
      ++i;  // an escaped brace is no brace
    } else if (text[i] == '{') {
      open.push_back({i + 1, false});
    } else if (text[i] == '}' && !open.empty()) {
      const Open closed = open.back();
      open.pop_back();
      if (!closed.boxed || closed.begin < last_begin) continue;
      last_begin = closed.begin;
      spans.push_back(text.substr(closed.begin, i - closed.begin));
    }
  }
  return spans;
}

std::vector<string_view> tag_spans(string_view text, string_view lower) {
  constexpr string_view kOpen = "<answer>", kClose = "</answer>";
  std::vector<string_view> spans;
  for (size_t at = 0; (at = lower.find(kOpen, at)) != lower.npos;) {
    const size_t begin = at + kOpen.size(), end = lower.find(kClose, begin);
    if (end == lower.npos) break;
    spans.push_back(text.substr(begin, end - begin));
    at = end + kClose.size();
  }
  return spans;
}

// Returns where the answer begins behind the word "answer" that ends at `at`, or npos where none is
// announced.
size_t after_announcement(string_view lower, size_t at) {
  constexpr string_view kDecoration = " \t*_`\"'";
  at = std::min(lower.find_first_not_of(kDecoration, at), lower.size());
  const string_view rest = lower.substr(at);
  const bool is =
      rest.starts_with("is") && (rest.size() == 2 || std::isalnum(static_cast<unsigned char>(rest[2])) == 0);
  if (!is && !rest.starts_with(':') && !rest.starts_with('=')) return lower.npos;
  at += is ? 2 : 1;
  return std::min(lower.find_first_not_of(" \t\r\n*_`\"':=", at), lower.size());
}

// Returns where the answer begins that is announced at `at`, or npos where none is.
size_t announced_at(string_view lower, size_t at) {
  constexpr std::array<string_view, 3> kWords = {"answer", "option", "choice"};
  if (lower.substr(at, 4) == "####") return std::min(lower.find_first_not_of("# \t", at), lower.size());
  const auto word = std::find_if(kWords.begin(), kWords.end(),
                                 [&](string_view w) { return lower.substr(at, w.size()) == w; });
  return word == kWords.end() ? lower.npos : after_announcement(lower, at + word->size());
}

std::vector<string_view> phrase_spans(string_view text, string_view lower) {
  std::vector<string_view> spans;
  size_t sentence_end = 0;
  for (size_t at = 0; (at = lower.find_first_of("#aoc", at)) != lower.npos;) {
    const size_t begin = announced_at(lower, at);
    if (begin == lower.npos) {
      ++at;
      continue;
    }
    // Announcements in one sentence share its end; looking for it once keeps this linear.
    if (begin >= sentence_end) sentence_end = begin + first_sentence(text.substr(begin)).size();
    spans.push_back(text.substr(begin, sentence_end - begin));
    at = begin;
  }
  return spans;
}

// Returns the length of the valid UTF-8 sequence at the text's begin, 0 if there is none.
size_t utf8_length(string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const size_t length = byte(0) < 0x80   ? 1
                        : byte(0) < 0xc2 ? 0
                        : byte(0) < 0xe0 ? 2
                        : byte(0) < 0xf0 ? 3
                        : byte(0) < 0xf5 ? 4
                                         : 0;
  if (length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  if (length < 3) return length;
  // Overlong forms, surrogates and code points beyond U+10FFFF differ in the second byte alone.
  const bool wrong = (byte(0) == 0xe0 && byte(1) < 0xa0) || (byte(0) == 0xed && byte(1) >= 0xa0) ||
                     (byte(0) == 0xf0 && byte(1) < 0x90) || (byte(0) == 0xf4 && byte(1) >= 0x90);
  return wrong ? 0 : length;
}

}  // namespace

string_view after_thoughts(string_view response) {
  constexpr string_view kClose = "</think>";
  const size_t close = response.rfind(kClose);
  if (close != response.npos) return response.substr(close + kClose.size());
  return response.find("<think>") == response.npos ? response : string_view{};
}

MarkedAnswers marked_answers(string_view text) {
  if (auto spans = boxed_spans(text); !spans.empty()) return {Marker::kBoxed, std::move(spans)};
  const std::string lower = lower_ascii(text);
  if (auto spans = tag_spans(text, lower); !spans.empty()) return {Marker::kTag, std::move(spans)};
  if (auto spans = phrase_spans(text, lower); !spans.empty()) return {Marker::kPhrase, std::move(spans)};
  return {};
}

string_view marker_name(Marker marker) {
  switch (marker) {
    case Marker::kBoxed:
      return "\\boxed{}";
    case Marker::kTag:
      return "<answer>";
    case Marker::kPhrase:
      return "the announced answer";
    case Marker::kNone:
      break;
  }
  return "the response";
}

string_view first_sentence(string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const bool space_command = text[i] == '!' && i > 0 && text[i - 1] == '\\';  // LaTeX's narrow one
    const bool stop = text[i] == '.' || (text[i] == '!' && !space_command) || text[i] == '?';
    if (text[i] == '\n') return text.substr(0, i);
    if (stop && (i + 1 == text.size() || kSpace.find(text[i + 1]) != kSpace.npos)) return text.substr(0, i);
  }
  return text;
}

string_view trim(string_view text) {
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string lower_ascii(string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string printable(string_view text, size_t max_bytes) {
  std::string shown;
  for (size_t i = 0; i < text.size();) {
    const size_t length = utf8_length(text.substr(i));
    if (shown.size() + std::max<size_t>(length, 3) > max_bytes) return shown + "...";
    const bool control = length == 1 && (static_cast<unsigned char>(text[i]) < 0x20 || text[i] == 0x7f);
    if (control) {
      shown += ' ';
    } else if (length == 0) {
      shown += "\uFFFD";
    } else {
      shown += text.substr(i, length);
    }
    i += std::max<size_t>(length, 1);
  }
  return shown;
}

std::string valid_utf8(string_view text) {
  std::string valid;
  for (size_t i = 0; i < text.size();) {
    const size_t length = utf8_length(text.substr(i));
    if (length == 0) {
      valid += "\uFFFD";
    } else {
      valid += text.substr(i, length);
    }
    i += std::max<size_t>(length, 1);
  }
  return valid;
}

std::string quoted(string_view text) { return core::concat('\'', printable(text), '\''); }

}  // namespace tempo::reward
