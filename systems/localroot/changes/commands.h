// The verb `zonewright localroot changes`. Exit codes: 0 done; 1 there is no feed, or it does not reach back
// so far; 2 wrong use; 3 could not find out.
#pragma once

#include <string>

namespace zw::localroot {

struct ChangesCommand {
  std::string state;  // folder of the service; it may be running
  std::string zone = ".";
  std::string since;            // serial; empty: all that there is
  std::string format = "text";  // or jsonl, atom
  bool all = false;             // also what each signing changes, if it is kept
  int run() const;
};

}  // namespace zw::localroot
