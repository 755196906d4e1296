// What makes FlatGroups wrong, for the CPU and for devices.
#pragma once

#include "device/portable.h"
#include "tempo/kernels/forest.h"

namespace tempo::kernels {

// Whether offset i of those that divide `size` items into `parts` parts falls, or is not where it has to be.
TEMPO_PORTABLE inline bool is_wrong(const std::int32_t* offsets, std::int64_t i, std::int64_t parts,
                                    std::int64_t size) {
  if (i > parts) return false;
  if (i == parts && offsets[i] != size) return true;
  return i == 0 ? offsets[0] != 0 : offsets[i] < offsets[i - 1];
}

// Returns how many offsets the longest of the offset arrays has.
TEMPO_PORTABLE inline std::int64_t most_offsets(const FlatGroups& groups) {
  return std::int64_t{groups.groups > groups.responses ? groups.groups : groups.responses} + 1;
}

// Returns the first error at offset i of any of the arrays.
TEMPO_PORTABLE inline GroupsError offsets_error(const FlatGroups& groups, std::int64_t i) {
  if (is_wrong(groups.group_offsets, i, groups.groups, groups.responses)) return GroupsError::kGroupOffsets;
  if (is_wrong(groups.response_offsets, i, groups.responses, groups.response_token_count))
    return GroupsError::kResponseOffsets;
  if (groups.prompt_offsets ? is_wrong(groups.prompt_offsets, i, groups.groups, groups.prompt_token_count)
                            : groups.prompt_token_count != 0)
    return GroupsError::kPromptOffsets;
  if (i > 0 && i <= groups.groups &&
      std::int64_t{groups.group_offsets[i]} - groups.group_offsets[i - 1] > groups.largest_group)
    return GroupsError::kGroupTooLarge;
  return GroupsError::kNone;
}

// Returns the error that counts: the first but kNone.
TEMPO_PORTABLE inline GroupsError first_error(GroupsError a, GroupsError b) {
  return b == GroupsError::kNone || (a != GroupsError::kNone && a < b) ? a : b;
}

}  // namespace tempo::kernels
