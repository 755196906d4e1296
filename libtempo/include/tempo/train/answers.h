// The answers of an evaluation, and the file that keeps them, so that one that was interrupted goes on where
// it was.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "tempo/reward/reward.h"
#include "tempo/train/line_file.h"
#include "tempo/train/task.h"

namespace tempo::train {

// What a response was sampled from: fingerprints (tempo/train/fingerprint.h).
struct AnswerOrigin {
  std::uint64_t model = 0, sampling = 0, prompt = 0;
};

// One response to one problem of a set.
struct Answer {
  std::int64_t problem = 0;  // index in the set's task
  bool greedy = false;
  std::int32_t sample = 0;  // index among the problem's samples; 0 for the greedy answer
  std::string response;
  std::int32_t tokens = 0;
  bool truncated = false;  // cut at the length limit
  AnswerOrigin origin{};
  reward::Score score{};
};

// A set's answers with their scores.
struct AnsweredSet {
  std::string name;
  const Task* task = nullptr;
  std::span<const Answer> answers;
};

// A file of JSON lines, one an answer. Not thread-safe.
class AnswerFile {
 public:
  // Opens or starts the file. A last line without its end is dropped: its writer was interrupted.
  // overwrite: all that is there is dropped. Throws tempo::Error "FILE:LINE: ..." for another line that is no
  // answer, and for a file that cannot be written.
  AnswerFile(std::filesystem::path path, bool overwrite);

  // Returns the stored answers to problems of the task, greedy ones or samples, by problem and sample;
  // without scores. Throws tempo::Error "FILE:LINE: ..." for one of another origin. origin.prompt is not
  // read.
  std::vector<Answer> stored(const std::string& set, bool greedy, const Task& task,
                             const AnswerOrigin& origin) const;

  // Adds answers, without their scores.
  void append(const std::string& set, const Task& task, std::span<const Answer> answers);

  // Writes the file anew, all or nothing: the sets in order, each answer with what was found in it and why it
  // is right or wrong, then the lines of answers that the sets do not have, as they were.
  void rewrite(std::span<const AnsweredSet> sets);

  const std::filesystem::path& path() const { return path_; }

 private:
  struct Line {
    std::int64_t number = 0;
    std::string text;
  };
  using Place = std::tuple<std::string, bool, std::int64_t, std::int32_t>;  // set, greedy, problem, sample

  void read(std::string_view text);

  std::filesystem::path path_;
  std::map<Place, Line> lines_;  // as read
  std::optional<LineFile> out_;
};

}  // namespace tempo::train
