// Reads golden files: JSON whose arrays of numbers become tensors.
#pragma once

#include <ATen/ATen.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tempo/core/error.h"

namespace tempo::testing {

// Returns the file's content; path is relative to tests/golden.
inline nlohmann::json load_golden(const std::string& path) {
  std::ifstream file(std::string(TEMPO_GOLDEN_DIR) + "/" + path);
  TEMPO_CHECK(file.good(), "load_golden: expected a file tests/golden/", path);
  return nlohmann::json::parse(file);
}

// Returns the tensor of {"shape": [...], "data": [...]}. Numbers with 9 digits are exact in float32.
inline at::Tensor golden_tensor(const nlohmann::json& json, at::ScalarType dtype = at::kFloat) {
  const auto shape = json.at("shape").get<std::vector<std::int64_t>>();
  const auto data = json.at("data").get<std::vector<double>>();
  return at::tensor(data, at::kDouble).reshape(shape).to(dtype);
}

// Returns the largest |got - expected| / (absolute + relative |expected|); at most 1 when all agree.
inline double error_ratio(const at::Tensor& got, const at::Tensor& expected, double relative,
                          double absolute) {
  const at::Tensor e = expected.detach().to(at::kDouble);
  if (e.numel() == 0) return 0;
  const at::Tensor difference = (got.detach().to(at::kDouble) - e).abs();
  return (difference / (e.abs() * relative + absolute)).max().item<double>();
}

}  // namespace tempo::testing
