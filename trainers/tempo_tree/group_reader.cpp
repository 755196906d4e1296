#include "tempo_tree/group_reader.h"

#include "tempo/core/error.h"
#include "tempo_tree/group_parser.h"

namespace tempo::programs {

GroupReader::GroupReader(const std::string& file) : lines_(file) {}

bool GroupReader::next(Group& group) {
  if (!lines_.next(line_)) return false;
  try {
    parse_group(line_, group);
  } catch (const Error& error) {
    core::fail(place(), ": ", error.what());
  }
  return true;
}

std::string GroupReader::place() const { return lines_.place(); }

}  // namespace tempo::programs
