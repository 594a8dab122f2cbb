#pragma once
/// my-name: rings around the origin, one class each, to start from. Sample n of class c lies at radius c + 1 and a random angle, moved by
/// noise N(0, noise^2 I).

#include "core/parameters.hpp"
#include "datasets/generator.hpp"

namespace mine {

/// What may stand in `params:` beside the data set's name: name, default, range and meaning.
struct MyNameParameters {
  long rings = 3;
  long samples = 100;
  double noise = 0.1;
  long seed = 0;

  void visit(admmbench::ParameterVisitor& v);
};

/// Training, validation and test samples; the same parameters make the same data.
admmbench::Dataset<double> make_my_name(const MyNameParameters& p);

}  // namespace mine
