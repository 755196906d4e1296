// A real model: greedy text of SmolLM2 from its GGUF file (tests/golden/model/make_model_golden.py).
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <catch2/catch_test_macros.hpp>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "model/model_fixtures.h"
#include "tempo/io/file.h"
#include "tempo/model/model.h"

using namespace tempo::model;
using namespace tempo::testing;

namespace {

// Each sequence owns `room` slots of the cache.
SegmentPlan next_plan(const std::vector<std::vector<std::int32_t>>& sequences,
                      const std::vector<std::int32_t>& done, std::int32_t room) {
  SegmentPlan plan;
  for (std::size_t k = 0; k < sequences.size(); ++k) {
    const auto length = static_cast<std::int32_t>(sequences[k].size());
    const std::int32_t first_slot = static_cast<std::int32_t>(k) * room, begin = plan.tokens();
    for (std::int32_t i = done[k]; i < length; ++i) {
      plan.token.push_back(sequences[k][static_cast<std::size_t>(i)]);
      plan.position.push_back(i);
      plan.slot.push_back(first_slot + i);
    }
    const auto range = static_cast<std::int32_t>(plan.key_ranges.size());
    plan.key_ranges.push_back({first_slot, first_slot + length});
    plan.segments.push_back({begin, plan.tokens(), range, range + 1, length});
  }
  return plan;
}

}  // namespace

TEST_CASE("Model: greedy text of SmolLM2 equals that of transformers", "[model]") {
  // Three rows a step are bound by memory; waiting for a second thread on a busy machine costs minutes.
  at::set_num_threads(1);
  const at::NoGradGuard no_grad;
  const auto cases = nlohmann::json::parse(tempo::io::read_text(model_golden("smollm2_greedy.json")));
  const Model model =
      load_model(TEMPO_DEPS_DIR "/models/SmolLM2-135M-Instruct.Q4_1.gguf", at::kFloat, at::kCPU);
  std::vector<std::vector<std::int32_t>> sequences, expected;
  for (const auto& item : cases) {
    sequences.push_back(item.at("prompt"));
    expected.push_back(item.at("answer"));
  }
  constexpr std::int32_t kRoom = 100;
  KvCache cache(model.config(), kRoom * static_cast<std::int32_t>(sequences.size()), at::kFloat, at::kCPU);
  std::vector<std::vector<std::int32_t>> answers(sequences.size());
  std::vector<std::int32_t> done(sequences.size(), 0);
  for (std::size_t step = 0; step < expected[0].size(); ++step) {
    const SegmentPlan plan = next_plan(sequences, done, kRoom);
    const at::Tensor logits_TV = logits(model, model.hidden(plan, &cache));
    for (std::size_t k = 0; k < sequences.size(); ++k) {
      const auto token = logits_TV[plan.segments[k].query_end - 1].argmax().item<std::int32_t>();
      done[k] = static_cast<std::int32_t>(sequences[k].size());
      sequences[k].push_back(token);
      answers[k].push_back(token);
    }
  }
  CHECK(answers == expected);
}
