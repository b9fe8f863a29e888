// The front: `zonewright SYSTEM …` runs the program `zonewright-SYSTEM` that stands beside this one, in the
// manner of git, so that each program carries only the code it needs.
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct Program {
  std::string_view name, does;
};
constexpr Program kPrograms[] = {
    {"zone", "tools on zone files: check, verify, digest, diff, info, convert, make"},
    {"localroot", "takes, verifies, publishes and serves zones: serve, status"},
};

std::filesystem::path beside_this(const std::string& program) {
  std::error_code none;
  auto self = std::filesystem::read_symlink("/proc/self/exe", none);
  return none ? std::filesystem::path(program) : self.parent_path() / program;
}

int usage(std::FILE* to, int status) {
  std::fputs(
      "zonewright keeps a part of the DNS tree.\n\nUsage: zonewright SYSTEM VERB [OPTIONS]\n\nSystems:\n",
      to);
  for (const Program& program : kPrograms)
    std::fprintf(to, "  %-10s %s\n", program.name.data(), program.does.data());
  std::fputs(
      "\nExamples:\n"
      "  zonewright zone verify root.zone --anchor root.key --require-zonemd\n"
      "  zonewright localroot serve --config localroot.toml\n"
      "\n`zonewright SYSTEM --help` tells more. Exit status: 0 yes, 1 the answer is no, 2 wrong use, 3 could "
      "not find "
      "out.\n",
      to);
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return usage(stderr, 2);
  std::string_view first = argv[1];
  if (first == "--help" || first == "-h" || first == "help") return usage(stdout, 0);
  if (first == "--version") return std::puts("zonewright " ZW_VERSION) < 0;
  for (const Program& program : kPrograms) {
    if (program.name != first) continue;
    std::string path = beside_this("zonewright-" + std::string(first)).string();
    argv[1] = path.data();
    ::execv(path.c_str(), argv + 1);
    std::fprintf(stderr, "zonewright: cannot run %s: is it installed?\n", path.c_str());
    return 3;
  }
  std::fprintf(stderr, "zonewright: there is no system %s\n\n", argv[1]);
  return usage(stderr, 2);
}
