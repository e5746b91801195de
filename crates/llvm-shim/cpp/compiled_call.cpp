// Calls code that was compiled at run time, and returns also where that does not.

#include "boundary.h"

#include <cerrno>
#include <climits>
#include <csetjmp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <sys/syscall.h>
#include <ucontext.h>
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

// What stops a call.
constexpr int SIGNALS[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM};
constexpr int COUNT = sizeof SIGNALS / sizeof *SIGNALS;

void catch_signals(struct sigaction *before) {
  struct sigaction action = {};
  action.sa_handler = caught;
  action.sa_flags = SA_ONSTACK | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  for (int at = 0; at < COUNT; at++)
    sigaction(SIGNALS[at], &action, before ? &before[at] : nullptr);
}

// The alarm rings in this thread, wherever the process has others.
class Alarm {
  timer_t timer;
  bool is_there;

public:
  Alarm() { make(); }
  // A fork has none of its parent's timers.
  void make() {
    struct sigevent event = {};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGALRM;
    event._sigev_un._tid = gettid();
    is_there = timer_create(CLOCK_MONOTONIC, &event, &timer) == 0;
  }
  void set(int64_t milliseconds) {
    struct itimerspec when = {};
    when.it_value.tv_sec = milliseconds / 1000;
    when.it_value.tv_nsec = milliseconds % 1000 * 1000000;
    if (is_there)
      timer_settime(timer, 0, &when, nullptr);
  }
};

Alarm &alarm_of_thread() {
  static thread_local Alarm alarm;
  return alarm;
}

bool has_settled = false;

// What is counted while instructions run one by one; null where they do not.
IradSteps *steps = nullptr;

#if defined(__x86_64__)
// The processor traps after each instruction while this flag is set.
constexpr greg_t TRAP = 0x100;

// The instruction that comes next.
void stepped(int, siginfo_t *, void *context) {
  auto &machine = static_cast<ucontext_t *>(context)->uc_mcontext;
  // The code has a trap of its own.
  if (!steps)
    return caught(SIGTRAP);
  if (steps->own + steps->others >= steps->most) {
    machine.gregs[REG_EFL] &= ~TRAP;
    return;
  }
  auto at = uint64_t(machine.gregs[REG_RIP]);
  (at >= steps->begin && at < steps->end ? steps->own : steps->others)++;
}

// Below the stack pointer there may be what the caller keeps there.
void step(bool on) {
  uint64_t flags;
  asm volatile("sub $128, %%rsp\n\tpushfq\n\tpop %0\n\tadd $128, %%rsp" : "=r"(flags) : : "cc", "memory");
  flags = on ? flags | TRAP : flags & ~uint64_t(TRAP);
  asm volatile("sub $128, %%rsp\n\tpush %0\n\tpopfq\n\tlea 128(%%rsp), %%rsp" : : "r"(flags) : "cc", "memory");
}
#endif
volatile int64_t *refusal = nullptr;

// What a system call takes and gives, in the state that a signal interrupts.
struct Call {
  mcontext_t &machine;
#if defined(__x86_64__)
  uint64_t third() const { return machine.gregs[REG_RDX]; }
  void gives(int64_t value) { machine.gregs[REG_RAX] = value; }
#elif defined(__aarch64__)
  uint64_t third() const { return machine.regs[2]; }
  void gives(int64_t value) { machine.regs[0] = value; }
#else
#error "no filter is known for this architecture"
#endif
};

// What is asked for on the way to something else fails or does nothing, so that the number that is left is that of
// the latter: the C library sets handlers and blocks signals before it starts a process. With signals blocked, nobody
// would hear of a refusal.
void refused(int, siginfo_t *info, void *context) {
  Call call{static_cast<ucontext_t *>(context)->uc_mcontext};
  switch (info->si_syscall) {
  case SYS_rt_sigprocmask:
    // None is blocked.
    if (auto *before = reinterpret_cast<uint64_t *>(call.third()))
      *before = 0;
    return call.gives(0);
  case SYS_rt_sigaction:
  case SYS_getppid:
    *refusal = info->si_syscall;
    return call.gives(-EPERM);
  default:
    *refusal = info->si_syscall;
    _exit(IRAD_REFUSED);
  }
}
} // namespace

void irad_settle_down(int64_t *where) {
  // LLVM's handlers tell of crashes, and ask the system for things meanwhile.
  for (int number = 1; number < SIGRTMIN; number++)
    signal(number, SIG_DFL);
  // A file of what is printed that is full takes no more, and that is all.
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
  catch_signals(nullptr);
  refusal = where;
  struct sigaction action = {};
  action.sa_sigaction = refused;
  action.sa_flags = SA_ONSTACK | SA_SIGINFO;
  sigemptyset(&action.sa_mask);
  sigaction(SIGSYS, &action, nullptr);
#if defined(__x86_64__)
  struct sigaction traps = {};
  traps.sa_sigaction = stepped;
  traps.sa_flags = SA_ONSTACK | SA_SIGINFO;
  sigemptyset(&traps.sa_mask);
  sigaction(SIGTRAP, &traps, nullptr);
#endif
  alarm_of_thread().make();
#ifdef __GLIBC__
  // Before it gives memory back for the first time, the allocator reads a file.
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
#endif
  setvbuf(stdout, nullptr, _IONBF, 0);
  setvbuf(stderr, nullptr, _IONBF, 0);
  has_settled = true;
}

bool irad_count_steps(IradSteps *count) {
#if defined(__x86_64__)
  steps = count;
  return has_settled;
#else
  return false;
#endif
}

void irad_stop(uint64_t id, uint64_t a, uint64_t b, uint64_t c, uint64_t d) {
  if (!stopped)
    abort();
  *stopped = {0, id, {a, b, c, d}};
  siglongjmp(landing, IRAD_OUTCOME_STOPPED);
}

int32_t irad_call_guarded(void (*entry)(void **), void **arguments, IradStop *stop,
                          int64_t milliseconds) {
  struct sigaction before[COUNT];
  if (!has_settled)
    catch_signals(before);
  Alarm &alarm = alarm_of_thread();
  stopped = stop;
  // A process that has settled blocks no signals, and handlers block none.
  int end = sigsetjmp(landing, has_settled ? 0 : 1);
  if (end == IRAD_OUTCOME_RETURNED) {
    if (milliseconds)
      alarm.set(milliseconds);
#if defined(__x86_64__)
    if (steps)
      step(true);
#endif
    entry(arguments);
#if defined(__x86_64__)
    if (steps)
      step(false);
#endif
  }
  if (milliseconds)
    alarm.set(0);
  stopped = nullptr;
  if (!has_settled)
    for (int at = 0; at < COUNT; at++)
      sigaction(SIGNALS[at], &before[at], nullptr);
  return end;
}
