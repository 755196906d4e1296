#include "checkpoint_manifest.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "tempo/core/error.h"
#include "tempo/io/file.h"
#include "tempo/train/checkpoint.h"
#include "tempo/train/fingerprint.h"

namespace tempo::train {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr const char* kFormat = "tempo checkpoint 1";

bool is_plain(const std::string& name) {
  return !name.empty() && name.front() != '.' && name.find('/') == std::string::npos;
}

io::FileDigest digest_of(const Json& entry) {
  const auto& text = entry.at("xxh3").get_ref<const std::string&>();
  io::FileDigest digest{.size = entry.at("size").get<std::uint64_t>()};
  const char* const end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, digest.xxh3, 16);
  TEMPO_CHECK(code == std::errc() && stop == end, "xxh3");
  return digest;
}

}  // namespace

void write_manifest(const fs::path& folder, const Manifest& files) {
  Json json{{"format", kFormat}, {"files", Json::object()}};
  for (const auto& [name, digest] : files)
    json["files"][name] = {{"size", digest.size}, {"xxh3", fingerprint_text(digest.xxh3)}};
  io::write_text_atomically(folder / kManifestFile, json.dump(1) + "\n");
}

Manifest read_manifest(const fs::path& folder) {
  const auto path = folder / kManifestFile;
  const std::string text = io::read_text(path);
  Manifest files;
  try {
    const Json json = Json::parse(text);
    TEMPO_CHECK(json.at("format") == kFormat, "format");
    for (const auto& [name, entry] : json.at("files").items()) {
      TEMPO_CHECK(is_plain(name), "name");
      files[name] = digest_of(entry);
    }
  } catch (const std::exception&) {
    core::fail(path.string(), ": expected the manifest of a ", kFormat, ", got something else");
  }
  return files;
}

std::string checkpoint_damage(const fs::path& folder) {
  try {
    for (const auto& [name, expected] : read_manifest(folder)) {
      const auto path = folder / name;
      const io::FileDigest found = io::digest_file(path);
      TEMPO_CHECK(found.size == expected.size, path.string(), ": expected ", expected.size, " bytes, got ",
                  found.size);
      TEMPO_CHECK(found.xxh3 == expected.xxh3, path.string(), ": expected checksum ",
                  fingerprint_text(expected.xxh3), ", got ", fingerprint_text(found.xxh3));
    }
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace tempo::train
