#include "bpe.h"

#include <queue>

#include "byte_map.h"
#include "tempo/core/error.h"
#include "utf8.h"

namespace tempo::text {

namespace {

std::uint64_t pair_key(std::int32_t left, std::int32_t right) {
  return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32) |
         static_cast<std::uint32_t>(right);
}

std::int32_t token_id(const Vocabulary& vocabulary, std::string_view token, std::size_t rank,
                      const std::string& where) {
  const auto found = vocabulary.find(token);
  TEMPO_CHECK(found != vocabulary.end(), where, ": merge ", rank, ": expected tokens of the vocabulary, got ",
              printable(token));
  return found->second;
}

// A merge that is possible now, at the symbol of its left part. Stale once a neighbour has changed.
struct Candidate {
  std::int32_t rank = 0;
  std::int32_t at = 0;
  std::int32_t id = 0;
  // The queue's top is its largest: the lowest rank, then the leftmost.
  bool operator<(const Candidate& other) const {
    return rank != other.rank ? rank > other.rank : at > other.at;
  }
};

}  // namespace

Bpe::Bpe(const Vocabulary& vocabulary, std::span<const std::pair<std::string, std::string>> merges,
         const BpeOptions& options, const std::string& where)
    : options_(options) {
  for (std::size_t byte = 0; byte < byte_ids_.size(); ++byte) {
    std::string character;
    append_utf8(character, byte_alphabet()[byte]);
    const auto found = vocabulary.find(character);
    byte_ids_[byte] = found == vocabulary.end() ? -1 : found->second;
  }
  merges_.reserve(merges.size());
  for (std::size_t rank = 0; rank < merges.size(); ++rank) {
    const auto& [left, right] = merges[rank];
    const std::int32_t left_id = token_id(vocabulary, left, rank, where);
    const std::int32_t right_id = token_id(vocabulary, right, rank, where);
    const Merge merge{static_cast<std::int32_t>(rank), token_id(vocabulary, left + right, rank, where)};
    merges_.insert_or_assign(pair_key(left_id, right_id), merge);
  }
  if (!options.ignore_merges) return;
  for (const auto& [token, id] : vocabulary) {
    if (std::optional<std::string> bytes = from_byte_alphabet(token)) pieces_.emplace(*std::move(bytes), id);
  }
}

const Bpe::Merge* Bpe::find_merge(std::int32_t left, std::int32_t right) const {
  const auto found = merges_.find(pair_key(left, right));
  return found == merges_.end() ? nullptr : &found->second;
}

std::vector<Bpe::Symbol> Bpe::symbols(std::string_view piece) const {
  std::vector<Symbol> symbols;
  symbols.reserve(piece.size());
  bool after_unknown = false;
  for (const char byte : piece) {
    const std::int32_t known = byte_ids_[static_cast<unsigned char>(byte)];
    const bool left_out = known < 0 && (options_.unknown_id < 0 || (options_.fuse_unknown && after_unknown));
    after_unknown = known < 0;
    if (left_out) continue;
    const auto at = static_cast<std::int32_t>(symbols.size());
    if (at > 0) symbols.back().next = at;
    symbols.push_back({known < 0 ? options_.unknown_id : known, at - 1, -1});
  }
  return symbols;
}

void Bpe::merge_all(std::vector<Symbol>& symbols) const {
  const auto symbol = [&](std::int32_t at) -> Symbol& { return symbols[static_cast<std::size_t>(at)]; };
  std::vector<Candidate> storage;
  storage.reserve(symbols.size());
  std::priority_queue<Candidate> queue({}, std::move(storage));
  const auto consider = [&](std::int32_t at) {
    if (at < 0 || symbol(at).next < 0) return;
    const Merge* merge = find_merge(symbol(at).id, symbol(symbol(at).next).id);
    if (merge != nullptr) queue.push({merge->rank, at, merge->id});
  };
  for (std::int32_t at = 0; at + 1 < static_cast<std::int32_t>(symbols.size()); ++at) consider(at);
  while (!queue.empty()) {
    const Candidate top = queue.top();
    queue.pop();
    Symbol& left = symbol(top.at);
    if (left.id < 0 || left.next < 0) continue;
    Symbol& right = symbol(left.next);
    const Merge* merge = find_merge(left.id, right.id);
    if (merge == nullptr || merge->id != top.id) continue;
    left.id = top.id;
    left.next = right.next;
    right.id = -1;
    if (left.next >= 0) symbol(left.next).previous = top.at;
    consider(left.previous);
    consider(top.at);
  }
}

void Bpe::encode(std::string_view piece, std::vector<std::int32_t>& ids) const {
  if (options_.ignore_merges) {
    if (const auto found = pieces_.find(piece); found != pieces_.end()) {
      ids.push_back(found->second);
      return;
    }
  }
  std::vector<Symbol> merged = symbols(piece);
  merge_all(merged);
  for (std::int32_t at = merged.empty() ? -1 : 0; at >= 0; at = merged[static_cast<std::size_t>(at)].next) {
    ids.push_back(merged[static_cast<std::size_t>(at)].id);
  }
}

}  // namespace tempo::text
