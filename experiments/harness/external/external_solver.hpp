#pragma once
/// Solver `external`: a program in any language, talked to over its standard streams (docs/reference/solver-protocol.md).

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/parameters.hpp"
#include "results/record/made_elsewhere.hpp"

namespace admmbench {

struct ExternalParameters {
  std::vector<std::string> command;  ///< as written
  std::vector<std::string> files;    ///< as written
  double answer_limit = 600;
  /// The method's own parameters, which the suite does not know: name, value in JSON.
  std::vector<std::pair<std::string, std::string>> own;

  void visit(ParameterVisitor& v) {
    v.needed().texts(
        "command", command, {.items = "words", .least = "one word"},
        "the program and its arguments; words that name a file are looked for beside the experiment");
    v.stored_if(!files.empty() || v.wants_all())
        .texts("files", files, {.items = "files", .least = "one file"},
               "what else decides what the program does, so that runs are made again when it changes");
    v.real("answer_limit", answer_limit, positive, "seconds after which an answer will not come");
  }
};

/// The words of a command, or files, with those that are files replaced by where they are: relative to `folder`, else to the working
/// directory.
struct FoundFiles {
  std::vector<std::string> words;
  std::vector<std::filesystem::path> files;
};
FoundFiles find_files(const std::vector<std::string>& words, const std::filesystem::path& folder);

/// What keeps `command` from being started, its files looked for as find_files() does: the program is not there, or a word that is a
/// script by its ending. Empty: nothing.
std::string missing_in_command(const std::vector<std::string>& command, const std::filesystem::path& folder);

}  // namespace admmbench
