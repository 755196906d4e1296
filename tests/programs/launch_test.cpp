#include "common/launch.h"

#include <catch2/catch_test_macros.hpp>
#include <map>

#include "tempo/core/error.h"

using namespace tempo::common;

namespace {

using Variables = std::map<std::string, std::string>;

Launch launch_of(const Variables& variables) {
  return read_launch([&](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
}

std::string error_of(const Variables& variables) {
  try {
    launch_of(variables);
    return "read";
  } catch (const tempo::Error& error) {
    return error.what();
  }
}

const Variables kTorchrun{{"RANK", "5"},
                          {"LOCAL_RANK", "1"},
                          {"WORLD_SIZE", "8"},
                          {"MASTER_ADDR", "host7"},
                          {"MASTER_PORT", "1234"}};
const Variables kSlurm{{"SLURM_PROCID", "3"},
                       {"SLURM_LOCALID", "1"},
                       {"SLURM_NTASKS", "4"},
                       {"SLURM_JOB_NODELIST", "gpu[07-09,12],login"},
                       {"SLURM_JOB_ID", "1234567"}};

Variables with(Variables variables, const std::string& name, const std::string& value) {
  variables[name] = value;
  return variables;
}
Variables without(Variables variables, const std::string& name) {
  variables.erase(name);
  return variables;
}

}  // namespace

TEST_CASE("read_launch: without a launcher the process is alone", "[launch]") {
  const Launch launch = launch_of({{"SLURM_JOB_ID", "7"}, {"SLURM_NTASKS", "4"}});
  CHECK((launch.rank == 0 && launch.local_rank == 0 && launch.size == 1));
}

TEST_CASE("read_launch: torchrun's variables", "[launch]") {
  const Launch launch = launch_of(kTorchrun);
  CHECK((launch.rank == 5 && launch.local_rank == 1 && launch.size == 8));
  CHECK((launch.address == "host7" && launch.port == 1234));
  CHECK_FALSE(launch.store_is_there);
  CHECK(launch_of(with(kTorchrun, "TORCHELASTIC_USE_AGENT_STORE", "True")).store_is_there);
  CHECK_FALSE(launch_of(with(kTorchrun, "TORCHELASTIC_USE_AGENT_STORE", "False")).store_is_there);
  Variables both = kSlurm;
  both.insert(kTorchrun.begin(), kTorchrun.end());
  CHECK(launch_of(both).rank == 5);
}

TEST_CASE("read_launch: Slurm's variables", "[launch]") {
  const Launch launch = launch_of(kSlurm);
  CHECK((launch.rank == 3 && launch.local_rank == 1 && launch.size == 4));
  CHECK((launch.address == "gpu07" && launch.port == 24567));
  const Launch told = launch_of(with(with(kSlurm, "MASTER_ADDR", "10.0.0.1"), "MASTER_PORT", "99"));
  CHECK((told.address == "10.0.0.1" && told.port == 99));
}

TEST_CASE("read_launch: names the variable that is wrong", "[launch]") {
  CHECK(error_of(with(kTorchrun, "RANK", "8")) == "RANK: expected a number from 0 to 7, got '8'");
  CHECK(error_of(with(kTorchrun, "WORLD_SIZE", "many")) ==
        "WORLD_SIZE: expected a number from 1 to 1048576, got 'many'");
  CHECK(error_of(without(kTorchrun, "WORLD_SIZE")) ==
        "WORLD_SIZE: expected a value, as RANK has one, got nothing");
  CHECK(error_of(without(kTorchrun, "RANK")) == "RANK: expected a value, as WORLD_SIZE has one, got nothing");
  CHECK(error_of(without(kTorchrun, "LOCAL_RANK")) ==
        "LOCAL_RANK: expected a value, as RANK has one, got nothing");
  CHECK(error_of(without(kTorchrun, "MASTER_ADDR")) ==
        "MASTER_ADDR: expected the address of rank 0, got nothing");
  CHECK(error_of(with(kTorchrun, "MASTER_PORT", "0")) ==
        "MASTER_PORT: expected a number from 1 to 65535, got '0'");
  CHECK(error_of(without(kSlurm, "SLURM_JOB_NODELIST")) ==
        "SLURM_JOB_NODELIST: expected hosts such as gpu[07-09], got ''");
}

TEST_CASE("first_host: expands Slurm's lists", "[launch]") {
  CHECK(first_host("node1") == "node1");
  CHECK(first_host("node1,node2") == "node1");
  CHECK(first_host("gpu[07-09,12],login") == "gpu07");
  CHECK(first_host("gpu[12,14]") == "gpu12");
  CHECK(first_host("a[3]b.example,c") == "a3b.example");
  for (const char* nodes : {"", ",a", "[1-2", "gpu[", "gpu[]", "gpu[-3]"}) {
    CAPTURE(nodes);
    CHECK_THROWS_AS(first_host(nodes), tempo::Error);
  }
}
