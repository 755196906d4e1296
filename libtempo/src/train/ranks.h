// How the ranks of a run share its work, and how they stop together.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tempo/dist/group.h"
#include "tempo/train/answers.h"
#include "tempo/train/batch.h"
#include "tempo/train/phase_timer.h"
#include "tempo/train/stop.h"

namespace tempo::train {

// Items [begin, end).
struct Share {
  std::int64_t begin = 0, end = 0;
};

// Returns the rank's part of 0 .. count-1: contiguous, by rank, sizes equal up to one.
Share share_of(std::int64_t count, const dist::Group& group);

// Runs work that may throw Stopped and hands its bytes to all ranks. Throws Stopped on every rank when it did
// on one. timer: null, or what the wait for the slowest rank and the exchange are added to, as `exchange`.
std::vector<std::string> exchange_work(dist::Group& group, std::string_view what,
                                       const std::function<std::string()>& work, PhaseTimer* timer = nullptr);

// Returns the batches of all ranks as one, in the order of the ranks. sample: this rank's, may throw Stopped.
Batch exchange_batches(dist::Group& group, const std::function<Batch()>& sample, PhaseTimer* timer);

// The same for answers, which come without scores.
std::vector<Answer> exchange_answers(dist::Group& group, const std::function<std::vector<Answer>()>& sample);

// Returns the groups that each rank trains: the largest first, each to the rank that has the fewest nodes so
// far, in the given order within a rank. The same on every rank.
std::vector<std::vector<std::int32_t>> deal_groups(const tree::Forest& forest,
                                                   std::span<const std::int32_t> groups, int ranks);

}  // namespace tempo::train
