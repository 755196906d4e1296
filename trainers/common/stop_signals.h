// SIGTERM and SIGINT as a request to stop: what a scheduler sends before it takes the machine, and what
// Ctrl-C sends.
#pragma once

namespace tempo::common {

// Exit status of a program that stopped on request, with everything kept: run it again to go on.
inline constexpr int kStoppedStatus = 75;  // EX_TEMPFAIL of sysexits.h

// From now on the first of these signals is a request, told on standard error; another, half a second later
// or more, ends the process at once. Launchers send one signal several times over, to a process and to its
// group.
void catch_stop_signals();

bool stop_requested();

}  // namespace tempo::common
