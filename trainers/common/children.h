// Runs a program several times on this machine, one process a rank, as `--nproc N` does.
#pragma once

#include <string>
#include <vector>

namespace tempo::common {

struct Children {
  std::vector<std::string> command{};  // program and arguments
  int count = 1;
  int stop_status = 0;  // exit status of a process that ends because it was asked to: no failure
  double grace_s = 20;  // from the first failure to the end of those that do not end themselves
};

// Starts the processes with torchrun's variables set and returns when all have ended: 0, stop_status, or the
// exit status of the first that failed (128 + the signal that ended it). The others then have grace_s to find
// out and to say so, and get SIGKILL; where none has said anything, a line on standard error tells the
// signal. SIGTERM and SIGINT to this process are passed on. Children end with this process, however it ends.
// Rank 0 writes where this process writes; the lines of the others go to standard error behind "[rank N] ".
// Throws tempo::Error when a process cannot be started.
int run_children(const Children& children);

}  // namespace tempo::common
