// One AdamW update of 16 Mi parameters, far more than the caches hold.
#include <ATen/ATen.h>
#include <benchmark/benchmark.h>

#include <cstdint>

#include "tempo/optim/adamw.h"

namespace {

void BM_adamw_step(benchmark::State& state) {
  constexpr std::int64_t kParameters = 16 << 20;
  constexpr double kLearningRate = 1e-3;
  const at::Tensor parameter = at::zeros(kParameters, state.range(0) == 0 ? at::kFloat : at::kBFloat16);
  parameter.requires_grad_(true);
  parameter.mutable_grad() = at::ones_like(parameter);
  tempo::optim::AdamW optimizer({parameter}, {.weight_decay = 0.0});
  optimizer.step(kLearningRate);
  // The first update moves every parameter by the learning rate.
  if ((optimizer.master_weights()[0] + kLearningRate).abs().max().item<double>() > 1e-8) {
    state.SkipWithError("expected one step of the size of the learning rate");
    return;
  }
  for (auto _ : state) optimizer.step(kLearningRate);
  // Reads the gradient, the master weights and both moments; writes the three, and the parameter where it is
  // not its own master: 28 bytes for either type.
  state.SetItemsProcessed(state.iterations() * kParameters);
  state.SetBytesProcessed(state.iterations() * kParameters * 28);
}

BENCHMARK(BM_adamw_step)->ArgName("bfloat16")->Arg(0)->Arg(1)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
