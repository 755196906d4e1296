// Draws tokens from one row of logits: the distribution is prepared once, then each draw touches one block.
#pragma once

#include <cstdint>
#include <vector>

#include "tempo/kernels/bfloat16.h"

namespace tempo::kernels {

// Truncations apply to the distribution after temperature, in this order, each to what the one before left.
// Tokens rank by probability, then by lower id; the first of them is never cut.
struct SamplingParams {
  double temperature = 1.0;  // at least kMinTemperature; 0: the first token by rank, and temperature 1 else
  std::int32_t top_k = 0;    // keeps the first k by rank; 0: off
  double top_p = 1.0;        // keeps the shortest run by rank that reaches this share of the rest; 1: off
  double min_p = 0.0;        // keeps what has at least this share of the first one's probability; 0: off
};

inline constexpr double kMinTemperature = 1e-4;

enum class RowStatus : std::int32_t {
  kOk,
  kNotFinite,  // a NaN or +inf among the logits, or nothing but -inf
};

struct SampledToken {
  std::int32_t token = 0;
  float logp = 0;  // after temperature, before truncation
};

// The distribution of one row at a time, and the memory to prepare it: no call allocates after the first few
// rows. Sums run in a fixed order, so the same row gives the same bits. One thread at a time.
class RowSampler {
 public:
  explicit RowSampler(std::int32_t vocab);

  // Takes the next row, [vocab] logits; -inf has probability 0, as has what is below e^-87 times the largest.
  // After another status than kOk, prepare another row before using the rest.
  RowStatus prepare(const float* logits, const SamplingParams& params);
  RowStatus prepare(const BFloat16* logits, const SamplingParams& params);

  // Entropy in nats, after temperature, before truncation.
  double entropy() const { return entropy_; }

  // Returns the first token, by id, whose cumulative probability after truncation exceeds u of [0, 1).
  // Never one of probability 0.
  SampledToken draw(double u) const;

 private:
  RowStatus prepare_copied(const SamplingParams& params);
  void weigh();
  void keep_top(std::int64_t count, double share);
  void keep_above(double weight);
  void sum_blocks();
  std::int32_t bucket(std::int32_t token) const;

  std::int32_t vocab_;
  std::vector<float> logits_;   // [vocab, padded with -inf to whole blocks]
  std::vector<float> weights_;  // the same shape: probability over the largest one, 0 where truncated
  std::vector<double> prefix_;  // [blocks] weights of the blocks up to and with this one
  std::vector<std::int32_t> bucket_count_;
  std::vector<std::int64_t> bucket_mass_;
  std::vector<std::int32_t> candidates_;
  float max_ = 0, inverse_temperature_ = 1;
  double log_normaliser_ = 0, entropy_ = 0;
  std::int32_t greedy_token_ = -1;  // -1: not greedy
};

}  // namespace tempo::kernels
