// Answer text to tokens.
#include <algorithm>
#include <array>
#include <utility>

#include "signs.h"
#include "token.h"

namespace tempo::reward::math {
namespace {

using std::size_t;
using std::string_view;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || c == '\0'; }

class Lexer {
 public:
  Lexer(string_view answer, Budget& budget) : rest_(answer), budget_(budget) {}

  std::vector<Token> read() {
    tokens_.reserve(std::min<size_t>(rest_.size() + 1, 64));
    while (at_ < rest_.size()) {
      budget_.spend(1);
      step();
    }
    spaced_ = false;
    push(Tok::kEnd, 0, {});
    return std::move(tokens_);
  }

 private:
  bool in_text() const { return at_ <= text_end_; }
  char peek(size_t ahead = 0) const { return at_ + ahead < rest_.size() ? rest_[at_ + ahead] : '\0'; }
  bool starts(string_view word) const { return rest_.substr(at_, word.size()) == word; }

  void push(Tok kind, std::uint8_t detail, string_view text) {
    tokens_.push_back({kind, detail, spaced_, in_text() && text_end_ > 0, text});
    spaced_ = false;
    if (kind == Tok::kOpenParen || kind == Tok::kOpenBracket || kind == Tok::kOpenSet) ++brackets_;
    if (kind == Tok::kCloseParen || kind == Tok::kCloseBracket || kind == Tok::kCloseSet) --brackets_;
  }

  void step() {
    const char c = peek();
    if (is_space(c) || c == '$' || c == '~' || c == '"' || c == '`') {
      spaced_ = spaced_ || c != '$';
      ++at_;
    } else if (c == '\\') {
      command();
    } else if (is_digit(c) || (c == '.' && (is_digit(peek(1)) || repeats()))) {
      number();
    } else if (is_letter(c)) {
      letters();
    } else if (c == '}' && text_end_ > 0 && at_ == text_end_) {
      ++at_;
      text_end_ = 0;
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      unicode();
    } else {
      sign();
    }
  }

  void sign() {
    for (const auto& sign : kSigns) {
      if (!starts(sign.bytes)) continue;
      push(sign.kind, sign.detail, sign.bytes);
      at_ += sign.bytes.size();
      return;
    }
    push(Tok::kUnknown, 0, rest_.substr(at_++, 1));
  }

  void unicode() {
    const auto matches = [&](const auto& sign) { return starts(sign); };
    if (const auto nothing = std::find_if(kNothing.begin(), kNothing.end(), matches);
        nothing != kNothing.end()) {
      spaced_ = true;
      at_ += nothing->size();
      return;
    }
    for (const auto& sign : kUnicode) {
      if (!starts(sign.bytes)) continue;
      push(sign.kind, sign.detail, sign.text.empty() ? sign.bytes : sign.text);
      at_ += sign.bytes.size();
      return;
    }
    for (const auto& [bytes, digits] : kPowers) {
      if (!starts(bytes)) continue;
      digits.size() == 3 ? abbreviated_fraction(digits) : raised(digits);
      at_ += bytes.size();
      return;
    }
    size_t end = at_ + 1;
    while (end < rest_.size() && (static_cast<unsigned char>(rest_[end]) & 0xc0) == 0x80) ++end;
    push(Tok::kWord, 0, rest_.substr(at_, end - at_));
    at_ = end;
  }

  void raised(string_view digit) {
    push(Tok::kCaret, 0, "^");
    push(digit == "n" ? Tok::kName : Tok::kNumber, 0, digit);
  }

  void abbreviated_fraction(string_view digits) {
    push(Tok::kFraction, 0, "frac");
    push(Tok::kNumber, 0, digits.substr(0, 1));
    push(Tok::kNumber, 0, digits.substr(2));
  }

  // Returns the end of the three digits behind a separator of thousands at `at`, or 0.
  size_t group_end(size_t at) const {
    constexpr std::array<string_view, 7> kAnywhere = {"{,}", ",\\!", ",\\,", "\\,", "\\!", "\\ ", "\\;"};
    size_t begin = 0;
    for (const auto separator : kAnywhere) {
      if (rest_.substr(at, separator.size()) == separator) begin = at + separator.size();
      if (begin > 0) break;
    }
    while (begin > 0 && begin < rest_.size() && rest_[begin] == ' ') ++begin;
    if (begin == 0 && brackets_ == 0 && at + 1 < rest_.size() && (rest_[at] == ',' || rest_[at] == ' '))
      begin = at + 1;
    size_t end = begin;
    while (end < rest_.size() && is_digit(rest_[end])) ++end;
    const bool fraction = end < rest_.size() && rest_[end] == '/';
    return begin > 0 && end - begin == 3 && !(fraction && rest_[at] == ' ') ? end : 0;
  }

  // Whether a point stands here with digits under a bar behind it.
  bool repeats() const {
    return peek() == '.' && (rest_.substr(at_ + 1, 9) == "\\overline" ||
                             rest_.substr(at_ + 1, 5) == "\\bar{" || rest_.substr(at_ + 1, 5) == "\\dot{");
  }

  void number() {
    const size_t begin = at_;
    while (is_digit(peek())) ++at_;
    if (at_ - begin <= 3 && at_ > begin && rest_[begin] != '0') {
      while (const size_t end = group_end(at_)) at_ = end;
    }
    if (peek() == '.' && is_digit(peek(1))) {
      ++at_;
      while (is_digit(peek())) ++at_;
    } else if (repeats()) {
      ++at_;
    }
    const size_t sign = peek(1) == '-' || peek(1) == '+' ? 1 : 0;
    if ((peek() == 'e' || peek() == 'E') && is_digit(peek(1 + sign))) {
      at_ += 1 + sign;
      while (is_digit(peek())) ++at_;
    }
    push(Tok::kNumber, 0, rest_.substr(begin, at_ - begin));
  }

  void letters() {
    size_t end = at_;
    while (end < rest_.size() && is_letter(rest_[end])) ++end;
    const string_view run = rest_.substr(at_, end - at_);
    if (run.size() == 1 && string_view("apAP").find(run[0]) != run.npos && rest_.substr(end, 2) == ".m") {
      push(Tok::kWord, 0, run == "a" || run == "A" ? "am" : "pm");  // "p.m."
      at_ += 3;
      return;
    }
    at_ += push_letters(run);
  }

  // Pushes the token at the run's begin and returns its length.
  size_t push_letters(string_view run) {
    const Meaning meaning = word_meaning(run);
    if (run.size() > 1 && meaning.kind != Tok::kEnd) {
      push(meaning.kind, meaning.detail, run);
      return run.size();
    }
    if (run == "pi" || run == "Pi" || run == "PI") {
      push(Tok::kName, 0, "pi");
      return run.size();
    }
    if (run.size() > 1 && is_word(run)) {
      push(Tok::kWord, 0, run);
      return run.size();
    }
    for (const size_t length : {4, 3, 2}) {
      // "3sqrt2", "sinx", "lnx"
      const Meaning prefix = run.size() > length ? word_meaning(run.substr(0, length)) : Meaning{};
      if (prefix.kind != Tok::kFunction && prefix.kind != Tok::kSqrt) continue;
      push(prefix.kind, prefix.detail, run.substr(0, length));
      return length;
    }
    if (run.starts_with("pi")) {
      push(Tok::kName, 0, "pi");
      return 2;
    }
    push(Tok::kName, 0, run.substr(0, 1));
    return 1;
  }

  // Whether a run of letters is a word and not a product of names.
  bool is_word(string_view run) const {
    if (in_text() && text_end_ > 0) return true;
    if (is_common_word(run)) return true;
    if (run.starts_with("sqrt") || run.starts_with("pi")) return run.size() > 6;
    const bool function = run.size() <= 4 && (run.starts_with("sin") || run.starts_with("cos") ||
                                              run.starts_with("tan") || run.starts_with("ln"));
    if (function) return run == "sing" || run == "cost" || run == "tang";
    if (run.size() >= 4) return true;
    const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (run.size() == 3 && std::all_of(run.begin(), run.end(), upper)) return true;
    return run.size() == 3 && run.find_first_of("eiou") != run.npos;
  }

  void command() {
    if (starts("\\\\")) {
      row();
      return;
    }
    size_t end = at_ + 1;
    while (end < rest_.size() && is_letter(rest_[end])) ++end;
    if (end == at_ + 1) end = std::min(end + 1, rest_.size());
    string_view name = rest_.substr(at_ + 1, end - at_ - 1);
    CommandMeaning meaning = command_meaning(name);
    if (name == "begin" || name == "end") {
      environment(end, name == "begin");
      return;
    }
    if (meaning.what == Command::kUnknown && name.size() > 2) {
      name = known_prefix(name);
      meaning = command_meaning(name);
    }
    at_ += 1 + name.size();
    if (name == "not" && peek() == '=') {
      push(Tok::kRelation, of(Relation::kNotEqual), name);
      ++at_;
      return;
    }
    apply(name, meaning);
  }

  // Returns the longest known command that the name begins with, as in "\lex" and "\pir", else the name.
  static string_view known_prefix(string_view name) {
    for (size_t length = std::min<size_t>(name.size() - 1, 12); length >= 2; --length) {
      if (command_meaning(name.substr(0, length)).what != Command::kUnknown) return name.substr(0, length);
    }
    return name;
  }

  void apply(string_view name, CommandMeaning meaning) {
    switch (meaning.what) {
      case Command::kToken:
      case Command::kName:
        push(meaning.kind, meaning.detail, name);
        break;
      case Command::kSkip:
        // The brace in "\left\{" is a bracket; the point in "\right." is none.
        if ((name == "left" || name == "right") && peek() == '.') ++at_;
        spaced_ = true;
        break;
      case Command::kSkipArgument:
        if (peek() == '{') at_ = std::min(rest_.find('}', at_), rest_.size() - 1) + 1;
        break;
      case Command::kText:
        text_argument(name);
        break;
      case Command::kUnknown:
        push(name.empty() ? Tok::kUnknown : is_letter(name[0]) ? Tok::kName : Tok::kUnknown, 0, name);
        break;
    }
  }

  void text_argument(string_view name) {
    while (is_space(peek()) && at_ < rest_.size()) ++at_;
    if (peek() != '{' || text_end_ > 0) return;
    const size_t end = closing_brace(at_);
    const string_view content = rest_.substr(at_ + 1, end - at_ - 1);
    const bool constant = content == "e" || content == "i" || content == "d";
    if (constant && name.starts_with("math")) {
      push(Tok::kName, 0, content);
      at_ = end + 1;
      return;
    }
    ++at_;
    spaced_ = true;
    text_end_ = std::min(end, rest_.size());
  }

  size_t closing_brace(size_t at) {
    int depth = 0;
    for (; at < rest_.size(); ++at) {
      if (rest_[at] == '\\') {
        ++at;
      } else if (rest_[at] == '{') {
        ++depth;
      } else if (rest_[at] == '}' && --depth == 0) {
        return at;
      }
    }
    return rest_.size();
  }

  void row() {
    push(Tok::kRow, 0, "\\\\");
    at_ += 2;
    const size_t close = peek() == '[' ? rest_.substr(at_, 12).find(']') : rest_.npos;
    if (close != rest_.npos && close > 2 && is_letter(rest_[at_ + close - 1])) at_ += close + 1;
  }

  void environment(size_t at, bool begin) {
    while (at < rest_.size() && is_space(rest_[at])) ++at;
    const size_t open = at < rest_.size() && rest_[at] == '{' ? at : rest_.npos;
    const size_t close = open == rest_.npos ? rest_.npos : rest_.substr(0, open + 24).find('}', open);
    if (close == rest_.npos) {
      at_ = at;
      return;
    }
    const string_view name = rest_.substr(open + 1, close - open - 1);
    push(begin ? Tok::kBegin : Tok::kFinish, static_cast<std::uint8_t>(environment_of(name)), name);
    at_ = close + 1;
    if (begin && name == "array" && peek() == '{') at_ = std::min(rest_.find('}', at_), rest_.size() - 1) + 1;
  }

  string_view rest_;
  Budget& budget_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
  size_t text_end_ = 0;  // of the \text{} that is being read; 0: none
  int brackets_ = 0;
  bool spaced_ = false;
};

}  // namespace

std::vector<Token> read_tokens(string_view answer, Budget& budget) { return Lexer(answer, budget).read(); }

}  // namespace tempo::reward::math
