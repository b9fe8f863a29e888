// The command line of `zonewright localroot bench`.
#pragma once

#include <CLI/CLI.hpp>

namespace zw::localroot {

/// Adds the verb and what is below it. `status`: set to the exit code of the one that runs; outlives `app`.
void add_bench(CLI::App& app, int& status);

}  // namespace zw::localroot
