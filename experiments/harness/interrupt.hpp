#pragma once
/// Ctrl-C and SIGTERM as a question asked between iterations.

namespace admmbench {

/// From now on the first SIGINT, and every SIGTERM, only sets a flag; a second SIGINT ends the process.
void catch_interrupts();

/// True once a signal has come.
bool interrupted();

}  // namespace admmbench
