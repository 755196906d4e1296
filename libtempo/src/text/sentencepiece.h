// Encoding by the sentencepiece library.
#pragma once

#include <memory>
#include <string>

#include "sentencepiece_model.h"
#include "token_model.h"

namespace sentencepiece {
class SentencePieceProcessor;
}

namespace tempo::text {

class SentencepieceEncoder : public TokenModel {
 public:
  // prefix_every_part: the space before a text is put before each of its parts, not only before the first.
  // Throws tempo::Error that begins with `where` when the library refuses the model.
  SentencepieceEncoder(const SentencepieceModel& model, bool prefix_every_part, const std::string& where);
  ~SentencepieceEncoder() override;

  void encode(std::string_view part, bool first, std::vector<std::int32_t>& ids) const override;

 private:
  using Processor = sentencepiece::SentencePieceProcessor;

  std::unique_ptr<Processor> whole_;      // for the first part
  std::unique_ptr<Processor> continued_;  // for later ones; null: the same
};

}  // namespace tempo::text
