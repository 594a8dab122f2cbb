#pragma once
/// The data sets known by name: datasets/registry.yaml, typed, and those of datasets/generator.hpp.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace admmbench {

/// A file as its publisher ships it. One of the three hashes is set, or none where none is published: see registry.yaml.
struct RawFile {
  std::string role;  ///< what the converter calls it
  std::string name;
  std::string sha256;
  std::string unpacked_sha256;
  std::string md5;
  std::optional<std::uintmax_t> bytes;
  std::string address = {};  ///< of the file, where it is not in the set's folders

  bool hashed() const { return !(sha256.empty() && unpacked_sha256.empty() && md5.empty()); }
  /// "sha256 <digits>": the declared hash and its kind; "no hash".
  std::string declared_hash() const;
};

struct RegistryEntry {
  std::string name;
  std::string kind;     ///< what reads the files, see datasets/convert/__main__.py; or synthetic
  std::string summary;  ///< one line
  std::string licence;
  std::string citation;
  std::vector<std::string> addresses;          ///< folders on the web, ending in '/'
  std::string system_folder;                   ///< where a Debian package puts the files, or empty
  std::string system_package;                  ///< the Debian package that fills it
  std::map<std::string, std::string> options;  ///< of the converter, by name
  std::vector<RawFile> files;
  std::map<std::string, long>
      expected;  ///< counts by name: train, test, features, classes, nodes, edges, splits, ...

  bool generates_graph = false;  ///< a synthetic graph

  bool synthetic() const { return kind == "synthetic"; }
  bool split_by_rule() const { return kind == "npz"; }  ///< has no published split
  /// How many published splits `split:` can choose among; 0: there is no choice.
  long splits() const {
    const auto it = expected.find("splits");
    return it == expected.end() ? 0 : it->second;
  }
  bool graph() const {
    return kind == "planetoid" || kind == "npz" || kind == "masked_npz" || kind == "graphsaint" ||
           kind == "ogb" || generates_graph;
  }
  bool regression() const { return kind == "masked_csv"; }  ///< targets are numbers
};

/// Where registry.yaml and convert/ are: $ADMMBENCH_DATASETS_DIR, else datasets/ of installed_files().
std::filesystem::path datasets_folder();

/// All entries: of the suite's file and of the files in $ADMMBENCH_REGISTRY (separated by colons), in their order, then
/// the generated ones. Throws DataError naming file, line and key.
std::vector<RegistryEntry> dataset_registry();

/// Throws DataError that lists the known names.
RegistryEntry find_dataset(const std::string& name);

}  // namespace admmbench
