// defects NAME: runs the kernel with the defect of that name (none, guard, barrier, reach). What the checks
// around it have to say decides: prints "sound" when it ends with the right numbers.
#include <cstdio>
#include <exception>
#include <map>
#include <string>
#include <vector>

#include "buffer.h"
#include "defects.h"

using tempo::kernels::Defect;
using tempo::test::Buffer;

namespace {

constexpr int kCount = 100, kBlock = 64;

bool is_mirrored(const std::vector<float>& values) {
  for (int i = 0; i < kCount; ++i) {
    const int begin = i / kBlock * kBlock, size = std::min(kBlock, kCount - begin);
    if (values[static_cast<std::size_t>(i)] != static_cast<float>(2 * begin + size - 1 - i)) return false;
  }
  return true;
}

bool runs_soundly(Defect defect) {
  std::vector<float> numbers;
  for (int i = 0; i < kCount; ++i) numbers.push_back(static_cast<float>(i));
  bool sound = true;
  tempo::test::in_any_order([&] {
    Buffer<float> from(numbers), to(numbers.size());
    tempo::kernels::TEMPO_BACKEND::mirror_blocks(from.data(), to.data(), kCount, defect, nullptr);
    sound &= is_mirrored(to.values());
  });
  return sound;
}

}  // namespace

int main(int argc, char** argv) {
  const std::map<std::string, Defect> defects{{"none", Defect::kNone},
                                              {"guard", Defect::kGuard},
                                              {"barrier", Defect::kBarrier},
                                              {"reach", Defect::kReach}};
  const auto defect = defects.find(argc == 2 ? argv[1] : "");
  if (defect == defects.end()) {
    std::fprintf(stderr, "usage: defects none|guard|barrier|reach\n");
    return 2;
  }
  try {
    std::puts(runs_soundly(defect->second) ? "sound" : "wrong numbers");
  } catch (const std::exception& error) {
    std::printf("error: %s\n", error.what());
  }
}
