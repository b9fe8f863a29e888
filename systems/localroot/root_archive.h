// For tests: three years of the real root, each version as what changed (../shared/data/root; its first line
// says how it is written). Signatures are left out of it, but for those of the apex.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <string>

#include "dns/rdata.h"
#include "localroot/notify_policy.h"

namespace zw::localroot::testing {

class RootArchive {
 public:
  /// `changes` are none for the first version; `span` is that of its signature over the SOA.
  using Visit = std::function<void(const Changeset& changes, const SignatureSpan& span)>;

  /// Where it is; empty, and said, if it is not there. `source`: the folder of our sources.
  static std::string find(const std::string& source) {
    const char* named = std::getenv("ZONEWRIGHT_DATA");
    std::string folder = named ? named : source + "/../shared/data";
    std::string path = folder + "/root/root-history-norrsig-2023110400-2026082201.deltas.xz";
    if (std::ifstream(path)) return path;
    std::printf("SKIPPED: %s is not there\n", path.c_str());
    return "";
  }
  static void read(const std::string& path, const Visit& visit) {
    struct Close {
      void operator()(FILE* file) const { pclose(file); }
    };
    std::unique_ptr<FILE, Close> pipe(popen(("xz -dc '" + path + "'").c_str(), "r"));
    RootArchive archive(visit);
    std::string line;
    for (int c; (c = std::fgetc(pipe.get())) != EOF;) {
      if (c != '\n') {
        line += static_cast<char>(c);
        continue;
      }
      archive.take(line);
      line.clear();
    }
    archive.close();
  }

 private:
  explicit RootArchive(const Visit& visit) : visit_(visit) {}

  void take(const std::string& line) {
    if (line.starts_with('#')) return;
    if (line.starts_with("ZONE ") || line.starts_with("SERIAL ")) {
      if (begun_) close();
      begun_ = true;
      first_ = line.starts_with("ZONE ");
      Serial before = changes_.to;
      changes_ = Changeset();
      changes_.from = before;
      changes_.to = Serial(static_cast<std::uint32_t>(std::stoul(line.substr(line.find(' ')))));
      return;
    }
    bool removed = line.starts_with('-');
    std::istringstream words(first_ ? line : line.substr(1));
    std::string owner, ttl, rr_class, type, rest;
    words >> owner >> ttl >> rr_class >> type;
    std::getline(words, rest);
    if (type == "RRSIG" && !removed && rest.starts_with(" SOA ")) note_signature(rest);
    if (!first_) record(removed, *Name::parse(owner), std::stoul(ttl), *parse_type(type), rest);
  }
  void record(bool removed, const Name& owner, unsigned long ttl, RrType type, const std::string& rest) {
    Buffer rdata = *parse_rdata(type, rest);
    auto seconds = static_cast<std::uint32_t>(ttl);
    if (removed)
      changes_.remove(owner, type, seconds, rdata);
    else
      changes_.add(owner, type, seconds, rdata);
  }
  void note_signature(const std::string& rest) {
    std::istringstream words(rest);
    std::string skipped, expiration, inception;
    words >> skipped >> skipped >> skipped >> skipped >> expiration >> inception;
    WallTime from = *parse_time(inception);
    span_ = {from, *parse_time(expiration) - from};
  }
  void close() {
    changes_.sort();
    visit_(changes_, span_);
  }

  const Visit& visit_;
  Changeset changes_;
  SignatureSpan span_;
  bool begun_ = false, first_ = false;
};

}  // namespace zw::localroot::testing
