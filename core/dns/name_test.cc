#include "dns/name.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "base/random.h"

using namespace zw;

namespace {
Name name(std::string_view text) {
  auto parsed = Name::parse(text);
  REQUIRE(parsed);
  return *parsed;
}
}  // namespace

TEST_CASE("names sort as in the example of RFC 4034 section 6.1") {
  std::vector<Name> names;
  for (auto text : {"example.", "a.example.", "yljkjljk.a.example.", "Z.a.example.", "zABC.a.EXAMPLE.",
                    "z.example.", "\\001.z.example.", "*.z.example.", "\\200.z.example."})
    names.push_back(name(text));
  CHECK(std::is_sorted(names.begin(), names.end()));
  for (std::size_t i = 1; i < names.size(); ++i) CHECK(names[i - 1] < names[i]);
}

TEST_CASE("letter case does not matter to equality, order and hash, and is kept") {
  CHECK(name("wWw.Example.") == name("www.example."));
  CHECK(hash_of(name("wWw.Example.")) == hash_of(name("www.example.")));
  CHECK(print(name("wWw.Example.")) == "wWw.Example.");
  CHECK(print(lower(name("wWw.Example."))) == "www.example.");
}

TEST_CASE("escapes read back to the same octets") {
  Splitmix random(5);
  for (int i = 0; i < 2000; ++i) {
    Name original;
    for (std::uint64_t labels = random.below(5); labels > 0; --labels) {
      Buffer label(1 + random.below(63));
      random.fill(label);
      if (auto longer = Name::prepend(label, original)) original = *longer;
    }
    Name back = name(print(original));
    CHECK(same_bytes(back.wire(), original.wire()));
  }
}

TEST_CASE("a name without a final dot is completed with the origin") {
  CHECK(print(*Name::parse("www", name("example."))) == "www.example.");
  CHECK(print(*Name::parse("www.", name("example."))) == "www.");
  CHECK(print(*Name::parse("a\\.b", name("example."))) == "a\\.b.example.");
}

TEST_CASE("labels hold 63 octets and names 255, not one more") {
  std::string label(63, 'a');
  std::string longest = label + "." + label + "." + label + "." + std::string(61, 'b') + ".";
  CHECK(name(longest).size() == 255);
  CHECK(name(longest.substr(0, longest.size() - 1)).size() == 255);
  CHECK_FALSE(Name::parse("b" + longest));
  CHECK_FALSE(Name::parse(longest.substr(0, longest.size() - 1), name("c.")));
  CHECK_FALSE(Name::parse("a" + label + "."));
  CHECK_FALSE(Name::join(name(longest), name("c.")));
  CHECK_FALSE(Name::prepend(as_bytes("x"), name(longest)));
}

TEST_CASE("text that is no name is refused with the column") {
  for (auto bad : {"", "..", "a..b", ".a", "a\\25", "a\\256", "a\\", "\\12x"}) {
    auto parsed = Name::parse(bad);
    CHECK_FALSE(parsed);
  }
  CHECK(Name::parse("ab..c").error().what.find("column 4") != std::string::npos);
}

TEST_CASE("wire that is no name is refused") {
  CHECK_FALSE(Name::from_wire(Buffer{}));
  CHECK_FALSE(Name::from_wire(Buffer{1, 'a'}));
  CHECK_FALSE(Name::from_wire(Buffer{64, 0}));
  CHECK_FALSE(Name::from_wire(Buffer{0xc0, 0}));
  CHECK_FALSE(Name::from_wire(Buffer{1, 'a', 0, 0}));
  Buffer too_long;
  for (int i = 0; i < 128; ++i) append(too_long, Buffer{1, 'a'});
  too_long.push_back(0);
  CHECK_FALSE(Name::from_wire(too_long));
}

TEST_CASE("ancestors, suffixes and shared labels") {
  Name www = name("www.Example.org.");
  CHECK(www.view().is_at_or_below(name("example.ORG.")));
  CHECK(www.view().is_at_or_below(www));
  CHECK(www.view().is_at_or_below({}));
  CHECK_FALSE(www.view().is_at_or_below(name("ample.org.")));
  CHECK_FALSE(name("org.").view().is_at_or_below(www));
  CHECK(www.view().suffix(2) == name("example.org.").view());
  CHECK(www.view().label_count() == 3);
  CHECK(common_labels(www, name("ftp.example.org.")) == 2);
  CHECK(common_labels(www, name("org.")) == 1);
  CHECK(common_labels(www, name("com.")) == 0);
  CHECK(name("*.a.").view().is_wildcard());
  CHECK_FALSE(name("**.a.").view().is_wildcard());
}
