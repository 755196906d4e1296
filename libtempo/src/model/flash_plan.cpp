#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "attention_by_flash.h"
#include "flash_sequences.h"

namespace tempo::model {
namespace {

// Copies lists of integers to a device in one piece.
class Upload {
 public:
  std::size_t add(const Ints& list) {
    bounds_.push_back({static_cast<std::int64_t>(all_.size()), static_cast<std::int64_t>(list.size())});
    all_.insert(all_.end(), list.begin(), list.end());
    return bounds_.size() - 1;
  }
  void send(at::Device device) {
    ints_ = at::tensor(all_, at::kInt).to(device);
    longs_ = ints_.to(at::kLong);
  }
  at::Tensor ints(std::size_t list) const { return part(ints_, list); }
  at::Tensor longs(std::size_t list) const { return part(longs_, list); }

 private:
  struct Bounds {
    std::int64_t begin, size;
  };
  at::Tensor part(const at::Tensor& all, std::size_t list) const {
    return all.narrow(0, bounds_[list].begin, bounds_[list].size);
  }

  std::vector<Bounds> bounds_;
  Ints all_;
  at::Tensor ints_, longs_;
};

// Lists of an upload, or nothing where rows 0, 1, ... are meant.
using Index = std::optional<std::size_t>;

Index add_index(Upload& upload, const Ints& list, std::int64_t rows) {
  bool is_all = static_cast<std::int64_t>(list.size()) == rows;
  for (std::size_t i = 0; is_all && i < list.size(); ++i) is_all = list[i] == static_cast<std::int32_t>(i);
  return is_all ? std::nullopt : Index(upload.add(list));
}

at::Tensor index(const Upload& upload, Index list) { return list ? upload.longs(*list) : at::Tensor(); }

struct FlashSize {
  std::int64_t tokens, slots;
  bool with_backward;
};

struct CallLists {
  std::size_t query_offset, key_begin, key_size;
  Index token, slot, packed_key_offset;
};

CallLists add_call(Upload& upload, const HostCall& call, const FlashSize& size) {
  CallLists lists{.query_offset = upload.add(call.query_offset),
                  .key_begin = upload.add(call.key_begin),
                  .key_size = upload.add(call.key_size),
                  .token = add_index(upload, call.token, size.tokens),
                  .slot = {},
                  .packed_key_offset = {}};
  if (size.with_backward) {
    lists.slot = add_index(upload, call.slot, size.slots);
    lists.packed_key_offset = upload.add(call.packed_key_offset);
  }
  return lists;
}

FlashCall device_call(const Upload& upload, const HostCall& call, const CallLists& lists) {
  const auto most = [](const Ints& sizes) {
    return std::int64_t{*std::max_element(sizes.begin(), sizes.end())};
  };
  std::int64_t most_queries = 0;
  for (std::size_t b = 0; b < call.key_size.size(); ++b)
    most_queries = std::max<std::int64_t>(most_queries, call.query_offset[b + 1] - call.query_offset[b]);
  FlashCall out{.sequences = {.query_offset = upload.ints(lists.query_offset),
                              .key_begin = upload.ints(lists.key_begin),
                              .key_size = upload.ints(lists.key_size),
                              .most_queries = most_queries,
                              .most_keys = most(call.key_size),
                              .is_causal = call.is_causal},
                .token_M = index(upload, lists.token),
                .slot_L = index(upload, lists.slot),
                .packed_key_offset = {}};
  if (lists.packed_key_offset) out.packed_key_offset = upload.ints(*lists.packed_key_offset);
  return out;
}

// Where the part of a token stands: pass x tokens + token; in the order of the parts.
Ints places_of(const std::vector<HostPass>& passes, std::int32_t tokens, std::size_t parts) {
  Ints places(parts);
  for (std::size_t pass = 0; pass < passes.size(); ++pass) {
    for (std::size_t i = 0; i < passes[pass].part.size(); ++i) {
      places[static_cast<std::size_t>(passes[pass].part[i])] =
          static_cast<std::int32_t>(pass) * tokens + passes[pass].token[i];
    }
  }
  return places;
}

// The first pass has each token once: its parts in the order of the tokens.
Ints by_token(const HostPass& pass) {
  Ints parts(pass.part.size());
  for (std::size_t i = 0; i < parts.size(); ++i)
    parts[static_cast<std::size_t>(pass.token[i])] = pass.part[i];
  return parts;
}

}  // namespace

std::shared_ptr<const FlashPlan> plan_flash(const SegmentPlan& plan, std::int64_t slots, at::Device device,
                                            bool with_backward) {
  const auto calls = flash_calls(plan);
  if (!calls || calls->empty()) return nullptr;
  const std::vector<HostPass> passes = flash_passes(*calls, plan.tokens());

  Upload upload;
  std::vector<CallLists> call_lists;
  Ints token;
  for (const HostCall& call : *calls) {
    call_lists.push_back(add_call(upload, call, {plan.tokens(), slots, with_backward}));
    token.insert(token.end(), call.token.begin(), call.token.end());
  }
  const auto parts = static_cast<std::int64_t>(token.size());
  const std::size_t token_list = upload.add(token);
  const std::size_t place_list = upload.add(places_of(passes, plan.tokens(), token.size()));
  std::vector<std::pair<Index, Index>> pass_lists{{add_index(upload, by_token(passes.front()), parts), {}}};
  for (std::size_t pass = 1; pass < passes.size(); ++pass)
    pass_lists.emplace_back(upload.add(passes[pass].part), upload.add(passes[pass].token));

  upload.send(device);
  auto out = std::make_shared<FlashPlan>();
  out->token_M = upload.longs(token_list);
  out->place_M = upload.longs(place_list);
  for (std::size_t c = 0; c < calls->size(); ++c)
    out->calls.push_back(device_call(upload, (*calls)[c], call_lists[c]));
  for (const auto& [part, of_token] : pass_lists)
    out->passes.push_back({.part_P = index(upload, part), .token_P = index(upload, of_token)});
  return out;
}

}  // namespace tempo::model
