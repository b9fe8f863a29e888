// What an operator says of the change feed of a zone: `[zone.changes]`. A part of localroot/config.h.
#pragma once

#include <chrono>

#include "config/settings.h"
#include "localroot/changes/change_lines.h"

namespace zw::localroot {

struct ChangesConfig {
  bool enabled = false;  // who reads a feed has the zone, whoever may fetch it
  std::size_t size = 64 << 20;
  std::size_t versions = 20'000;
  std::chrono::milliseconds age = std::chrono::days(90);
  ChangeScope records = ChangeScope::data;
  bool operator==(const ChangesConfig&) const = default;
};

Settings<ChangesConfig> changes_settings();

}  // namespace zw::localroot
