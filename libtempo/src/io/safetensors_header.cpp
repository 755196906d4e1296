#include "safetensors_header.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "element_types.h"
#include "printable.h"
#include "tempo/core/error.h"

namespace tempo::io {
namespace {

using nlohmann::json;

constexpr std::size_t kLengthBytes = 8;  // the header's length stands before it

// Of two equal keys the library would silently keep one.
json parse_unique_keys(std::string_view location, std::string_view text) {
  std::vector<std::set<std::string>> open_objects;
  const auto check = [&](int, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::object_start) open_objects.emplace_back();
    if (event == json::parse_event_t::object_end) open_objects.pop_back();
    if (event == json::parse_event_t::key) {
      const auto& key = parsed.get_ref<const std::string&>();
      TEMPO_CHECK(open_objects.back().insert(key).second, location, ": ", printable(key),
                  ": expected it once, got it twice");
    }
    return true;
  };
  try {
    return json::parse(text, check);
  } catch (const json::parse_error& error) {
    core::fail(location, ": expected JSON, got a syntax error at its byte ", error.byte);
  } catch (const json::out_of_range&) {
    core::fail(location, ": expected JSON, got a number that is too large");
  }
}

std::string_view header_text(std::string_view location, std::span<const std::byte> file) {
  TEMPO_CHECK(file.size() >= kLengthBytes, location, ": expected a safetensors file, got ", file.size(),
              " bytes");
  const auto length = load<std::uint64_t>(file);
  TEMPO_CHECK(length <= file.size() - kLengthBytes, location, ": header: expected ", length,
              " bytes, got a file with ", file.size() - kLengthBytes);
  return {reinterpret_cast<const char*>(file.data() + kLengthBytes), length};
}

// Returns the array of integers of 0 or more at the key.
std::vector<std::int64_t> sizes_at(const json& fields, const char* key, const std::string& what) {
  const auto found = fields.find(key);
  TEMPO_CHECK(found != fields.end() && found->is_array(), what, ": expected an array '", key, "', got none");
  std::vector<std::int64_t> sizes;
  for (const json& size : *found) {
    const bool valid = size.is_number_unsigned() && std::in_range<std::int64_t>(size.get<std::uint64_t>());
    TEMPO_CHECK(valid, what, ": ", key, ": expected integers from 0 below 2^63, got another value");
    sizes.push_back(size.get<std::int64_t>());
  }
  return sizes;
}

DType dtype_at(const json& fields, const std::string& what) {
  const auto found = fields.find("dtype");
  TEMPO_CHECK(found != fields.end() && found->is_string(), what, ": expected a string 'dtype', got none");
  const auto& name = found->get_ref<const std::string&>();
  const auto dtype = dtype_named(name);
  TEMPO_CHECK(dtype, what, ": dtype: expected F64, F32, F16, BF16, I64, I32, I16, I8, U8 or BOOL, got ",
              printable(name));
  return *dtype;
}

SafetensorsEntry parse_entry(std::string_view location, const std::string& name, const json& fields,
                             std::span<const std::byte> data) {
  const std::string what = core::concat(location, ": tensor ", printable(name));
  TEMPO_CHECK(fields.is_object(), what, ": expected a JSON object, got another value");
  const DType dtype = dtype_at(fields, what);
  auto shape = sizes_at(fields, "shape", what);
  const auto offsets = sizes_at(fields, "data_offsets", what);
  TEMPO_CHECK(offsets.size() == 2 && offsets[0] <= offsets[1], what,
              ": data_offsets: expected a begin and an end");
  const auto begin = static_cast<std::uint64_t>(offsets[0]), end = static_cast<std::uint64_t>(offsets[1]);
  TEMPO_CHECK(end <= data.size(), what, ": data_offsets: expected an end within the ", data.size(),
              " bytes of data, got ", end);
  const auto count = element_count(shape);
  std::uint64_t size = 0;
  const bool fits = count && !__builtin_mul_overflow(*count, size_of(dtype), &size);
  TEMPO_CHECK(fits && size == end - begin, what, ": expected as many bytes as its shape and dtype need, got ",
              end - begin);
  return {name, dtype, std::move(shape), data.subspan(begin, size)};
}

void check_metadata(std::string_view location, const json& metadata) {
  const bool valid = metadata.is_object() && std::ranges::all_of(metadata, &json::is_string);
  TEMPO_CHECK(valid, location, ": header: __metadata__: expected an object of strings, got another value");
}

void check_covered(std::string_view location, std::span<const SafetensorsEntry> entries,
                   std::span<const std::byte> data) {
  const std::byte* next = data.data();
  for (const auto& entry : entries) {
    TEMPO_CHECK(entry.bytes.data() == next, location, ": tensor ", printable(entry.name),
                ": expected its bytes right after the tensor before, at byte ", next - data.data(),
                " of the data, got ", entry.bytes.data() - data.data());
    next += entry.bytes.size();
  }
  const auto covered = static_cast<std::size_t>(next - data.data());
  TEMPO_CHECK(covered == data.size(), location, ": expected ", covered, " bytes of tensors, got ",
              data.size());
}

bool is_plain_file_name(const std::string& name) {
  const std::filesystem::path path(name);
  return !name.empty() && name != "." && name != ".." && path.filename() == path &&
         name.find_first_of(std::string_view("\\\0", 2)) == std::string::npos;
}

}  // namespace

std::vector<SafetensorsEntry> parse_safetensors(std::string_view location, std::span<const std::byte> file) {
  const std::string_view text = header_text(location, file);
  const json header = parse_unique_keys(core::concat(location, ": header"), text);
  TEMPO_CHECK(header.is_object(), location, ": header: expected a JSON object, got another value");
  const auto data = file.subspan(kLengthBytes + text.size());
  std::vector<SafetensorsEntry> entries;
  for (const auto& [name, fields] : header.items()) {
    if (name == "__metadata__") {
      check_metadata(location, fields);
    } else {
      entries.push_back(parse_entry(location, name, fields, data));
    }
  }
  // An empty tensor may share its place with the next one, and must then come first.
  std::ranges::sort(entries, {},
                    [](const auto& entry) { return std::pair(entry.bytes.data(), entry.bytes.size()); });
  check_covered(location, entries, data);
  return entries;
}

std::map<std::string, std::string> parse_safetensors_index(std::string_view location, std::string_view text) {
  const json index = parse_unique_keys(location, text);
  const bool has_map = index.is_object() && index.contains("weight_map") && index["weight_map"].is_object();
  TEMPO_CHECK(has_map, location, ": expected an object 'weight_map', got none");
  std::map<std::string, std::string> shards;
  for (const auto& [name, shard] : index["weight_map"].items()) {
    TEMPO_CHECK(shard.is_string(), location, ": tensor ", printable(name),
                ": expected a file name, got another value");
    const auto& file = shard.get_ref<const std::string&>();
    TEMPO_CHECK(is_plain_file_name(file), location, ": tensor ", printable(name),
                ": expected the name of a file beside the index, got ", printable(file));
    shards.emplace(name, file);
  }
  return shards;
}

}  // namespace tempo::io
