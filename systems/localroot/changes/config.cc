#include "localroot/changes/config.h"

namespace zw::localroot {

Settings<ChangesConfig> changes_settings() {
  using std::chrono::days;
  Settings<ChangesConfig> table;
  table.row("enabled", &ChangesConfig::enabled, flag_type(),
            "Whether it is kept; the portal shows it to who may subscribe to the zone.");
  table.row("size", &ChangesConfig::size, size_type(1 << 20, std::size_t{2} << 30),
            "Most octets of it on disk; the oldest versions go first.");
  table.row("versions", &ChangesConfig::versions, number_type<std::size_t>(1, 1'000'000),
            "Most versions that it has.");
  table.row("age", &ChangesConfig::age, duration_type(days(1), days(3650)),
            "How long a version stays in it; looked at when another one comes.");
  table.row("records", &ChangesConfig::records,
            one_of<ChangeScope>({{"data", ChangeScope::data}, {"all", ChangeScope::all}}),
            "Which records it has: all, or without those that each signing changes.");
  return table;
}

}  // namespace zw::localroot
