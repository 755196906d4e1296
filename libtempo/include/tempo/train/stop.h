// How a run is asked to end early, with nothing lost.
#pragma once

#include <functional>

#include "tempo/core/error.h"

namespace tempo::train {

// Asked between two tokens and between two steps: whether to stop. Empty: never.
using StopRequest = std::function<bool()>;

// Thrown on all ranks, when one of them was asked to stop, by what can be done again: sampling and
// evaluation.
class Stopped : public Error {
 public:
  Stopped() : Error("stopped on request") {}
};

}  // namespace tempo::train
