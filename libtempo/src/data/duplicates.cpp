#include "tempo/data/duplicates.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace tempo::data {
namespace {

constexpr std::string_view kSeparators = " \t\r\n\f\v.,;:!?\"'`$~";

using Gram = std::uint64_t;  // hash of some words in a row

std::vector<std::string_view> words_of(std::string_view normalised) {
  std::vector<std::string_view> words;
  while (!normalised.empty()) {
    const std::size_t end = std::min(normalised.find(' '), normalised.size());
    words.push_back(normalised.substr(0, end));
    normalised.remove_prefix(std::min(end + 1, normalised.size()));
  }
  return words;
}

// Returns the hashes of every kNearWords words in a row of a problem, each once.
std::unordered_set<Gram> grams_of(const Example& example) {
  const std::string text = normalise_text(example.problem);
  const auto words = words_of(text);
  std::unordered_set<Gram> grams;
  for (std::size_t i = 0; i + kNearWords <= words.size(); ++i) {
    const std::string_view last = words[i + kNearWords - 1];
    const char* const begin = words[i].data();
    const char* const end = last.data() + last.size();
    grams.insert(std::hash<std::string_view>{}({begin, static_cast<std::size_t>(end - begin)}));
  }
  return grams;
}

// The held-out problems by their runs of words.
class GramIndex {
 public:
  explicit GramIndex(std::span<const Example> examples) : grams_(examples.size()) {
    for (std::size_t i = 0; i < examples.size(); ++i) {
      for (const Gram gram : grams_of(examples[i])) problems_[gram].push_back(i);
    }
    std::erase_if(problems_, [](const auto& entry) { return entry.second.size() > kMaxProblemsOfPhrase; });
    for (const auto& [gram, problems] : problems_) {
      for (const std::size_t problem : problems) ++grams_[problem];
    }
  }

  // Returns the nearest problem of those that are near, or -1.
  std::int64_t nearest(const Example& example) const {
    std::unordered_map<std::size_t, std::int64_t> shared;
    for (const Gram gram : grams_of(example)) {
      const auto found = problems_.find(gram);
      if (found == problems_.end()) continue;
      for (const std::size_t problem : found->second) ++shared[problem];
    }
    std::pair<double, std::int64_t> best{0, -1};
    for (const auto& [problem, count] : shared) {
      const double share = static_cast<double>(count) / static_cast<double>(grams_[problem]);
      if (share < kNearShare) continue;
      best = std::max(best, {share, static_cast<std::int64_t>(problem)});
    }
    return best.second;
  }

 private:
  std::unordered_map<Gram, std::vector<std::size_t>> problems_;
  std::vector<std::int64_t> grams_;  // of each problem, phrases left out
};

}  // namespace

std::string normalise_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (kSeparators.find(c) != kSeparators.npos) {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else {
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

std::string duplicate_key(const Example& example) {
  std::string key = normalise_text(example.problem);
  if (key.empty()) key = example.problem;  // of separators alone
  if (!example.options.empty()) key += '\n' + normalise_text(example.answer_text());
  return key;
}

std::vector<ExamplePair> find_repeated(std::span<const Example> examples) {
  std::unordered_map<std::string, std::int64_t> first;
  std::vector<ExamplePair> pairs;
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(examples.size()); ++i) {
    const auto [entry, is_new] = first.try_emplace(duplicate_key(examples[static_cast<std::size_t>(i)]), i);
    if (!is_new) pairs.push_back({entry->second, i});
  }
  return pairs;
}

Overlap find_overlap(std::span<const Example> training, std::span<const Example> held_out) {
  std::unordered_map<std::string, std::int64_t> keys;
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(held_out.size()); ++i)
    keys.try_emplace(duplicate_key(held_out[static_cast<std::size_t>(i)]), i);
  const GramIndex index(held_out);
  Overlap overlap;
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(training.size()); ++i) {
    const Example& example = training[static_cast<std::size_t>(i)];
    const auto same = keys.find(duplicate_key(example));
    if (same != keys.end()) {
      overlap.exact.push_back({i, same->second});
    } else if (const std::int64_t near = index.nearest(example); near >= 0) {
      overlap.near.push_back({i, near});
    }
  }
  return overlap;
}

}  // namespace tempo::data
