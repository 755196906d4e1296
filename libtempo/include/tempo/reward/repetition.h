// Penalises responses that repeat themselves.
#pragma once

#include <cstdint>
#include <string_view>

#include "tempo/reward/verdict.h"

namespace tempo::reward {

struct RepetitionOptions {
  std::int32_t ngram = 3;    // words of a sequence
  double max_penalty = 1.0;  // of a response that is nothing but repetition

  // Throws tempo::Error naming the field.
  void validate() const;
};

// Scores -max_penalty * (1 - distinct / all), over the sequences of `ngram` words in a row of the response: 0
// where none stands twice, and where there are fewer words. Words are what stands between ASCII white space;
// the case of ASCII letters is ignored. Sequences are compared by hashes of 64 bits. Linear in the response.
// Thread-safe. Source: the n-gram repetition penalty of Yeo et al. 2025 (arXiv:2502.03373), appendix C.2, as
// one number a response.
Verdict score_repetition(std::string_view response, const RepetitionOptions& options = {});

}  // namespace tempo::reward
