// From a configuration to what a program works with: device, model, task.
#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <string>

#include "common/run_config.h"
#include "tempo/model/model.h"
#include "tempo/text/chat.h"
#include "tempo/text/tokenizer.h"
#include "tempo/train/task.h"

namespace tempo::common {

// Sets the number of threads, and keeps freed memory in the process, that of tensors (tensor_memory.h) and of
// all else but large blocks: page faults cost more than the arithmetic of most tensors. To be called once,
// first.
void prepare_process(int threads);

// Returns the device of a name: cpu, cuda, cuda:1. Throws tempo::Error for another, or one that is not there.
at::Device parse_device(const std::string& name);

// Returns the chat format that the section asks for: of a name, the user's own, or that of the tokenizer.
text::ChatFormat select_chat_format(const ModelSection& section, const text::Tokenizer& tokenizer);

model::Model open_model(const std::filesystem::path& path, const ModelSection& section);

// Returns the task of the training data, one set or several, with the model's tokenizer.
train::Task open_training_task(const RunConfig& config);

// Sets the tokens that end a response.
void set_stop_tokens(RunConfig& config, const train::Task& task);

}  // namespace tempo::common
