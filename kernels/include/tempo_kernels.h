/* tempo's kernels for other languages: the prefix tree of sampled responses, the credit on it, and the loss,
 * as plain C functions over pointers and sizes. Link libtempo_kernels, or load it (ctypes, dlopen).
 *
 * Every function takes the device whose memory its pointers belong to, and a cudaStream_t on which its work
 * is queued (TEMPO_CPU: ignored, the work is done at return). Workspace is memory of that device; a function
 * that needs some has another that tells how much. Nothing is allocated, kept or printed, and functions may
 * be called from several threads.
 *
 * They return TEMPO_OK, or another code and leave one line of what was expected and what was found in
 * tempo_kernels_message(); then nothing was written. What can only be seen in a device's memory, such as
 * offsets that fall, is looked at there: functions with a parameter `error` write a tempo_groups_error to it
 * in stream order and return at once; with `error` null they wait for the device and return TEMPO_BAD_INPUT
 * themselves. */
#ifndef TEMPO_KERNELS_H
#define TEMPO_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Grows by one whenever a function or struct below changes; functions that are only added leave it as it is.
 */
#define TEMPO_KERNELS_VERSION 1

enum { TEMPO_CPU = 0, TEMPO_CUDA = 1 };                                      /* device */
enum { TEMPO_OK = 0, TEMPO_BAD_INPUT = 1, TEMPO_DEVICE_ERROR = 2 };          /* result */
enum { TEMPO_MERGE_PREFIXES = 0, TEMPO_MERGE_NONE = 1 };                     /* merge */
enum { TEMPO_TEMPO = 0, TEMPO_GRPO = 1, TEMPO_DR_GRPO = 2, TEMPO_RLOO = 3 }; /* estimator */

/* The version of the library: equal to TEMPO_KERNELS_VERSION of the header that fits it. */
int32_t tempo_kernels_version(void);

/* 1 when the library was built with CUDA. */
int32_t tempo_kernels_has_cuda(void);

/* What went wrong in this thread's last call, one line; empty after TEMPO_OK. Valid until the next call. */
const char* tempo_kernels_message(void);

/* The text of a tempo_groups_error that a device wrote. */
const char* tempo_groups_error_text(int32_t error);

/* G groups of R sampled responses. Offsets are [begin of item 0, ..., end of the last]. */
typedef struct tempo_groups {
  int32_t groups;                  /* G */
  int32_t responses;               /* R */
  int32_t largest_group;           /* responses of the largest group, or more; at most 1,024 on a device */
  int64_t response_token_count;    /* T */
  int64_t prompt_token_count;      /* P; P + T < 2^31 */
  const int32_t* group_offsets;    /* [G + 1], in responses */
  const int32_t* response_offsets; /* [R + 1], in tokens */
  const int32_t* response_tokens;  /* [T], each 0 or more */
  const int32_t* prompt_offsets;   /* [G + 1], or null: no prompts */
  const int32_t* prompt_tokens;    /* [P] */
} tempo_groups;

/* A chain of nodes [begin, end) without a branch and without a response's end inside. Leaves are the
 * responses in depth-first order. */
typedef struct tempo_segment {
  int32_t begin, end;         /* empty only for the root of an empty prompt */
  int32_t parent;             /* segment that it continues; -1: a root, the group's prompt */
  int32_t first_leaf, weight; /* the leaves below it: first_leaf, ..., first_leaf + weight - 1 */
  int32_t depth;              /* of its first node */
  int32_t source;             /* of its first token in response_tokens; a root's in prompt_tokens */
  int32_t parent_node;        /* of its first node; -1: none */
} tempo_segment;

/* The prefix trees of all groups, written by tempo_build_forest. Of the arrays with room for most_...
 * entries, group_segment[G] and group_node[G] are used. */
typedef struct tempo_forest {
  int32_t* leaf_response; /* [R] response of each leaf */
  int32_t* leaf_shared; /* [R] first tokens that it shares with the leaf before, 0 at a group's first leaf */
  int32_t* response_segment; /* [R] segment that a response ends in */
  tempo_segment* segments;   /* [G + 2 R], depth-first; aligned to 16 bytes, as malloc does */
  int32_t* group_node;       /* [G + 1] */
  int32_t* group_segment;    /* [G + 1] */
  /* Columns of the nodes, [P + T], depth-first; a null one is left out. */
  int32_t* token;
  int32_t* parent;     /* node; -1: first token of its sequence */
  int32_t* depth;      /* position in its sequence, prompt included */
  int32_t* weight;     /* responses through the node */
  int32_t* first_leaf; /* of them */
  int32_t* segment;
  uint8_t* trainable; /* 1: a response's token, 0: a prompt's */
} tempo_forest;

/* Bytes of workspace that tempo_build_forest needs. */
size_t tempo_build_forest_workspace(int32_t device, const tempo_groups* groups);

/* Writes the forest of the groups. */
int32_t tempo_build_forest(int32_t device, const tempo_groups* groups, int32_t merge,
                           const tempo_forest* forest, void* workspace, size_t workspace_bytes,
                           int32_t* error, void* stream);

/* What an advantage is made of. */
typedef struct tempo_credit_options {
  int32_t estimator;
  int32_t divide_by_std;  /* by the group's unbiased standard deviation + epsilon; TEMPO_TEMPO and TEMPO_GRPO
                             only */
  double epsilon;         /* in reward units, 0 or more */
  double value_shrinkage; /* kappa, 0 or more: V of n responses is drawn to the V above by n / (n + kappa) */
} tempo_credit_options;

/* Bytes of workspace that tempo_token_advantages needs. */
size_t tempo_token_advantages_workspace(int32_t device, const tempo_groups* groups);

/* Writes the advantage of every response token, advantages [T], from the rewards [R], each finite. Prompts
 * are not read. Sources: GRPO, arXiv:2402.03300; Dr. GRPO, arXiv:2503.20783; RLOO, arXiv:2402.14740; TEMPO,
 * arXiv:2509.18314. */
int32_t tempo_token_advantages(int32_t device, const tempo_groups* groups, const float* rewards,
                               const tempo_credit_options* options, float* advantages, void* workspace,
                               size_t workspace_bytes, int32_t* error, void* stream);

#ifdef __cplusplus
}
#endif

#endif
