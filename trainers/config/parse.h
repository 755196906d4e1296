// Text as YAML: the border between yaml-cpp and our nodes.
#pragma once

#include <string>

#include "config/node.h"

namespace tempo::config {

// Returns the one document that the text holds, kNull where it holds none. Places are `source`, with the line
// where numbered. Throws tempo::Error: bytes that are not UTF-8, control bytes, no YAML, several documents, a
// key that stands twice, too many values.
Node parse_yaml(const std::string& text, const std::string& source, bool numbered);

}  // namespace tempo::config
