// Cuts an interval of tokens, or of nodes, into pieces of one segment: how the expansions divide their output
// among threads of any kind.
#pragma once

#include <cstdint>

#include "device/portable.h"
#include "tempo/kernels/forest.h"

namespace tempo::kernels {

// Returns the first of `count` items whose end, the number after its begin, lies beyond `position`.
TEMPO_PORTABLE inline std::int32_t response_at(const std::int32_t* offsets, std::int32_t count,
                                               std::int64_t position) {
  std::int32_t low = 0;
  while (low < count) {
    const std::int32_t middle = low + (count - low) / 2;
    if (offsets[middle + 1] <= position)
      low = middle + 1;
    else
      count = middle;
  }
  return low;
}

// The same of segments.
TEMPO_PORTABLE inline std::int32_t segment_at(const ForestSegment* segments, std::int32_t count,
                                              std::int64_t node) {
  std::int32_t low = 0;
  while (low < count) {
    const std::int32_t middle = low + (count - low) / 2;
    if (segments[middle].end <= node)
      low = middle + 1;
    else
      count = middle;
  }
  return low;
}

// The pieces of the response tokens [begin, end), the last first.
class TokenPieces {
 public:
  // Without a plan a response is one piece.
  TEMPO_PORTABLE TokenPieces(const FlatGroups& groups, const ForestPlan* plan, std::int64_t from,
                             std::int64_t to)
      : offsets_(groups.response_offsets), plan_(plan), from_(from), to_(to) {
    if (from >= to) return;
    const std::int32_t last = response_at(offsets_, groups.responses, to - 1);
    cursor_ = offsets_[last + 1];
    open(last);
  }

  // Goes to the next piece with a token of the interval; false: there is none.
  TEMPO_PORTABLE bool next() {
    for (;;) {
      if (cursor_ <= from_) return false;
      if (cursor_ == response_begin_) {
        open(response - 1);
        continue;
      }
      const std::int64_t above = cursor_;
      step();
      if (first >= to_) continue;
      begin = first > from_ ? first : from_;
      end = above < to_ ? above : to_;
      return true;
    }
  }

  std::int64_t begin = 0, end = 0;  // of the interval's tokens in the piece
  std::int64_t first = 0;           // token of the segment, in the interval or before it
  std::int32_t response = 0;
  std::int32_t segment = -1;  // -1 without a plan

 private:
  TEMPO_PORTABLE void open(std::int32_t index) {
    response = index;
    response_begin_ = offsets_[index];
    segment = -1;
  }
  TEMPO_PORTABLE void step() {
    first = response_begin_;
    if (plan_) {
      segment = segment < 0 ? plan_->response_segment[response] : above_;
      const ForestSegment nodes = plan_->segments[segment];
      above_ = nodes.parent;
      first = cursor_ - (nodes.end - nodes.begin);
    }
    cursor_ = first;
  }

  const std::int32_t* offsets_;
  const ForestPlan* plan_;
  std::int64_t from_, to_;
  std::int64_t response_begin_ = 0, cursor_ = 0;  // tokens from the cursor on are done
  std::int32_t above_ = -1;
};

// The pieces of the nodes [begin, end), the first first.
class NodePieces {
 public:
  TEMPO_PORTABLE NodePieces(const ForestPlan& plan, std::int32_t groups, std::int64_t from, std::int64_t to)
      : segments_(plan.segments), count_(plan.group_segment[groups]), from_(from), to_(to) {
    const std::int32_t nodes = plan.group_node[groups];
    if (to_ > nodes) to_ = nodes;
    if (from_ < to_) next_ = segment_at(segments_, count_, from_);
  }

  TEMPO_PORTABLE bool next() {
    while (from_ < to_ && next_ < count_) {
      segment = next_++;
      const ForestSegment& nodes = segments_[segment];
      if (nodes.begin == nodes.end) continue;
      first = nodes.begin;
      root = nodes.parent < 0;
      begin = from_;
      end = nodes.end < to_ ? nodes.end : to_;
      from_ = end;
      return true;
    }
    return false;
  }

  std::int64_t begin = 0, end = 0;  // of the interval's nodes in the piece
  std::int64_t first = 0;           // node of the segment, in the interval or before it
  std::int32_t segment = -1;
  bool root = false;

 private:
  const ForestSegment* segments_;
  std::int32_t count_;
  std::int64_t from_, to_;
  std::int32_t next_ = 0;
};

}  // namespace tempo::kernels
