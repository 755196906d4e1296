#include "row_reader.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "tempo/core/error.h"
#include "tempo/data/dataset.h"

namespace tempo::data {
namespace {

constexpr std::string_view kBlank = " \t\r", kByteOrderMark = "\xEF\xBB\xBF";

Json parse_object(const std::string& text, const std::string& where) {
  const std::size_t nul = text.find('\0');
  TEMPO_CHECK(nul == text.npos, where, "expected a JSON object, got a NUL at byte ", nul + 1);
  try {
    Json object = Json::parse(text);
    TEMPO_CHECK(object.is_object(), where, "expected a JSON object, got ", object.type_name());
    return object;
  } catch (const Json::parse_error& error) {
    const bool is_utf8 = std::string_view(error.what()).find("ill-formed UTF-8") == std::string_view::npos;
    core::fail(where, "expected a JSON object, got ", is_utf8 ? "invalid JSON" : "text that is not UTF-8",
               " at byte ", error.byte);
  } catch (const Json::out_of_range&) {
    core::fail(where, "expected a JSON object, got a number that is too large");
  }
}

// Returns the member or list item of a name, or nullptr.
const Json* child(const Json& parent, std::string_view name) {
  if (parent.is_object()) {
    const auto found = parent.find(std::string(name));
    return found == parent.end() ? nullptr : &*found;
  }
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
  const bool is_index = error == std::errc{} && end == name.data() + name.size();
  return parent.is_array() && is_index && index < parent.size() ? &parent[index] : nullptr;
}

const Json* descend(const Json& object, std::string_view path) {
  const Json* value = &object;
  while (value != nullptr) {
    const std::size_t dot = path.find('.');
    value = child(*value, path.substr(0, dot));
    if (dot == path.npos) break;
    path.remove_prefix(dot + 1);
  }
  return value;
}

}  // namespace

const Json* Row::find(const std::string& key) const {
  const Json* value = child(object, key);
  if (value == nullptr) value = descend(object, key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

RowReader::RowReader(const std::filesystem::path& path) : name_(path.string()) {
  TEMPO_CHECK(std::filesystem::exists(path), name_, ": expected a file of JSON lines, found nothing");
  TEMPO_CHECK(!std::filesystem::is_directory(path), name_, ": expected a file of JSON lines, got a folder");
  file_.open(path, std::ios::binary);
  TEMPO_CHECK(file_.good(), name_, ": expected a file that can be read, got no access");
}

bool RowReader::next(Row& row) {
  while (read_line()) {
    if (line_ == 1 && text_.starts_with(kByteOrderMark)) text_.erase(0, kByteOrderMark.size());
    if (text_.find_first_not_of(kBlank) == text_.npos) continue;
    row.line = line_;
    row.where = core::concat(name_, ":", line_, ": ");
    row.object = parse_object(text_, row.where);
    return true;
  }
  return false;
}

// std::getline would read a line of any length.
bool RowReader::read_line() {
  using Traits = std::char_traits<char>;
  text_.clear();
  ++line_;
  std::streambuf& bytes = *file_.rdbuf();
  try {
    for (auto c = bytes.sbumpc(); c != '\n'; c = bytes.sbumpc()) {
      if (Traits::eq_int_type(c, Traits::eof())) return !text_.empty();
      TEMPO_CHECK(static_cast<std::int64_t>(text_.size()) < kMaxRowBytes, name_, ":", line_,
                  ": expected a row of at most ", kMaxRowBytes, " bytes, got a longer one");
      text_ += Traits::to_char_type(c);
    }
  } catch (const std::ios_base::failure&) {
    core::fail(name_, ": expected to read the whole file, got an error of the disk");
  }
  return true;
}

}  // namespace tempo::data
