#include <algorithm>
#include <bit>
#include <cstdint>

#include "simd.h"
#include "tempo/kernels/forest.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace tempo::kernels {
namespace {

constexpr std::int64_t kRange = 1 << 14;  // nodes that one thread writes at a time
// One core writes fewer nodes in less time than other threads may take to begin.
constexpr std::int64_t kManyNodes = 1 << 18;
// Columns of more nodes than caches hold are written past them: memory is not read before it is overwritten.
constexpr std::int64_t kCachedNodes = 1 << 19;

// Writes past the caches. Aligned.
void stream(std::uint32_t* to, Words words) {
#if defined(__AVX512F__)
  _mm512_stream_si512(reinterpret_cast<__m512i*>(to), reinterpret_cast<__m512i>(words));
#elif defined(__AVX__)
  _mm256_stream_si256(reinterpret_cast<__m256i*>(to), reinterpret_cast<__m256i>(words));
#elif defined(__SSE2__)
  _mm_stream_si128(reinterpret_cast<__m128i*>(to), reinterpret_cast<__m128i>(words));
#else
  store_words(to, words);
#endif
}

// Lets other threads see what was written past the caches.
void finish_stream() {
#if defined(__SSE2__)
  _mm_sfence();
#endif
}

// The nodes [begin, end) of a segment.
struct Part {
  std::int64_t begin, end;
  bool past_caches;
};

// Writes a column of 32 bit numbers. word(i) and words(i) give the number of node i, and those from i on.
template <typename Column, typename One, typename Many>
void write(const Part& part, Column* column, const One& word, const Many& words) {
  static_assert(sizeof(Column) == sizeof(std::uint32_t));
  std::int64_t i = part.begin;
  const auto aligned = [&] { return reinterpret_cast<std::uintptr_t>(column + i) % sizeof(Words) == 0; };
  for (; i < part.end && !aligned(); ++i) column[i] = std::bit_cast<Column>(word(i));
  const auto place = [&] { return reinterpret_cast<std::uint32_t*>(column + i); };
  if (part.past_caches)
    for (; i + kLanes <= part.end; i += kLanes) stream(place(), words(i));
  else
    for (; i + kLanes <= part.end; i += kLanes) store_words(place(), words(i));
  for (; i < part.end; ++i) column[i] = std::bit_cast<Column>(word(i));
}

void fill(const Part& part, std::int32_t* column, std::int32_t value) {
  const Words words = Words{} + static_cast<std::uint32_t>(value);
  if (column)
    write(
        part, column, [&](std::int64_t) { return value; }, [&](std::int64_t) { return words; });
}

// Writes first, first + 1, ...
void count_up(const Part& part, std::int32_t* column, std::int32_t first) {
  if (!column) return;
  Words lanes;
  for (int lane = 0; lane < kLanes; ++lane) lanes[lane] = static_cast<std::uint32_t>(lane);
  const auto word = [&](std::int64_t i) { return first + static_cast<std::int32_t>(i - part.begin); };
  write(part, column, word, [&](std::int64_t i) { return lanes + static_cast<std::uint32_t>(word(i)); });
}

// Writes what stands in `flat` from `from` on, zeros where there is none.
template <typename T>
void copy(const Part& part, T* column, const T* flat, std::int64_t from) {
  if (!column) return;
  const auto at = [&](std::int64_t i) { return from + (i - part.begin); };
  if (flat)
    write(
        part, column, [&](std::int64_t i) { return flat[at(i)]; },
        [&](std::int64_t i) { return load_words(flat + at(i)); });
  else
    write(
        part, column, [](std::int64_t) { return T{}; }, [](std::int64_t) { return Words{}; });
}

void write_part(const FlatGroups& groups, const ForestSegment* segments, std::int32_t index, const Part& part,
                const ForestNodes& nodes) {
  const ForestSegment& segment = segments[index];
  const bool is_root = segment.parent < 0;
  const auto begin = static_cast<std::int32_t>(part.begin), before = begin - segment.begin;
  const std::int64_t from = std::int64_t{segment.source} + before;
  copy(part, nodes.token, is_root ? groups.prompt_tokens : groups.response_tokens, from);
  copy(part, nodes.old_logp, is_root ? nullptr : groups.old_logp, from);
  copy(part, nodes.entropy, is_root ? nullptr : groups.entropy, from);
  count_up(part, nodes.parent, begin - 1);
  if (nodes.parent && before == 0) nodes.parent[begin] = segment.parent_node;
  count_up(part, nodes.depth, segment.depth + before);
  fill(part, nodes.weight, segment.weight);
  fill(part, nodes.first_leaf, segment.first_leaf);
  fill(part, nodes.segment, index);
  if (nodes.trainable)
    std::fill(nodes.trainable + part.begin, nodes.trainable + part.end, std::uint8_t{!is_root});
}

}  // namespace

namespace cpu {

void write_nodes(const FlatGroups& groups, const ForestPlan& plan, const ForestNodes& nodes) {
  if (plan.error && *plan.error != GroupsError::kNone) return;
  const std::int64_t count = plan.group_node[groups.groups];
  const ForestSegment* const segments = plan.segments;
  const ForestSegment* const last = segments + plan.group_segment[groups.groups];
#pragma omp parallel for schedule(static) if (count > kManyNodes)
  for (std::int64_t begin = 0; begin < count; begin += kRange) {
    const std::int64_t end = std::min(begin + kRange, count);
    const auto starts_after = [](std::int64_t node, const ForestSegment& s) { return node < s.begin; };
    const ForestSegment* at = std::upper_bound(segments, last, begin, starts_after) - 1;
    for (; at != last && at->begin < end; ++at) {
      const Part part{std::max<std::int64_t>(at->begin, begin), std::min<std::int64_t>(at->end, end),
                      count > kCachedNodes};
      if (part.begin < part.end)
        write_part(groups, segments, static_cast<std::int32_t>(at - segments), part, nodes);
    }
    finish_stream();
  }
}

}  // namespace cpu
}  // namespace tempo::kernels
