// Reads numbers and strings off the front of bytes from outside, never beyond their end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "element_types.h"
#include "tempo/core/error.h"

namespace tempo::io {

// Each member throws tempo::Error, naming the file and what was being read, when the bytes end too early.
class ByteReader {
 public:
  ByteReader(std::string_view location, std::span<const std::byte> bytes)
      : location_(location), bytes_(bytes) {}

  std::string_view location() const { return location_; }
  std::size_t position() const { return position_; }

  template <typename T>
  requires std::is_arithmetic_v<T> T number(std::string_view what) { return load<T>(take(sizeof(T), what)); }

  // Reads a string with its length before it, 64 bits wide.
  std::string string(std::string_view what) {
    const auto text = take(number<std::uint64_t>(what), what);
    return {reinterpret_cast<const char*>(text.data()), text.size()};
  }

  // Reads how many items of at least smallest bytes follow: no more than fit into the rest of the file, so
  // that room for them may be set aside.
  std::uint64_t count(std::size_t smallest, std::string_view what) {
    const auto items = number<std::uint64_t>(what);
    const std::size_t fit = (bytes_.size() - position_) / smallest;
    TEMPO_CHECK(items <= fit, location_, ": ", what, ": expected at most the ", fit,
                " that fit into the file, got ", items);
    return items;
  }

 private:
  std::span<const std::byte> take(std::uint64_t size, std::string_view what) {
    const std::size_t left = bytes_.size() - position_;
    TEMPO_CHECK(size <= left, location_, ": ", what, ": expected ", size, " more bytes at byte ", position_,
                ", got ", left);
    const auto taken = bytes_.subspan(position_, size);
    position_ += size;
    return taken;
  }

  std::string_view location_;
  std::span<const std::byte> bytes_;
  std::size_t position_ = 0;
};

}  // namespace tempo::io
