#include "common/stop_signals.h"

#include <unistd.h>

#include <csignal>
#include <ctime>

namespace tempo::common {
namespace {

volatile std::sig_atomic_t g_requested = 0;
timespec g_first{};  // when

double seconds_since_first() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec - g_first.tv_sec) +
         1e-9 * static_cast<double>(now.tv_nsec - g_first.tv_nsec);
}

// Calls only what a signal handler may.
void request_stop(int number) {
  constexpr double kRepeated = 0.5;  // seconds
  if (g_requested != 0) {
    if (seconds_since_first() >= kRepeated) ::_exit(128 + number);
    return;
  }
  ::clock_gettime(CLOCK_MONOTONIC, &g_first);
  g_requested = 1;
  constexpr char kLine[] = "\nstopping after a checkpoint (again: at once)\n";
  if (::write(STDERR_FILENO, kLine, sizeof(kLine) - 1) < 0) return;  // nobody reads it
}

}  // namespace

void catch_stop_signals() {
  struct sigaction action {};
  action.sa_handler = request_stop;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGINT, &action, nullptr);
}

bool stop_requested() { return g_requested != 0; }

}  // namespace tempo::common
