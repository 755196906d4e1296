#include "frontier.h"

#include <algorithm>
#include <cassert>
#include <tuple>

namespace tempo::rollout {
namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

}  // namespace

Frontier::Frontier(const FrontierShape& shape)
    : shape_(shape),
      slots_per_response_(shape.max_new_tokens - 1),
      slots_per_place_(shape.longest_prompt + shape.responses * slots_per_response_),
      open_responses_(at(shape.places)),
      first_slot_(at(shape.places)),
      members_(at(shape.places) * at(shape.responses)),
      paths_(at(shape.places) * at(shape.responses)) {
  for (std::int32_t place = shape.places; place-- > 0;) free_places_.push_back(place);
}

std::int64_t Frontier::slots() const { return std::int64_t{shape_.places} * slots_per_place_; }

std::vector<tree::NodeRange>& Frontier::path_of(std::int32_t place, std::int32_t response) {
  return paths_[at(place) * at(shape_.responses) + at(response)];
}

std::span<Member> Frontier::members(const FrontierNode& node) {
  return std::span(members_).subspan(at(node.member_begin), at(node.member_end - node.member_begin));
}

std::span<const tree::NodeRange> Frontier::path(const FrontierNode& node) const {
  return paths_[at(node.place) * at(shape_.responses) + at(members_[at(node.member_begin)].response)];
}

void Frontier::admit(std::span<const std::int32_t> prompt) {
  assert(has_free_place() && prompt.size() <= at(shape_.longest_prompt));
  const std::int32_t place = free_places_.back();
  free_places_.pop_back();
  const std::int32_t begin = place * slots_per_place_;
  const std::int32_t end = begin + static_cast<std::int32_t>(prompt.size());
  first_slot_[at(place)] = end;
  open_responses_[at(place)] = shape_.responses;
  path_of(place, 0).assign(1, {begin, end});

  const FrontierNode node{.group = groups_++,
                          .place = place,
                          .handle = forest_.add_group(prompt, shape_.responses),
                          .member_begin = place * shape_.responses,
                          .member_end = (place + 1) * shape_.responses};
  std::int32_t response = 0;
  for (Member& member : members(node)) member.response = response++;
  nodes_.push_back(node);
  truncated_.resize(truncated_.size() + at(shape_.responses));
}

void Frontier::advance() {
  next_.clear();
  for (const FrontierNode& node : nodes_) {
    const auto path_here = path(node);
    parent_path_.assign(path_here.begin(), path_here.end());
    const auto set = members(node);
    std::sort(set.begin(), set.end(), [](const Member& a, const Member& b) {
      return std::tie(a.token, a.response) < std::tie(b.token, b.response);
    });
    for (std::int32_t begin = node.member_begin, end = begin; begin < node.member_end; begin = end) {
      while (end < node.member_end && members_[at(end)].token == members_[at(begin)].token) ++end;
      extend(node, begin, end);
    }
  }
  nodes_.swap(next_);
}

// Adds the child of a node that the given members have drawn.
void Frontier::extend(const FrontierNode& node, std::int32_t member_begin, std::int32_t member_end) {
  const Member& first = members_[at(member_begin)];
  FrontierNode child = node;
  child.handle = forest_.append(node.handle, first.token, first.logp, node.entropy);
  child.length = node.length + 1;
  child.token = first.token;
  child.member_begin = member_begin;
  child.member_end = member_end;
  const auto& stops = shape_.stop_tokens;
  const bool stopped = std::find(stops.begin(), stops.end(), first.token) != stops.end();
  if (stopped || child.length == shape_.max_new_tokens) {
    finish(child, !stopped);
    return;
  }
  const std::int32_t slot = first_slot_[at(node.place)] + first.response * slots_per_response_ + node.length;
  auto& path = path_of(node.place, first.response);
  path.assign(parent_path_.begin(), parent_path_.end());
  if (path.back().end == slot) {
    ++path.back().end;
  } else {
    path.push_back({slot, slot + 1});
  }
  next_.push_back(child);
}

void Frontier::finish(const FrontierNode& node, bool truncated) {
  for (const Member& member : members(node)) {
    forest_.end_response(node.group, member.response, node.handle);
    truncated_[at(node.group) * at(shape_.responses) + at(member.response)] = truncated ? 1 : 0;
    ++ended_;
  }
  open_responses_[at(node.place)] -= node.member_end - node.member_begin;
  if (open_responses_[at(node.place)] == 0) free_places_.push_back(node.place);
}

}  // namespace tempo::rollout
