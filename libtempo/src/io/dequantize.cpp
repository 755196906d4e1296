#include "tempo/io/dequantize.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <string_view>

#include "element_types.h"
#include "ggml_blocks.h"
#include "tempo/core/error.h"

namespace tempo::io {
namespace {

using DequantizeBlock = void (*)(const std::byte* bytes, float* values);

struct Format {
  GgmlType type;
  BlockSize size;
  DequantizeBlock dequantize;
};

constexpr std::array kQuantised{
    Format{GgmlType::kQ4_0, {32, 18}, dequantize_q4_0},
    Format{GgmlType::kQ4_1, {32, 20}, dequantize_q4_1},
    Format{GgmlType::kQ5_0, {32, 22}, dequantize_q5_0},
    Format{GgmlType::kQ5_1, {32, 24}, dequantize_q5_1},
    Format{GgmlType::kQ8_0, {32, 34}, dequantize_q8_0},
    Format{GgmlType::kQ4_K, {256, 144}, dequantize_q4_k},
    Format{GgmlType::kQ5_K, {256, 176}, dequantize_q5_k},
    Format{GgmlType::kQ6_K, {256, 210}, dequantize_q6_k},
};

const Format* quantised(GgmlType type) {
  const auto format = std::ranges::find(kQuantised, type, &Format::type);
  return format == kQuantised.end() ? nullptr : &*format;
}

std::optional<DType> plain(GgmlType type) {
  switch (type) {
    case GgmlType::kF32:
      return DType::kF32;
    case GgmlType::kF16:
      return DType::kF16;
    case GgmlType::kBF16:
      return DType::kBF16;
    default:
      return std::nullopt;
  }
}

// Usual names by number, also of types that cannot be read; empty where a number was given up.
constexpr std::array<std::string_view, 36> kNames{
    "F32",     "F16",   "Q4_0",   "Q4_1",  "",      "",       "Q5_0", "Q5_1",    "Q8_0",
    "Q8_1",    "Q2_K",  "Q3_K",   "Q4_K",  "Q5_K",  "Q6_K",   "Q8_K", "IQ2_XXS", "IQ2_XS",
    "IQ3_XXS", "IQ1_S", "IQ4_NL", "IQ3_S", "IQ2_S", "IQ4_XS", "I8",   "I16",     "I32",
    "I64",     "F64",   "IQ1_M",  "BF16",  "",      "",       "",     "TQ1_0",   "TQ2_0"};

}  // namespace

std::optional<GgmlType> ggml_type(std::uint32_t number) {
  const auto type = static_cast<GgmlType>(number);
  if (!plain(type) && !quantised(type)) return std::nullopt;
  return type;
}

std::string describe_ggml_type(std::uint32_t number) {
  if (number >= kNames.size() || kNames[number].empty()) return std::to_string(number);
  return core::concat(number, " (", kNames[number], ")");
}

BlockSize block_size(GgmlType type) {
  if (const auto dtype = plain(type)) return {1, size_of(*dtype)};
  const Format* format = quantised(type);
  assert(format);
  return format->size;
}

void dequantize(GgmlType type, std::span<const std::byte> bytes, std::span<float> values) {
  const auto size = block_size(type);
  const std::size_t blocks = bytes.size() / size.bytes;
  TEMPO_CHECK(bytes.size() % size.bytes == 0 && values.size() == blocks * size.values,
              "dequantize: expected ", size.values, " values for each ", size.bytes, " bytes, got ",
              values.size(), " for ", bytes.size());
  if (const auto dtype = plain(type)) return to_float(*dtype, bytes, values);
  const DequantizeBlock block = quantised(type)->dequantize;
  for (std::size_t i = 0; i < blocks; ++i) block(&bytes[i * size.bytes], &values[i * size.values]);
}

}  // namespace tempo::io
