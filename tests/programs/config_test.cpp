#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "config/reader.h"
#include "tempo/core/error.h"
#include "temporary_file.h"

using tempo::config::Document;
using tempo::config::Reader;
using tempo::tests::TemporaryFile;

namespace {

enum class Decay { kConstant, kCosine };

struct Optimizer {
  double learning_rate = 1e-3;
  std::optional<double> clip;
  Decay decay = Decay::kConstant;

  void validate() const {
    TEMPO_CHECK(learning_rate > 0, "learning_rate: expected more than 0, got ", learning_rate);
  }
};

struct Term {
  std::string kind = "number";
  float weight = 1;
};

struct Run {
  std::string model = "none";
  std::filesystem::path output = "runs/a b";
  std::int32_t steps = 10;
  std::int64_t tokens = 5;
  std::uint64_t seed = std::numeric_limits<std::uint64_t>::max();
  bool resume = false;
  std::vector<double> betas = {0.9, 0.999};
  Optimizer optimizer;
  std::vector<Term> rewards;
};

void bind(Reader& reader, Run& run) {
  reader.required("model", run.model);
  reader.field("output", run.output);
  reader.field("steps", run.steps);
  reader.field("tokens", run.tokens);
  reader.field("seed", run.seed);
  reader.field("resume", run.resume);
  reader.field("betas", run.betas);
  reader.section("optimizer", [&](Reader& section) {
    section.field("learning_rate", run.optimizer.learning_rate);
    section.field("clip", run.optimizer.clip);
    section.choice("decay", run.optimizer.decay,
                   {{"constant", Decay::kConstant}, {"cosine", Decay::kCosine}});
    section.validate(run.optimizer);
  });
  reader.list("rewards", run.rewards, [](Reader& item, Term& term) {
    item.required("kind", term.kind);
    item.field("weight", term.weight);
  });
}

// Reads a configuration into `run` and returns its resolved form.
std::string read(const std::string& yaml, Run& run, const std::vector<std::string>& overrides = {}) {
  const TemporaryFile file(yaml);
  Document document = tempo::config::load(file.path(), overrides);
  document.read([&](Reader& reader) { bind(reader, run); });
  return document.resolved();
}

// Returns the error's text, with the file's name as FILE; "read" if there was none.
std::string error_of(const std::string& yaml, const std::vector<std::string>& overrides = {}) {
  const TemporaryFile file(yaml);
  Run run;
  try {
    Document document = tempo::config::load(file.path(), overrides);
    document.read([&](Reader& reader) { bind(reader, run); });
    return "read";
  } catch (const tempo::Error& error) {
    const std::string text = error.what(), name = file.path().string();
    return text.starts_with(name) ? "FILE" + text.substr(name.size()) : text;
  }
}

// Returns the error of a mapping "model: m" with one more line, the second.
std::string error_of_line(const std::string& line) { return error_of("model: m\n" + line + "\n"); }

}  // namespace

TEST_CASE("Reader: fills every kind of field, and leaves the others", "[config]") {
  Run run;
  read(
      "model: 123\nsteps: -3\ntokens: +7\nresume: true\nbetas: [1, 2e-1]\noutput: out\n"
      "optimizer: {learning_rate: 1e-6, clip: 3, decay: cosine}\nrewards:\n  - kind: exact\n    weight: "
      "0.5\n",
      run);
  CHECK(run.model == "123");
  CHECK(run.output == "out");
  CHECK(run.steps == -3);
  CHECK(run.tokens == 7);
  CHECK(run.seed == std::numeric_limits<std::uint64_t>::max());
  CHECK(run.resume);
  CHECK(run.betas == std::vector<double>{1, 0.2});
  CHECK(run.optimizer.learning_rate == 1e-6);
  CHECK(run.optimizer.clip == 3.0);
  CHECK(run.optimizer.decay == Decay::kCosine);
  REQUIRE(run.rewards.size() == 1);
  CHECK(run.rewards[0].kind == "exact");
  CHECK(run.rewards[0].weight == 0.5F);
}

TEST_CASE("Reader: an unknown key is an error with line and nearest key", "[config]") {
  CHECK(error_of("model: m\n\noptimizer:\n  clip: 1\n  learning_rat: 1\n") ==
        "FILE:5: unknown key 'learning_rat' in 'optimizer', did you mean 'learning_rate'?");
  CHECK(error_of("modl: m\n") == "FILE:1: unknown key 'modl', did you mean 'model'?");
  CHECK(error_of_line("optimizer: {zzzzzz: 1}") ==
        "FILE:2: unknown key 'zzzzzz' in 'optimizer', expected one of: learning_rate, clip, decay");
  CHECK(error_of_line("rewards:\n- {kind: a}\n- {kind: a, wieght: 1}") ==
        "FILE:4: unknown key 'wieght' in 'rewards[1]', did you mean 'weight'?");
}

TEST_CASE("Reader: a text or path without a value is empty", "[config]") {
  Run run;
  read("model:\noutput: ~\n", run);
  CHECK(run.model.empty());
  CHECK(run.output.empty());
}

TEST_CASE("Reader: a value of the wrong type is an error with line, name, expected and got", "[config]") {
  CHECK(error_of_line("steps: fast") == "FILE:2: steps: expected an integer, got 'fast'");
  CHECK(error_of_line("steps: [1]") == "FILE:2: steps: expected an integer, got a list");
  CHECK(error_of_line("steps:") == "FILE:2: steps: expected an integer, got nothing");
  CHECK(error_of_line("steps: '5'") == "FILE:2: steps: expected an integer, got the text '5'");
  CHECK(error_of_line("resume: yes") == "FILE:2: resume: expected true or false, got 'yes'");
  CHECK(error_of_line("resume: 'true'") == "FILE:2: resume: expected true or false, got the text 'true'");
  CHECK(error_of_line("betas: 0.9") == "FILE:2: betas: expected a list, got '0.9'");
  CHECK(error_of_line("betas: [1, x]") == "FILE:2: betas[1]: expected a number, got 'x'");
  CHECK(error_of_line("output: {a: 1}") == "FILE:2: output: expected a path, got a mapping");
  CHECK(error_of("model: [a]") == "FILE:1: model: expected a text, got a list");
  CHECK(error_of_line("optimizer:\n  learning_rate: fast") ==
        "FILE:3: optimizer.learning_rate: expected a number, got 'fast'");
  CHECK(error_of_line("rewards:\n- kind: a\n  weight: x") ==
        "FILE:4: rewards[0].weight: expected a number, got 'x'");
  CHECK(error_of_line("optimizer: {decay: cosin}") ==
        "FILE:2: optimizer.decay: got 'cosin', did you mean 'cosine'?");
  CHECK(error_of_line("optimizer: {decay: [1]}") ==
        "FILE:2: optimizer.decay: expected one of: constant, cosine, got a list");
}

TEST_CASE("Reader: numbers are read whole and in range", "[config]") {
  for (const char* text : {"1_000", "1e3", "0x10", "1.0", "5 5", "1,000", "--5", "+-5", "+"}) {
    CHECK(error_of_line(std::string("steps: ") + text) ==
          std::string("FILE:2: steps: expected an integer, got '") + text + "'");
  }
  CHECK(error_of_line("steps: 2147483647") == "read");
  CHECK(error_of_line("steps: 2147483648") ==
        "FILE:2: steps: expected an integer from -2147483648 to 2147483647, got '2147483648'");
  CHECK(error_of_line("seed: -1") == "FILE:2: seed: expected an integer of at least 0, got '-1'");
  CHECK(error_of_line("betas: [1e-6, .5, -2, 1E3, 7.]") == "read");
  CHECK(error_of_line("betas: [1e]") == "FILE:2: betas[0]: expected a number, got '1e'");
  CHECK(error_of_line("betas: [1_0.5]") == "FILE:2: betas[0]: expected a number, got '1_0.5'");
  for (const char* text : {"1e400", "nan", "inf", "-inf"}) {
    CHECK(error_of_line(std::string("betas: [") + text + "]") ==
          std::string("FILE:2: betas[0]: expected a finite number in the type's range, got '") + text + "'");
  }
}

TEST_CASE("Reader: sections are mappings or left out, lists are lists of mappings", "[config]") {
  CHECK(error_of_line("optimizer:") == "read");
  CHECK(error_of_line("optimizer: 3") == "FILE:2: optimizer: expected a mapping, got '3'");
  CHECK(error_of_line("rewards: {kind: a}") == "FILE:2: rewards: expected a list of mappings, got a mapping");
  CHECK(error_of_line("rewards: [number]") == "FILE:2: rewards[0]: expected a mapping, got 'number'");
}

TEST_CASE("Reader: a required key that is missing is an error, after misspelt ones", "[config]") {
  CHECK(error_of("steps: 1\n") == "FILE: model: expected a value, got no such key");
  CHECK(error_of_line("rewards:\n- {weight: 1}") ==
        "FILE:3: rewards[0].kind: expected a value, got no such key");
}

TEST_CASE("Reader: validation errors get the place of the key, or of its section", "[config]") {
  CHECK(error_of_line("optimizer:\n  clip: 1\n  learning_rate: -1") ==
        "FILE:4: optimizer.learning_rate: expected more than 0, got -1");
  CHECK(error_of("model: m\n", {"optimizer.learning_rate=0"}) ==
        "command line: optimizer.learning_rate: expected more than 0, got 0");
}

TEST_CASE("load: refuses files that are not one mapping", "[config]") {
  CHECK(error_of("") == "FILE: expected keys and values, got an empty file");
  CHECK(error_of("# nothing\n") == "FILE: expected keys and values, got an empty file");
  CHECK(error_of("just text") == "FILE:1: expected keys and values, got 'just text'");
  CHECK(error_of("- a\n- b\n") == "FILE:1: expected keys and values, got a list");
  CHECK(error_of("model: m\nsteps: 1\nmodel: n\n") == "FILE:3: the key 'model' stands here a second time");
  CHECK(error_of("model: m\n---\nmodel: n\n") == "FILE: expected one YAML document, got more");
  CHECK(error_of("---\nmodel: m\n...\n") == error_of("model: m\n"));
  CHECK(error_of("model: m\n...\n, n]\n") == "FILE: expected one YAML document, got more");
  CHECK(error_of("model: m\nsteps: [1, 2\n").starts_with("FILE:3: expected YAML, got an error: "));
  CHECK(error_of(std::string("model: m\nsteps: \0", 17)) == "FILE:2: expected YAML, got the control byte 0");
  CHECK(error_of("\xfe\xff model: m\n") == "FILE:1: expected UTF-8, got the byte 254");
  CHECK(error_of("model: m\x04\n") == "FILE:1: expected YAML, got the control byte 4");
  CHECK(error_of("model: m\nbetas: &a [*a]\n").starts_with("FILE:2: expected at most 100000 values"));
  CHECK(error_of("model: m\n? [a]\n: b\n") == "FILE:2: expected a text as a key, got a list");
  CHECK_THROWS_WITH(tempo::config::load("nowhere.yaml"),
                    "nowhere.yaml: expected a configuration file, found nothing");
}

TEST_CASE("load: overrides replace and add values, and errors name the command line", "[config]") {
  Run run;
  read("model: m\nrewards: [{kind: a}, {kind: b}]\noptimizer:\n", run,
       {"steps=1", "steps=2", "optimizer.learning_rate=1e-5", "rewards.1.weight=4", "betas=[0.5]",
        "output='x y'"});
  CHECK(run.steps == 2);
  CHECK(run.optimizer.learning_rate == 1e-5);
  CHECK(run.rewards[1].weight == 4);
  CHECK(run.betas == std::vector<double>{0.5});
  CHECK(run.output == "x y");
  CHECK(error_of("model: m", {"steps=x"}) == "command line: steps: expected an integer, got 'x'");
  CHECK(error_of("model: m", {"stps=1"}) == "command line: unknown key 'stps', did you mean 'steps'?");
  CHECK(error_of("model: m", {"optimizer.clp=1"}) ==
        "command line: unknown key 'clp' in 'optimizer', did you mean 'clip'?");
}

TEST_CASE("load: refuses overrides that are not key=value", "[config]") {
  CHECK(error_of("model: m", {"steps"}) == "command line: expected key=value, got 'steps'");
  CHECK(error_of("model: m", {"=1"}) == "command line: expected key=value, got '=1'");
  CHECK(error_of("model: m", {"a..b=1"}) == "command line: expected key.sub=value, got 'a..b=1'");
  CHECK(error_of("model: m", {"model.path=1"}) ==
        "command line: model.path=1: expected a mapping before 'path', got 'm'");
  CHECK(error_of("model: m\nbetas: [1]", {"betas.1=1"}) ==
        "command line: betas.1=1: expected an index below 1, got '1'");
  CHECK(error_of("model: m", {"betas=[1"}).starts_with("command line: expected YAML, got an error: "));
}

TEST_CASE("Document: the resolved configuration holds defaults and reads back as itself", "[config]") {
  Run run, again;
  const auto resolved =
      read("model: 'a: \"b\" # c\\n'\nrewards: [{kind: 'null'}]\noptimizer: {learning_rate: 1e-6}\n", run);
  CHECK(read(resolved, again) == resolved);
  CHECK(again.model == run.model);
  CHECK(again.rewards[0].kind == "null");
  CHECK(again.optimizer.learning_rate == 1e-6);
  CHECK(again.output == run.output);
  CHECK(again.seed == run.seed);
  CHECK(resolved ==
        "model: \"a: \\\"b\\\" # c\\\\n\"\noutput: \"runs/a b\"\nsteps: 10\ntokens: 5\nseed: "
        "18446744073709551615\n"
        "resume: false\nbetas:\n  - 0.9\n  - 0.999\noptimizer:\n  learning_rate: 1e-06\n  clip: ~\n"
        "  decay: constant\nrewards:\n  - kind: \"null\"\n    weight: 1\n");
}

TEST_CASE("Document: texts of any kind survive the round trip", "[config]") {
  for (const std::string text :
       {"",     " ",    "~",    "true", "1e5",   "- a", "a\nb\n", "\t{x}", "\u00e9\u4e2d\U0001F600",
        "'",    "\\",   "null", "Null", "!!str", "&a",  "*a",     "@",     "%",
        "a: b", "# no", "no"}) {
    tempo::config::Node root;
    root.kind = tempo::config::Node::Kind::kMap;
    root.entries.push_back({"model", tempo::config::to_node(text)});
    Run run;
    read(to_yaml(root), run);
    INFO("text: '" << text << "'");
    CHECK(run.model == text);
  }
}

TEST_CASE("nearest: counts insertions, deletions and substitutions", "[config]") {
  const std::vector<std::string> names = {"steps", "seed", "model", "save_every"};
  CHECK(tempo::config::nearest("step", names) == "steps");
  CHECK(tempo::config::nearest("sed", names) == "seed");
  CHECK(tempo::config::nearest("modal", names) == "model");
  CHECK(tempo::config::nearest("saveevery", names) == "save_every");
}
