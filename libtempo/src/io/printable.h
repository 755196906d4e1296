// Text from a file, made fit for an error of one line.
#pragma once

#include <string>
#include <string_view>

namespace tempo::io {

// Returns text with control bytes replaced by '?' and cut after 100 bytes.
inline std::string printable(std::string_view text) {
  constexpr std::size_t kLongest = 100;
  std::string line(text.substr(0, kLongest));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return text.size() > kLongest ? line + "..." : line;
}

}  // namespace tempo::io
