#include "gguf_header.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "byte_reader.h"
#include "gguf_value.h"
#include "printable.h"

namespace tempo::io {
namespace {

constexpr std::uint32_t kMagic = 0x46554747;  // "GGUF"
constexpr std::uint32_t kMostDimensions = 4;
constexpr std::int64_t kDefaultAlignment = 32;
constexpr std::int64_t kLargestAlignment = std::int64_t{1} << 30;
constexpr std::size_t kSmallestMetadata = 8 + 4 + 1;        // empty key, type, one byte
constexpr std::size_t kSmallestTensor = 8 + 4 + 8 + 4 + 8;  // empty name, dimensions, one size, type, offset

void parse_preamble(ByteReader& reader) {
  const auto magic = reader.number<std::uint32_t>("magic");
  TEMPO_CHECK(magic == kMagic, reader.location(), ": expected a GGUF file, got first bytes ", std::hex,
              magic);
  const auto version = reader.number<std::uint32_t>("version");
  TEMPO_CHECK(version == 2 || version == 3, reader.location(), ": version: expected GGUF 2 or 3, got ",
              version);
}

void parse_metadata(ByteReader& reader, std::uint64_t count, GgufHeader& header) {
  for (std::uint64_t i = 0; i < count; ++i) {
    std::string key = reader.string(core::concat("metadata key ", i));
    Gguf::Value value = parse_gguf_value(reader, core::concat("metadata ", printable(key)));
    const auto [position, added] = header.metadata.emplace(std::move(key), std::move(value));
    TEMPO_CHECK(added, reader.location(), ": metadata ", printable(position->first),
                ": expected it once, got it twice");
  }
}

std::uint64_t find_alignment(std::string_view location, const GgufHeader& header) {
  const auto found = header.metadata.find("general.alignment");
  if (found == header.metadata.end()) return kDefaultAlignment;
  const auto* alignment = std::get_if<std::int64_t>(&found->second);
  TEMPO_CHECK(alignment, location, ": general.alignment: expected an integer, got another type");
  const bool valid = *alignment > 0 && *alignment <= kLargestAlignment &&
                     std::has_single_bit(static_cast<std::uint64_t>(*alignment));
  TEMPO_CHECK(valid, location, ": general.alignment: expected a power of two up to ", kLargestAlignment,
              ", got ", *alignment);
  return static_cast<std::uint64_t>(*alignment);
}

std::vector<std::int64_t> parse_shape(ByteReader& reader, std::string_view what) {
  const auto dimensions = reader.number<std::uint32_t>(what);
  TEMPO_CHECK(dimensions >= 1 && dimensions <= kMostDimensions, reader.location(), ": ", what,
              ": expected 1 to ", kMostDimensions, " dimensions, got ", dimensions);
  std::vector<std::int64_t> shape(dimensions);
  for (std::int64_t& size : shape) {
    const auto stored = reader.number<std::uint64_t>(what);
    TEMPO_CHECK(stored >= 1 && std::in_range<std::int64_t>(stored), reader.location(), ": ", what,
                ": expected positive sizes, got ", stored);
    size = static_cast<std::int64_t>(stored);
  }
  std::ranges::reverse(shape);
  return shape;
}

std::uint64_t stored_size(std::string_view location, std::string_view what, const GgufTensorEntry& tensor) {
  const BlockSize block = block_size(tensor.type);
  const auto row = static_cast<std::uint64_t>(tensor.shape.back());
  TEMPO_CHECK(row % block.values == 0, location, ": ", what, ": expected rows of whole blocks of ",
              block.values, ", got rows of ", row);
  const auto count = element_count(tensor.shape);
  std::uint64_t size = 0;
  const bool fits = count && !__builtin_mul_overflow(*count / block.values, block.bytes, &size);
  TEMPO_CHECK(fits, location, ": ", what, ": expected a size below 2^64 bytes, got more");
  return size;
}

GgufTensorEntry parse_tensor(ByteReader& reader, std::uint64_t index) {
  GgufTensorEntry tensor;
  tensor.name = reader.string(core::concat("name of tensor ", index));
  const std::string what = "tensor " + printable(tensor.name);
  tensor.shape = parse_shape(reader, what);
  const auto number = reader.number<std::uint32_t>(what);
  const auto type = ggml_type(number);
  TEMPO_CHECK(type, reader.location(), ": ", what,
              ": expected type F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, ",
              "Q4_K, Q5_K or Q6_K, got type ", describe_ggml_type(number));
  tensor.type = *type;
  tensor.offset = reader.number<std::uint64_t>(what);
  tensor.size = stored_size(reader.location(), what, tensor);
  return tensor;
}

}  // namespace

GgufHeader parse_gguf_header(std::string_view location, std::span<const std::byte> file) {
  ByteReader reader(location, file);
  parse_preamble(reader);
  const auto tensors = reader.count(kSmallestTensor, "number of tensors");
  const auto values = reader.count(kSmallestMetadata, "number of metadata values");
  GgufHeader header;
  parse_metadata(reader, values, header);
  header.alignment = find_alignment(location, header);
  header.tensors.reserve(tensors);
  for (std::uint64_t i = 0; i < tensors; ++i) header.tensors.push_back(parse_tensor(reader, i));
  header.size = reader.position();
  return header;
}

}  // namespace tempo::io
