#pragma once
/// Who is best on which data set, and against whom that is not decided: the first sentence of the report. It says in words what a
/// table has in bold (column_best.hpp): on each data set the best mean against each other method, over the same seeds.

#include <cstddef>
#include <string>
#include <vector>

#include "results/comparison/table.hpp"

namespace admmbench {

/// Of a method on a data set, next to the best one there. Undecided is also what could not be tested: with too few seeds in common, or
/// a run that did not finish.
enum class Standing { absent, best, undecided, worse };
std::string to_string(Standing standing);
/// Of every row of the table. A best method of which a run did not finish has nobody below it.
std::vector<Standing> standings(const Table& table, std::size_t dataset);

/// Plain text, one sentence for few data sets or many. A method *is best* on a data set if every other one is worse by a test, and
/// *leads* where some are undecided. With one method, or one seed, that nothing can be said.
std::string verdict_sentence(const Table& table);

/// How that was found: bold_note() of the table as a sentence; empty if nothing was tested.
std::string verdict_basis(const Table& table);

}  // namespace admmbench
