// Oniguruma's syntax to PCRE2's.
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "regex.h"
#include "tempo/core/error.h"
#include "utf8.h"

namespace tempo::text {

namespace {

class Translator {
 public:
  Translator(std::string_view pattern, const std::string& where) : in_(pattern), where_(where) {}

  std::string run() {
    while (at_ < in_.size()) step();
    return std::move(out_);
  }

 private:
  void step() {
    if (in_[at_] == '\\') return escape();
    if (in_class_) return class_character();
    if (in_[at_] == '[') return open_class();
    // Braces are no possessive quantifier in Oniguruma, so `}+` repeats what stands before it.
    if (in_[at_] == '}' && next(1) == '+') refuse("}+");
    out_.push_back(in_[at_++]);
  }

  void open_class() {
    in_class_ = true;
    out_.push_back(in_[at_++]);
    if (next(0) == '^') out_.push_back(in_[at_++]);
  }

  // Nested classes and intersections are Oniguruma's own.
  void class_character() {
    if (in_[at_] == '[') refuse("[ inside a class");
    if (in_[at_] == '&' && next(1) == '&') refuse("&&");
    if (in_[at_] == ']') in_class_ = false;
    out_.push_back(in_[at_++]);
  }

  void escape() {
    const char kind = next(1);
    if (kind == 'p' || kind == 'P') return property();
    if (kind == 'u') return code_point();
    if (kind == 's' || kind == 'S') {
      // PCRE2's \s lacks U+0085 and has U+180E.
      out_ += kind == 's' ? "\\p{White_Space}" : "\\P{White_Space}";
    } else {
      const bool letter = (kind >= 'a' && kind <= 'z') || (kind >= 'A' && kind <= 'Z');
      const bool digit = kind >= '0' && kind <= '9';
      const bool same = std::string_view("rntfdDAzxZ").find(kind) != std::string_view::npos;
      if (kind == '\0' || digit || (letter && !same)) refuse(in_.substr(at_, 2));
      if (kind == 'x' && next(2) != '{') refuse(in_.substr(at_, 4));
      out_ += in_.substr(at_, 2);
    }
    at_ += 2;
  }

  // Scripts need a prefix: PCRE2 would take the wider Script_Extensions.
  void property() {
    const std::size_t end = in_.find('}', at_);
    if (next(2) != '{' || end == std::string_view::npos) refuse(in_.substr(at_, 3));
    std::string_view name = in_.substr(at_ + 3, end - at_ - 3);
    out_ += in_.substr(at_, 3);
    if (name.starts_with('^')) {
      out_.push_back('^');
      name.remove_prefix(1);
    }
    constexpr std::size_t kLongestCategory = 2;
    if (name.size() > kLongestCategory) out_ += "sc:";
    out_ += name;
    out_.push_back('}');
    at_ = end + 1;
  }

  void code_point() {
    constexpr std::size_t kDigits = 4;
    const std::string_view digits = in_.substr(std::min(at_ + 2, in_.size()), kDigits);
    if (digits.size() != kDigits) refuse(in_.substr(at_));
    out_ += "\\x{";
    out_ += digits;
    out_.push_back('}');
    at_ += 2 + kDigits;
  }

  char next(std::size_t ahead) const { return at_ + ahead < in_.size() ? in_[at_ + ahead] : '\0'; }

  [[noreturn]] void refuse(std::string_view part) const {
    core::fail(where_, ": expected a regular expression of known parts, got ", printable(part), " in ",
               printable(in_));
  }

  std::string_view in_;
  const std::string& where_;
  std::string out_;
  std::size_t at_ = 0;
  bool in_class_ = false;
};

}  // namespace

std::string to_pcre2(std::string_view pattern, const std::string& where) {
  return Translator(pattern, where).run();
}

}  // namespace tempo::text
