// Values as bytes, between the ranks of one run: the same program on the same kind of machine. Numbers and
// structs of numbers as they lie in memory, vectors and texts behind their length; a struct with others calls
// visit_fields.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include "tempo/core/error.h"

namespace tempo::train {

template <typename T>
concept WireSequence = requires(T& value) {
  typename T::value_type;
  value.resize(1);
};

// Called with each value in turn, appends it.
class WireWriter {
 public:
  template <typename T>
  void operator()(const T& value) {
    if constexpr (std::is_trivially_copyable_v<T>) {
      append(&value, sizeof(T));
    } else if constexpr (WireSequence<T>) {
      (*this)(std::uint64_t{value.size()});
      if constexpr (std::is_trivially_copyable_v<typename T::value_type>) {
        append(value.data(), value.size() * sizeof(typename T::value_type));
      } else {
        for (const auto& item : value) (*this)(item);
      }
    } else {
      visit_fields(value, *this);
    }
  }

  const std::string& bytes() const { return bytes_; }

 private:
  void append(const void* data, std::size_t size) {
    if (size > 0) bytes_.append(static_cast<const char*>(data), size);
  }

  std::string bytes_;
};

// Called with each value in turn, fills it. Throws tempo::Error where the bytes end too early.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  template <typename T>
  void operator()(T& value) {
    if constexpr (std::is_trivially_copyable_v<T>) {
      take(&value, sizeof(T));
    } else if constexpr (WireSequence<T>) {
      std::uint64_t size = 0;
      (*this)(size);
      constexpr bool kFlat = std::is_trivially_copyable_v<typename T::value_type>;
      check(size <= rest_.size() / (kFlat ? sizeof(typename T::value_type) : 1));
      value.resize(size);
      if constexpr (kFlat) {
        take(value.data(), size * sizeof(typename T::value_type));
      } else {
        for (auto& item : value) (*this)(item);
      }
    } else {
      visit_fields(value, *this);
    }
  }

  // Throws tempo::Error unless all bytes were read.
  void finish() const { check(rest_.empty()); }

 private:
  static void check(bool holds) {
    TEMPO_CHECK(holds, "exchange: expected the bytes that another rank of this run writes, got others");
  }
  void take(void* data, std::size_t size) {
    check(size <= rest_.size());
    if (size > 0) std::memcpy(data, rest_.data(), size);
    rest_.remove_prefix(size);
  }

  std::string_view rest_;
};

template <typename T>
std::string to_wire(const T& value) {
  WireWriter writer;
  writer(value);
  return writer.bytes();
}

template <typename T>
T from_wire(std::string_view bytes) {
  WireReader reader(bytes);
  T value{};
  reader(value);
  reader.finish();
  return value;
}

}  // namespace tempo::train
