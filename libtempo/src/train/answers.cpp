#include "tempo/train/answers.h"

#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "tempo/core/error.h"
#include "tempo/core/hex.h"
#include "tempo/io/file.h"
#include "tempo/train/fingerprint.h"

namespace tempo::train {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

Json to_json(const std::string& set, const Task& task, const Answer& answer) {
  return {{"set", set},
          {"index", answer.problem},
          {"id", task.example(answer.problem).id},
          {"greedy", answer.greedy},
          {"sample", answer.sample},
          {"response", answer.response},
          {"tokens", answer.tokens},
          {"truncated", answer.truncated},
          {"origin",
           {core::hex_text(answer.origin.model), core::hex_text(answer.origin.sampling),
            core::hex_text(answer.origin.prompt)}}};
}

Json to_scored_json(const std::string& set, const Task& task, const Answer& answer) {
  Json json = to_json(set, task, answer);
  json["answer"] = task.example(answer.problem).answer;
  json["extracted"] = answer.score.extracted;
  json["correct"] = answer.score.correct;
  json["score"] = answer.score.total;
  json["reason"] = answer.score.reason;
  return json;
}

std::string line_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::uint64_t fingerprint_at(const Json& json, std::size_t index) {
  return std::stoull(json.at("origin").at(index).get<std::string>(), nullptr, 16);
}

Answer to_answer(const Json& json) {
  return {.problem = json.at("index").get<std::int64_t>(),
          .greedy = json.at("greedy").get<bool>(),
          .sample = json.at("sample").get<std::int32_t>(),
          .response = json.at("response").get<std::string>(),
          .tokens = json.at("tokens").get<std::int32_t>(),
          .truncated = json.at("truncated").get<bool>(),
          .origin = {fingerprint_at(json, 0), fingerprint_at(json, 1), fingerprint_at(json, 2)}};
}

void check_origin(const AnswerOrigin& found, const AnswerOrigin& expected, const std::string& where) {
  const char* other = nullptr;
  if (found.prompt != expected.prompt) other = "to this problem's prompt";
  if (found.sampling != expected.sampling) other = "sampled by these settings";
  if (found.model != expected.model) other = "of this model";
  TEMPO_CHECK(other == nullptr, where, "expected an answer ", other,
              ", got another's (overwrite the file, or choose another folder)");
}

}  // namespace

AnswerFile::AnswerFile(fs::path path, bool overwrite) : path_(std::move(path)) {
  if (!overwrite && fs::exists(path_)) {
    const std::string text = io::read_text(path_);
    const std::size_t whole = text.rfind('\n') + 1;  // 0 where there is none
    read(std::string_view(text).substr(0, whole));
    std::error_code error;
    if (whole < text.size()) fs::resize_file(path_, whole, error);
    TEMPO_CHECK(!error, path_.string(), ": expected a file that can be written, got ", error.message());
  }
  out_.emplace(path_, overwrite ? LineFile::Start::kAnew : LineFile::Start::kAtEnd);
}

// The first of equal places stands.
void AnswerFile::read(std::string_view text) {
  std::int64_t number = 0;
  for (std::size_t begin = 0, end; begin < text.size(); begin = end + 1) {
    end = text.find('\n', begin);
    const std::string_view line = text.substr(begin, end - begin);
    ++number;
    try {
      const Json json = Json::parse(line);
      const Answer answer = to_answer(json);
      lines_.try_emplace({json.at("set").get<std::string>(), answer.greedy, answer.problem, answer.sample},
                         Line{number, std::string(line)});
    } catch (const std::exception&) {
      core::fail(path_.string(), ":", number, ": expected an answer of an evaluation, got another line");
    }
  }
}

std::vector<Answer> AnswerFile::stored(const std::string& set, bool greedy, const Task& task,
                                       const AnswerOrigin& origin) const {
  std::vector<Answer> answers;
  for (auto it = lines_.lower_bound({set, greedy, 0, 0}); it != lines_.end(); ++it) {
    const auto& [line_set, line_greedy, problem, sample] = it->first;
    if (line_set != set || line_greedy != greedy || problem >= task.size()) break;
    AnswerOrigin expected = origin;
    expected.prompt = prompt_fingerprint(task.prompt(problem));
    answers.push_back(to_answer(Json::parse(it->second.text)));
    check_origin(answers.back().origin, expected, core::concat(path_.string(), ":", it->second.number, ": "));
  }
  return answers;
}

void AnswerFile::append(const std::string& set, const Task& task, std::span<const Answer> answers) {
  for (const Answer& answer : answers) out_->append(line_of(to_json(set, task, answer)));
}

void AnswerFile::rewrite(std::span<const AnsweredSet> sets) {
  std::set<Place> written;
  io::AtomicFile file(path_);
  const auto write = [&](const std::string& line) {
    file.write(std::as_bytes(std::span(line)));
    file.write(std::as_bytes(std::span("\n", 1)));
  };
  for (const AnsweredSet& set : sets) {
    for (const Answer& answer : set.answers) {
      write(line_of(to_scored_json(set.name, *set.task, answer)));
      written.insert({set.name, answer.greedy, answer.problem, answer.sample});
    }
  }
  for (const auto& [place, line] : lines_)
    if (!written.contains(place)) write(line.text);
  out_.reset();
  file.commit();
  out_.emplace(path_, LineFile::Start::kAtEnd);
}

}  // namespace tempo::train
