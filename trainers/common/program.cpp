#include "common/program.h"

#include <exception>
#include <iostream>
#include <new>
#include <string>
#include <string_view>

namespace tempo::common {
namespace {

// libtorch puts a stack trace behind the first line.
void print_error(std::string_view message) {
  std::cerr << "error: " << message.substr(0, message.find('\n')) << std::endl;
}

}  // namespace

int run_program(CLI::App& app, int argc, const char* const* argv, const std::function<void()>& work) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& request) {
    return app.exit(request);
  } catch (const CLI::ParseError& error) {
    print_error(error.what());
    return 2;
  }
  try {
    work();
    return 0;
  } catch (const std::bad_alloc&) {
    print_error("expected enough memory, got none");
  } catch (const std::exception& error) {
    print_error(error.what());
  }
  return 1;
}

}  // namespace tempo::common
