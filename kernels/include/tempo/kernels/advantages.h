// Credit of sampled responses on the prefix tree: the values of its states, the advantages of responses and
// segments, and both expanded to nodes and tokens. Names of sizes as in forest.h.
#pragma once

#include <cstdint>

#include "tempo/kernels/forest.h"
#include "tempo/kernels/stream.h"

namespace tempo::kernels {

// mu: the group's mean reward; V(s): the mean reward of the responses through s.
enum class Estimator : std::int32_t {
  kTempo,   // r - mu + V(s') - V(s)
  kGrpo,    // r - mu
  kDrGrpo,  // r - mu, never divided
  kRloo,    // r minus the mean of the group's other rewards, never divided
};

struct CreditOptions {
  Estimator estimator = Estimator::kTempo;
  bool divide_by_std = true;   // by the group's unbiased standard deviation + epsilon; kTempo and kGrpo only
  double epsilon = 1e-6;       // in reward units, at least 0
  double value_shrinkage = 0;  // kappa, at least 0: draws the V of n responses to the V above it by
                               // n / (n + kappa)
};

// The advantage of response i for a token on its path is response[i], plus segment[s] where the token is the
// first of segment s. A null column is left out.
struct SegmentCredit {
  double* value = nullptr;    // [most_segments], S written: V of a segment's nodes; of a root mu
  float* response = nullptr;  // [R]
  float* segment = nullptr;   // [most_segments], S written: 0 but for kTempo, and on roots
};

// assign_credit writes the credit of R rewards, finite and of size at most 1e37. Sums are in double and over
// rewards by size, so that permuted responses get the same bits. Without the columns of segments the plan is
// not read. Sources: GRPO, arXiv:2402.03300; Dr. GRPO, arXiv:2503.20783; RLOO, arXiv:2402.14740; TEMPO,
// arXiv:2509.18314.
// write_node_values and write_node_credit expand a segment's V, and what its first node adds, to [P + T]
// nodes, of which N are written.
// write_token_advantages writes the advantage of every response token, [T], by response. A null `segment`
// counts as zeros, and the plan is not read. On the CPU an array beyond the caches is written around them.
//
// On a device groups may have up to kMostResponses responses; nothing is written after *plan.error but kNone.
// The CPU works with several threads, and the result does not depend on their number.
//
// Bytes that a device moves: assign_credit 16 R + 8 (G + 1) + (sizeof(ForestSegment) + 12) S;
// write_node_values 8 N, write_node_credit 4 N and write_token_advantages 4 T, and what finding the segments
// takes.
namespace cpu {
void assign_credit(const FlatGroups& groups, const ForestPlan& plan, const float* rewards,
                   const CreditOptions& options, const SegmentCredit& credit);
void write_node_values(const FlatGroups& groups, const ForestPlan& plan, const double* segment_value,
                       double* values);
void write_node_credit(const FlatGroups& groups, const ForestPlan& plan, const float* segment_credit,
                       float* credit);
void write_token_advantages(const FlatGroups& groups, const ForestPlan& plan, const float* response_credit,
                            const float* segment_credit, float* advantages);
}  // namespace cpu
namespace host {
void assign_credit(const FlatGroups& groups, const ForestPlan& plan, const float* rewards,
                   const CreditOptions& options, const SegmentCredit& credit, Stream stream);
void write_node_values(const FlatGroups& groups, const ForestPlan& plan, const double* segment_value,
                       double* values, Stream stream);
void write_node_credit(const FlatGroups& groups, const ForestPlan& plan, const float* segment_credit,
                       float* credit, Stream stream);
void write_token_advantages(const FlatGroups& groups, const ForestPlan& plan, const float* response_credit,
                            const float* segment_credit, float* advantages, Stream stream);
}  // namespace host
namespace cuda {
void assign_credit(const FlatGroups& groups, const ForestPlan& plan, const float* rewards,
                   const CreditOptions& options, const SegmentCredit& credit, Stream stream);
void write_node_values(const FlatGroups& groups, const ForestPlan& plan, const double* segment_value,
                       double* values, Stream stream);
void write_node_credit(const FlatGroups& groups, const ForestPlan& plan, const float* segment_credit,
                       float* credit, Stream stream);
void write_token_advantages(const FlatGroups& groups, const ForestPlan& plan, const float* response_credit,
                            const float* segment_credit, float* advantages, Stream stream);
}  // namespace cuda

}  // namespace tempo::kernels
