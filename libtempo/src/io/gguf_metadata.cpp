// The metadata accessors of Gguf.
#include <array>
#include <string>
#include <variant>

#include "tempo/core/error.h"
#include "tempo/io/gguf.h"

namespace tempo::io {
namespace {

// Names of the alternatives of Gguf::Value, in their order.
constexpr std::array<std::string_view, 7> kKinds{
    "an integer",         "a float", "a boolean", "a string", "an array of integers", "an array of floats",
    "an array of strings"};
static_assert(kKinds.size() == std::variant_size_v<Gguf::Value>);

}  // namespace

bool Gguf::has(std::string_view key) const { return metadata_.contains(key); }

const Gguf::Value& Gguf::value(std::string_view key) const {
  const auto found = metadata_.find(key);
  TEMPO_CHECK(found != metadata_.end(), location_, ": metadata ", key, ": expected a value, found none");
  return found->second;
}

template <typename T>
const T& Gguf::value_of(std::string_view key, std::string_view expected) const {
  const Value& found = value(key);
  const T* as_expected = std::get_if<T>(&found);
  TEMPO_CHECK(as_expected, location_, ": metadata ", key, ": expected ", expected, ", got ",
              kKinds[found.index()]);
  return *as_expected;
}

std::string Gguf::string(std::string_view key) const { return value_of<std::string>(key, "a string"); }

std::int64_t Gguf::integer(std::string_view key) const { return value_of<std::int64_t>(key, "an integer"); }

double Gguf::number(std::string_view key) const {
  if (const auto* integer = std::get_if<std::int64_t>(&value(key))) return static_cast<double>(*integer);
  return value_of<double>(key, "a number");
}

bool Gguf::boolean(std::string_view key) const { return value_of<bool>(key, "a boolean"); }

const std::vector<std::string>& Gguf::strings(std::string_view key) const {
  return value_of<std::vector<std::string>>(key, "an array of strings");
}

const std::vector<std::int64_t>& Gguf::integers(std::string_view key) const {
  return value_of<std::vector<std::int64_t>>(key, "an array of integers");
}

const std::vector<float>& Gguf::floats(std::string_view key) const {
  return value_of<std::vector<float>>(key, "an array of floats");
}

std::string Gguf::string(std::string_view key, std::string_view fallback) const {
  return has(key) ? string(key) : std::string(fallback);
}

std::int64_t Gguf::integer(std::string_view key, std::int64_t fallback) const {
  return has(key) ? integer(key) : fallback;
}

double Gguf::number(std::string_view key, double fallback) const { return has(key) ? number(key) : fallback; }

bool Gguf::boolean(std::string_view key, bool fallback) const { return has(key) ? boolean(key) : fallback; }

}  // namespace tempo::io
