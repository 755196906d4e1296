// Writes TEXT to FILE, all or nothing: the program of the tests of file faults.
#include <cstdio>

#include "tempo/core/error.h"
#include "tempo/io/file.h"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  try {
    tempo::io::write_text_atomically(argv[1], argv[2]);
  } catch (const tempo::Error& error) {
    std::printf("error: %s\n", error.what());
    return 1;
  }
}
