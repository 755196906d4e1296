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

// Throws tempo::Error with the arguments as its text.
template <typename... Args>
[[noreturn]] void fail(const Args&... args) {
  throw Error(concat(args...));
}

}  // namespace core
}  // namespace tempo

// Throws tempo::Error unless cond holds: TEMPO_CHECK(n > 0, "build_forest: expected a response, got ", n).
#define TEMPO_CHECK(cond, ...)                     \
  do {                                             \
    if (!(cond)) ::tempo::core::fail(__VA_ARGS__); \
  } while (false)
