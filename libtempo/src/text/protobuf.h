// The wire format of protocol buffers, as far as sentencepiece's model files need it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tempo::text {

// One field of a message. Which of the values holds is told by the wire type in the file.
struct ProtobufField {
  std::uint32_t number = 0;
  std::uint64_t integer = 0;  // varint, or the bits of a fixed-width value
  std::string_view bytes;     // of a text or a nested message
  bool has_bytes = false;

  // Return the value. Throw tempo::Error that begins with `where` for a field of another wire type.
  std::string_view text(const std::string& where) const;
  std::uint64_t number_value(const std::string& where) const;
  float real(const std::string& where) const;
};

// Reads the fields of one message in order. The bytes must outlive the reader and its fields.
class ProtobufReader {
 public:
  ProtobufReader(std::string_view bytes, std::string where) : bytes_(bytes), where_(std::move(where)) {}

  // Returns the next field, or nothing at the end. Throws tempo::Error that begins with `where` for bytes
  // that do not follow the format, such as those of a file that was cut.
  std::optional<ProtobufField> next();

 private:
  std::uint64_t varint();
  std::uint64_t fixed(std::size_t width);

  std::string_view bytes_;
  std::size_t at_ = 0;
  std::string where_;
};

// Appends fields to a message.
class ProtobufWriter {
 public:
  void integer(std::uint32_t number, std::uint64_t value);
  void real(std::uint32_t number, float value);
  void bytes(std::uint32_t number, std::string_view value);  // a text or a nested message

  const std::string& message() const { return message_; }

 private:
  void key(std::uint32_t number, std::uint32_t wire_type);
  void varint(std::uint64_t value);

  std::string message_;
};

}  // namespace tempo::text
