#include "checkpoint_shard.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

#include "tempo/core/error.h"

namespace tempo::train {
namespace {

io::DType dtype_of(const at::Tensor& tensor) {
  switch (tensor.scalar_type()) {
    case at::kFloat:
      return io::DType::kF32;
    case at::kBFloat16:
      return io::DType::kBF16;
    case at::kHalf:
      return io::DType::kF16;
    case at::kShort:
      return io::DType::kI16;
    case at::kLong:
      return io::DType::kI64;
    default:
      core::fail("checkpoint: expected a dtype of weights or an optimiser, got ",
                 at::toString(tensor.scalar_type()));
  }
}

std::span<const std::byte> bytes_of(const at::Tensor& tensor) {
  return {static_cast<const std::byte*>(tensor.const_data_ptr()), static_cast<std::size_t>(tensor.nbytes())};
}

// A tensor's name, taken apart.
struct Name {
  std::string parameter, prefix, field;
  std::int64_t begin = 0, end = 0;
};

std::optional<Name> parse_name(const std::string& text) {
  const std::size_t open = text.rfind('['), colon = text.find(':', open), close = text.find("].", open);
  if (open == std::string::npos || colon == std::string::npos || close == std::string::npos || colon > close)
    return {};
  Name name{.parameter = text.substr(0, open),
            .prefix = text.substr(0, close + 2),
            .field = text.substr(close + 2)};
  const auto read = [&](std::size_t from, std::size_t to, std::int64_t& value) {
    const auto [stop, code] = std::from_chars(text.data() + from, text.data() + to, value);
    return code == std::errc() && stop == text.data() + to;
  };
  const bool is_range = read(open + 1, colon, name.begin) && read(colon + 1, close, name.end);
  return is_range && name.begin >= 0 && name.begin < name.end ? std::optional(name) : std::nullopt;
}

}  // namespace

const char* master_field(at::ScalarType dtype) {
  return dtype == at::kBFloat16 ? "remainder" : dtype == at::kHalf ? "master" : nullptr;
}

std::string shard_name(int rank, int size) {
  return core::concat("shard-", rank, "-of-", size, ".safetensors");
}

io::FileDigest write_shard(const std::filesystem::path& path, const model::Model& model,
                           const ShardedAdamW& optimizer) {
  const at::NoGradGuard no_grad;
  const optim::AdamWState& state = optimizer.state();
  const auto weights = optimizer.weights();
  std::vector<at::Tensor> kept;  // of a device, copies on the CPU
  std::vector<io::TensorToWrite> tensors;
  for (std::size_t i = 0; i < optimizer.ranges().size(); ++i) {
    const OwnedRange& range = optimizer.ranges()[i];
    const auto add = [&](const char* field, const at::Tensor& tensor) {
      kept.push_back(tensor.detach().cpu().contiguous());
      tensors.push_back({.name = core::concat(model.parameters()[range.parameter].name, '[', range.begin, ':',
                                              range.end, "].", field),
                         .dtype = dtype_of(kept.back()),
                         .shape = {kept.back().numel()},
                         .bytes = bytes_of(kept.back())});
    };
    add("weight", weights[i]);
    add("moment1", state.moment1[i]);
    add("moment2", state.moment2[i]);
    if (const char* const field = master_field(weights[i].scalar_type())) add(field, state.master[i]);
    add("updates", at::full({1}, state.updates[i], at::kLong));
  }
  return io::write_safetensors(path, tensors);
}

ShardReader::ShardReader(std::span<const std::filesystem::path> paths) {
  for (const auto& path : paths) {
    files_.push_back(io::Safetensors::open(path));
    for (const std::string& text : files_.back().names()) {
      const auto name = parse_name(text);
      TEMPO_CHECK(name, path.string(), ": expected tensors named PARAMETER[BEGIN:END].FIELD, got another");
      if (name->field == "weight")
        parts_[name->parameter].push_back({name->begin, name->end, files_.size() - 1, name->prefix});
    }
  }
  for (auto& [parameter, parts] : parts_)
    std::ranges::sort(parts, {}, [](const Part& part) { return part.begin; });
}

std::span<const std::byte> ShardReader::bytes(const Part& part, const std::string& field, io::DType dtype,
                                              std::int64_t numbers) const {
  const io::Safetensors& file = files_[part.file];
  const std::string name = part.prefix + field;
  const std::string where = core::concat(file.location(), ": ", name, ": expected ");
  TEMPO_CHECK(file.dtype(name) == dtype, where, io::name_of(dtype), ", got ", io::name_of(file.dtype(name)));
  const auto stored = file.bytes(name);
  TEMPO_CHECK(stored.size() == static_cast<std::size_t>(numbers) * io::size_of(dtype), where, numbers,
              " numbers, got ", stored.size() / io::size_of(dtype));
  return stored;
}

std::vector<ShardReader::Part> ShardReader::parts_of(const std::string& parameter, std::int64_t begin,
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

void ShardReader::read(const std::string& parameter, const std::string& field, std::int64_t begin,
                       const at::Tensor& out) const {
  const at::NoGradGuard no_grad;
  const at::Tensor flat = at::empty({out.numel()}, out.options().device(at::kCPU).requires_grad(false));
  const io::DType dtype = dtype_of(flat);
  const auto element = static_cast<std::int64_t>(io::size_of(dtype));
  auto* const to = static_cast<std::byte*>(flat.mutable_data_ptr());
  const std::int64_t end = begin + flat.numel();
  std::int64_t next = begin;
  for (const Part& part : parts_of(parameter, begin, end)) {
    const auto stored = bytes(part, field, dtype, part.end - part.begin);
    const std::int64_t stop = std::min(end, part.end);
    std::memcpy(to + (next - begin) * element, stored.data() + (next - part.begin) * element,
                static_cast<std::size_t>((stop - next) * element));
    next = stop;
  }
  out.copy_(flat.view(out.sizes()));
}

std::int64_t ShardReader::updates(const std::string& parameter, std::int64_t begin) const {
  const auto stored = bytes(parts_of(parameter, begin, begin + 1).front(), "updates", io::DType::kI64, 1);
  std::int64_t value = 0;
  std::memcpy(&value, stored.data(), sizeof value);
  return value;
}

}  // namespace tempo::train
