#pragma once
/// What a method keeps for every layer, counted as in the papers.

#include <armadillo>
#include <cassert>
#include <vector>

namespace admmbench {

/// One value for each layer: values(l), l = 1..size().
template <class V>
class PerLayer : private std::vector<V> {
  using Base = std::vector<V>;

 public:
  using Base::Base;
  using Base::operator=;
  using Base::assign, Base::begin, Base::clear, Base::emplace_back, Base::end, Base::push_back, Base::resize,
      Base::size;
  using typename Base::value_type;

  V& operator()(arma::uword l) {
    assert(l >= 1 && l <= size());
    return Base::operator[](l - 1);
  }
  const V& operator()(arma::uword l) const {
    assert(l >= 1 && l <= size());
    return Base::operator[](l - 1);
  }
};

}  // namespace admmbench
