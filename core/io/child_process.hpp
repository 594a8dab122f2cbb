#pragma once
/// Running a helper program (curl, python3) without a shell.

#include <string>
#include <vector>

namespace admmbench {

struct ChildResult {
  int status = 0;      ///< exit code; 127 if the program is not there, 128 + n if signal n ended it
  std::string output;  ///< stdout and stderr together, without the newline at the end
};

/// Runs `arguments[0]`, looked for in PATH, and waits for it. Standard input is empty.
ChildResult run_child(const std::vector<std::string>& arguments);

}  // namespace admmbench
