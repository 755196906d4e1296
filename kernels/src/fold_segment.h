// The fold of one node's responses: what the CPU and the devices compute.
#pragma once

#include <cstdint>

#include "device/portable.h"
#include "src/credit_of_group.h"
#include "tempo/kernels/fold.h"

namespace tempo::kernels {

// Adds up the responses through a node, one after another.
struct NodeFold {
  double positive = 0, negative = 0;
  std::int32_t positive_count = 0, negative_count = 0;

  TEMPO_PORTABLE void add(float advantage, double weight) {
    if (advantage > 0) {
      positive += weight * static_cast<double>(advantage);
      ++positive_count;
    } else if (advantage < 0) {
      negative += weight * static_cast<double>(-advantage);
      ++negative_count;
    }
  }
  TEMPO_PORTABLE FoldSums sums() const {
    FoldSums result;
    result.positive = static_cast<float>(positive);
    result.negative = static_cast<float>(negative);
    result.positive_count = positive_count;
    result.negative_count = negative_count;
    return result;
  }
};

// Returns the fold of `count` responses, credit and weight of the i-th given by credit(i) and weight(i), at a
// segment's first node, which adds `first_credit`, and at the others.
template <typename Leaves>
TEMPO_PORTABLE SegmentFold fold_segment(const Leaves& leaves, std::int32_t count, float first_credit) {
  NodeFold first, rest;
  double weights = 0;
  for (std::int32_t i = 0; i < count; ++i) {
    const float credit = leaves.credit(i);
    const double weight = leaves.weight(i);
    first.add(advantage_of(credit, first_credit), weight);
    rest.add(advantage_of(credit, 0.0F), weight);
    weights += weight;
  }
  SegmentFold fold;
  fold.first = first.sums();
  fold.rest = rest.sums();
  fold.weight = static_cast<float>(weights);
  return fold;
}

}  // namespace tempo::kernels
