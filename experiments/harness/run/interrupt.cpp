#include "experiments/harness/run/interrupt.hpp"

#include <csignal>
#include <cstdlib>
#include <initializer_list>

namespace admmbench {

namespace {
// A signal handler can reach nothing but static storage.
volatile std::sig_atomic_t signalled = 0;
volatile std::sig_atomic_t again = 0;

void on_next_interrupt(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
}
}  // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = [](int) { signalled = 1; };
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGTERM, SIGHUP, SIGQUIT, SIGXFSZ}) {
    struct sigaction before {};
    sigaction(signal, nullptr, &before);
    // What nohup ignores stays ignored.
    if (signal != SIGHUP || before.sa_handler != SIG_IGN) sigaction(signal, &action, nullptr);
  }
  on_next_interrupt([](int) { signalled = 1; });
}

void catch_second_interrupt() {
  on_next_interrupt([](int) { again = 1; });
}

bool interrupted_twice() { return again != 0; }

void end_by_interrupt() {
  std::signal(SIGINT, SIG_DFL);
  std::raise(SIGINT);
  std::_Exit(130);  // not reached
}

bool interrupted() { return signalled != 0; }

}  // namespace admmbench
