// Tells apart what answers were sampled from: 64-bit fingerprints of a model, of settings and of a prompt.
// core::hex_text writes one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "tempo/rollout/sampler.h"
#include "tempo/train/task.h"

namespace tempo::train {

// Returns a fingerprint of a model's folder or GGUF file: names and sizes of the files with its weights and
// configuration, and pieces all over them, which training changes. Reads a few MB, not the whole. Throws
// tempo::Error where a file cannot be read.
std::uint64_t model_fingerprint(const std::filesystem::path& path);

// Returns a fingerprint of what else decides a prompt's responses. How many of them there are, and how many
// are sampled at a time, does not. Without temperature neither does what only draws read, the seed among it.
std::uint64_t sampling_fingerprint(const rollout::SamplingOptions& sampling, std::uint64_t seed);

std::uint64_t prompt_fingerprint(std::span<const std::int32_t> tokens);

// Returns a fingerprint of a task's examples as the model and the rewards see them: prompts, answers, and how
// sets are mixed.
std::uint64_t task_fingerprint(const Task& task);

std::uint64_t text_fingerprint(std::string_view text);

// Returns a fingerprint of two things together, in their order.
std::uint64_t combined_fingerprint(std::uint64_t first, std::uint64_t second);

}  // namespace tempo::train
