#include "gguf_value.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tempo::io {
namespace {

enum class ValueType : std::uint32_t {
  kU8 = 0,
  kI8 = 1,
  kU16 = 2,
  kI16 = 3,
  kU32 = 4,
  kI32 = 5,
  kF32 = 6,
  kBool = 7,
  kString = 8,
  kArray = 9,
  kU64 = 10,
  kI64 = 11,
  kF64 = 12,
};

std::size_t smallest_size(ValueType type) {
  switch (type) {
    case ValueType::kU8:
    case ValueType::kI8:
    case ValueType::kBool:
      return 1;
    case ValueType::kU16:
    case ValueType::kI16:
      return 2;
    case ValueType::kU32:
    case ValueType::kI32:
    case ValueType::kF32:
      return 4;
    default:
      return 8;
  }
}

ValueType parse_type(ByteReader& reader, std::string_view what) {
  const auto number = reader.number<std::uint32_t>(what);
  TEMPO_CHECK(number <= static_cast<std::uint32_t>(ValueType::kF64), reader.location(), ": ", what,
              ": expected a value type from 0 to 12, got ", number);
  return static_cast<ValueType>(number);
}

bool parse_bool(ByteReader& reader, std::string_view what) {
  const int value = reader.number<std::uint8_t>(what);
  TEMPO_CHECK(value <= 1, reader.location(), ": ", what, ": expected a boolean of 0 or 1, got ", value);
  return value == 1;
}

std::int64_t parse_u64(ByteReader& reader, std::string_view what) {
  const auto value = reader.number<std::uint64_t>(what);
  TEMPO_CHECK(std::in_range<std::int64_t>(value), reader.location(), ": ", what,
              ": expected an integer below 2^63, got ", value);
  return static_cast<std::int64_t>(value);
}

Gguf::Value parse_scalar(ByteReader& reader, ValueType type, std::string_view what) {
  switch (type) {
    case ValueType::kU8:
      return std::int64_t{reader.number<std::uint8_t>(what)};
    case ValueType::kI8:
      return std::int64_t{reader.number<std::int8_t>(what)};
    case ValueType::kU16:
      return std::int64_t{reader.number<std::uint16_t>(what)};
    case ValueType::kI16:
      return std::int64_t{reader.number<std::int16_t>(what)};
    case ValueType::kU32:
      return std::int64_t{reader.number<std::uint32_t>(what)};
    case ValueType::kI32:
      return std::int64_t{reader.number<std::int32_t>(what)};
    case ValueType::kF32:
      return double{reader.number<float>(what)};
    case ValueType::kBool:
      return parse_bool(reader, what);
    case ValueType::kString:
      return reader.string(what);
    case ValueType::kU64:
      return parse_u64(reader, what);
    case ValueType::kI64:
      return reader.number<std::int64_t>(what);
    case ValueType::kF64:
      return reader.number<double>(what);
    case ValueType::kArray:
      break;
  }
  core::fail(reader.location(), ": ", what,
             ": expected an array of numbers or strings, got an array of arrays");
}

// Element is what a scalar of this type is parsed to, Stored what the array holds.
template <typename Element, typename Stored>
std::vector<Stored> parse_elements(ByteReader& reader, ValueType type, std::string_view what) {
  const auto count = reader.count(smallest_size(type), what);
  std::vector<Stored> elements;
  elements.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    elements.push_back(static_cast<Stored>(std::get<Element>(parse_scalar(reader, type, what))));
  }
  return elements;
}

Gguf::Value parse_array(ByteReader& reader, std::string_view what) {
  const ValueType type = parse_type(reader, what);
  switch (type) {
    case ValueType::kString:
      return parse_elements<std::string, std::string>(reader, type, what);
    case ValueType::kF32:
    case ValueType::kF64:
      return parse_elements<double, float>(reader, type, what);
    case ValueType::kBool:
      return parse_elements<bool, std::int64_t>(reader, type, what);
    default:
      return parse_elements<std::int64_t, std::int64_t>(reader, type, what);
  }
}

}  // namespace

Gguf::Value parse_gguf_value(ByteReader& reader, std::string_view what) {
  const ValueType type = parse_type(reader, what);
  return type == ValueType::kArray ? parse_array(reader, what) : parse_scalar(reader, type, what);
}

}  // namespace tempo::io
