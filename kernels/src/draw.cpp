#include "tempo/kernels/draw.h"

#include "tempo/core/random.h"

namespace tempo::kernels::cpu {
namespace {

template <typename Logit>
void draw_one_row(const DrawArgs<Logit>& a, std::int32_t row, RowSampler& sampler) {
  a.status[row] = sampler.prepare(a.logits + row * a.row_stride, a.params);
  if (a.status[row] != RowStatus::kOk) return;
  a.entropy[row] = static_cast<float>(sampler.entropy());
  for (std::int32_t i = a.draw_offsets[row]; i < a.draw_offsets[row + 1]; ++i) {
    const DrawPlace& place = a.places[i];
    const SampledToken drawn = sampler.draw(core::uniform_draw({.seed = a.seed,
                                                                .step = a.step,
                                                                .prompt = place.prompt,
                                                                .response = place.response,
                                                                .position = place.position}));
    a.token[i] = drawn.token;
    a.logp[i] = drawn.logp;
  }
}

template <typename Logit>
void draw_rows(const DrawArgs<Logit>& args) {
  RowSampler sampler(args.vocab);
  for (std::int32_t row = 0; row < args.rows; ++row) draw_one_row(args, row, sampler);
}

}  // namespace

void draw_row(const DrawArgs<float>& args, std::int32_t row, RowSampler& sampler) {
  draw_one_row(args, row, sampler);
}
void draw_row(const DrawArgs<BFloat16>& args, std::int32_t row, RowSampler& sampler) {
  draw_one_row(args, row, sampler);
}
void draw_tokens(const DrawArgs<float>& args) { draw_rows(args); }
void draw_tokens(const DrawArgs<BFloat16>& args) { draw_rows(args); }

}  // namespace tempo::kernels::cpu
