// Named numbers of a step, in the order in which they were set. Names are those that users of TRL know.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tempo::train {

class Metrics {
 public:
  // Adds the metric, or replaces its value.
  void set(std::string_view name, double value);

  // Returns the value; throws tempo::Error when there is none of that name.
  double at(std::string_view name) const;
  bool contains(std::string_view name) const;

  const std::vector<std::pair<std::string, double>>& values() const { return values_; }

  // Returns one JSON object on one line; a number that is not finite becomes null.
  std::string json() const;

 private:
  std::vector<std::pair<std::string, double>> values_;
};

}  // namespace tempo::train
