#pragma once
/// Results that several machines or jobs have made, brought into one folder: no run is lost, none is overwritten by less, and two that
/// only have their names in common are told apart.

#include <filesystem>
#include <string>
#include <vector>

namespace admmbench {

struct MergedFile {
  enum class Kind {
    copied,    ///< was not there
    same,      ///< is there already, to the bit
    replaced,  ///< what was there is damaged, interrupted or failed, this is complete or came further
    kept,  ///< what is there is complete or came further; or a text beside results, which says something else
    other_bits,  ///< the same run (content hash), made with other bits, as by another processor: what is there stays
    conflict,  ///< another run (content hash) of the same experiment, data set, method and seed: nothing is done
    damaged,  ///< cannot be read, or is not what its checksums say
    busy,     ///< another process makes this run in the folder, or changed one of the files meanwhile
  };
  Kind kind;
  std::filesystem::path from;  ///< the file that was looked at
  std::filesystem::path into;  ///< its place
  std::string what;            ///< why, in one line; empty of copied and same ones
};

std::string to_string(MergedFile::Kind kind);
/// Whether somebody has to look at it: conflict, damaged, busy.
bool needs_attention(MergedFile::Kind kind);

/// Brings the results under the folders or files `from`, in this order, to their places in `into`,
/// <into>/<experiment>/<data set>/<method>/seed-<s>.h5, with the runs, traces and presentations that lie beside them. Files are
/// copied under temporary names, synchronised and renamed, under the claims that runs are made under: sessions may be at work in all of the
/// folders. `dry_run`: only says what would be done. Throws std::invalid_argument if `into` lies in one of `from` or the other way round,
/// std::runtime_error for a root that is not there or has no results, or a copy that cannot be written.
std::vector<MergedFile> merge_results(const std::vector<std::filesystem::path>& from,
                                      const std::filesystem::path& into, bool dry_run);

}  // namespace admmbench
