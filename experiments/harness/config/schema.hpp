#pragma once
/// The JSON Schema of experiment files (draft 7, which editors understand), for completion and checks while typing.

#include <nlohmann/json.hpp>
#include <string>

#include "experiments/harness/config/yaml_reader.hpp"

namespace admmbench {

/// Made of the declarations of all keys (experiment.hpp), of the parameters of all methods and synthetic data sets, of
/// the presets and the registry. It refuses nothing that load_experiment() accepts; what it cannot express (files that
/// must exist, members that apply to some choices only, labels that must differ) is left to `admmbench validate`.
Json experiment_schema();

/// Its text: a line for every key and every parameter of a method.
std::string schema_text(const Json& schema);

}  // namespace admmbench
