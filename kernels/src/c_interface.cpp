#include "src/c_interface.h"

#include "tempo/kernels/device.h"

namespace tempo::kernels {

std::string& last_message() {
  thread_local std::string message;
  return message;
}

void check_device(const char* function, std::int32_t device) {
  TEMPO_CHECK(device == TEMPO_CPU || device == TEMPO_CUDA, function,
              ": device: expected TEMPO_CPU or TEMPO_CUDA, got ", device);
  TEMPO_CHECK(device == TEMPO_CPU || has_cuda(), function,
              ": device: expected TEMPO_CPU, as this library was built without CUDA, got TEMPO_CUDA");
}

void check_pointer(const char* function, const char* name, const void* pointer, std::int64_t size) {
  TEMPO_CHECK(pointer || size == 0, function, ": ", name, ": expected an array of ", size, ", got null");
}

void check_groups(const char* function, std::int32_t device, const tempo_groups* groups) {
  check_device(function, device);
  check_pointer(function, "groups", groups, 1);
  const auto check_count = [&](const char* name, std::int64_t count) {
    TEMPO_CHECK(count >= 0, function, ": ", name, ": expected 0 or more, got ", count);
  };
  check_count("groups", groups->groups);
  check_count("responses", groups->responses);
  check_count("largest_group", groups->largest_group);
  check_count("response_token_count", groups->response_token_count);
  check_count("prompt_token_count", groups->prompt_token_count);
  TEMPO_CHECK(groups->prompt_token_count <= INT32_MAX &&
                  groups->response_token_count <= INT32_MAX - groups->prompt_token_count,
              function, ": expected at most ", INT32_MAX, " tokens, got ", groups->response_token_count,
              " and ", groups->prompt_token_count);
  TEMPO_CHECK(device == TEMPO_CPU || groups->largest_group <= kMostResponses, function,
              ": largest_group: expected at most ", kMostResponses, " on a device, got ",
              groups->largest_group);
  check_pointer(function, "group_offsets", groups->group_offsets, std::int64_t{groups->groups} + 1);
  check_pointer(function, "response_offsets", groups->response_offsets, std::int64_t{groups->responses} + 1);
  check_pointer(function, "response_tokens", groups->response_tokens, groups->response_token_count);
  check_pointer(function, "prompt_tokens", groups->prompt_tokens, groups->prompt_token_count);
  TEMPO_CHECK(groups->prompt_offsets || groups->prompt_token_count == 0, function,
              ": prompt_offsets: expected an array of ", std::int64_t{groups->groups} + 1, ", got null");
}

void check_workspace(const char* function, const void* workspace, std::size_t bytes, std::size_t needed) {
  TEMPO_CHECK(bytes >= needed, function, ": workspace_bytes: expected at least ", needed, ", got ", bytes);
  check_pointer(function, "workspace", workspace, static_cast<std::int64_t>(needed));
}

FlatGroups flat_groups(const tempo_groups& groups) {
  return {.groups = groups.groups,
          .responses = groups.responses,
          .largest_group = groups.largest_group,
          .response_token_count = groups.response_token_count,
          .prompt_token_count = groups.prompt_token_count,
          .group_offsets = groups.group_offsets,
          .response_offsets = groups.response_offsets,
          .response_tokens = groups.response_tokens,
          .prompt_offsets = groups.prompt_offsets,
          .prompt_tokens = groups.prompt_tokens};
}

std::int32_t result_of_groups(const char* function, std::int32_t device, const GroupsError* error,
                              const std::int32_t* callers, Stream stream) {
  if (callers && device != TEMPO_CPU) return TEMPO_OK;
  GroupsError found = GroupsError::kNone;
  if (device == TEMPO_CPU)
    found = *error;
  else
    cuda::copy_to_host(&found, error, sizeof(found), stream);
  if (found == GroupsError::kNone) return TEMPO_OK;
  last_message() = core::concat(function, ": ", tempo_groups_error_text(static_cast<std::int32_t>(found)));
  return TEMPO_BAD_INPUT;
}

}  // namespace tempo::kernels

using namespace tempo::kernels;

int32_t tempo_kernels_version(void) { return TEMPO_KERNELS_VERSION; }

int32_t tempo_kernels_has_cuda(void) { return has_cuda(); }

const char* tempo_kernels_message(void) { return last_message().c_str(); }

const char* tempo_groups_error_text(int32_t error) {
  switch (static_cast<GroupsError>(error)) {
    case GroupsError::kNone:
      return "no error";
    case GroupsError::kGroupOffsets:
      return "group_offsets: expected numbers that rise from 0 to responses, got others";
    case GroupsError::kResponseOffsets:
      return "response_offsets: expected numbers that rise from 0 to response_token_count, got others";
    case GroupsError::kPromptOffsets:
      return "prompt_offsets: expected numbers that rise from 0 to prompt_token_count, got others";
    case GroupsError::kGroupTooLarge:
      return "group_offsets: expected groups of at most largest_group responses, got a larger one";
    case GroupsError::kNegativeToken:
      return "tokens: expected numbers of at least 0, got a negative one";
  }
  return "expected the number of an error, got another";
}
