#pragma once
/// Ctrl-C, SIGTERM and their like as a question asked between iterations.

namespace admmbench {

/// From now on the first SIGINT, and every SIGTERM, SIGHUP (unless ignored, as by nohup), SIGQUIT and SIGXFSZ (a file too large: the
/// write then fails), only sets a flag; a second SIGINT ends the process.
void catch_interrupts();

/// True once a signal has come.
bool interrupted();

/// After the first signal: the next SIGINT is counted too, by interrupted_twice(), and the one after that ends the process.
/// For who looks often enough to end at once by itself, and has something to tidy up before.
void catch_second_interrupt();
bool interrupted_twice();

/// Ends the process as SIGINT does that nobody catches.
[[noreturn]] void end_by_interrupt();

}  // namespace admmbench
