#include "tempo/io/gguf.h"

#include <algorithm>
#include <utility>

#include "gguf_header.h"
#include "printable.h"
#include "tempo/core/error.h"

namespace tempo::io {
namespace {

// The tensors' bytes start at the next multiple of the alignment after the header.
std::span<const std::byte> data_of(std::span<const std::byte> file, const GgufHeader& header) {
  const std::uint64_t start = (header.size + header.alignment - 1) / header.alignment * header.alignment;
  return file.subspan(std::min<std::uint64_t>(start, file.size()));
}

void check_extent(std::string_view location, const GgufTensorEntry& tensor, const GgufHeader& header,
                  std::uint64_t data_size) {
  TEMPO_CHECK(tensor.offset % header.alignment == 0, location, ": tensor ", printable(tensor.name),
              ": expected an offset that is a multiple of ", header.alignment, ", got ", tensor.offset);
  const bool inside = tensor.offset <= data_size && tensor.size <= data_size - tensor.offset;
  TEMPO_CHECK(inside, location, ": tensor ", printable(tensor.name), ": expected ", tensor.size,
              " bytes at byte ", tensor.offset, " of the data, got a file with ", data_size,
              " bytes of data");
}

void check_no_overlap(std::string_view location, std::vector<GgufTensorEntry>& tensors) {
  std::ranges::sort(tensors, {}, &GgufTensorEntry::offset);
  for (std::size_t i = 1; i < tensors.size(); ++i) {
    const GgufTensorEntry &before = tensors[i - 1], &after = tensors[i];
    TEMPO_CHECK(before.offset + before.size <= after.offset, location, ": tensors ", printable(before.name),
                " and ", printable(after.name), ": expected bytes of their own, got an overlap at byte ",
                after.offset);
  }
}

}  // namespace

Gguf Gguf::open(const std::filesystem::path& path) {
  Gguf gguf(path.string(), MappedFile::open(path));
  GgufHeader header = parse_gguf_header(gguf.location_, gguf.file_.bytes());
  gguf.metadata_ = std::move(header.metadata);
  const std::int64_t parts = gguf.integer("split.count", 1);
  TEMPO_CHECK(parts <= 1, gguf.location_, ": expected a whole model in one file, got one of ", parts,
              " parts");
  const auto data = data_of(gguf.file_.bytes(), header);
  for (const auto& tensor : header.tensors) check_extent(gguf.location_, tensor, header, data.size());
  check_no_overlap(gguf.location_, header.tensors);
  for (auto& [name, type, shape, offset, size] : header.tensors) {
    const Tensor tensor{type, std::move(shape), data.subspan(offset, size)};
    const auto [position, added] = gguf.tensors_.emplace(std::move(name), tensor);
    TEMPO_CHECK(added, gguf.location_, ": tensor ", printable(position->first),
                ": expected it once, got it twice");
  }
  return gguf;
}

std::vector<std::string> Gguf::names() const {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors_) names.push_back(name);
  return names;
}

bool Gguf::contains(std::string_view name) const { return tensors_.contains(name); }

std::vector<std::int64_t> Gguf::shape(std::string_view name) const { return find(name).shape; }

void Gguf::read(std::string_view name, std::span<float> out) const {
  const Tensor& tensor = find(name);
  const BlockSize block = block_size(tensor.type);
  const std::size_t count = tensor.bytes.size() / block.bytes * block.values;
  TEMPO_CHECK(out.size() == count, location_, ": tensor ", name, ": expected room for ", count,
              " values, got ", out.size());
  dequantize(tensor.type, tensor.bytes, out);
}

const Gguf::Tensor& Gguf::find(std::string_view name) const {
  const auto found = tensors_.find(name);
  TEMPO_CHECK(found != tensors_.end(), location_, ": tensor ", name, ": expected in the file, found none");
  return found->second;
}

}  // namespace tempo::io
