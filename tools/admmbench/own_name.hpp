#pragma once
/// A program that a user built with admmbench_add_tool() speaks of itself by its own name.

#include <string>

namespace admmbench {

/// The name that the running program was called by, without folders.
std::string own_name();

/// `text` with `admmbench` before a blank, a command to type, as own_name(); what is part of another word or path stays.
std::string in_own_name(std::string text);

/// The same of a shell's completion script, its functions included.
std::string completion_in_own_name(std::string script);

namespace detail {
std::string in_name(std::string text, const std::string& name);
std::string completion_in_name(std::string script, const std::string& name);
}  // namespace detail

}  // namespace admmbench
