// Lines that a reward program writes, and the request that is written to it.
#include <cmath>
#include <nlohmann/json.hpp>

#include "fuzz/fuzz.h"
#include "reward/command_protocol.h"

using namespace tempo;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  fuzz::run([&] {
    const reward::Answer answer = reward::parse_answer(line);
    fuzz::require(std::abs(answer.score) <= reward::kMaxScore, "a score within its limit");
    fuzz::require(fuzz::is_one_line(answer.reason) && fuzz::is_one_line(answer.extracted),
                  "texts in one line");
    nlohmann::json({answer.reason, answer.extracted}).dump();  // throws for what is not UTF-8
  });
  const std::string text(line);
  const std::string request =
      reward::request_line(1, {.text = line}, {.id = text, .problem = text, .answer = text, .options = {}});
  fuzz::require(request.find('\n') == request.size() - 1, "a request of one line", request);
  fuzz::require(nlohmann::json::parse(request)["response"].is_string(), "a request that reads back", request);
  return 0;
}
