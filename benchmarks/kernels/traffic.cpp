// Runs every CUDA kernel once on groups of 8 responses of 1,024 tokens, half of them shared, and prints for
// each what it should move: the kernel's name, bytes read and bytes written at the least, and their formula.
// traffic.py counts what it does move.
#include <cstdint>
#include <cstdio>
#include <vector>

#include "buffer.h"
#include "tempo/kernels/advantages.h"
#include "tempo/kernels/clipped_loss.h"
#include "tempo/kernels/draw.h"
#include "tempo/kernels/fold.h"
#include "tempo/kernels/forest.h"
#include "tempo/kernels/softmax.h"

namespace {

using namespace tempo::kernels;
using tempo::test::Buffer;

constexpr std::int32_t kGroups = 8, kSize = 8, kResponses = kGroups * kSize, kLength = 1024,
                       kShared = kLength / 2;
constexpr std::int64_t kTokens = std::int64_t{kResponses} * kLength;

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

void expect(const char* kernel, std::int64_t read, std::int64_t written, const char* formula) {
  std::printf("expect\t%s\t%lld\t%lld\t%s\n", kernel, static_cast<long long>(read),
              static_cast<long long>(written), formula);
}

struct Sample {
  std::vector<std::int32_t> tokens, response_offsets{0}, group_offsets{0};
  std::vector<float> rewards;

  Sample() {
    for (std::int32_t r = 0; r < kResponses; ++r) {
      for (std::int32_t t = 0; t < kLength; ++t)
        tokens.push_back(t < kShared ? t % 997 : 1000 + r % kSize + t % 97);
      response_offsets.push_back(static_cast<std::int32_t>(tokens.size()));
      rewards.push_back(static_cast<float>(r % 2));
    }
    for (std::int32_t g = 1; g <= kGroups; ++g) group_offsets.push_back(g * kSize);
  }
};

// The arrays of a forest on the device.
struct Forest {
  explicit Forest(const Sample& sample)
      : tokens(sample.tokens),
        response_offsets(sample.response_offsets),
        group_offsets(sample.group_offsets) {
    groups.groups = kGroups, groups.responses = kResponses, groups.largest_group = kSize;
    groups.response_token_count = kTokens;
    groups.group_offsets = group_offsets.data(), groups.response_offsets = response_offsets.data();
    groups.response_tokens = tokens.data();
    plan.leaf_response = leaf_response.data(), plan.leaf_shared = leaf_shared.data();
    plan.response_segment = response_segment.data(), plan.segments = segments.data();
    plan.group_node = group_node.data(), plan.group_segment = group_segment.data(), plan.error = error.data();
  }

  Buffer<std::int32_t> tokens, response_offsets, group_offsets;
  Buffer<std::int32_t> leaf_response{at(kResponses)}, leaf_shared{at(kResponses)},
      response_segment{at(kResponses)};
  Buffer<ForestSegment> segments{at(most_segments(kGroups, kResponses))};
  Buffer<std::int32_t> group_node{at(kGroups + 1)}, group_segment{at(kGroups + 1)};
  Buffer<GroupsError> error{std::size_t{1}};
  FlatGroups groups;
  ForestPlan plan;
};

struct Sizes {
  std::int64_t nodes, segments;
};

Sizes run_forest(Forest& forest) {
  Buffer<std::uint8_t> workspace(forest_workspace_bytes(forest.groups));
  Buffer<std::int32_t> token(at(kTokens)), parent(at(kTokens)), depth(at(kTokens)), weight(at(kTokens)),
      first_leaf(at(kTokens)), segment(at(kTokens));
  Buffer<std::uint8_t> trainable(at(kTokens));
  cuda::plan_forest(forest.groups, ForestMerge::kPrefixes, forest.plan, workspace.data(), nullptr);
  const ForestNodes nodes{.token = token.data(),
                          .parent = parent.data(),
                          .depth = depth.data(),
                          .weight = weight.data(),
                          .first_leaf = first_leaf.data(),
                          .segment = segment.data(),
                          .trainable = trainable.data()};
  cuda::write_nodes(forest.groups, forest.plan, nodes, nullptr);
  const std::int64_t n = forest.group_node.values().back(), s = forest.group_segment.values().back();

  constexpr std::int64_t kChunk = 128;  // tokens that a block looks at in one go
  const std::int64_t g = kGroups, r = kResponses, pairs = g * kSize * kSize;
  expect("check_offsets", 4 * (g + 1 + r + 1), 4, "4 (G + R + 2); 4");
  expect("check_tokens", 4 * kTokens, 0, "4 (T + P); 0");
  expect("start_prefixes", 4 * (g + 1 + r + 1), 4 * pairs, "4 (G + R + 2); 4 G n^2");
  expect("compare_prefixes", 4 * r * (kShared + kChunk), 0, "4 R (shared + 128); minima");
  expect("order_leaves", 4 * pairs + 4 * (g + 1), 8 * r, "4 G n^2 + 4 (G + 1); 8 R");
  expect("count_segments", 8 * r, 12 * r, "8 R; 12 R");
  expect("scan_groups", 8 * g, 8 * (g + 1), "8 G; 8 (G + 1)");
  expect("write_segments", 16 * r, 32 * s + 4 * r, "16 R; 32 S + 4 R");
  expect("node_columns", 4 * n + 32 * s, 25 * n, "4 N + 32 S; 25 N");
  return {n, s};
}

void run_credit(Forest& forest, const Sample& sample, const Sizes& sizes) {
  Buffer<float> rewards(sample.rewards), response(at(kResponses)), segment(forest.segments.size()),
      advantages(at(kTokens)), node_credit(at(kTokens));
  Buffer<double> value(forest.segments.size()), values(at(kTokens));
  cuda::assign_credit(forest.groups, forest.plan, rewards.data(), {},
                      {.value = value.data(), .response = response.data(), .segment = segment.data()},
                      nullptr);
  cuda::write_token_advantages(forest.groups, forest.plan, response.data(), segment.data(), advantages.data(),
                               nullptr);
  cuda::write_node_values(forest.groups, forest.plan, value.data(), values.data(), nullptr);
  cuda::write_node_credit(forest.groups, forest.plan, segment.data(), node_credit.data(), nullptr);
  expect("group_credit", 12 * kResponses + 8 * (kGroups + 1) + 32 * sizes.segments,
         4 * kResponses + 12 * sizes.segments, "12 R + 8 (G + 1) + 32 S; 4 R + 12 S");
  expect("token_advantages", 8 * kResponses + 36 * sizes.segments, 4 * kTokens, "8 R + 36 S; 4 T");
  expect("node_values", 40 * sizes.segments, 8 * sizes.nodes, "40 S; 8 N");
  expect("node_credit", 36 * sizes.segments, 4 * sizes.nodes, "36 S; 4 N");

  Buffer<double> token_weight(std::vector<double>(at(kResponses), 1.0 / kTokens));
  Buffer<float> positive(at(kTokens)), negative(at(kTokens)), weight(at(kTokens));
  Buffer<std::int32_t> positive_count(at(kTokens)), negative_count(at(kTokens));
  Buffer<SegmentFold> folds(forest.segments.size());
  cuda::fold_credit(forest.groups, forest.plan, response.data(), segment.data(), token_weight.data(),
                    {.positive = positive.data(),
                     .negative = negative.data(),
                     .weight = weight.data(),
                     .positive_count = positive_count.data(),
                     .negative_count = negative_count.data()},
                    folds.data(), nullptr);
  expect("segment_folds", 16 * kResponses + 36 * sizes.segments, 48 * sizes.segments, "16 R + 36 S; 48 S");
  expect("node_folds", 80 * sizes.segments, 20 * sizes.nodes, "80 S; 20 N");
}

void run_loss(std::int64_t nodes) {
  const std::vector<float> numbers(at(nodes), -0.5F);
  const std::vector<std::int32_t> counts(at(nodes), 1);
  Buffer<float> logp(numbers), old_logp(numbers), entropy(numbers), positive(numbers), negative(numbers),
      weight(numbers), d_logp(at(nodes)), d_entropy(at(nodes));
  Buffer<std::int32_t> count(counts), positive_count(counts), negative_count(counts);
  Buffer<ClippedLossSums> sums(std::size_t{1}), partials(at(clipped_loss_partials(nodes)));
  ClippedLossArgs args{
      .nodes = nodes, .logp = logp.data(), .old_logp = old_logp.data(), .entropy = entropy.data()};
  args.positive = positive.data(), args.negative = negative.data(), args.weight = weight.data();
  args.count = count.data(), args.positive_count = positive_count.data(),
  args.negative_count = negative_count.data();
  args.d_logp = d_logp.data(), args.d_entropy = d_entropy.data();
  args.sums = sums.data(), args.partials = partials.data();
  cuda::clipped_loss(args, nullptr);
  const std::int64_t blocks = clipped_loss_partials(nodes);
  expect("node_losses", 28 * nodes, 8 * nodes + 64 * blocks,
         "28 N, 4 or 8 more where clipped; 8 N + 64 blocks");
  expect("add_partials", 64 * blocks, 64, "64 blocks; 64");
}

constexpr std::int64_t kRows = 16, kVocab = 49152;

template <typename Logit, typename Gradient>
void run_softmax(const char* forward, const char* backward) {
  Buffer<Logit> logits(std::vector<Logit>(at(kRows * kVocab)));
  std::vector<std::int64_t> first, token;
  for (std::int64_t row = 0; row <= kRows; ++row) first.push_back(row), token.push_back(row);
  Buffer<std::int64_t> firsts(first), tokens(token);
  Buffer<RowSoftmax> softmax(at(kRows));
  Buffer<float> logp(at(kRows)), entropy(at(kRows)), d_logp(std::vector<float>(at(kRows), 1)),
      d_entropy(std::vector<float>(at(kRows), 1));
  Buffer<Gradient> gradient(at(kRows * kVocab));
  LogitRows<Logit> in;
  in.rows = kRows, in.vocab = kVocab, in.stride = kVocab;
  in.logits = logits.data(), in.first = firsts.data(), in.token = tokens.data();
  cuda::softmax_forward(in, {.softmax = softmax.data(), .logp = logp.data(), .entropy = entropy.data()},
                        nullptr);
  cuda::softmax_backward(in,
                         SoftmaxGradient<Gradient>{.softmax = softmax.data(),
                                                   .d_logp = d_logp.data(),
                                                   .d_entropy = d_entropy.data(),
                                                   .d_logits = gradient.data(),
                                                   .stride = kVocab},
                         nullptr);
  const std::int64_t size = kRows * kVocab, reads = size * std::int64_t{sizeof(Logit)};
  expect(forward, reads + 16 * kRows, 32 * kRows,
         sizeof(Logit) == 4 ? "4 C V + 16 n; 24 C + 8 n" : "2 C V + 16 n; 24 C + 8 n");
  expect(backward, reads + 48 * kRows, size * std::int64_t{sizeof(Gradient)},
         sizeof(Logit) == 4 ? "4 C V + 24 C + 24 n; 2 C V" : "2 C V + 24 C + 24 n; 2 C V");
}

template <typename Logit>
void run_draw(const char* kernel) {
  constexpr std::int64_t kDraws = kRows * 8;
  Buffer<Logit> logits(std::vector<Logit>(at(kRows * kVocab)));
  std::vector<std::int32_t> offsets{0};
  while (offsets.back() < kDraws) offsets.push_back(offsets.back() + 8);
  Buffer<std::int32_t> draw_offsets(offsets), token(at(kDraws));
  Buffer<DrawPlace> places(std::vector<DrawPlace>(at(kDraws)));
  Buffer<float> logp(at(kDraws)), entropy(at(kRows));
  Buffer<RowStatus> status(at(kRows));
  DrawArgs<Logit> args;
  args.rows = kRows, args.vocab = kVocab, args.row_stride = kVocab, args.logits = logits.data();
  args.draw_offsets = draw_offsets.data(), args.places = places.data();
  args.token = token.data(), args.logp = logp.data(), args.entropy = entropy.data(),
  args.status = status.data();
  cuda::draw_tokens(args, nullptr);
  expect(kernel, kRows * kVocab * std::int64_t{sizeof(Logit)} + 4 * (kRows + 1) + 12 * kDraws,
         8 * kDraws + 8 * kRows,
         sizeof(Logit) == 4 ? "4 C V + 4 (C + 1) + 12 M; 8 M + 8 C" : "2 C V + 4 (C + 1) + 12 M; 8 M + 8 C");
}

}  // namespace

int main() {
  const Sample sample;
  Forest forest(sample);
  const Sizes sizes = run_forest(forest);
  run_credit(forest, sample, sizes);
  run_loss(sizes.nodes);
  run_softmax<float, BFloat16>("forward<float>", "backward<float, BFloat16>");
  run_softmax<BFloat16, BFloat16>("forward<BFloat16>", "backward<BFloat16, BFloat16>");
  run_draw<float>("draw_rows<float>");
  run_draw<BFloat16>("draw_rows<BFloat16>");
}
