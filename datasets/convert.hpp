#pragma once
/// From raw files to data.h5 (docs/reference/datasets.md), by the Python programs in datasets/convert/. Converted files stay in the cache
/// under a key made of the raw files' hashes and the converter's own: change either, and the set is converted anew.

#include <filesystem>
#include <string>

#include "datasets/fetch.hpp"
#include "datasets/registry.hpp"

namespace admmbench {

/// Identity of the converted content of a registered set, known without having it.
std::string content_key(const RegistryEntry& entry);

/// Identity of the converted content of a CSV or LIBSVM text file.
std::string content_key(const std::filesystem::path& text);

/// Where the cache keeps the converted file, whether it is there or not.
std::filesystem::path converted_file(const RegistryEntry& entry);

/// data.h5 of a registered set: fetched, converted and its counts compared with the registry, if it was not before.
/// Throws DataUnavailable or DataError; nothing half-made stays behind.
std::filesystem::path require_data_file(const RegistryEntry& entry, Downloads& downloads);
/// The same by itself: nothing is known of the web yet.
std::filesystem::path require_data_file(const RegistryEntry& entry);

/// data.h5 of a user's file. HDF5 files are taken as they are; .csv, and .libsvm, .svm, .txt or no ending (LIBSVM
/// text), are converted. Throws DataError.
std::filesystem::path require_data_file(const std::filesystem::path& file);

/// True for files that start with HDF5's signature. Throws DataError if `path` cannot be read.
bool is_hdf5(const std::filesystem::path& path);

}  // namespace admmbench
