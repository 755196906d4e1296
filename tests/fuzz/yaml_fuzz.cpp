// A configuration file and "key=value" of the command line, read into every type of field. The last part of
// the input is the file, those before it are overrides.
#include <cstdint>
#include <optional>

#include "config/reader.h"
#include "fuzz/fuzz.h"

using namespace tempo;

namespace {

enum class Kind { kNumber, kChoice };

struct Term {
  Kind kind = Kind::kNumber;
  float weight = 1;
  void validate() const { TEMPO_CHECK(weight > 0, "weight: expected more than 0, got ", weight); }
};

struct Run {
  std::string model;
  std::filesystem::path data;
  bool shuffle = false;
  std::int32_t threads = 0;
  std::int64_t tokens = 0;
  std::uint64_t seed = 0;
  double rate = 1e-3;
  std::optional<double> clip;
  std::vector<double> betas;
  std::vector<std::string> command;
  std::vector<Term> rewards;
};

void bind_term(config::Reader& reader, Term& term) {
  reader.choice("kind", term.kind, {{"number", Kind::kNumber}, {"choice", Kind::kChoice}});
  reader.field("weight", term.weight);
  reader.validate(term);
}

void bind(config::Reader& reader, Run& run) {
  reader.field("model", run.model);
  reader.field("data", run.data);
  reader.field("shuffle", run.shuffle);
  reader.section("train", [&](config::Reader& section) {
    section.field("threads", run.threads);
    section.field("tokens", run.tokens);
    section.field("seed", run.seed);
    section.field("rate", run.rate);
    section.field("clip", run.clip);
    section.field("betas", run.betas);
    section.field("command", run.command);
  });
  reader.list("rewards", run.rewards, bind_term);
}

std::string resolved(const std::filesystem::path& file, const std::vector<std::string>& overrides) {
  Run run;
  config::Document document = config::load(file, overrides);
  document.read([&](config::Reader& reader) { bind(reader, run); });
  return document.resolved();
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::MemoryFile file;
  fuzz::Input input(data, size);
  std::vector<std::string> overrides;
  std::string_view text = input.part();
  for (; !input.empty(); text = input.part()) overrides.emplace_back(text);
  std::string first;
  fuzz::run([&] { first = resolved(file.write(text), overrides); });
  if (first.empty()) return 0;
  // A run that is started again from the configuration it wrote is the same run.
  const std::string second = resolved(file.write(first), {});
  fuzz::require(second == first, "the resolved configuration to read back as itself", first);
  return 0;
}
