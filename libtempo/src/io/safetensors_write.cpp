#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "element_types.h"
#include "printable.h"
#include "tempo/core/error.h"
#include "tempo/io/file.h"
#include "tempo/io/safetensors.h"

namespace tempo::io {
namespace {

using nlohmann::ordered_json;
using Order = std::vector<const TensorToWrite*>;

constexpr std::size_t kAlignment = 8;  // of the first tensor in the file

// Wide elements first: each tensor's size is then a multiple of all element sizes that follow.
Order order_of(std::span<const TensorToWrite> tensors) {
  Order order;
  for (const auto& tensor : tensors) order.push_back(&tensor);
  std::ranges::stable_sort(order, std::greater{},
                           [](const TensorToWrite* tensor) { return size_of(tensor->dtype); });
  return order;
}

void check(const std::string& location, const TensorToWrite& tensor) {
  const auto count = element_count(tensor.shape);
  std::uint64_t size = 0;
  const bool fits = count && !__builtin_mul_overflow(*count, size_of(tensor.dtype), &size);
  TEMPO_CHECK(fits && size == tensor.bytes.size(), location, ": tensor ", printable(tensor.name),
              ": expected as many bytes as its shape and dtype need, got ", tensor.bytes.size());
  TEMPO_CHECK(tensor.name != "__metadata__", location,
              ": tensor __metadata__: expected another name, got a reserved one");
}

std::string header_of(const std::string& location, const Order& order,
                      const std::map<std::string, std::string>& metadata) {
  ordered_json header = ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::set<std::string> names;
  std::size_t offset = 0;
  for (const TensorToWrite* tensor : order) {
    check(location, *tensor);
    TEMPO_CHECK(names.insert(tensor->name).second, location, ": tensor ", printable(tensor->name),
                ": expected it once, got it twice");
    const std::size_t end = offset + tensor->bytes.size();
    header.push_back(
        {tensor->name,
         {{"dtype", name_of(tensor->dtype)}, {"shape", tensor->shape}, {"data_offsets", {offset, end}}}});
    offset = end;
  }
  try {
    std::string text = header.dump();
    text.append((kAlignment - text.size() % kAlignment) % kAlignment, ' ');
    return text;
  } catch (const ordered_json::type_error&) {
    core::fail(location, ": expected names in UTF-8, got other bytes");
  }
}

}  // namespace

FileDigest write_safetensors(const std::filesystem::path& path, std::span<const TensorToWrite> tensors,
                             const std::map<std::string, std::string>& metadata) {
  const Order order = order_of(tensors);
  const std::string header = header_of(path.string(), order, metadata);
  const std::uint64_t length = header.size();
  AtomicFile file(path);
  file.write(std::as_bytes(std::span(&length, 1)));
  file.write(std::as_bytes(std::span(header)));
  for (const TensorToWrite* tensor : order) file.write(tensor->bytes);
  return file.commit();
}

}  // namespace tempo::io
