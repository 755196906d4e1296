#include "tempo_tree/group_parser.h"

#include <cctype>
#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "tempo/core/error.h"

namespace tempo::programs {
namespace {

using nlohmann::json;

// The handler of a parse: each event either fits the place reached or is an error that names that place.
class GroupHandler : public nlohmann::json_sax<json> {
 public:
  GroupHandler(std::string_view line, Group& group) : line_(line), group_(group) {}

  bool null() override { return other("null"); }
  bool boolean(bool value) override { return other(value ? "true" : "false"); }
  bool string(string_t&) override { return other("a string"); }
  bool binary(binary_t&) override { return other("bytes"); }
  bool number_integer(number_integer_t value) override {
    return place_ == Place::kReward ? reward(static_cast<double>(value)) : other(std::to_string(value));
  }
  bool number_unsigned(number_unsigned_t value) override {
    if (place_ == Place::kReward) return reward(static_cast<double>(value));
    if (place_ != Place::kToken || value > kLargestToken) return other(std::to_string(value));
    group_.tokens.push_back(static_cast<std::int32_t>(value));
    return true;
  }
  bool number_float(number_float_t value, const string_t& text) override {
    return place_ == Place::kReward && std::isfinite(static_cast<float>(value)) ? reward(value) : other(text);
  }

  bool start_object(std::size_t) override {
    if (place_ != Place::kLine) return open("an object");
    place_ = Place::kKey;
    return true;
  }
  bool end_object() override { return close(); }
  bool key(string_t& name) override {
    if (skipped_ > 0) return true;
    place_ = Place::kSkipped;
    if (name == "responses") place_ = once(has_responses_, Place::kResponses, name);
    if (name == "rewards") place_ = once(has_rewards_, Place::kRewards, name);
    return true;
  }
  bool start_array(std::size_t) override {
    switch (place_) {
      case Place::kResponses:
        place_ = Place::kResponse;
        return true;
      case Place::kResponse:
        place_ = Place::kToken;
        return true;
      case Place::kRewards:
        place_ = Place::kReward;
        return true;
      default:
        return open("a list");
    }
  }
  bool end_array() override {
    switch (place_) {
      case Place::kToken:
        group_.offsets.push_back(static_cast<std::int32_t>(group_.tokens.size()));
        place_ = Place::kResponse;
        return true;
      case Place::kResponse:
      case Place::kReward:
        place_ = Place::kKey;
        return true;
      default:
        return close();
    }
  }

  // NaN and Infinity, which some writers put into JSON, and numbers beyond double arrive here too.
  bool parse_error(std::size_t position, const std::string&, const json::exception& error) override {
    constexpr int kOutOfRange = 406;
    TEMPO_CHECK(position <= line_.size(), "expected JSON, got the end of the line");
    const std::size_t begin = word_begin(position), end = word_end(position);
    const std::string got(line_.substr(begin, end - begin));
    const bool is_word = std::isalpha(static_cast<unsigned char>(got[got.size() > 1 && got[0] == '-']));
    if ((is_word || error.id == kOutOfRange) && (place_ == Place::kToken || place_ == Place::kReward))
      fail(got);
    core::fail("expected JSON, got ", got, " at column ", begin + 1);
  }

  void finish() const {
    TEMPO_CHECK(has_responses_, "responses: expected this key, got none");
    TEMPO_CHECK(has_rewards_, "rewards: expected this key, got none");
    TEMPO_CHECK(group_.rewards.size() + 1 == group_.offsets.size(), "rewards: expected one a response, ",
                group_.offsets.size() - 1, " in all, got ", group_.rewards.size());
  }

 private:
  // What comes next.
  enum class Place { kLine, kKey, kResponses, kResponse, kToken, kRewards, kReward, kSkipped };
  static constexpr std::uint64_t kLargestToken = std::numeric_limits<std::int32_t>::max();

  static bool in_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '+' || c == '.';
  }
  // Return where the word begins and ends that holds the last of the first `read` characters; another
  // character stands alone.
  std::size_t word_begin(std::size_t read) const {
    std::size_t begin = read - 1;
    while (begin > 0 && in_word(line_[begin]) && in_word(line_[begin - 1])) --begin;
    return begin;
  }
  std::size_t word_end(std::size_t read) const {
    std::size_t end = read;
    while (end < line_.size() && in_word(line_[end - 1]) && in_word(line_[end])) ++end;
    return end;
  }

  Place once(bool& seen, Place place, const std::string& name) const {
    TEMPO_CHECK(!seen, name, ": expected this key once, got it twice");
    seen = true;
    return place;
  }

  bool reward(double value) {
    group_.rewards.push_back(static_cast<float>(value));
    return true;
  }

  // A scalar that is no token and no reward.
  bool other(const std::string& got) {
    if (place_ != Place::kSkipped) fail(got);
    if (skipped_ == 0) place_ = Place::kKey;
    return true;
  }
  bool open(const char* got) {
    if (place_ != Place::kSkipped) fail(got);
    ++skipped_;
    return true;
  }
  bool close() {
    if (skipped_ > 0 && --skipped_ == 0) place_ = Place::kKey;
    return true;
  }

  [[noreturn]] void fail(const std::string& got) const {
    const std::size_t response = group_.offsets.size() - 1;
    switch (place_) {
      case Place::kResponses:
        core::fail("responses: expected a list of lists of token ids, got ", got);
      case Place::kResponse:
        core::fail("responses[", response, "]: expected a list of token ids, got ", got);
      case Place::kToken:
        core::fail("responses[", response, "][",
                   group_.tokens.size() - static_cast<std::size_t>(group_.offsets.back()),
                   "]: expected a token id from 0 to ", kLargestToken, ", got ", got);
      case Place::kRewards:
        core::fail("rewards: expected a list of numbers, got ", got);
      case Place::kReward:
        core::fail("rewards[", group_.rewards.size(), "]: expected a finite number, got ", got);
      default:
        core::fail("expected an object with the keys responses and rewards, got ", got);
    }
  }

  std::string_view line_;
  Group& group_;
  Place place_ = Place::kLine;
  int skipped_ = 0;  // open brackets of the value that is passed over
  bool has_responses_ = false, has_rewards_ = false;
};

}  // namespace

void parse_group(std::string_view line, Group& group) {
  group.tokens.clear();
  group.offsets.assign(1, 0);
  group.rewards.clear();
  GroupHandler handler(line, group);
  json::sax_parse(line.begin(), line.end(), &handler);
  handler.finish();
  group.groups = {0, static_cast<std::int32_t>(group.rewards.size())};
}

}  // namespace tempo::programs
