// A process that reads lines and writes lines, without ever making its owner wait.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tempo::reward {

// An owned file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor() { close(); }

  int number() const { return number_; }
  void close();

 private:
  int release();

  int number_;
};

// A running process, leader of a group of its own. Not thread-safe.
class Worker {
 public:
  static constexpr std::size_t kMaxLine = std::size_t{1} << 20;  // bytes

  // Starts it. Throws tempo::Error where the system cannot.
  explicit Worker(const std::vector<std::string>& command);

  // Kills it, with its group.
  ~Worker();

  int input() const { return input_.number(); }
  int output() const { return output_.number(); }

  // Appends to what is to be written.
  void send(std::string_view lines) { unsent_ += lines; }
  bool has_unsent() const { return sent_ < unsent_.size(); }

  // Writes what the process takes now. Returns false where it takes nothing any more.
  bool write();

  // Reads what is there, a bounded amount. Returns false at the end of the output.
  bool read();

  // Returns the next whole line that was read, without its end.
  std::optional<std::string> take_line();

  // Whether something was read that is not taken.
  bool has_output() const { return taken_ < received_.size(); }

  // Whether the line that was begun is longer than kMaxLine.
  bool is_line_too_long() const { return received_.size() - taken_ > kMaxLine; }

  void close_input() { input_.close(); }

  // Returns how the process ended, "with status 1" or "by signal 9"; empty while it runs.
  std::string ending() const;

 private:
  pid_t process_ = -1;
  Descriptor input_, output_;  // ends of its standard input and output
  std::string unsent_;
  std::size_t sent_ = 0;
  std::string received_;
  std::size_t taken_ = 0;
};

}  // namespace tempo::reward
