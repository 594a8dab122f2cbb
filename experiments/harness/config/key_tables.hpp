#pragma once
/// The keys of experiment files as Markdown tables, for docs/reference/experiments.md.

#include <string>

namespace admmbench {

/// One table for each mapping of an experiment file: key, value, default, meaning.
std::string key_tables();

}  // namespace admmbench
