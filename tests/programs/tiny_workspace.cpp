// Makes the folder that the tests run the programs in: tiny_workspace FOLDER. For scripts.
#include <cstdio>
#include <filesystem>

#include "programs/workspace.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const tempo::tests::Workspace workspace;
  std::filesystem::copy(workspace.folder(), argv[1], std::filesystem::copy_options::recursive);
}
