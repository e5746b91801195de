// Where the process is, for whoever writes of a crash.

#pragma once

namespace irad {

// Kept in plain memory, so that a signal handler can write it.
extern char place[1024];

} // namespace irad
