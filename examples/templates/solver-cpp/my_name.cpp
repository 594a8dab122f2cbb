/// The line that makes my-name known: its name in experiment files, one line for `list solvers`, where it comes from, and presets.

#include "my_name.hpp"

namespace mine {

const RegisterSolver<MyNameParameters, MyNameMethod> registered(
    "my_name", "ADMM with a forward sweep and a damped z-step", "yours",
    {{"undamped", "theta = 0: a forward sweep of dlADMM", [](MyNameParameters& p) { p.theta = 0; }}});

}  // namespace mine
