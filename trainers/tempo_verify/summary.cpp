#include "tempo_verify/summary.h"

#include <fmt/format.h>

#include "tempo/core/error.h"

namespace tempo::programs {

void Summary::add(const Result& result, const std::string& place) {
  if (!result.error.empty()) {
    if (errors_++ == 0) first_error_ = result.error;
    return;
  }
  ++rows_;
  equivalent_ += result.equivalent;
  if (!result.expected) return;
  ++expecting_;
  if (*result.expected != result.equivalent)
    disagreements_.push_back(place + (*result.expected ? ": expected true" : ": expected false"));
}

void Summary::check_errors() const {
  TEMPO_CHECK(errors_ == 0, first_error_, errors_ > 1 ? fmt::format(" (and {} more)", errors_ - 1) : "");
}

std::string Summary::text() const {
  std::string text = fmt::format("{} rows, {} equivalent\n", rows_, equivalent_);
  if (expecting_ == 0) return text;
  const auto agreeing = expecting_ - static_cast<std::int64_t>(disagreements_.size());
  text += fmt::format("{} of {} as expected ({:.2f} %)\n", agreeing, expecting_,
                      100.0 * static_cast<double>(agreeing) / static_cast<double>(expecting_));
  for (const std::string& disagreement : disagreements_) text += disagreement + "\n";
  return text;
}

}  // namespace tempo::programs
