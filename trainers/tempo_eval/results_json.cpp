#include "tempo_eval/results_json.h"

#include <torch/version.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "tempo/core/hex.h"

namespace tempo::programs {
namespace {

using Json = nlohmann::ordered_json;
using train::Estimate;

Json to_json(const Estimate& estimate) {
  return {{"value", estimate.value},
          {"standard_error", estimate.standard_error},
          {"interval_95", {estimate.low, estimate.high}}};
}

Json to_json(const std::optional<Estimate>& estimate) {
  return estimate ? to_json(*estimate) : Json(nullptr);
}

Json by_k(const std::vector<std::pair<std::int32_t, Estimate>>& estimates) {
  Json json = Json::object();
  for (const auto& [k, estimate] : estimates) json[std::to_string(k)] = to_json(estimate);
  return json;
}

Json to_json(const std::optional<train::AnswerStatistics>& statistics) {
  if (!statistics) return nullptr;
  return {{"samples", statistics->samples},         {"accuracy", to_json(statistics->accuracy)},
          {"pass_at", by_k(statistics->pass_at)},   {"majority_at", by_k(statistics->majority_at)},
          {"mean_length", statistics->mean_length}, {"cut_off", statistics->truncated},
          {"no_answer", statistics->unanswered}};
}

Json to_json(const std::vector<train::GroupStatistics>& groups) {
  Json json = Json::array();
  for (const auto& group : groups)
    json.push_back({{"name", group.name},
                    {"problems", group.problems},
                    {"greedy", to_json(group.greedy)},
                    {"sampled", to_json(group.sampled)}});
  return json;
}

Json to_json(const train::EvaluationSet& set) {
  const rollout::SamplingOptions& sampling = set.options.sampling;
  return {{"greedy", set.options.greedy},
          {"samples", set.options.samples},
          {"temperature", sampling.temperature},
          {"top_k", sampling.top_k},
          {"top_p", sampling.top_p},
          {"min_p", sampling.min_p},
          {"max_new_tokens", sampling.max_new_tokens},
          {"seed", set.options.seed}};
}

Json to_json(const SetResult& result) {
  const train::EvaluationSet& set = *result.set;
  const train::SetStatistics& statistics = result.statistics;
  const train::TaskSet& rows = set.task.sets().front();
  return {{"name", set.name},
          {"data", set.task.location()},
          {"in_distribution", set.in_distribution},
          {"problems", statistics.problems},
          {"left_out",
           {{"long_prompts", rows.skipped_long},
            {"short_prompts", rows.skipped_short},
            {"unscorable", rows.skipped_unscorable}}},
          {"sampling", to_json(set)},
          {"greedy", to_json(statistics.greedy)},
          {"sampled", to_json(statistics.sampled)},
          {"subjects", to_json(statistics.subjects)},
          {"levels", to_json(statistics.levels)}};
}

}  // namespace

std::string results_json(const EvaluatedModel& model, std::span<const SetResult> results,
                         const std::string& configuration) {
  Json json;
  json["model"] = {{"path", model.path.string()},
                   {"fingerprint", core::hex_text(model.fingerprint)},
                   {"dtype", model.dtype}};
  json["versions"] = {{"tempo", TEMPO_VERSION}, {"libtorch", TORCH_VERSION}};
  json["sets"] = Json::array();
  for (const SetResult& result : results) json["sets"].push_back(to_json(result));
  json["configuration"] = configuration;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tempo::programs
