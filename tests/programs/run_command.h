// Runs a program as a user does.
#pragma once

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "programs/temporary_file.h"

namespace tempo::tests {

struct CommandResult {
  int status = -1;  // exit status; -1: ended by a signal
  std::string out, err;
};

// Runs a shell command with the text as its standard input.
inline CommandResult run_command(const std::string& command, const std::string& input = "") {
  const TemporaryFile in(input), err("");
  const std::string line = "{ " + command + " ; } <" + in.path().string() + " 2>" + err.path().string();
  CommandResult result;
  std::FILE* pipe = popen(line.c_str(), "r");
  std::array<char, 4096> buffer;
  for (std::size_t n = 1; n > 0; result.out.append(buffer.data(), n))
    n = std::fread(buffer.data(), 1, buffer.size(), pipe);
  const int status = pclose(pipe);
  if (WIFEXITED(status)) result.status = WEXITSTATUS(status);
  std::ifstream errors(err.path());
  result.err.assign(std::istreambuf_iterator<char>(errors), {});
  return result;
}

}  // namespace tempo::tests
