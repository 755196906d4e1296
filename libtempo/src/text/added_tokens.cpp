#include "added_tokens.h"

#include <algorithm>

#include "utf8.h"

namespace tempo::text {

namespace {

std::uint64_t edge_key(std::int32_t node, char byte) {
  return (static_cast<std::uint64_t>(node) << 8) | static_cast<unsigned char>(byte);
}

bool inside_word(std::string_view text, std::size_t begin, std::size_t end) {
  return (begin > 0 && is_word(last_utf8(text.substr(0, begin)).value)) ||
         (end < text.size() && is_word(read_utf8(text, end).value));
}

std::size_t skip_space_left(std::string_view text, std::size_t begin) {
  while (begin > 0) {
    const CodePoint c = last_utf8(text.substr(0, begin));
    if (!is_white_space(c.value)) break;
    begin -= c.length;
  }
  return begin;
}

std::size_t skip_space_right(std::string_view text, std::size_t end) {
  while (end < text.size()) {
    const CodePoint c = read_utf8(text, end);
    if (!is_white_space(c.value)) break;
    end += c.length;
  }
  return end;
}

}  // namespace

AddedTokenFinder::AddedTokenFinder(const std::vector<AddedToken>& tokens,
                                   const std::vector<std::string>& contents)
    : tokens_(tokens), ends_{-1} {
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    std::int32_t node = 0;
    for (const char byte : contents[i]) {
      const auto fresh = static_cast<std::int32_t>(ends_.size());
      const auto [edge, inserted] = edges_.try_emplace(edge_key(node, byte), fresh);
      if (inserted) ends_.push_back(-1);
      node = edge->second;
    }
    // Of two tokens that the normalizer made equal, the first is found.
    if (node != 0 && ends_[static_cast<std::size_t>(node)] < 0) {
      ends_[static_cast<std::size_t>(node)] = static_cast<std::int32_t>(i);
    }
  }
}

AddedTokenFinder::Match AddedTokenFinder::longest_at(std::string_view text, std::size_t at) const {
  Match longest;
  std::int32_t node = 0;
  while (at < text.size()) {
    const auto edge = edges_.find(edge_key(node, text[at++]));
    if (edge == edges_.end()) break;
    node = edge->second;
    const std::int32_t token = ends_[static_cast<std::size_t>(node)];
    if (token >= 0) longest = {at, &tokens_[static_cast<std::size_t>(token)]};
  }
  return longest;
}

std::vector<AddedTokenFinder::Part> AddedTokenFinder::split(std::string_view text) const {
  std::vector<Part> parts;
  std::size_t done = 0;
  const auto put_text = [&](std::size_t end) {
    if (done < end) parts.push_back({text.substr(done, end - done), -1});
  };
  for (std::size_t at = 0; at < text.size();) {
    const Match match = longest_at(text, at);
    if (match.token == nullptr) {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    at = match.end;
    if (match.token->single_word && inside_word(text, begin, match.end)) continue;
    // Another token may have taken the space before this one.
    put_text(match.token->lstrip ? std::max(skip_space_left(text, begin), done) : begin);
    parts.push_back({{}, match.token->id});
    done = match.token->rstrip ? skip_space_right(text, match.end) : match.end;
  }
  put_text(text.size());
  return parts;
}

}  // namespace tempo::text
