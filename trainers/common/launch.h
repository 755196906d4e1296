// Which of how many processes this one is, by the environment that torchrun or Slurm sets.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace tempo::common {

struct Launch {
  int rank = 0;
  int local_rank = 0;  // among the processes of this machine: its device
  int local_size = 1;  // processes of this machine, where the launcher says it
  int size = 1;
  std::string address = "127.0.0.1";  // where rank 0 runs
  int port = 29500;                   // there
  bool store_is_there = false;        // the launcher listens there, not rank 0
};

// Returns the value of a variable of the environment.
using Environment = std::function<std::optional<std::string>(const char* name)>;

// The environment of this process; empty values count as none.
std::optional<std::string> environment_variable(const char* name);

// Reads torchrun's RANK, LOCAL_RANK, WORLD_SIZE, LOCAL_WORLD_SIZE, MASTER_ADDR and MASTER_PORT, and whether
// it listens there itself (TORCHELASTIC_USE_AGENT_STORE); else Slurm's SLURM_PROCID, SLURM_LOCALID and
// SLURM_NTASKS, where rank 0 is on the first node of SLURM_JOB_NODELIST (or MASTER_ADDR) and listens on a
// port made from SLURM_JOB_ID (or MASTER_PORT). Without either the process is alone. Throws tempo::Error
// naming the variable.
Launch read_launch(const Environment& environment = environment_variable);

// Returns the first host of a Slurm list such as "gpu[07-09,12],login": "gpu07". Throws tempo::Error for a
// list that has none.
std::string first_host(const std::string& nodes);

}  // namespace tempo::common
