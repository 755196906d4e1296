/* The C interface, used as a C program uses it. Prints what is wrong; exits 1 if anything is. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tempo_kernels.h"

static int failures = 0;

static void expect(int holds, const char* what) {
  if (holds) return;
  printf("expected %s, message: %s\n", what, tempo_kernels_message());
  ++failures;
}

/* Two groups: {1 2 3, 1 2 4, 1 5} with rewards 1 0 0, and {7, 7} with rewards 1 and 0. */
static const int32_t kGroupOffsets[] = {0, 3, 5}, kResponseOffsets[] = {0, 3, 6, 8, 9, 10};
static const int32_t kTokens[] = {1, 2, 3, 1, 2, 4, 1, 5, 7, 7};
static const float kRewards[] = {1, 0, 0, 1, 0};
enum { kGroups = 2, kResponses = 5, kTokenCount = 10, kNodes = 6, kSegments = 8 };

static tempo_groups two_groups(void) {
  tempo_groups groups;
  memset(&groups, 0, sizeof groups);
  groups.groups = kGroups;
  groups.responses = kResponses;
  groups.largest_group = 3;
  groups.response_token_count = kTokenCount;
  groups.group_offsets = kGroupOffsets;
  groups.response_offsets = kResponseOffsets;
  groups.response_tokens = kTokens;
  return groups;
}

static int32_t advantages_of(const tempo_groups* groups, const float* rewards, int32_t estimator,
                             float* advantages) {
  const tempo_credit_options options = {estimator, 0, 1e-6, 0};
  const size_t bytes = tempo_token_advantages_workspace(TEMPO_CPU, groups);
  void* workspace = malloc(bytes);
  const int32_t result =
      tempo_token_advantages(TEMPO_CPU, groups, rewards, &options, advantages, workspace, bytes, NULL, NULL);
  free(workspace);
  return result;
}

static void test_advantages(void) {
  /* r - mu + V(s') - V(s), mu = 1/3: V is 1/2 after 1 2 and 0 after 1 5; 1 and 0 after 1 2 3 and 1 2 4. */
  const float m = 1.0F / 3;
  const float expected[] = {1 - m, 1 - m + 0.5F - m, 1 - m + 0.5F, -m,   -m + 0.5F - m, -m - 0.5F,
                            -m,    -m - m,           0.5F,         -0.5F};
  const tempo_groups groups = two_groups();
  float advantages[kTokenCount];
  expect(advantages_of(&groups, kRewards, TEMPO_TEMPO, advantages) == TEMPO_OK, "advantages of two groups");
  for (int i = 0; i < kTokenCount; ++i)
    expect(fabsf(advantages[i] - expected[i]) < 1e-6F, "the definition's advantages");
  expect(advantages_of(&groups, kRewards, TEMPO_GRPO, advantages) == TEMPO_OK, "advantages without a tree");
  expect(fabsf(advantages[2] - (1 - m)) < 1e-6F, "r - mu");
}

static void test_forest(void) {
  const tempo_groups groups = two_groups();
  int32_t leaf[kResponses], shared[kResponses], end[kResponses], node_of[kGroups + 1],
      segment_of[kGroups + 1];
  int32_t token[kTokenCount], weight[kTokenCount];
  _Alignas(16) tempo_segment segments[kGroups + 2 * kResponses];
  tempo_forest forest;
  memset(&forest, 0, sizeof forest);
  forest.leaf_response = leaf, forest.leaf_shared = shared, forest.response_segment = end;
  forest.segments = segments, forest.group_node = node_of, forest.group_segment = segment_of;
  forest.token = token, forest.weight = weight;
  const size_t bytes = tempo_build_forest_workspace(TEMPO_CPU, &groups);
  void* workspace = malloc(bytes);
  expect(tempo_build_forest(TEMPO_CPU, &groups, TEMPO_MERGE_PREFIXES, &forest, workspace, bytes, NULL,
                            NULL) == TEMPO_OK,
         "the forest of two groups");
  free(workspace);
  const int32_t tokens[kNodes] = {1, 2, 3, 4, 5, 7}, weights[kNodes] = {3, 2, 1, 1, 1, 2};
  expect(node_of[kGroups] == kNodes && segment_of[kGroups] == kSegments, "6 nodes and 8 segments");
  expect(memcmp(token, tokens, sizeof tokens) == 0 && memcmp(weight, weights, sizeof weights) == 0,
         "their columns");
}

static void expect_refused(const tempo_groups* groups, const float* rewards, const char* part) {
  float advantages[kTokenCount];
  for (int i = 0; i < kTokenCount; ++i) advantages[i] = 42;
  expect(advantages_of(groups, rewards, TEMPO_TEMPO, advantages) == TEMPO_BAD_INPUT, part);
  expect(strstr(tempo_kernels_message(), part) != NULL, part);
  for (int i = 0; i < kTokenCount; ++i) expect(advantages[i] == 42, "nothing written");
}

static void test_bad_input(void) {
  const int32_t falling[] = {0, 3, 2, 8, 9, 10}, short_groups[] = {0, 3, 4},
                negative[] = {1, 2, 3, 1, 2, 4, -1, 5, 7, 7};
  const float not_a_number[] = {1, 0, NAN, 1, 0};
  tempo_groups groups = two_groups();
  groups.response_offsets = falling;
  expect_refused(&groups, kRewards, "response_offsets: expected numbers that rise");
  groups = two_groups();
  groups.group_offsets = short_groups;
  expect_refused(&groups, kRewards, "group_offsets: expected numbers that rise");
  groups = two_groups();
  groups.response_tokens = negative;
  expect_refused(&groups, kRewards, "expected numbers of at least 0");
  groups = two_groups();
  groups.largest_group = 2;
  expect_refused(&groups, kRewards, "expected groups of at most largest_group responses");
  groups = two_groups();
  groups.response_token_count = -1;
  expect_refused(&groups, kRewards, "response_token_count: expected 0 or more, got -1");
  groups = two_groups();
  groups.response_token_count = groups.prompt_token_count = INT64_MAX;
  expect_refused(&groups, kRewards, "expected at most 2147483647 tokens");
  groups = two_groups();
  groups.response_tokens = NULL;
  expect_refused(&groups, kRewards, "response_tokens: expected an array of 10, got null");
  groups = two_groups();
  expect_refused(&groups, NULL, "rewards: expected an array of 5, got null");
  expect_refused(&groups, not_a_number, "rewards[2]: expected a finite number");
}

int main(void) {
  expect(tempo_kernels_version() == TEMPO_KERNELS_VERSION, "the header's version");
  test_advantages();
  test_forest();
  test_bad_input();
  if (failures == 0) puts("the C interface works");
  return failures != 0;
}
