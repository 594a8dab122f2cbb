#pragma once
/// The groups of benchmarks; each registers its own.

namespace admmbench::bench {

void register_iterations();  ///< iteration/<method>/<size>
void register_scaling();     ///< scaling/<method>/<shape>: what the cost model is calibrated with
void register_blocks();      ///< block/<kernel>/<size>
void register_files();       ///< load/<format>, record/<what>

}  // namespace admmbench::bench
