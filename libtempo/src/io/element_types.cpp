#include "element_types.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "tempo/core/error.h"

namespace tempo::io {
namespace {

struct Row {
  DType dtype;
  std::string_view name;
  std::size_t size;
};

constexpr std::array kRows{Row{DType::kF64, "F64", 8}, Row{DType::kF32, "F32", 4},
                           Row{DType::kF16, "F16", 2}, Row{DType::kBF16, "BF16", 2},
                           Row{DType::kI64, "I64", 8}, Row{DType::kI32, "I32", 4},
                           Row{DType::kI16, "I16", 2}, Row{DType::kI8, "I8", 1},
                           Row{DType::kU8, "U8", 1},   Row{DType::kBool, "BOOL", 1}};

const Row& row_of(DType dtype) {
  const auto row = std::ranges::find(kRows, dtype, &Row::dtype);
  assert(row != kRows.end());
  return *row;
}

template <typename Stored, typename Convert>
void convert_all(std::span<const std::byte> bytes, std::span<float> values, Convert convert) {
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = convert(load<Stored>(bytes, i * sizeof(Stored)));
}

template <typename Stored>
void cast_all(std::span<const std::byte> bytes, std::span<float> values) {
  convert_all<Stored>(bytes, values, [](Stored value) { return static_cast<float>(value); });
}

}  // namespace

std::size_t size_of(DType dtype) { return row_of(dtype).size; }

std::string_view name_of(DType dtype) { return row_of(dtype).name; }

std::optional<DType> dtype_named(std::string_view name) {
  const auto row = std::ranges::find(kRows, name, &Row::name);
  if (row == kRows.end()) return std::nullopt;
  return row->dtype;
}

std::optional<std::uint64_t> element_count(std::span<const std::int64_t> shape) {
  std::uint64_t count = 1;
  for (const std::int64_t size : shape) {
    if (size < 0 || __builtin_mul_overflow(count, static_cast<std::uint64_t>(size), &count))
      return std::nullopt;
  }
  return count;
}

void to_float(DType dtype, std::span<const std::byte> bytes, std::span<float> values) {
  assert(bytes.size() == values.size() * size_of(dtype));
  switch (dtype) {
    case DType::kF64:
      return cast_all<double>(bytes, values);
    case DType::kF32:
      return cast_all<float>(bytes, values);
    case DType::kF16:
      return convert_all<std::uint16_t>(bytes, values, f16_to_float);
    case DType::kBF16:
      return convert_all<std::uint16_t>(bytes, values, bf16_to_float);
    case DType::kI64:
      return cast_all<std::int64_t>(bytes, values);
    case DType::kI32:
      return cast_all<std::int32_t>(bytes, values);
    case DType::kI16:
      return cast_all<std::int16_t>(bytes, values);
    case DType::kI8:
      return cast_all<std::int8_t>(bytes, values);
    case DType::kU8:
      return cast_all<std::uint8_t>(bytes, values);
    case DType::kBool:
      return cast_all<std::uint8_t>(bytes, values);
  }
}

}  // namespace tempo::io
