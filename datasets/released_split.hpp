#pragma once
/// The split that pdADMM-G's released code draws (split_dataset() in its input_data.py, revision 505ab35), node by node.

#include <armadillo>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace admmbench {

/// torch.randperm(n) after torch.manual_seed(seed), on the CPU: a shuffle by Fisher and Yates with the 32-bit outputs
/// r_0, r_1, ... of MT19937; for i = 0..n-2 entry i changes places with entry i + (r_i mod (n - i)).
std::vector<arma::uword> torch_permutation(arma::uword n, std::uint32_t seed);

/// train, test and val, each in ascending order as the masks of that code give them: of every class the first 20 of
/// torch_permutation(nodes of the class, 100) train; of all others the first 1,000 of torch_permutation(their number, 100)
/// test, and the next 1,000 validate. Smaller graphs have what there is.
std::map<std::string, arma::uvec> released_split(const arma::Row<arma::uword>& labels, arma::uword classes);

}  // namespace admmbench
