// TOML behind its limits, and a configuration read from it. Whatever was a text value must print and be read
// back the same; every error has something to say.
#include "base/result.h"
#include "config/settings.h"
#include "format/toml.h"

namespace {

using namespace zw;

void texts_survive_printing(const Toml& value) {
  if (auto text = value.text()) {
    std::string line = "k = " + print_toml(*text) + "\n";
    auto back = parse_toml(line);
    ZW_ASSERT(back && back->find("k") && back->find("k")->text() == text);
  }
  for (const Toml& item : value.items()) texts_survive_printing(item);
  for (const TomlMember& member : value.members()) texts_survive_printing(member.value);
}

struct Inner {
  std::string name;
  std::vector<Network> networks;
};
struct Config {
  std::chrono::milliseconds time{0};
  std::vector<Inner> inner;
};

Settings<Config> settings() {
  Settings<Inner> inner;
  inner.required("name", &Inner::name, text_type(), "A name.");
  inner.row("networks", &Inner::networks, list_of(network_type(), 4), "Networks.");
  Settings<Config> root;
  root.row("time", &Config::time, duration_type(std::chrono::seconds(0), std::chrono::hours(1)), "A time.");
  root.tables("inner", &Config::inner, inner, 4, "Tables.");
  return root;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = as_text({data, size});
  auto toml = parse_toml(text);
  if (toml)
    texts_survive_printing(*toml);
  else
    ZW_ASSERT(!toml.error().what.empty());
  auto table = settings();
  if (auto config = parse_config(text, table))
    ZW_ASSERT(parse_config(table.print(*config), table).has_value());
  else
    ZW_ASSERT(print_errors("f", config.error()).ends_with("\n"));
  return 0;
}
