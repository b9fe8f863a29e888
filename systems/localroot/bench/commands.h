// The verbs of `zonewright localroot bench`. What is given on the command line is checked here, and each run
// is bounded in count or in time. Exit codes: 0 only if all that was asked for was done, 1 if not, 2 wrong
// use, 3 could not find out.
#pragma once

#include <cstdint>
#include <string>

namespace zw::localroot {

/// What all of them take.
struct BenchCommon {
  std::string target;         // the server; ADDRESS[@PORT]
  std::string address_range;  // where virtual clients are; empty: the kernel chooses
  std::string key;            // NAME:ALGORITHM:FILE; empty: nothing is signed
  std::string json;           // where to write the results for machines; "-" is standard output
  double seconds = 0;         // at most; 0: until all is done
  double timeout = 30;        // seconds to wait for something to come
  std::uint64_t seed = 1;
  bool allow_remote = false;
};

struct BenchXfrCommand {
  BenchCommon common;
  std::string zone = ".";
  std::string serial;  // for IXFR; empty: AXFR
  std::uint64_t total = 100;
  std::uint64_t clients = 10;
  double rate = 0;
  double slow_kbit = 0;
  double slow_percent = 100;
  double reset_percent = 0;
  double verify_percent = 100;
  std::string check = "soa";
  bool no_edns = false;
  int run() const;
};

struct BenchQueryCommand {
  BenchCommon common;
  std::string queries;  // a file of lines NAME TYPE
  std::string zone;     // or a zone file, from which they are made
  std::uint64_t total = 0;
  std::uint64_t clients = 8;
  std::uint64_t in_flight = 200;
  double rate = 0;
  bool tcp = false;
  bool dnssec_ok = false;
  bool no_edns = false;
  int run() const;
};

/// Takes no server: the servers come to it.
struct BenchNotifyCommand {
  BenchCommon common;
  std::string zone = ".";
  std::uint64_t targets = 1000;
  unsigned port = 10053;
  unsigned dead_port = 0;  // 0: the next one
  double dead_percent = 0;
  double refusing_percent = 0;
  double slow_percent = 0;
  double slow_ms = 500;
  double quiet = 2;          // seconds
  std::string serial;        // empty: of any version
  std::string print_config;  // for which server; empty: the run itself
  int run() const;
};

}  // namespace zw::localroot
