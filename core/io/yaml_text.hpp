#pragma once
/// YAML that somebody else wrote: one document of moderate size.

#include <filesystem>
#include <string>

namespace YAML {
class Node;
}

namespace admmbench {

/// The document in `text`. Throws YAML::ParserException, with the place, for what yaml-cpp does not understand and for what no file here
/// needs: more than 4 MiB, 32 levels or 300,000 values with all aliases put in, an alias inside what it stands for, a second document,
/// a tag, a control character.
YAML::Node load_yaml(const std::string& text);

/// The same of a file; throws YAML::BadFile too.
YAML::Node load_yaml_file(const std::filesystem::path& file);

}  // namespace admmbench
