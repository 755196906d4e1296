// All that a run of tempo-train leaves, to compare two of them bit by bit.
#pragma once

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>

#include "programs/workspace.h"

namespace tempo::tests {

// The lines of metrics.jsonl, without times.
inline std::vector<nlohmann::json> metrics_of(const Workspace& workspace, const std::string& folder) {
  auto lines = workspace.lines(folder + "/metrics.jsonl");
  for (auto& line : lines) {
    std::erase_if(line.get_ref<nlohmann::json::object_t&>(), [](const auto& entry) {
      return entry.first == "step_time" || entry.first.starts_with("time/");
    });
  }
  return lines;
}

// The step of the newest checkpoint, whole or not; 0: there is none.
inline int newest_step(const Workspace& workspace, const std::string& folder) {
  int newest = 0;
  std::error_code missing;
  for (const auto& entry :
       std::filesystem::directory_iterator(workspace.folder() / folder / "checkpoints", missing)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("step-")) newest = std::max(newest, std::stoi(name.substr(5)));
  }
  return newest;
}

// Contents by a name that says what differs when a comparison fails. The checkpoint is the newest: weights
// and optimiser.
inline std::map<std::string, std::string> outcome_of(const Workspace& workspace, const std::string& folder) {
  namespace fs = std::filesystem;
  std::map<std::string, std::string> outcome;
  for (const auto& line : metrics_of(workspace, folder)) outcome["metrics"] += line.dump() + "\n";
  for (const char* file : {"completions.jsonl", "evaluations.jsonl", "final/model.safetensors"})
    outcome[file] = workspace.read(folder + "/" + file);
  const int newest = newest_step(workspace, folder);
  if (newest == 0) return outcome;
  const auto checkpoint = folder + "/checkpoints/step-" + std::to_string(newest);
  for (const auto& entry : fs::directory_iterator(workspace.folder() / checkpoint)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("shard")) outcome[name] = workspace.read(checkpoint + "/" + name);
  }
  return outcome;
}

// Names of what differs.
inline std::vector<std::string> differences(const std::map<std::string, std::string>& a,
                                            const std::map<std::string, std::string>& b) {
  std::vector<std::string> names;
  for (const auto& [name, content] : a)
    if (!b.contains(name) || b.at(name) != content) names.push_back(name);
  for (const auto& [name, content] : b)
    if (!a.contains(name)) names.push_back(name);
  return names;
}

}  // namespace tempo::tests
