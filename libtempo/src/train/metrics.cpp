#include "tempo/train/metrics.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "tempo/core/error.h"

namespace tempo::train {
namespace {

auto find(auto& values, std::string_view name) {
  return std::find_if(values.begin(), values.end(), [&](const auto& entry) { return entry.first == name; });
}

// Whole numbers without a fraction: steps and counts read as such.
nlohmann::ordered_json number(double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (!std::isfinite(value)) return nullptr;
  if (std::abs(value) < kExact && value == std::floor(value)) return static_cast<std::int64_t>(value);
  return value;
}

}  // namespace

void Metrics::set(std::string_view name, double value) {
  if (const auto entry = find(values_, name); entry != values_.end()) {
    entry->second = value;
  } else {
    values_.emplace_back(name, value);
  }
}

double Metrics::at(std::string_view name) const {
  const auto entry = find(values_, name);
  TEMPO_CHECK(entry != values_.end(), "Metrics: expected a known name, got ", name);
  return entry->second;
}

bool Metrics::contains(std::string_view name) const { return find(values_, name) != values_.end(); }

std::string Metrics::json() const {
  auto object = nlohmann::ordered_json::object();
  for (const auto& [name, value] : values_) object[name] = number(value);
  return object.dump();
}

}  // namespace tempo::train
