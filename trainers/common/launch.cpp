#include "common/launch.h"

#include <charconv>
#include <cstdlib>
#include <string_view>

#include "tempo/core/error.h"

namespace tempo::common {
namespace {

int number_of(const char* name, const std::string& text, int smallest, int largest) {
  int value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, value);
  TEMPO_CHECK(code == std::errc() && stop == end && value >= smallest && value <= largest, name,
              ": expected a number from ", smallest, " to ", largest, ", got '", text, "'");
  return value;
}

// The variables that one launcher sets.
struct Names {
  const char* rank;
  const char* local_rank;
  const char* size;
};
constexpr int kMostRanks = 1 << 20;

std::string required(const Environment& environment, const char* name, const char* beside) {
  const auto value = environment(name);
  TEMPO_CHECK(value.has_value(), name, ": expected a value, as ", beside, " has one, got nothing");
  return *value;
}

Launch read_ranks(const Environment& environment, const Names& names) {
  Launch launch;
  const std::string rank = required(environment, names.rank, names.size);
  launch.size = number_of(names.size, required(environment, names.size, names.rank), 1, kMostRanks);
  launch.rank = number_of(names.rank, rank, 0, launch.size - 1);
  const auto local = environment(names.local_rank);
  TEMPO_CHECK(local || launch.size == 1, names.local_rank, ": expected a value, as ", names.rank,
              " has one, got nothing");
  if (local) launch.local_rank = number_of(names.local_rank, *local, 0, launch.rank);
  return launch;
}

// Jobs that share a machine meet at different ports.
int port_of_job(const std::string& job) {
  constexpr int kFirstPort = 20'000, kPorts = 10'000;
  return kFirstPort + number_of("SLURM_JOB_ID", job, 0, 2'147'483'647) % kPorts;
}

}  // namespace

std::optional<std::string> environment_variable(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr || *value == '\0') return {};
  return value;
}

std::string first_host(const std::string& nodes) {
  const std::size_t stop = nodes.find_first_of(",[");
  const std::string prefix = nodes.substr(0, stop);
  if (stop != std::string::npos && nodes[stop] == '[') {
    const std::size_t end = nodes.find_first_of(",-]", stop + 1), close = nodes.find(']', stop);
    TEMPO_CHECK(end != std::string::npos && close != std::string::npos && end > stop + 1,
                "SLURM_JOB_NODELIST: expected hosts such as gpu[07-09], got '", nodes, "'");
    const std::size_t next = nodes.find(',', close);
    const std::string suffix = nodes.substr(close + 1, next == std::string::npos ? next : next - close - 1);
    return prefix + nodes.substr(stop + 1, end - stop - 1) + suffix;
  }
  TEMPO_CHECK(!prefix.empty(), "SLURM_JOB_NODELIST: expected hosts such as gpu[07-09], got '", nodes, "'");
  return prefix;
}

Launch read_launch(const Environment& environment) {
  Launch launch;
  const auto address = environment("MASTER_ADDR"), port = environment("MASTER_PORT");
  if (environment("RANK") || environment("WORLD_SIZE")) {
    launch = read_ranks(environment, {"RANK", "LOCAL_RANK", "WORLD_SIZE"});
    if (const auto local = environment("LOCAL_WORLD_SIZE"))
      launch.local_size = number_of("LOCAL_WORLD_SIZE", *local, 1, launch.size);
    launch.store_is_there = environment("TORCHELASTIC_USE_AGENT_STORE") == "True";
    TEMPO_CHECK(address || launch.size == 1, "MASTER_ADDR: expected the address of rank 0, got nothing");
  } else if (environment("SLURM_PROCID") && environment("SLURM_NTASKS")) {
    launch = read_ranks(environment, {"SLURM_PROCID", "SLURM_LOCALID", "SLURM_NTASKS"});
    if (launch.size > 1 && !address) {
      const auto nodes = environment("SLURM_JOB_NODELIST");
      launch.address = first_host(nodes ? *nodes : environment("SLURM_NODELIST").value_or(""));
    }
    if (const auto job = environment("SLURM_JOB_ID")) launch.port = port_of_job(*job);
  }
  if (address) launch.address = *address;
  if (port) launch.port = number_of("MASTER_PORT", *port, 1, 65535);
  return launch;
}

}  // namespace tempo::common
