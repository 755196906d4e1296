// Limits of one verification: no answer can hang or exhaust it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tempo::reward::math {

// Thrown inside a verification, and caught by it, where the answer is beyond its limits or has no value.
struct NotDecided {
  const char* why;
};

constexpr std::size_t kMaxDepth = 120;       // of nested groups
constexpr std::size_t kMaxDigits = 4000;     // of a number as written
constexpr std::size_t kMaxBits = 32 * 1024;  // of an exact number

class Budget {
 public:
  explicit Budget(std::int64_t steps) : left_(steps) {}

  // Throws NotDecided once the steps are spent.
  void spend(std::int64_t steps) {
    left_ -= steps;
    if (left_ < 0) throw NotDecided{"too many steps"};
  }

 private:
  std::int64_t left_;
};

}  // namespace tempo::reward::math
