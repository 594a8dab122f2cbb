#pragma once
/// The admmbench program, run by a test in a folder of its own.

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/support/contains.hpp"
#include "tests/support/temporary_folder.hpp"

namespace admmbench::testing {

struct ProgramOutput {
  int status;
  std::string text;    ///< standard output
  std::string errors;  ///< standard error
};

/// `admmbench <arguments>` in `folder`.
inline ProgramOutput run_program(const std::filesystem::path& folder, const std::string& arguments) {
  const auto read = [&](const std::string& name) {
    std::ifstream in(folder / name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const std::string command =
      "cd '" + folder.string() + "' && " ADMMBENCH_EXECUTABLE " " + arguments + " > out.txt 2> err.txt";
  const int status = std::system(command.c_str());  // NOLINT: the command is the test's own
  return {WEXITSTATUS(status), read("out.txt"), read("err.txt")};
}

inline ProgramOutput run_program(const TemporaryFolder& folder, const std::string& arguments) {
  return run_program(folder.path(), arguments);
}

}  // namespace admmbench::testing
