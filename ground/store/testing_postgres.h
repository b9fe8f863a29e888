// A PostgreSQL server of one's own, for tests and benchmarks: Debian's programs, data in a temporary folder,
// a socket there and no port. It ends with the process that started it, however that ends.
#pragma once

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "os/descriptor.h"
#include "os/temporary_folder.h"
#include "store/postgres_connection.h"

namespace zw {

/// Where no disk is waited for, if there is such a place: for stories that are not about disks.
inline std::filesystem::path quick_place() {
  return std::filesystem::exists("/dev/shm") ? "/dev/shm" : std::filesystem::temp_directory_path();
}

class PrivatePostgres {
 public:
  /// Nothing where the programs are not installed. `durable`: whether it syncs, which only a loss of power
  /// would tell.
  static std::unique_ptr<PrivatePostgres> start(bool durable) {
    std::string programs = "/usr/lib/postgresql/15/bin";
    if (!std::filesystem::exists(programs + "/initdb")) return nullptr;
    std::unique_ptr<PrivatePostgres> out(new PrivatePostgres(programs, durable));
    int made = 0;
    pid_t initdb = out->spawn({programs + "/initdb", "-D", out->data(), "-A", "trust", "-U", "zonewright",
                               "-E", "UTF8", "--locale=C.UTF-8", "--locale-provider=icu",
                               "--icu-locale=en-US", "--no-sync", "--no-instructions"});
    ZW_ASSERT(waitpid(initdb, &made, 0) == initdb && made == 0);
    out->run();
    return out;
  }
  PrivatePostgres(const PrivatePostgres&) = delete;
  PrivatePostgres& operator=(const PrivatePostgres&) = delete;
  ~PrivatePostgres() { stop(); }

  /// Of a name space of its own in the one database, made here.
  std::string fresh() {
    std::string name = "space" + std::to_string(++spaces_);
    auto connection = connect_postgres(uri("public"));
    ZW_ASSERT(connection && (*connection)->script("fresh", "CREATE SCHEMA " + name));
    return uri(name);
  }

  /// As a crash would: no connection is told, nothing is tidied up.
  void stop() {
    if (server_ <= 0) return;
    kill(server_, SIGQUIT);
    waitpid(server_, nullptr, 0);
    server_ = 0;
  }
  void run() {
    server_ = spawn({programs_ + "/postgres", "-D", data(), "-k", folder_.path(), "-c",
                     "listen_addresses=", "-c", durable_ ? "fsync=on" : "fsync=off", "-c",
                     "shared_buffers=128MB", "-c", "max_connections=60", "-c", "deadlock_timeout=100ms"});
    for (int i = 0; i < 1000; ++i) {
      if (connect_postgres(uri("public"))) return;
      poll(nullptr, 0, 20);
    }
    ZW_ASSERT(false && "PostgreSQL did not start");
  }

 private:
  PrivatePostgres(std::string programs, bool durable)
      : folder_(durable ? std::filesystem::temp_directory_path() : quick_place()),
        programs_(std::move(programs)),
        durable_(durable) {
    // The server refuses to run as root.
    if (const passwd* user = geteuid() == 0 ? getpwnam("postgres") : nullptr) {
      user_ = user->pw_uid;
      group_ = user->pw_gid;
      ZW_ASSERT(chown(folder_.path().c_str(), user_, group_) == 0);
    }
  }

  std::string data() const { return folder_ / "data"; }
  std::string uri(const std::string& space) const {
    return "postgresql:///postgres?user=zonewright&host=" + folder_.path() + "&options=-csearch_path%3D" +
           space;
  }

  pid_t spawn(const std::vector<std::string>& words) {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    std::string log = folder_ / "log";
    pid_t child = fork();
    if (child != 0) return child;
    if (user_ != 0 && (setgroups(0, nullptr) != 0 || setgid(group_) != 0 || setuid(user_) != 0)) _exit(126);
    prctl(PR_SET_PDEATHSIG, SIGQUIT);
    int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (out < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 || chdir(folder_.path().c_str()) != 0) _exit(126);
    execv(arguments[0], arguments.data());
    _exit(127);
  }

  TemporaryFolder folder_;
  std::string programs_;
  bool durable_;
  uid_t user_ = 0;
  gid_t group_ = 0;
  pid_t server_ = 0;
  int spaces_ = 0;
};

}  // namespace zw
