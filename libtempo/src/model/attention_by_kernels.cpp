#include <algorithm>
#include <cmath>
#include <numeric>

#include "attention_paths.h"
#include "tempo/kernels/attention.h"
#include "tempo/model/deal.h"

namespace tempo::model {
namespace {

using kernels::AttentionTile;

// Calls work(item, scratch) for each item; which thread runs it does not matter to its result.
template <typename Work>
void deal_tiles(std::size_t items, const Work& work) {
  deal(static_cast<std::int64_t>(items), [&] {
    return [&, scratch = kernels::AttentionScratch()](std::int64_t item) mutable {
      work(static_cast<std::size_t>(item), scratch);
    };
  });
}

// Returns the tensor, or a copy, with each token's heads contiguous.
at::Tensor with_packed_heads(const at::Tensor& tensor) {
  const bool packed = tensor.stride(2) == 1 && tensor.stride(1) == tensor.size(2);
  return packed ? tensor : tensor.contiguous();
}

template <typename Element>
kernels::HeadRows<Element> rows_of(const at::Tensor& tensor) {
  return {static_cast<Element*>(tensor.data_ptr()), tensor.stride(0)};
}

template <typename Element>
kernels::AttentionInputs<Element> kernel_inputs(const AttentionInputs& inputs) {
  kernels::AttentionInputs<Element> out;
  out.shape = {inputs.query_THE.size(1), inputs.key_SKE.size(1), inputs.query_THE.size(2),
               static_cast<float>(1.0 / std::sqrt(static_cast<double>(inputs.query_THE.size(2))))};
  out.query = rows_of<const Element>(inputs.query_THE);
  out.key = rows_of<const Element>(inputs.key_SKE);
  out.value = rows_of<const Element>(inputs.value_SKE);
  return out;
}

std::vector<kernels::KeyRange> kernel_ranges(const SegmentPlan& plan) {
  std::vector<kernels::KeyRange> ranges;
  ranges.reserve(plan.key_ranges.size());
  for (const tree::NodeRange& range : plan.key_ranges) ranges.push_back({range.begin, range.end});
  return ranges;
}

// Appends the tiles of one segment for key-value head 0.
void append_tiles(const PlanSegment& segment, std::span<const kernels::KeyRange> ranges,
                  std::int64_t tile_queries, std::vector<AttentionTile>& tiles) {
  const std::int64_t before = segment.keys - (segment.query_end - segment.query_begin);
  for (std::int64_t begin = segment.query_begin; begin < segment.query_end; begin += tile_queries) {
    AttentionTile tile;
    tile.query_begin = begin;
    tile.query_end = std::min<std::int64_t>(begin + tile_queries, segment.query_end);
    tile.first_visible = before + begin - segment.query_begin + 1;
    tile.ranges = ranges.subspan(static_cast<std::size_t>(segment.range_begin),
                                 static_cast<std::size_t>(segment.range_end - segment.range_begin));
    tiles.push_back(tile);
  }
}

// Neighbouring tiles [begin, end) whose paths begin with the same keys, as those of a group with its prompt.
struct Bundle {
  std::ptrdiff_t begin, end;
  std::int64_t queries;
  std::int64_t shared_keys;  // whole blocks of them that every query sees
};

std::vector<Bundle> bundle(std::span<const AttentionTile> tiles, std::int64_t most_queries) {
  const auto keys_to_share = [](const AttentionTile& tile) {
    const std::int64_t first_range =
        tile.ranges.empty() ? 0 : tile.ranges.front().end - tile.ranges.front().begin;
    return std::min(first_range, tile.first_visible) / kernels::kSharedKeys * kernels::kSharedKeys;
  };
  std::vector<Bundle> bundles;
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    const std::int64_t queries = tiles[i].query_end - tiles[i].query_begin;
    const std::int64_t shared = keys_to_share(tiles[i]);
    if (i > 0 && bundles.back().queries + queries <= most_queries && shared > 0 &&
        bundles.back().shared_keys > 0 &&
        tiles[i].ranges.front().begin == tiles[i - 1].ranges.front().begin) {
      bundles.back().shared_keys = std::min(bundles.back().shared_keys, shared);
      bundles.back().queries += queries;
      ++bundles.back().end;
    } else {
      const auto index = static_cast<std::ptrdiff_t>(i);
      bundles.push_back({index, index + 1, queries, shared});
    }
  }
  for (Bundle& alone : bundles)
    if (alone.end - alone.begin == 1) alone.shared_keys = 0;
  return bundles;
}

template <typename Element>
AttentionResult forward(const AttentionInputs& inputs, const SegmentPlan& plan) {
  const auto kernel = kernel_inputs<Element>(inputs);
  const std::vector<kernels::KeyRange> ranges = kernel_ranges(plan);
  std::vector<AttentionTile> tiles;
  for (const PlanSegment& segment : plan.segments) {
    append_tiles(segment, ranges, kernels::attention_tile_queries(kernel.shape), tiles);
  }
  AttentionResult result;
  result.output_THE = at::empty(inputs.query_THE.sizes(), inputs.query_THE.options());
  result.logsumexp_TH = at::empty({inputs.query_THE.size(0), inputs.query_THE.size(1)},
                                  inputs.query_THE.options().dtype(at::kFloat));
  const auto output = rows_of<Element>(result.output_THE);
  float* const logsumexp = result.logsumexp_TH.data_ptr<float>();
  const auto heads = static_cast<std::size_t>(kernel.shape.kv_heads);
  constexpr std::int64_t kMostRows = 96;  // working memory that stays in the second-level cache
  const std::vector<Bundle> bundles = bundle(tiles, kMostRows * kernel.shape.kv_heads / kernel.shape.heads);
  deal_tiles(bundles.size() * heads, [&](std::size_t item, kernels::AttentionScratch& scratch) {
    const Bundle& members = bundles[item / heads];
    std::vector<AttentionTile> own(tiles.begin() + members.begin, tiles.begin() + members.end);
    for (AttentionTile& tile : own) tile.kv_head = static_cast<std::int64_t>(item % heads);
    kernels::attention_forward(kernel, own, members.shared_keys, output, logsumexp, scratch);
  });
  return result;
}

// Returns for each segment the first segment of its family: those that share key slots, directly or through
// others. Families write different rows of the key gradients.
std::vector<std::int32_t> segment_families(const SegmentPlan& plan, std::int64_t slots) {
  std::vector<std::int32_t> family(plan.segments.size());
  std::iota(family.begin(), family.end(), 0);
  const auto root = [&](std::int32_t s) {
    while (family[static_cast<std::size_t>(s)] != s) s = family[static_cast<std::size_t>(s)];
    return s;
  };
  std::vector<std::int32_t> reader(static_cast<std::size_t>(slots), -1);  // a segment that reads the slot
  for (std::size_t s = 0; s < plan.segments.size(); ++s) {
    for (std::int32_t r = plan.segments[s].range_begin; r < plan.segments[s].range_end; ++r) {
      const tree::NodeRange range = plan.key_ranges[static_cast<std::size_t>(r)];
      for (std::int32_t slot = range.begin; slot < range.end; ++slot) {
        std::int32_t& other = reader[static_cast<std::size_t>(slot)];
        const std::int32_t own = root(static_cast<std::int32_t>(s));
        const std::int32_t theirs = other < 0 ? own : root(other);
        family[static_cast<std::size_t>(std::max(own, theirs))] = std::min(own, theirs);
        other = std::min(own, theirs);
      }
    }
  }
  for (std::size_t s = 0; s < family.size(); ++s) family[s] = root(static_cast<std::int32_t>(s));
  return family;
}

// Returns the tiles of each family, in the order of the plan.
std::vector<std::vector<AttentionTile>> family_tiles(const SegmentPlan& plan, std::int64_t slots,
                                                     std::span<const kernels::KeyRange> ranges,
                                                     std::int64_t tile_queries) {
  const std::vector<std::int32_t> family = segment_families(plan, slots);
  std::vector<std::vector<AttentionTile>> tiles(family.size());
  for (std::size_t s = 0; s < family.size(); ++s) {
    append_tiles(plan.segments[s], ranges, tile_queries, tiles[static_cast<std::size_t>(family[s])]);
  }
  std::erase_if(tiles, [](const auto& members) { return members.empty(); });
  return tiles;
}

// Tiles whose key gradients are added one after the other, to the sums of one part.
struct TileRun {
  std::vector<AttentionTile> tiles;
  std::int64_t part;
};

// How many parts each family is cut into, so that few families still give the threads enough to share.
std::int64_t parts_of_family(std::size_t families, std::int64_t kv_heads) {
  constexpr std::int64_t kItems = 6;
  const std::int64_t items = std::max<std::int64_t>(1, static_cast<std::int64_t>(families) * kv_heads);
  return (kItems + items - 1) / items;
}

// Cuts each family into runs of about equal work.
std::vector<TileRun> cut_families(std::span<const std::vector<AttentionTile>> families, std::int64_t parts) {
  const auto work_of = [](const AttentionTile& tile) {
    const std::int64_t queries = tile.query_end - tile.query_begin;
    return queries * tile.first_visible + queries * (queries - 1) / 2;
  };
  std::vector<TileRun> runs;
  for (const std::vector<AttentionTile>& family : families) {
    std::int64_t all = 0, done = 0;
    for (const AttentionTile& tile : family) all += work_of(tile);
    runs.push_back({{}, 0});
    for (const AttentionTile& tile : family) {
      const std::int64_t part = (done + work_of(tile) / 2) * parts / all;
      if (part > runs.back().part && !runs.back().tiles.empty()) runs.push_back({{}, part});
      runs.back().tiles.push_back(tile);
      done += work_of(tile);
    }
  }
  return runs;
}

kernels::HeadRows<float> rows_of_part(const at::Tensor& parts_PSKE, std::int64_t part) {
  return {parts_PSKE.data_ptr<float>() + part * parts_PSKE.stride(0), parts_PSKE.stride(1)};
}

// Adds the parts [P, S, K, E] to the first.
at::Tensor add_parts(const at::Tensor& parts_PSKE) {
  for (std::int64_t part = 1; part < parts_PSKE.size(0); ++part) parts_PSKE[0].add_(parts_PSKE[part]);
  return parts_PSKE[0];
}

template <typename Element>
AttentionGradients backward(const AttentionInputs& inputs, const AttentionResult& result,
                            const at::Tensor& grad_output, const SegmentPlan& plan) {
  const auto kernel = kernel_inputs<Element>(inputs);
  const std::vector<kernels::KeyRange> ranges = kernel_ranges(plan);
  const std::int64_t queries = kernels::attention_backward_queries(kernel.shape);
  const auto families = family_tiles(plan, inputs.key_SKE.size(0), ranges, queries);
  const std::int64_t parts = parts_of_family(families.size(), kernel.shape.kv_heads);
  const std::vector<TileRun> runs = cut_families(families, parts);
  const at::Tensor grad_query = at::empty(inputs.query_THE.sizes(), inputs.query_THE.options());
  const at::Tensor grad_key =
      at::zeros({parts, inputs.key_SKE.size(0), inputs.key_SKE.size(1), inputs.key_SKE.size(2)},
                inputs.key_SKE.options().dtype(at::kFloat));
  const at::Tensor grad_value = at::zeros_like(grad_key);
  const auto heads = static_cast<std::size_t>(kernel.shape.kv_heads);
  deal_tiles(runs.size() * heads, [&](std::size_t item, kernels::AttentionScratch& scratch) {
    const TileRun& run = runs[item / heads];
    const kernels::AttentionGradients<Element> gradients{.output = rows_of<const Element>(result.output_THE),
                                                         .grad_output = rows_of<const Element>(grad_output),
                                                         .logsumexp = result.logsumexp_TH.data_ptr<float>(),
                                                         .grad_query = rows_of<Element>(grad_query),
                                                         .grad_key = rows_of_part(grad_key, run.part),
                                                         .grad_value = rows_of_part(grad_value, run.part)};
    std::vector<AttentionTile> tiles = run.tiles;
    for (AttentionTile& tile : tiles) tile.kv_head = static_cast<std::int64_t>(item % heads);
    for (const Bundle& members : bundle(tiles, queries)) {
      const std::span<const AttentionTile> own(tiles.begin() + members.begin, tiles.begin() + members.end);
      kernels::attention_backward(kernel, own, members.shared_keys, gradients, scratch);
    }
  });
  const at::ScalarType dtype = inputs.key_SKE.scalar_type();
  return {grad_query, add_parts(grad_key).to(dtype), add_parts(grad_value).to(dtype)};
}

AttentionInputs packed_inputs(const AttentionInputs& inputs) {
  return {with_packed_heads(inputs.query_THE), with_packed_heads(inputs.key_SKE),
          with_packed_heads(inputs.value_SKE)};
}

}  // namespace

AttentionResult attention_by_kernels(const AttentionInputs& inputs, const SegmentPlan& plan) {
  const AttentionInputs packed = packed_inputs(inputs);
  const bool is_float = inputs.query_THE.scalar_type() == at::kFloat;
  return is_float ? forward<float>(packed, plan) : forward<kernels::BFloat16>(packed, plan);
}

AttentionGradients attention_backward_by_kernels(const AttentionInputs& inputs, const AttentionResult& result,
                                                 const at::Tensor& grad_output_THE, const SegmentPlan& plan) {
  const AttentionInputs packed = packed_inputs(inputs);
  const at::Tensor grad_output = with_packed_heads(grad_output_THE);
  const bool is_float = inputs.query_THE.scalar_type() == at::kFloat;
  return is_float ? backward<float>(packed, result, grad_output, plan)
                  : backward<kernels::BFloat16>(packed, result, grad_output, plan);
}

}  // namespace tempo::model
