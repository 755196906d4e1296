#include "common/process_group.h"

#include <ATen/Parallel.h>
#include <c10/util/Flags.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <string_view>

#include "common/setup.h"
#include "tempo/core/error.h"

C10_DECLARE_int(caffe2_log_level);

namespace tempo::common {
namespace {

// Whether the line about rank `at_fault` is this rank's to show: one of those that are left does.
bool shows(std::string_view line, int rank) {
  return rank == 0 || (rank == 1 && line.starts_with("rank 0:"));
}

bool is_of_another(std::string_view line, int rank) {
  return line.starts_with("launcher:") ||
         (line.starts_with("rank ") && !line.starts_with(core::concat("rank ", rank, ":")));
}

}  // namespace

void place_process(const Launch& launch, ModelSection& model) {
  if (launch.size == 1) return;
  if (model.device == "cuda") model.device = core::concat("cuda:", launch.local_rank);
  if (model.threads == 0) model.threads = std::max(1, at::get_num_threads() / launch.local_size);
}

dist::Group meet(const Launch& launch, const ModelSection& model, const DistributedSection& section) {
  constexpr int kErrors = 2;  // c10d warns with stack frames when a rank goes, which we tell in one line
  FLAGS_caffe2_log_level = kErrors;
  dist::GroupOptions options{.rank = launch.rank,
                             .size = launch.size,
                             .address = launch.address,
                             .port = launch.port,
                             .store_is_there = launch.store_is_there,
                             .device = parse_device(model.device),
                             .timeout_s = section.timeout_s,
                             .start_timeout_s = section.start_timeout_s};
  options.on_failure = [rank = launch.rank](const std::string& line) {
    if (shows(line, rank)) std::cerr << "error: " << line << std::endl;
    ::_exit(1);
  };
  return dist::Group(options);
}

void run_as_rank(dist::Group& group, const std::function<void()>& work) {
  try {
    work();
  } catch (const std::exception& error) {
    if (group.size() == 1) throw;
    const std::string_view line = error.what();
    if (!is_of_another(line, group.rank())) {
      group.report_failure(line.substr(0, line.find('\n')));
    } else if (!shows(line, group.rank())) {
      ::_exit(1);
    }
    throw;
  }
}

}  // namespace tempo::common
