#pragma once
/// A list that objects of static storage fill before main(), so that a method or a data set is added in one file of its own
/// without editing a list (solvers/solver.hpp, datasets/generator.hpp).

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace admmbench {

/// Info has a member `name`.
template <class Info>
class Registry {
 public:
  /// `kind`: what the entries are called in messages, in the plural.
  explicit Registry(std::string kind) : kind_(std::move(kind)) {}

  /// All entries, sorted by name.
  const std::vector<Info>& entries() const { return entries_; }

  /// The entry of `name`, or nullptr.
  const Info* find(std::string_view name) const {
    const auto place = place_of(name);
    return place != entries_.end() && place->name == name ? &*place : nullptr;
  }

  /// Throws std::logic_error if the name is taken.
  void add(Info info) {
    if (find(info.name) != nullptr) throw std::logic_error("two " + kind_ + " are called " + info.name);
    entries_.insert(place_of(info.name), std::move(info));
  }

 private:
  typename std::vector<Info>::const_iterator place_of(std::string_view name) const {
    return std::lower_bound(entries_.begin(), entries_.end(), name,
                            [](const Info& entry, std::string_view wanted) { return entry.name < wanted; });
  }

  std::string kind_;
  std::vector<Info> entries_;
};

/// registry.add(info) for static objects, whose exceptions nobody can catch: a name that is taken ends the program with a sentence.
template <class Info>
void add_or_end(Registry<Info>& registry, Info info) {
  try {
    registry.add(std::move(info));
  } catch (const std::logic_error& error) {
    std::fprintf(stderr, "error: %s: give yours another name\n", error.what());
    std::_Exit(2);
  }
}

}  // namespace admmbench
