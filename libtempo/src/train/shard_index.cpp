#include "shard_index.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "tempo/core/error.h"

namespace tempo::train {

std::optional<ShardTensorName> parse_shard_tensor_name(const std::string& text) {
  const std::size_t open = text.rfind('['), colon = text.find(':', open), close = text.find("].", open);
  if (open == std::string::npos || colon == std::string::npos || close == std::string::npos || colon > close)
    return {};
  ShardTensorName name{.parameter = text.substr(0, open),
                       .prefix = text.substr(0, close + 2),
                       .field = text.substr(close + 2)};
  const auto read = [&](std::size_t from, std::size_t to, std::int64_t& value) {
    const auto [stop, code] = std::from_chars(text.data() + from, text.data() + to, value);
    return code == std::errc() && stop == text.data() + to;
  };
  const bool is_range = read(open + 1, colon, name.begin) && read(colon + 1, close, name.end);
  return is_range && name.begin >= 0 && name.begin < name.end ? std::optional(name) : std::nullopt;
}

ShardIndex::ShardIndex(std::span<const std::filesystem::path> paths) {
  for (const auto& path : paths) {
    files_.push_back(io::Safetensors::open(path));
    for (const std::string& text : files_.back().names()) {
      const auto name = parse_shard_tensor_name(text);
      TEMPO_CHECK(name, path.string(), ": expected tensors named PARAMETER[BEGIN:END].FIELD, got another");
      if (name->field == "weight")
        parts_[name->parameter].push_back({name->begin, name->end, files_.size() - 1, name->prefix});
    }
  }
  for (auto& [parameter, parts] : parts_)
    std::ranges::sort(parts, {}, [](const Part& part) { return part.begin; });
}

std::span<const std::byte> ShardIndex::bytes(const Part& part, const std::string& field, io::DType dtype,
                                             std::int64_t numbers) const {
  const io::Safetensors& file = files_[part.file];
  const std::string name = part.prefix + field;
  const std::string where = core::concat(file.location(), ": ", name, ": expected ");
  TEMPO_CHECK(file.dtype(name) == dtype, where, io::name_of(dtype), ", got ", io::name_of(file.dtype(name)));
  const auto stored = file.bytes(name);
  const std::size_t found = stored.size() / io::size_of(dtype);
  TEMPO_CHECK(found == static_cast<std::size_t>(numbers), where, numbers, " numbers, got ", found);
  return stored;
}

std::vector<ShardIndex::Part> ShardIndex::parts_of(const std::string& parameter, std::int64_t begin,
                                                   std::int64_t end) const {
  std::vector<Part> parts;
  std::int64_t next = begin;
  if (const auto found = parts_.find(parameter); found != parts_.end()) {
    for (const Part& part : found->second) {
      if (part.end <= next || part.begin > next || next >= end) continue;
      parts.push_back(part);
      next = part.end;
    }
  }
  TEMPO_CHECK(next >= end, files_.empty() ? "" : files_.front().location(), ": expected numbers of ",
              parameter, " up to ", end, ", here or in another shard, got them up to ", next);
  return parts;
}

void ShardIndex::read(const std::string& parameter, const std::string& field, io::DType dtype,
                      std::int64_t begin, std::span<std::byte> out) const {
  const auto element = static_cast<std::int64_t>(io::size_of(dtype));
  const std::int64_t end = begin + static_cast<std::int64_t>(out.size()) / element;
  std::int64_t next = begin;
  for (const Part& part : parts_of(parameter, begin, end)) {
    const auto stored = bytes(part, field, dtype, part.end - part.begin);
    const std::int64_t stop = std::min(end, part.end);
    std::memcpy(out.data() + (next - begin) * element, stored.data() + (next - part.begin) * element,
                static_cast<std::size_t>((stop - next) * element));
    next = stop;
  }
}

std::int64_t ShardIndex::updates(const std::string& parameter, std::int64_t begin) const {
  const Part part = parts_of(parameter, begin, begin + 1).front();
  std::int64_t value = 0;
  std::memcpy(&value, bytes(part, "updates", io::DType::kI64, 1).data(), sizeof value);
  TEMPO_CHECK(value >= 0, files_[part.file].location(), ": ", part.prefix,
              "updates: expected 0 or more, got ", value);
  return value;
}

}  // namespace tempo::train
