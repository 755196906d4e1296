// What every program does around its work: parse the command line, and turn errors into one line and an exit
// status.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace tempo::common {

// Parses the command line, then runs the work. Returns 0; 1 after an error of the work, whose first line is
// printed to standard error as "error: ..."; 2 after wrong usage, printed likewise. --help and --version
// print and return 0.
int run_program(CLI::App& app, int argc, const char* const* argv, const std::function<void()>& work);

}  // namespace tempo::common
