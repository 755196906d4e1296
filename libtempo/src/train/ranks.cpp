#include "ranks.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "wire.h"

namespace tempo::train {
namespace {

template <typename T, typename U>
concept Like = std::is_same_v<std::remove_const_t<T>, U>;

}  // namespace

// For wire.h, reading and writing.
template <Like<tree::Forest> Forest, typename Visitor>
void visit_fields(Forest& forest, Visitor& visit) {
  visit(forest.token), visit(forest.parent), visit(forest.depth), visit(forest.weight);
  visit(forest.first_leaf), visit(forest.node_segment), visit(forest.trainable);
  visit(forest.old_logp), visit(forest.entropy), visit(forest.segments);
  visit(forest.response_segment), visit(forest.response_length), visit(forest.leaf_response);
  visit(forest.group_node), visit(forest.group_response), visit(forest.group_segment);
}

template <Like<reward::Score> Score, typename Visitor>
void visit_fields(Score& score, Visitor& visit) {
  visit(score.total), visit(score.correct), visit(score.terms), visit(score.failures);
  visit(score.reason), visit(score.extracted);
}

template <Like<Batch> B, typename Visitor>
void visit_fields(B& batch, Visitor& visit) {
  visit(batch.forest), visit(batch.example), visit(batch.text), visit(batch.scores);
  visit(batch.rewards), visit(batch.truncated), visit(batch.max_tokens);
}

template <Like<Answer> A, typename Visitor>
void visit_fields(A& answer, Visitor& visit) {
  visit(answer.problem), visit(answer.greedy), visit(answer.sample), visit(answer.response);
  visit(answer.tokens), visit(answer.truncated), visit(answer.origin);
}

Share share_of(std::int64_t count, const dist::Group& group) {
  return {count * group.rank() / group.size(), count * (group.rank() + 1) / group.size()};
}

std::vector<std::string> exchange_work(dist::Group& group, std::string_view what,
                                       const std::function<std::string()>& work, PhaseTimer* timer) {
  constexpr char kWhole = '\1';
  std::string bytes;  // empty: stopped
  try {
    bytes = work();
    bytes.push_back(kWhole);
  } catch (const Stopped&) {
    if (group.size() == 1) throw;
  }
  PhaseTimer unused;
  auto all = (timer ? *timer : unused).measure("exchange", [&] { return group.exchange(bytes, what); });
  for (std::string& part : all) {
    if (part.empty()) throw Stopped();
    part.pop_back();
  }
  return all;
}

Batch exchange_batches(dist::Group& group, const std::function<Batch()>& sample, PhaseTimer* timer) {
  if (group.size() == 1) return sample();
  std::vector<Batch> batches;
  for (const std::string& bytes : exchange_work(
           group, "samples", [&] { return to_wire(sample()); }, timer))
    batches.push_back(from_wire<Batch>(bytes));
  std::vector<BatchGroup> groups;
  for (const Batch& batch : batches)
    for (std::int32_t g = 0; g < batch.groups(); ++g) groups.push_back({&batch, g});
  return gather(groups);
}

std::vector<Answer> exchange_answers(dist::Group& group, const std::function<std::vector<Answer>()>& sample) {
  if (group.size() == 1) return sample();
  std::vector<Answer> answers;
  for (const std::string& bytes : exchange_work(group, "answers", [&] { return to_wire(sample()); })) {
    auto part = from_wire<std::vector<Answer>>(bytes);
    std::move(part.begin(), part.end(), std::back_inserter(answers));
  }
  return answers;
}

std::vector<std::vector<std::int32_t>> deal_groups(const tree::Forest& forest,
                                                   std::span<const std::int32_t> groups, int ranks) {
  const auto nodes = [&](std::size_t place) {
    const auto g = static_cast<std::size_t>(groups[place]);
    return std::int64_t{forest.group_node[g + 1] - forest.group_node[g]};
  };
  std::vector<std::size_t> largest_first(groups.size());
  std::iota(largest_first.begin(), largest_first.end(), std::size_t{0});
  std::stable_sort(largest_first.begin(), largest_first.end(),
                   [&](std::size_t a, std::size_t b) { return nodes(a) > nodes(b); });
  std::vector<std::int64_t> load(static_cast<std::size_t>(ranks));
  std::vector<std::vector<std::size_t>> places(load.size());
  for (const std::size_t place : largest_first) {
    const auto least = static_cast<std::size_t>(std::min_element(load.begin(), load.end()) - load.begin());
    places[least].push_back(place);
    load[least] += nodes(place);
  }
  std::vector<std::vector<std::int32_t>> dealt(load.size());
  for (std::size_t rank = 0; rank < dealt.size(); ++rank) {
    std::sort(places[rank].begin(), places[rank].end());
    for (const std::size_t place : places[rank]) dealt[rank].push_back(groups[place]);
  }
  return dealt;
}

}  // namespace tempo::train
