// Calls code that was compiled at run time, and returns also where that does not.

#include "boundary.h"

#include <csetjmp>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <unistd.h>

namespace {
thread_local sigjmp_buf landing;
thread_local IradStop *stopped = nullptr;

void caught(int signal) {
  if (!stopped)
    _exit(128 + signal);
  stopped->signal = signal;
  siglongjmp(landing, IRAD_OUTCOME_SIGNAL);
}
} // namespace

void irad_stop(uint64_t id, uint64_t a, uint64_t b, uint64_t c, uint64_t d) {
  if (!stopped)
    abort();
  *stopped = {0, id, {a, b, c, d}};
  siglongjmp(landing, IRAD_OUTCOME_STOPPED);
}

int32_t irad_call_guarded(void (*entry)(void **), void **arguments, IradStop *stop,
                          int64_t milliseconds) {
  static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM};
  constexpr int count = sizeof signals / sizeof *signals;
  struct sigaction before[count];
  struct sigaction action = {};
  action.sa_handler = caught;
  action.sa_flags = SA_ONSTACK | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  for (int at = 0; at < count; at++)
    sigaction(signals[at], &action, &before[at]);
  // The alarm rings in this thread, wherever the process has others.
  static thread_local timer_t timer;
  static thread_local bool has_timer = [] {
    struct sigevent event = {};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGALRM;
    event._sigev_un._tid = gettid();
    return timer_create(CLOCK_MONOTONIC, &event, &timer) == 0;
  }();
  auto set_alarm = [&](int64_t milliseconds) {
    struct itimerspec when = {};
    when.it_value.tv_sec = milliseconds / 1000;
    when.it_value.tv_nsec = milliseconds % 1000 * 1000000;
    if (has_timer)
      timer_settime(timer, 0, &when, nullptr);
  };
  stopped = stop;
  int end = sigsetjmp(landing, 1);
  if (end == IRAD_OUTCOME_RETURNED) {
    if (milliseconds)
      set_alarm(milliseconds);
    entry(arguments);
  }
  if (milliseconds)
    set_alarm(0);
  stopped = nullptr;
  for (int at = 0; at < count; at++)
    sigaction(signals[at], &before[at], nullptr);
  return end;
}
