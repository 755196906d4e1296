#include "protobuf.h"

#include <bit>

#include "tempo/core/error.h"

namespace tempo::text {

namespace {

constexpr std::uint32_t kVarint = 0, kFixed64 = 1, kLength = 2, kFixed32 = 5;
constexpr unsigned kTypeBits = 3;

}  // namespace

std::string_view ProtobufField::text(const std::string& where) const {
  TEMPO_CHECK(has_bytes, where, ": expected bytes in field ", number, ", got a number");
  return bytes;
}

std::uint64_t ProtobufField::number_value(const std::string& where) const {
  TEMPO_CHECK(!has_bytes, where, ": expected a number in field ", number, ", got bytes");
  return integer;
}

float ProtobufField::real(const std::string& where) const {
  return std::bit_cast<float>(static_cast<std::uint32_t>(number_value(where)));
}

std::uint64_t ProtobufReader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    TEMPO_CHECK(at_ < bytes_.size(), where_, ": expected more bytes, got the end of the file or message");
    const auto byte = static_cast<unsigned char>(bytes_[at_++]);
    value |= static_cast<std::uint64_t>(byte & 0x7Fu) << shift;
    if (byte < 0x80) return value;
  }
  core::fail(where_, ": expected a number of at most 10 bytes, got a longer one at byte ", at_);
}

std::uint64_t ProtobufReader::fixed(std::size_t width) {
  TEMPO_CHECK(bytes_.size() - at_ >= width, where_,
              ": expected more bytes, got the end of the file or message");
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes_[at_++])) << (8 * i);
  }
  return value;
}

std::optional<ProtobufField> ProtobufReader::next() {
  if (at_ == bytes_.size()) return std::nullopt;
  const std::uint64_t key = varint();
  ProtobufField field;
  field.number = static_cast<std::uint32_t>(key >> kTypeBits);
  const auto type = static_cast<std::uint32_t>(key & 7u);
  TEMPO_CHECK(field.number > 0 && key >> kTypeBits == field.number, where_, ": expected a field, got number ",
              key >> kTypeBits, " before byte ", at_);
  if (type == kVarint) {
    field.integer = varint();
  } else if (type == kFixed32 || type == kFixed64) {
    field.integer = fixed(type == kFixed32 ? 4 : 8);
  } else {
    TEMPO_CHECK(type == kLength, where_, ": expected a wire type of 0, 1, 2 or 5, got ", type,
                " before byte ", at_);
    const std::uint64_t length = varint();
    TEMPO_CHECK(length <= bytes_.size() - at_, where_, ": expected ", length, " bytes in field ",
                field.number, ", got ", bytes_.size() - at_);
    field.bytes = bytes_.substr(at_, static_cast<std::size_t>(length));
    field.has_bytes = true;
    at_ += field.bytes.size();
  }
  return field;
}

void ProtobufWriter::key(std::uint32_t number, std::uint32_t wire_type) {
  varint((static_cast<std::uint64_t>(number) << kTypeBits) | wire_type);
}

void ProtobufWriter::varint(std::uint64_t value) {
  while (value >= 0x80) {
    message_.push_back(static_cast<char>((value & 0x7Fu) | 0x80u));
    value >>= 7;
  }
  message_.push_back(static_cast<char>(value));
}

void ProtobufWriter::integer(std::uint32_t number, std::uint64_t value) {
  key(number, kVarint);
  varint(value);
}

void ProtobufWriter::real(std::uint32_t number, float value) {
  key(number, kFixed32);
  const auto bits = std::bit_cast<std::uint32_t>(value);
  for (unsigned shift = 0; shift < 32; shift += 8)
    message_.push_back(static_cast<char>((bits >> shift) & 0xFFu));
}

void ProtobufWriter::bytes(std::uint32_t number, std::string_view value) {
  key(number, kLength);
  varint(value.size());
  message_ += value;
}

}  // namespace tempo::text
