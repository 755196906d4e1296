#include "tempo/model/config.h"

#include "tempo/core/error.h"

namespace tempo::model {

void ModelConfig::validate() const {
  const auto positive = [](const char* field, auto value) {
    TEMPO_CHECK(value > 0, field, ": expected a positive number, got ", value);
  };
  positive("vocab_size", vocab_size);
  positive("hidden_size", hidden_size);
  positive("intermediate_size", intermediate_size);
  positive("layers", layers);
  positive("heads", heads);
  positive("kv_heads", kv_heads);
  positive("head_dim", head_dim);
  positive("max_positions", max_positions);
  positive("rms_eps", rms_eps);
  positive("rope_theta", rope_theta);
  TEMPO_CHECK(heads % kv_heads == 0, "kv_heads: expected a divisor of ", heads, " heads, got ", kv_heads);
  TEMPO_CHECK(head_dim % 2 == 0, "head_dim: expected an even number, got ", head_dim);
  if (rope_scaling) {
    positive("rope_scaling.factor", rope_scaling->factor);
    positive("rope_scaling.low_freq_factor", rope_scaling->low_freq_factor);
    positive("rope_scaling.original_max_positions", rope_scaling->original_max_positions);
    TEMPO_CHECK(rope_scaling->high_freq_factor > rope_scaling->low_freq_factor,
                "rope_scaling.high_freq_factor: expected more than low_freq_factor ",
                rope_scaling->low_freq_factor, ", got ", rope_scaling->high_freq_factor);
  }
  for (const std::int32_t id : eos_token_ids) {
    TEMPO_CHECK(id >= 0 && id < vocab_size, "eos_token_id: expected an id below ", vocab_size, ", got ", id);
  }
}

}  // namespace tempo::model
