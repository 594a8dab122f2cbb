#pragma once
/// What a repository that `admmbench new` makes is called: the name as given, as an identifier, and as the beginning of a class name.

#include <string>

namespace admmbench {

/// In the templates these stand as `my-name`, `my_name` and `MyName`.
struct TemplateNames {
  /// Throws ConfigError if `given` cannot be all of that, or is a solver's or data set's name already, which `kind` may make one of.
  TemplateNames(const std::string& given, const std::string& kind);

  std::string name;        ///< "my-admm"
  std::string identifier;  ///< "my_admm"
  std::string camel;       ///< "MyAdmm"
};

/// `text` with all placeholders replaced.
std::string filled(std::string text, const TemplateNames& names);

}  // namespace admmbench
