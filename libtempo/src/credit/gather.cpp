#include "tempo/credit/gather.h"

#include <vector>

namespace tempo::credit {
namespace {

void append(std::vector<float>& to, const std::vector<float>& from, const std::vector<std::int32_t>& offsets,
            std::int32_t group) {
  const auto g = static_cast<std::size_t>(group);
  to.insert(to.end(), from.begin() + offsets[g], from.begin() + offsets[g + 1]);
}

}  // namespace

Credit gather_credit(const tree::Forest& forest, const Credit& credit, std::span<const std::int32_t> groups) {
  Credit out;
  for (const std::int32_t group : groups) {
    append(out.response, credit.response, forest.group_response, group);
    append(out.node, credit.node, forest.group_node, group);
  }
  return out;
}

}  // namespace tempo::credit
