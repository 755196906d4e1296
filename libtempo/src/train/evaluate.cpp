#include "tempo/train/evaluate.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>
#include <utility>

#include "ranks.h"
#include "tempo/core/error.h"
#include "tempo/train/fingerprint.h"

namespace tempo::train {
namespace {

using Report = std::function<void(const EvaluationProgress&)>;

// What all the sampling of a call shares.
struct Sampling {
  const EvaluationSet& set;
  const AnswerStore& store;
  dist::Group& group;
  const Report& report;
  const StopRequest& stop;
};

// One way of answering the problems of a set, and the answers so far.
struct Decoding {
  bool greedy = false;
  std::int32_t responses = 1;  // a problem
  rollout::SamplingOptions sampling;
  AnswerOrigin origin{};
  std::vector<Answer> answers{};

  std::int64_t total(const Task& task) const { return task.size() * responses; }
  std::int64_t missing(const Task& task) const {
    return total(task) - static_cast<std::int64_t>(answers.size());
  }
};

auto place_of(const Answer& answer) { return std::tuple(answer.problem, answer.sample); }

Decoding decoding_of(const EvaluationSet& set, const AnswerStore& store, bool greedy) {
  Decoding decoding{
      .greedy = greedy, .responses = greedy ? 1 : set.options.samples, .sampling = set.options.sampling};
  if (greedy) decoding.sampling.temperature = 0;
  decoding.origin = {.model = store.model_fingerprint,
                     .sampling = sampling_fingerprint(decoding.sampling, set.options.seed)};
  if (store.file == nullptr) return decoding;
  decoding.answers = store.file->stored(set.name, greedy, set.task, decoding.origin);
  std::erase_if(decoding.answers, [&](const Answer& a) { return a.sample >= decoding.responses; });
  return decoding;
}

std::vector<Decoding> decodings_of(const EvaluationSet& set, const AnswerStore& store) {
  std::vector<Decoding> decodings;
  if (set.options.greedy) decodings.push_back(decoding_of(set, store, true));
  if (set.options.samples > 0) decodings.push_back(decoding_of(set, store, false));
  return decodings;
}

// Problems [begin, end) of a set.
struct Chunk {
  std::int64_t begin = 0, end = 0;
};

// Returns the problems that lack a response, in order.
std::vector<Chunk> missing_chunks(const Decoding& decoding, const EvaluationSet& set, int ranks) {
  // Several times what is sampled at once: few calls end with a half empty sampler.
  constexpr std::int64_t kRounds = 4;
  const std::int64_t at_once = std::max(1, decoding.sampling.max_concurrent_responses / decoding.responses);
  const std::int64_t most =
      set.options.chunk_problems > 0 ? set.options.chunk_problems : kRounds * at_once * ranks;
  std::vector<std::int32_t> stored(static_cast<std::size_t>(set.task.size()));
  for (const Answer& answer : decoding.answers) ++stored[static_cast<std::size_t>(answer.problem)];
  std::vector<Chunk> chunks;
  for (std::int64_t p = 0; p < set.task.size(); ++p) {
    if (stored[static_cast<std::size_t>(p)] == decoding.responses) continue;
    if (!chunks.empty() && chunks.back().end == p && p - chunks.back().begin < most) {
      ++chunks.back().end;
    } else {
      chunks.push_back({p, p + 1});
    }
  }
  return chunks;
}

std::vector<Answer> answers_of(const rollout::Rollout& rollout, const Chunk& chunk, const Decoding& decoding,
                               const Task& task) {
  std::vector<Answer> answers;
  for (std::int32_t r = 0; r < rollout.forest.responses(); ++r) {
    const auto tokens = tree::response_tokens(rollout.forest, r);
    Answer answer{.problem = chunk.begin + r / decoding.responses,
                  .greedy = decoding.greedy,
                  .sample = r % decoding.responses,
                  .response = task.decode(tokens),
                  .tokens = static_cast<std::int32_t>(tokens.size()),
                  .truncated = rollout.truncated[static_cast<std::size_t>(r)] != 0,
                  .origin = decoding.origin};
    answer.origin.prompt = prompt_fingerprint(task.prompt(answer.problem));
    answers.push_back(std::move(answer));
  }
  return answers;
}

std::vector<Answer> sample_problems(const model::Model& model, const model::PackedWeights& packed,
                                    const EvaluationSet& set, const Chunk& problems, const Decoding& decoding,
                                    const rollout::Progress& progress) {
  if (problems.begin == problems.end) return {};
  std::vector<std::vector<std::int32_t>> prompts;
  for (std::int64_t p = problems.begin; p < problems.end; ++p) prompts.push_back(set.task.prompt(p));
  const rollout::SamplingKey key{.seed = set.options.seed,
                                 .first_prompt = static_cast<std::uint32_t>(problems.begin)};
  const auto rollout =
      rollout::sample(model, prompts, decoding.responses, decoding.sampling, key, progress, &packed);
  return answers_of(rollout, problems, decoding, set.task);
}

// Adds the answers that the decoding does not have yet, to the file first.
void keep_new(std::vector<Answer> answers, const Sampling& sampling, Decoding& decoding) {
  std::set<std::tuple<std::int64_t, std::int32_t>> stored;
  for (const Answer& answer : decoding.answers) stored.insert(place_of(answer));
  std::erase_if(answers, [&](const Answer& answer) { return stored.contains(place_of(answer)); });
  if (sampling.store.file != nullptr && sampling.group.rank() == 0)
    sampling.store.file->append(sampling.set.name, sampling.set.task, answers);
  std::move(answers.begin(), answers.end(), std::back_inserter(decoding.answers));
}

void sample_missing(const ModelSource& source, const Sampling& sampling, Decoding& decoding,
                    EvaluationProgress& state) {
  const EvaluationSet& set = sampling.set;
  dist::Group& group = sampling.group;
  const Report& report = sampling.report;
  decoding.answers = exchange_answers(group, [&] { return std::move(decoding.answers); });  // rank 0 has them
  const auto chunks = missing_chunks(decoding, set, group.size());
  if (chunks.empty()) return;
  const model::Model& model = source();
  const auto packed = model.pack();
  state.greedy = decoding.greedy;
  state.total = decoding.total(set.task);
  for (const Chunk& chunk : chunks) {
    const std::size_t before = decoding.answers.size();
    const auto show = [&](std::int64_t ended, std::int64_t) {
      if (sampling.stop && sampling.stop()) throw Stopped();
      state.kept = false;
      state.done = static_cast<std::int64_t>(before) + ended;
      if (report) report(state);
    };
    const Share share = share_of(chunk.end - chunk.begin, group);
    auto answers = exchange_answers(group, [&] {
      return sample_problems(model, packed, set, {chunk.begin + share.begin, chunk.begin + share.end},
                             decoding, show);
    });
    keep_new(std::move(answers), sampling, decoding);
    for (std::size_t i = before; i < decoding.answers.size(); ++i) state.tokens += decoding.answers[i].tokens;
    state.sampled += static_cast<std::int64_t>(decoding.answers.size() - before);
    state.done = static_cast<std::int64_t>(decoding.answers.size());
    state.kept = true;
    if (report) report(state);
  }
  std::sort(decoding.answers.begin(), decoding.answers.end(),
            [](const Answer& a, const Answer& b) { return place_of(a) < place_of(b); });
}

void score(const EvaluationSet& set, std::vector<Answer>& answers) {
  std::vector<reward::Item> items;
  for (const Answer& answer : answers) {
    items.push_back({.response = {.text = answer.response,
                                  .tokens = answer.tokens,
                                  .max_tokens = set.options.sampling.max_new_tokens,
                                  .truncated = answer.truncated},
                     .example = &set.task.example(answer.problem)});
  }
  auto scores = set.task.reward().score(items);
  for (std::size_t i = 0; i < answers.size(); ++i) answers[i].score = std::move(scores[i]);
}

}  // namespace

void EvaluationOptions::validate() const {
  TEMPO_CHECK(samples >= 0, "samples: expected 0 or more, got ", samples);
  TEMPO_CHECK(greedy || samples > 0, "samples: expected 1 or more without greedy answers, got ", samples);
  TEMPO_CHECK(chunk_problems >= 0, "chunk_problems: expected 0 or more, got ", chunk_problems);
  sampling.validate();
}

std::int64_t missing_responses(const EvaluationSet& set, const AnswerStore& store) {
  std::int64_t missing = 0;
  for (const Decoding& decoding : decodings_of(set, store)) missing += decoding.missing(set.task);
  return missing;
}

Evaluation evaluate(const ModelSource& model, const EvaluationSet& set, const AnswerStore& store,
                    const std::function<void(const EvaluationProgress&)>& progress, dist::Group* group,
                    const StopRequest& stop) {
  set.options.validate();
  dist::Group alone;
  const Sampling sampling{set, store, group ? *group : alone, progress, stop};
  Evaluation result;
  EvaluationProgress state;
  for (Decoding& decoding : decodings_of(set, store)) {
    sample_missing(model, sampling, decoding, state);
    std::move(decoding.answers.begin(), decoding.answers.end(), std::back_inserter(result.answers));
  }
  if (sampling.group.rank() != 0) return {};
  score(set, result.answers);
  result.statistics = statistics_of(set.task, result.answers);
  return result;
}

}  // namespace tempo::train
