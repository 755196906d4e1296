// The program of the tests of faults while a checkpoint is saved: save_checkpoint FOLDER STEP.
#include <cstdio>
#include <string>

#include "faults/step_checkpoint.h"
#include "tempo/core/error.h"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  try {
    tempo::tests::save_step(argv[1], std::stoi(argv[2]));
  } catch (const tempo::Error& error) {
    std::printf("error: %s\n", error.what());
    return 1;
  }
}
