#include "common/run_identity.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "config/node.h"
#include "config/parse.h"
#include "tempo/core/error.h"
#include "tempo/core/hex.h"
#include "tempo/train/fingerprint.h"

namespace tempo::common {
namespace {

using config::Node;
using Values = std::map<std::string, std::string>;  // by dotted key

constexpr std::array<std::string_view, 7> kFree{
    "output",       "distributed", "model.threads", "model.device", "sampling.max_concurrent_responses",
    "train.epochs", "train.steps"};

bool is_free(std::string_view key) {
  return std::any_of(kFree.begin(), kFree.end(), [&](std::string_view free) {
    return key == free || (key.starts_with(free) && key[free.size()] == '.');
  });
}

void flatten(const Node& node, const std::string& name, Values& values) {
  const std::string before = name.empty() ? "" : name + ".";
  for (const auto& [key, value] : node.entries) flatten(value, before + key, values);
  for (std::size_t i = 0; i < node.items.size(); ++i)
    flatten(node.items[i], before + std::to_string(i), values);
  if (node.entries.empty() && node.items.empty() && !is_free(name)) values[name] = node.text;
}

Values values_of(const std::string& config) {
  Values values;
  flatten(config::parse_yaml(config, "config", false), "", values);
  return values;
}

std::string config_difference(const std::string& expected, const std::string& found) {
  const Values before = values_of(expected), now = values_of(found);
  const auto text = [](const Values& values, const std::string& key) {
    const auto value = values.find(key);
    return value == values.end() ? std::string("nothing") : "'" + value->second + "'";
  };
  Values keys = before;
  keys.insert(now.begin(), now.end());
  for (const auto& [key, value] : keys) {
    const std::string wanted = text(before, key), got = text(now, key);
    if (wanted != got) return core::concat(key, ": expected ", wanted, ", got ", got);
  }
  return "";
}

}  // namespace

train::RunIdentity identity_of(const std::string& config, const train::Task& task) {
  std::string deciding;
  for (const auto& [key, value] : values_of(config)) deciding += core::concat(key, '=', value, '\n');
  return {.version = TEMPO_VERSION,
          .config = config,
          .data = train::task_fingerprint(task),
          .config_fingerprint = train::text_fingerprint(deciding)};
}

std::string difference(const train::RunIdentity& expected, const train::RunIdentity& found) {
  std::string config = config_difference(expected.config, found.config);
  if (!config.empty()) return config;
  if (expected.data == found.data) return "";
  return core::concat("data: expected training data of fingerprint ", core::hex_text(expected.data), ", got ",
                      core::hex_text(found.data));
}

void check_same_on_ranks(dist::Group& group, const train::RunIdentity& identity) {
  const auto configs = group.exchange(identity.config, "configurations");
  const auto versions = group.exchange(identity.version, "versions");
  const auto data = group.exchange(core::hex_text(identity.data), "data fingerprints");
  for (std::size_t rank = 1; rank < configs.size(); ++rank) {
    const auto fail = [&](const std::string& what) {
      core::fail("rank ", rank, ": expected the same run as rank 0's: ", what);
    };
    const std::string config = config_difference(configs[0], configs[rank]);
    if (!config.empty()) fail(config);
    if (versions[rank] != versions[0])
      fail(core::concat("version: expected ", versions[0], ", got ", versions[rank]));
    if (data[rank] != data[0])
      fail(core::concat("data: expected fingerprint ", data[0], ", got ", data[rank]));
  }
}

}  // namespace tempo::common
