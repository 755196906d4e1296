// A line of tempo-tree's input.
#include "fuzz/fuzz.h"
#include "tempo_tree/group_parser.h"

using namespace tempo;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static programs::Group group;
  fuzz::run([&] {
    programs::parse_group({reinterpret_cast<const char*>(data), size}, group);
    const std::size_t responses = group.rewards.size();
    fuzz::require(group.offsets.size() == responses + 1 && group.offsets[0] == 0 &&
                      static_cast<std::size_t>(group.offsets[responses]) == group.tokens.size(),
                  "offsets that cover the tokens");
  });
  return 0;
}
