// Where a verb writes a zone: standard output, or a file that appears whole or not at all.
#pragma once

#include <string>

#include "zone/writer.h"

namespace zw::app {

/// Calls `write` with a sink to `path` (empty: standard output).
Result<void> write_to(const std::string& path, const std::function<Result<void>(const BlockSink&)>& write);

}  // namespace zw::app
