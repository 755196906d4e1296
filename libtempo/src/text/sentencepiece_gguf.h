// The vocabulary of a GGUF file whose tokenizer is sentencepiece's, as a model file.
#pragma once

#include "sentencepiece_model.h"
#include "tempo/io/gguf.h"

namespace tempo::text {

// Throws tempo::Error, naming the file, when its vocabulary is incomplete or damaged.
SentencepieceModel sentencepiece_from_gguf(const io::Gguf& file);

}  // namespace tempo::text
