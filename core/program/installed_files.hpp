#pragma once
/// Where the files are that the program reads as it runs: experiments/, datasets/ (registry.yaml, convert/) and
/// results/published/.

#include <filesystem>

namespace admmbench {

/// The first of these that is there, absolute and with links resolved:
///   1. $ADMMBENCH_SHARE, if set
///   2. ../share/admmbench beside the folder of the running program: an installation wherever it was moved to; in a build
///      tree a link to the sources
///   3. the installation that the program was built against, if it is a user's own
/// Throws std::runtime_error that names the folders tried.
std::filesystem::path installed_files();

}  // namespace admmbench
