// The library's one exception type and the check that guards public entries and outside bytes.
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

namespace tempo {

// Thrown for every bad input. what() is one line: where, what was expected, what was found.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

namespace core {

// Returns the arguments written one after another.
template <typename... Args>
std::string concat(const Args&... args) {
  std::ostringstream out;
  (out << ... << args);
  return out.str();
}

// Throws tempo::Error with the arguments as its text. Control bytes, such as the line breaks of a quoted
// value, become '?'.
template <typename... Args>
[[noreturn]] void fail(const Args&... args) {
  std::string line = concat(args...);
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  throw Error(line);
}

}  // namespace core
}  // namespace tempo

// Throws tempo::Error unless cond holds: TEMPO_CHECK(n > 0, "build_forest: expected a response, got ", n).
#define TEMPO_CHECK(cond, ...)                     \
  do {                                             \
    if (!(cond)) ::tempo::core::fail(__VA_ARGS__); \
  } while (false)
