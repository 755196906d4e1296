#include "common/setup.h"

#include <ATen/Parallel.h>
#include <malloc.h>

#include <utility>
#include <vector>

#include "common/tensor_memory.h"
#include "tempo/core/error.h"
#include "tempo/data/dataset.h"
#include "tempo/kernels/device.h"

namespace tempo::common {

void prepare_process(int threads) {
  TEMPO_CHECK(threads >= 0, "threads: expected 0 or more, got ", threads);
  if (threads > 0) at::set_num_threads(threads);
  constexpr int kNever = 1 << 30, kLargeBlock = 32 << 20;
  mallopt(M_MMAP_THRESHOLD, kLargeBlock);
  mallopt(M_TRIM_THRESHOLD, kNever);
  keep_tensor_memory();
}

at::Device parse_device(const std::string& name) {
  const bool is_cuda = name == "cuda" || name.starts_with("cuda:");
  TEMPO_CHECK(name == "cpu" || is_cuda, "device: expected cpu, cuda or cuda:N, got '", name, "'");
  TEMPO_CHECK(!is_cuda || kernels::has_cuda(),
              "device: expected a tempo built with CUDA (cmake --preset cuda) for '", name,
              "', got one without");
  TEMPO_CHECK(!is_cuda || at::hasCUDA(), "device: expected a CUDA device and its driver for '", name,
              "', found none");
  try {
    return at::Device(name);
  } catch (const c10::Error&) {
    core::fail("device: expected cpu, cuda or cuda:N, got '", name, "'");
  }
}

text::ChatFormat select_chat_format(const ModelSection& section, const text::Tokenizer& tokenizer) {
  const std::string& name = section.chat_format;
  text::ChatFormat format = name == "auto"     ? text::detect_chat_format(tokenizer)
                            : name == "custom" ? text::custom_chat_format(section.chat_template)
                                               : text::chat_format(name);
  if (!section.chat_date.empty()) format.date = section.chat_date;
  return format;
}

model::Model open_model(const std::filesystem::path& path, const ModelSection& section) {
  return model::load_model(path, section.dtype, parse_device(section.device));
}

train::Task open_training_task(const RunConfig& config) {
  std::vector<train::TaskSource> sources;
  for (const DataSet& set : config.data.train) {
    sources.push_back({.name = set.name,
                       .location = set.path.string(),
                       .weight = set.weight,
                       .prompt = set.prompt,
                       .examples = data::read_examples(set.path, set.rows)});
  }
  auto tokenizer = text::Tokenizer::load(config.model.path);
  const auto format = select_chat_format(config.model, tokenizer);
  return {std::move(sources), std::move(tokenizer), format, reward::RewardFunction(config.rewards),
          config.data.task};
}

void set_stop_tokens(RunConfig& config, const train::Task& task) {
  config.train.sampling.stop_tokens = task.stop_tokens();
}

}  // namespace tempo::common
