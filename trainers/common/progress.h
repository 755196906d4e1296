// Live progress on a terminal; plain lines where the output is not one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tempo::common {

// One line on standard error that is overwritten in place. On anything but a terminal only `finish` writes.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // Whether update shows anything.
  bool is_live() const { return terminal_; }

  // Shows the text, at most ten times a second and cut to the terminal's width.
  void update(std::string_view text);

  // Removes what update showed and writes a line that stays.
  void finish(std::string_view text);

  // Removes what update showed.
  void clear();

 private:
  bool terminal_;
  bool shown_ = false;
  std::int64_t last_update_ms_ = 0;
};

// Returns "1:05" or "2:03:04".
std::string format_duration(double seconds);

}  // namespace tempo::common
