#pragma once
/// Running a helper program (curl, python3, git) without a shell.

#include <cstdint>
#include <string>
#include <vector>

namespace admmbench {

struct ChildResult {
  int status = 0;      ///< exit code; 127 if the program is not there, 128 + n if signal n ended it
  std::string output;  ///< stdout and stderr together, without the newline at the end
};

/// What the program may use before it is ended; 0: as much as the caller.
struct ChildLimits {
  long seconds = 0;         ///< of processor time
  std::uint64_t bytes = 0;  ///< of address space
};

/// Runs `arguments[0]`, looked for in PATH, and waits for it. Standard input is empty. The environment is the caller's without what
/// would make the program do something else than it was asked for: GIT_*, PYTHON*, PERL*, ENV, BASH_ENV, CDPATH.
ChildResult run_child(const std::vector<std::string>& arguments, const ChildLimits& limits = {});

/// Runs `arguments[0]` with the caller's standard streams and the same environment as run_child(). The exit code, or 128 + n if signal n
/// ended it, 127 if the program is not there. An interrupt from the keyboard is the program's to answer.
int run_child_here(const std::vector<std::string>& arguments);

}  // namespace admmbench
