// Encoding 11 kB of English, the licence's text, with SmolLM2's tokenizer.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tempo/io/file.h"
#include "tempo/text/tokenizer.h"

namespace {

using tempo::text::Tokenizer;

void BM_encode(benchmark::State& state) {
  const std::filesystem::path source(TEMPO_SOURCE_DIR);
  const auto model = source / ".deps/models/SmolLM2-135M-Instruct.Q4_1.gguf";
  if (!std::filesystem::exists(model)) {
    state.SkipWithError("expected .deps/models, found none: run scripts/setup.sh");
    return;
  }
  const Tokenizer tokenizer = Tokenizer::load(model);
  const std::string text = tempo::io::read_text(source / "LICENSE");
  const std::vector<std::int32_t> ids = tokenizer.encode(text);
  if (tokenizer.decode(ids) != text) {
    state.SkipWithError("expected the text back");
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(tokenizer.encode(text));
  state.SetItemsProcessed(state.iterations() * std::ssize(ids));
  state.SetBytesProcessed(state.iterations() * std::ssize(text));
}

BENCHMARK(BM_encode)->Unit(benchmark::kMillisecond);

}  // namespace
