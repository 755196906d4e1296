// The evaluations of a run, each with a file of its answers so far: where a run was interrupted in one, it
// goes on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tempo/dist/group.h"
#include "tempo/train/run.h"

namespace tempo::train {

class RunEvaluations {
 public:
  // All outlive this object.
  RunEvaluations(const RunParts& parts, const RunObserver& observer, dist::Group& group,
                 const StopRequest& stop)
      : parts_(parts), observer_(observer), group_(group), stop_(stop) {}

  // Evaluates all sets after a step and writes and shows what came out, on rank 0; others get nothing. Sets
  // metrics by name. Throws Stopped.
  std::vector<Evaluation> evaluate(std::int64_t step, std::map<std::string, double>& metrics);

  // Returns the evaluation after a step from its answers, as they were kept, on rank 0; nothing where they
  // are not there.
  std::vector<Evaluation> kept(std::int64_t step) const;

  // Removes the answers of steps between the first and this one.
  void remove_before(std::int64_t step) const;

 private:
  std::filesystem::path file_of(std::int64_t step) const;
  std::uint64_t fingerprint_of(std::int64_t step) const;

  const RunParts& parts_;
  const RunObserver& observer_;
  dist::Group& group_;
  const StopRequest& stop_;
};

}  // namespace tempo::train
