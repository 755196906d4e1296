#include "checkpoint_files.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "tempo/core/error.h"
#include "tempo/core/hex.h"

namespace tempo::train {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "tempo checkpoint 1";

bool is_plain(std::string_view name) {
  return !name.empty() && name.front() != '.' && name.find('/') == name.npos && name.find('\0') == name.npos;
}

// These throw for what is none; the caller says what was expected of the whole.
std::uint64_t to_size(const Json& value) {
  TEMPO_CHECK(value.is_number_unsigned(), "number");
  return value.get<std::uint64_t>();
}
std::int64_t to_count(const Json& value) {
  constexpr auto kLargest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const std::uint64_t count = to_size(value);
  TEMPO_CHECK(count <= kLargest, "number");
  return static_cast<std::int64_t>(count);
}
std::uint64_t to_hex(const Json& value) {
  const auto number = core::parse_hex(value.get_ref<const std::string&>());
  TEMPO_CHECK(number, "digits");
  return *number;
}

Manifest to_manifest(const Json& json) {
  TEMPO_CHECK(json.at("format") == kFormat, "format");
  Manifest files;
  for (const auto& [name, entry] : json.at("files").items()) {
    TEMPO_CHECK(is_plain(name), "name");
    files[name] = {.size = to_size(entry.at("size")), .xxh3 = to_hex(entry.at("xxh3"))};
  }
  return files;
}

CheckpointState to_state(const Json& json) {
  CheckpointState state{.trainer = {.step = to_count(json.at("step")),
                                    .cursor = to_count(json.at("cursor")),
                                    .updates = to_count(json.at("updates")),
                                    .num_tokens = to_count(json.at("num_tokens"))},
                        .evaluated = json.at("evaluated").get<bool>(),
                        .logs = {},
                        .metrics = json.at("metrics").get<std::map<std::string, double>>(),
                        .identity = {.version = json.at("version").get<std::string>(),
                                     .config = json.at("config").get<std::string>(),
                                     .data = to_hex(json.at("data")),
                                     .config_fingerprint = to_hex(json.at("config_fingerprint"))}};
  for (const auto& [name, bytes] : json.at("logs").items()) state.logs[name] = to_size(bytes);
  return state;
}

// Calls read with the text as JSON.
template <typename Read>
auto parse(std::string_view where, std::string_view text, std::string_view what, const Read& read) {
  try {
    return read(Json::parse(text));
  } catch (const std::exception&) {
    core::fail(where, ": expected the ", what, ", got something else");
  }
}

}  // namespace

std::string manifest_text(const Manifest& files) {
  Json json{{"format", kFormat}, {"files", Json::object()}};
  for (const auto& [name, digest] : files)
    json["files"][name] = {{"size", digest.size}, {"xxh3", core::hex_text(digest.xxh3)}};
  return json.dump(1) + "\n";
}

std::string state_text(const CheckpointState& state) {
  Json metrics = Json::object();
  for (const auto& [name, value] : state.metrics)
    if (std::isfinite(value)) metrics[name] = value;
  const Json json{{"step", state.trainer.step},
                  {"cursor", state.trainer.cursor},
                  {"updates", state.trainer.updates},
                  {"num_tokens", state.trainer.num_tokens},
                  {"evaluated", state.evaluated},
                  {"logs", state.logs},
                  {"metrics", metrics},
                  {"version", state.identity.version},
                  {"data", core::hex_text(state.identity.data)},
                  {"config_fingerprint", core::hex_text(state.identity.config_fingerprint)},
                  {"config", state.identity.config}};
  return json.dump(1) + "\n";
}

Manifest parse_manifest(std::string_view where, std::string_view text) {
  return parse(where, text, core::concat("manifest of a ", kFormat), to_manifest);
}

CheckpointState parse_state(std::string_view where, std::string_view text) {
  return parse(where, text, "state of a run", to_state);
}

}  // namespace tempo::train
