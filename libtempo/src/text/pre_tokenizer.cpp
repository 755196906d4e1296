#include "pre_tokenizer.h"

#include <algorithm>
#include <utility>

namespace tempo::text {

const std::string_view kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

namespace {

struct Part {
  Span span;
  bool match = false;
};

// Returns the matches and the text between them, in order, covering the whole text.
std::vector<Part> cut(const SplitStep& step, std::string_view text) {
  std::vector<Part> parts;
  std::size_t end = 0;
  for (const Span& match : step.pattern.find_all(text)) {
    if (end != match.begin) parts.push_back({{end, match.begin}, step.invert});
    parts.push_back({match, !step.invert});
    end = match.end;
  }
  if (end != text.size()) parts.push_back({{end, text.size()}, step.invert});
  return parts;
}

std::vector<Span> merge_with_previous(const std::vector<Part>& parts) {
  std::vector<Span> spans;
  bool previous = false;
  for (const Part& part : parts) {
    if (part.match && !previous && !spans.empty()) {
      spans.back().end = part.span.end;
    } else {
      spans.push_back(part.span);
    }
    previous = part.match;
  }
  return spans;
}

std::vector<Span> merge_with_next(const std::vector<Part>& parts) {
  std::vector<Span> spans;
  bool next = false;
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    if (part->match && !next && !spans.empty()) {
      spans.back().begin = part->span.begin;
    } else {
      spans.push_back(part->span);
    }
    next = part->match;
  }
  std::ranges::reverse(spans);
  return spans;
}

std::vector<Span> merge_equal_neighbours(const std::vector<Part>& parts) {
  std::vector<Span> spans;
  bool previous = false;
  for (const Part& part : parts) {
    if (part.match == previous && !spans.empty()) {
      spans.back().end = part.span.end;
    } else {
      spans.push_back(part.span);
    }
    previous = part.match;
  }
  return spans;
}

std::vector<Span> keep(const std::vector<Part>& parts, bool matches_too) {
  std::vector<Span> spans;
  for (const Part& part : parts) {
    if (matches_too || !part.match) spans.push_back(part.span);
  }
  return spans;
}

std::vector<Span> arrange(SplitBehavior behavior, const std::vector<Part>& parts) {
  switch (behavior) {
    case SplitBehavior::kRemoved:
      return keep(parts, false);
    case SplitBehavior::kMergedWithPrevious:
      return merge_with_previous(parts);
    case SplitBehavior::kMergedWithNext:
      return merge_with_next(parts);
    case SplitBehavior::kContiguous:
      return merge_equal_neighbours(parts);
    case SplitBehavior::kIsolated:
      break;
  }
  return keep(parts, true);
}

void apply(const SplitStep& step, Pieces& pieces) {
  std::vector<std::string_view> views;
  for (const std::string_view piece : pieces.views) {
    for (const Span& span : arrange(step.behavior, cut(step, piece))) {
      if (span.begin != span.end) views.push_back(piece.substr(span.begin, span.end - span.begin));
    }
  }
  pieces.views = std::move(views);
}

void apply(const PrefixSpaceStep&, Pieces& pieces) {
  for (std::string_view& piece : pieces.views) {
    if (!piece.starts_with(' ')) piece = pieces.owned.emplace_back(std::string(" ").append(piece));
  }
}

}  // namespace

Pieces pre_tokenize(const std::vector<PreTokenizerStep>& steps, std::string_view text) {
  Pieces pieces;
  if (!text.empty()) pieces.views.push_back(text);
  for (const PreTokenizerStep& step : steps) {
    std::visit([&](const auto& known) { apply(known, pieces); }, step);
  }
  return pieces;
}

}  // namespace tempo::text
