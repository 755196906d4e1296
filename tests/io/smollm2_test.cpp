// A whole model file, against checksums of the Python package's values (tests/golden/io/make_io_golden.py).
#include <bit>
#include <catch2/catch_test_macros.hpp>
#include <sstream>

#include "io/scratch.h"
#include "tempo/io/file.h"
#include "tempo/io/gguf.h"

using namespace tempo::io;
using tempo::testing::golden;
using tempo::testing::values_of;

namespace {

const std::string kModel = TEMPO_DEPS_DIR "/models/SmolLM2-135M-Instruct.Q4_1.gguf";

std::uint64_t checksum(const std::vector<float>& values) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i)
    sum += (2 * i + 1) * std::bit_cast<std::uint32_t>(values[i]);
  return sum;
}

std::string as_text(const std::vector<std::int64_t>& shape) {
  std::ostringstream text;
  for (std::size_t i = 0; i < shape.size(); ++i) text << (i == 0 ? "" : "x") << shape[i];
  return text.str();
}

}  // namespace

TEST_CASE("Gguf: every tensor of SmolLM2 equals the Python package's values", "[io]") {
  const auto gguf = Gguf::open(kModel);
  std::istringstream lines(read_text(golden("smollm2.tsv")));
  std::string name, type, shape;
  std::uint64_t expected = 0;
  std::size_t count = 0;
  for (; lines >> name >> type >> shape >> expected; ++count) {
    INFO(name << " " << type);
    CHECK(as_text(gguf.shape(name)) == shape);
    CHECK(checksum(values_of(gguf, name)) == expected);
  }
  CHECK(count == 272);
  CHECK(gguf.names().size() == 272);
}

TEST_CASE("Gguf: SmolLM2's metadata holds its sizes and its vocabulary", "[io]") {
  const auto gguf = Gguf::open(kModel);
  CHECK(gguf.string("general.architecture") == "llama");
  CHECK(gguf.integer("llama.block_count") == 30);
  CHECK(gguf.number("llama.rope.freq_base") == 100000.0);
  CHECK(gguf.strings("tokenizer.ggml.tokens").size() == 49152);
  CHECK(gguf.integers("tokenizer.ggml.token_type").size() == 49152);
  CHECK_FALSE(gguf.boolean("tokenizer.ggml.add_bos_token"));
}
