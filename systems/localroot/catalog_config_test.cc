#include "localroot/catalog_config.h"

#include <doctest/doctest.h>

#include "os/files.h"
#include "os/temporary_folder.h"

using namespace zw;
using namespace zw::localroot;

namespace {

constexpr std::string_view kZone = R"([[zone]]
name = "."
anchor = "FOLDER/anchor"
[[zone.primary]]
address = "127.0.0.2"
)";
constexpr std::string_view kFollowed = R"([[catalog]]
name = "c.invalid."
[[catalog.primary]]
address = "127.0.0.3"
key = "k."
[[catalog.member]]
anchor = "FOLDER/anchor"
)";

std::expected<Loaded, std::string> load(std::string_view tables) {
  TemporaryFolder folder;
  std::string text =
      "state = \"FOLDER/state\"\n[[key]]\nname = \"k.\"\nsecret = \"c2VjcmV0\"\n" + std::string(tables);
  for (std::size_t at; (at = text.find("FOLDER")) != text.npos;) text.replace(at, 6, folder.path());
  std::string ds = " 300 IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n";
  std::string anchors = "b." + ds + "." + ds + "a." + ds;
  REQUIRE(write_file_atomically(folder / "c.toml", as_bytes(text)));
  REQUIRE(write_file_atomically(folder / "anchor", as_bytes(anchors)));
  return load_config(folder / "c.toml");
}

bool fails(std::string_view tables, std::string_view why) {
  auto loaded = load(tables);
  if (loaded) return false;
  CAPTURE(loaded.error());
  CHECK(loaded.error().find(why) != std::string::npos);
  return loaded.error().find(why) != std::string::npos;
}

std::string with(std::string_view text, std::string_view old, std::string_view now) {
  std::string out(text);
  out.replace(out.find(old), old.size(), now);
  return out;
}

}  // namespace

TEST_CASE("a catalog without primaries is made, one with them is followed") {
  auto loaded = load(std::string(kZone) + "[[catalog]]\nname = \"m.invalid.\"\n" + std::string(kFollowed));
  REQUIRE(loaded);
  REQUIRE(loaded->config.catalogs.size() == 2);
  CHECK_FALSE(loaded->config.catalogs[0].is_followed());
  CHECK(loaded->config.catalogs[1].is_followed());
  CHECK(loaded->config.catalogs[1].zone.most_members == 10000);
  CHECK(loaded->config.zones[0].most_members == 0);
}

TEST_CASE("catalogs alone are a configuration, and nothing at all is none") {
  CHECK(load(kFollowed));
  CHECK(fails("", "there is no [[zone]] and no [[catalog]]"));
}

TEST_CASE("a catalog is not followed in clear text unless one says so") {
  std::string clear = with(kFollowed, "key = \"k.\"\n", "");
  CHECK(fails(clear, "accept-clear-text"));
  CHECK(load(with(clear, "[[catalog.primary]]", "accept-clear-text = true\n[[catalog.primary]]")));
  CHECK(load(
      with(kFollowed, "key = \"k.\"\n", "tls-pin = \"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\"\n")));
}

TEST_CASE("what does not go together in catalogs is told") {
  std::string zone(kZone), followed(kFollowed);
  CHECK(fails(with(followed, "[[catalog.member]]\nanchor = \"FOLDER/anchor\"\n", ""), "[[catalog.member]]"));
  CHECK(fails(zone + "[[catalog]]\nname = \"m.\"\n[[catalog.member]]\nanchor = \"FOLDER/anchor\"\n",
              "only a catalog with a primary"));
  CHECK(fails(with(zone + followed, "[[catalog.primary]]", "zones = [\".\"]\n[[catalog.primary]]"),
              "has its zones from there"));
  CHECK(fails(zone + "[[catalog]]\nname = \"m.\"\nzones = [\"x.\"]\n", "there is no [[zone]] x."));
  CHECK(fails(zone + "[[catalog]]\nname = \".\"\n", "catalog . is a [[zone]] too"));
  CHECK(fails(followed + followed, "catalog c.invalid. stands twice"));
  CHECK(
      fails(with(followed, "key = \"k.\"", "key = \"none.\""), "catalog c.invalid.: there is no key none."));
  CHECK(fails(followed + "[[catalog.member.allow-transfer]]\nkey = \"none.\"\n",
              "catalog c.invalid., its members: there is no key none."));
  CHECK(fails(followed + "[[catalog.member.allow-transfer]]\ntls = true\n", "needs listen-tls"));
  CHECK(fails(followed + "agreement = 2\n", "there are only 1 primaries"));
  CHECK(fails(followed +
                  "[[catalog.member.primary]]\naddress = \"127.0.0.4\"\n[[catalog.member]]\nagreement = 2\n"
                  "anchor = \"FOLDER/anchor\"\n[[catalog.member.primary]]\naddress = \"127.0.0.4\"\n",
              "there are only 1 primaries"));
  CHECK(fails(with(followed, "FOLDER/anchor", "FOLDER/absent"), "catalog c.invalid., its members"));
}

TEST_CASE("a member is kept as the first table says that fits it") {
  auto loaded = load(std::string(kFollowed) +
                     "[[catalog.member]]\ngroup = \"g\"\nanchor = \"FOLDER/anchor\"\nrequire-zonemd = false\n"
                     "[[catalog.member.primary]]\naddress = \"127.0.0.9\"\n");
  REQUIRE(loaded);
  CatalogConfig catalog = loaded->config.catalogs[0];
  auto plain = member_zone(catalog, *Name::parse("a."), {"other"});
  REQUIRE(plain);
  CHECK(plain->name == *Name::parse("a."));
  CHECK(plain->require_zonemd);
  CHECK(plain->most_members == 0);
  CHECK(plain->primaries.size() == 1);
  CHECK(plain->primaries[0].address == catalog.zone.primaries[0].address);
  CHECK(plain->primaries[0].key == "k.");
  auto special = member_zone(catalog, *Name::parse("a."), {"f", "g"});
  REQUIRE(special);
  CHECK_FALSE(special->require_zonemd);
  CHECK(special->primaries[0].address.print() == "127.0.0.9@53");
  CHECK(special->catalog_groups == std::vector<std::string>{"f", "g"});
  catalog.members.erase(catalog.members.begin());
  CHECK(member_zone(catalog, *Name::parse("a."), {"f"}).error().kind == ErrorKind::not_found);
}

TEST_CASE("each zone finds its own anchors in a file for many") {
  auto loaded = load(kFollowed);
  REQUIRE(loaded);
  ZoneConfig zone = loaded->config.catalogs[0].members[0].zone;
  for (auto owner : {".", "a.", "b."}) {
    zone.name = *Name::parse(owner);
    auto anchors = find_anchors(*loaded, zone);
    REQUIRE(anchors);
    REQUIRE(anchors->size() == 1);
    CHECK((*anchors)[0].owner == zone.name);
  }
  zone.name = *Name::parse("c.");
  CHECK(find_anchors(*loaded, zone).error().what.find("holds no trust anchor for it") != std::string::npos);
}
