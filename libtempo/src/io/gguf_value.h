// Metadata values of GGUF files.
#pragma once

#include <string_view>

#include "byte_reader.h"
#include "tempo/io/gguf.h"

namespace tempo::io {

// Reads a value with its type before it. Throws tempo::Error, naming the file and what, when there is no such
// type, or an integer of 2^63 or more, a boolean other than 0 and 1, an array of arrays.
Gguf::Value parse_gguf_value(ByteReader& reader, std::string_view what);

}  // namespace tempo::io
