// What LLVM, the C++ library and the engine, compiled for a newer C library, ask of it, and one of 2.31 does not have.

#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

// True lets reference counts do without atomic instructions. False is always right.
char __libc_single_threaded = 0;

uint32_t arc4random(void) {
    uint32_t number = 0;
    while (getrandom(&number, sizeof number, 0) != (long)sizeof number) {
    }
    return number;
}

// How much memory is in use, with wider numbers than mallinfo has; LLVM asks for its own statistics.
struct wide {
    size_t arena, ordblks, smblks, hblks, hblkhd, usmblks, fsmblks, uordblks, fordblks, keepcost;
};

struct wide mallinfo2(void) {
    struct mallinfo narrow = mallinfo();
    struct wide wide = {
        (unsigned)narrow.arena,   (unsigned)narrow.ordblks, (unsigned)narrow.smblks,   (unsigned)narrow.hblks,
        (unsigned)narrow.hblkhd,  (unsigned)narrow.usmblks, (unsigned)narrow.fsmblks,  (unsigned)narrow.uordblks,
        (unsigned)narrow.fordblks, (unsigned)narrow.keepcost,
    };
    return wide;
}

// The guard of a check closes what it does not need. Linux has the call since 5.9.
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

int close_range(unsigned first, unsigned last, int flags) { return (int)syscall(SYS_close_range, first, last, flags); }
