// The calls of the flash kernel that a segment plan needs, on the host (attention_by_flash.h says how).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tempo/model/segment_plan.h"

namespace tempo::model {

using Ints = std::vector<std::int32_t>;

// B sequences, one after another.
struct HostCall {
  Ints token;                 // of each query row
  Ints query_offset{0};       // [B + 1] into the query rows
  Ints key_begin;             // [B + 1] slots; the last is that after the last sequence
  Ints key_size;              // [B]
  Ints slot;                  // of each key row, when keys are packed
  Ints packed_key_offset{0};  // [B + 1] into the key rows
  bool is_causal = false;
};

// Returns nothing where a segment's own tokens are not in contiguous slots. Requires: a plan that
// segment_attention accepts.
std::optional<std::vector<HostCall>> flash_calls(const SegmentPlan& plan);

// Parts (query rows of all calls, one after another) of different tokens.
struct HostPass {
  Ints part, token;
};

// Returns the parts of each token, one a pass, as few passes as there can be.
std::vector<HostPass> flash_passes(std::span<const HostCall> calls, std::int32_t tokens);

}  // namespace tempo::model
