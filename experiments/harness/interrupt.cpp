#include "experiments/harness/interrupt.hpp"

#include <csignal>

namespace admmbench {

namespace {
// A signal handler can reach nothing but static storage.
volatile std::sig_atomic_t signalled = 0;
}  // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = [](int) { signalled = 1; };
  sigemptyset(&action.sa_mask);
  sigaction(SIGTERM, &action, nullptr);
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
}

bool interrupted() { return signalled != 0; }

}  // namespace admmbench
