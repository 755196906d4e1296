#include "byte_map.h"

#include "utf8.h"

namespace tempo::text {

namespace {

constexpr char32_t kFirstStandIn = 0x100;

bool stands_for_itself(int byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

std::array<char32_t, 256> make_alphabet() {
  std::array<char32_t, 256> alphabet{};
  char32_t stand_in = kFirstStandIn;
  for (int byte = 0; byte < 256; ++byte) {
    alphabet[static_cast<std::size_t>(byte)] =
        stands_for_itself(byte) ? static_cast<char32_t>(byte) : stand_in++;
  }
  return alphabet;
}

// The byte of each code point below U+0144, or -1.
constexpr std::size_t kAlphabetEnd = 0x144;
std::array<int, kAlphabetEnd> make_inverse() {
  std::array<int, kAlphabetEnd> inverse{};
  inverse.fill(-1);
  for (int byte = 0; byte < 256; ++byte) inverse[byte_alphabet()[static_cast<std::size_t>(byte)]] = byte;
  return inverse;
}

}  // namespace

const std::array<char32_t, 256>& byte_alphabet() {
  static const std::array<char32_t, 256> alphabet = make_alphabet();
  return alphabet;
}

std::string to_byte_alphabet(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) append_utf8(out, byte_alphabet()[static_cast<unsigned char>(byte)]);
  return out;
}

std::optional<std::string> from_byte_alphabet(std::string_view utf8) {
  static const std::array<int, kAlphabetEnd> inverse = make_inverse();
  std::string out;
  for (std::size_t at = 0; at < utf8.size();) {
    const CodePoint c = read_utf8(utf8, at);
    if (!c.valid || c.value >= kAlphabetEnd || inverse[c.value] < 0) return std::nullopt;
    out.push_back(static_cast<char>(inverse[c.value]));
    at += c.length;
  }
  return out;
}

}  // namespace tempo::text
