#include "sentencepiece.h"

#include <sentencepiece_processor.h>

#include <exception>

#include "tempo/core/error.h"
#include "utf8.h"

namespace sentencepiece::logging {
void SetMinLogLevel(int level);  // the library exports it, its header lacks it
}

namespace tempo::text {

namespace {

// A second normalizer_spec of a message is merged into the first: here add_dummy_prefix becomes false.
constexpr std::string_view kNoPrefix("\x1A\x02\x18\x00", 4);

std::unique_ptr<sentencepiece::SentencePieceProcessor> make_processor(const std::string& bytes,
                                                                      const std::string& where) {
  constexpr int kNothing = 4;  // one more than the level of fatal errors
  sentencepiece::logging::SetMinLogLevel(kNothing);
  auto processor = std::make_unique<sentencepiece::SentencePieceProcessor>();
  std::string reason;
  try {
    const auto status = processor->LoadFromSerializedProto(bytes);
    if (status.ok()) return processor;
    reason = status.message();
  } catch (const std::exception& error) {  // from the trie inside the library
    reason = error.what();
  }
  core::fail(where,
             ": expected a sentencepiece model, got one that the library refuses: ", printable(reason));
}

}  // namespace

SentencepieceEncoder::SentencepieceEncoder(const SentencepieceModel& model, bool prefix_every_part,
                                           const std::string& where)
    : whole_(make_processor(model.bytes, where)) {
  if (!model.add_dummy_prefix || prefix_every_part) return;
  continued_ = make_processor(model.bytes + std::string(kNoPrefix), where);
}

SentencepieceEncoder::~SentencepieceEncoder() = default;

void SentencepieceEncoder::encode(std::string_view part, bool first, std::vector<std::int32_t>& ids) const {
  const Processor& processor = first || !continued_ ? *whole_ : *continued_;
  std::vector<int> found;
  const auto status = processor.Encode(part, &found);
  TEMPO_CHECK(status.ok(), "Tokenizer::encode: expected text that sentencepiece takes, got: ",
              printable(status.message()));
  ids.insert(ids.end(), found.begin(), found.end());
}

}  // namespace tempo::text
