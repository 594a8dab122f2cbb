#pragma once
/// The keys of an experiment file, declared once: the reader (config.cpp, solver_grid.cpp) admits no others, and the JSON
/// Schema describes them. A new key is one line here and its reading there.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/parameters.hpp"

namespace admmbench {

using Json = nlohmann::ordered_json;

struct Key {
  std::string name;
  std::string meaning;
  Json schema;  ///< of its value, without the meaning
  bool required = false;
};

/// Words and ranges that reader and schema share. The words are in the order of their enumerations.
std::vector<std::string> precision_words();
std::vector<std::string> activation_words();
std::vector<std::string> loss_words();
std::vector<std::string> tune_methods();
std::vector<std::string> tune_places();
/// Nothing of the test set, and nothing of the training set.
std::vector<std::string> tune_columns();
inline constexpr Range seed_range{0, 9007199254740991.0, false, false};
inline constexpr Range target_range{0, 1, true, false};

/// Top level; the other mappings below it.
std::vector<Key> experiment_keys();
std::vector<Key> dataset_keys();
std::vector<Key> network_keys();
std::vector<Key> initial_keys();
std::vector<Key> solver_keys();
std::vector<Key> record_keys();
std::vector<Key> stop_keys();
std::vector<Key> tune_keys();
std::vector<Key> dataset_tune_keys();
/// Of a range in a solver's `search`.
std::vector<Key> search_keys();
/// What a profile may lay over: the top level without the name and the profiles.
std::vector<Key> profile_keys();

std::vector<std::string> key_names(const std::vector<Key>& keys);

/// Schemas of single values.
Json number_schema(const Range& range);
Json integer_schema(const Range& range);
Json text_schema();
Json word_schema(const std::vector<std::string>& words);
Json list_schema(Json item, std::size_t at_least);
Json reference_schema(const std::string& definition);

}  // namespace admmbench
