#pragma once
/// The data sets known by name: datasets/registry.yaml, typed, and those of datasets/generator.hpp.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace admmbench {

/// A file as its publisher ships it. Exactly one of the three hashes is set: see registry.yaml.
struct RawFile {
  std::string role;  ///< what convert.py calls it
  std::string name;
  std::string sha256;
  std::string unpacked_sha256;
  std::string md5;
  std::optional<std::uintmax_t> bytes;

  /// "sha256 <digits>": the declared hash and its kind.
  std::string declared_hash() const;
};

struct RegistryEntry {
  std::string name;
  std::string kind;     ///< idx | planetoid | npz | libsvm | synthetic
  std::string summary;  ///< one line
  std::string licence;
  std::string citation;
  std::vector<std::string> addresses;  ///< folders on the web, ending in '/'
  std::string system_folder;           ///< under /usr/share/datasets, or empty
  std::string system_package;          ///< the Debian package that fills it
  std::vector<RawFile> files;
  std::map<std::string, long>
      expected;  ///< counts by name: train, test, features, classes, nodes, edges, ...

  bool generates_graph = false;  ///< a synthetic graph

  bool synthetic() const { return kind == "synthetic"; }
  bool split_by_rule() const { return kind == "npz"; }  ///< has no published split
  bool graph() const { return kind == "planetoid" || kind == "npz" || generates_graph; }
};

/// Where registry.yaml and convert.py are: $ADMMBENCH_DATASETS_DIR, else datasets/ of installed_files().
std::filesystem::path datasets_folder();

/// All entries: of the suite's file and of the files in $ADMMBENCH_REGISTRY (separated by colons), in their order, then
/// the generated ones. Throws DataError naming file, line and key.
std::vector<RegistryEntry> dataset_registry();

/// Throws DataError that lists the known names.
RegistryEntry find_dataset(const std::string& name);

}  // namespace admmbench
