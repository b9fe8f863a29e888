#include "localroot/membership.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "base/random.h"

using namespace zw;
using namespace zw::localroot;

namespace {

Name name(std::string_view text) { return *Name::parse(text); }
const Name kOne = name("one.invalid."), kTwo = name("two.invalid.");

/// `"a.=1"`: the zone a. with the id 1; `"a.=1>two.invalid."`: that may move there.
Catalog catalog(const Name& origin, std::initializer_list<std::string_view> members) {
  Catalog out{origin, Serial(1), {}};
  for (std::string_view text : members) {
    CatalogMember& one = out.members.emplace_back();
    std::size_t equal = text.find('='), arrow = std::min(text.find('>'), text.size());
    one.zone = name(text.substr(0, equal));
    one.id = text.substr(equal + 1, arrow - equal - 1);
    if (arrow < text.size()) one.moves_to = name(text.substr(arrow + 1));
  }
  return out;
}

std::string text_of(const std::vector<Membership>& members) {
  std::string out;
  for (const Membership& one : members)
    out += (out.empty() ? "" : " ") + print(one.zone) + one.id + (one.catalog == kTwo ? "@two" : "@one");
  return out;
}

std::string text_of(const std::set<Name>& zones) {
  std::string out;
  for (const Name& zone : zones) out += print(zone);
  return out;
}

/// A server that follows two catalogs.
struct Story {
  void decide(const Catalog* first, const Catalog* second = nullptr) {
    std::vector<FollowedCatalog> followed;
    if (follows_one) followed.push_back({kOne, first});
    followed.push_back({kTwo, second});
    decision = decide_members(members, followed, taken);
    members = decision.members;
  }
  void decide(const Catalog& first) { decide(&first); }
  void decide(const Catalog& first, const Catalog& second) { decide(&first, &second); }
  std::string kept() const { return text_of(members); }
  std::string forgotten() const { return text_of(decision.forgotten); }

  std::vector<Membership> members;
  std::set<Name> taken;
  bool follows_one = true;
  MembershipDecision decision;
};

}  // namespace

TEST_CASE("members come, stay, and go with their state") {
  Story story;
  story.decide(catalog(kOne, {"a.=1", "b.=2"}));
  CHECK(story.kept() == "a.1@one b.2@one");
  CHECK(story.forgotten() == "");
  story.decide(catalog(kOne, {"b.=2", "c.=3"}));
  CHECK(story.kept() == "b.2@one c.3@one");
  CHECK(story.forgotten() == "a.");
}

TEST_CASE("a member with another id begins anew") {
  Story story;
  story.decide(catalog(kOne, {"a.=1", "b.=2"}));
  story.decide(catalog(kOne, {"a.=9", "b.=2"}));
  CHECK(story.kept() == "a.9@one b.2@one");
  CHECK(story.forgotten() == "a.");
}

TEST_CASE("a catalog that is not there leaves its members as they are") {
  Story story;
  story.decide(catalog(kOne, {"a.=1"}));
  story.decide(nullptr);
  CHECK(story.kept() == "a.1@one");
  CHECK(story.forgotten() == "");
}

TEST_CASE("the members of a catalog that is configured no more are let go, and their state stays") {
  Story story;
  story.decide(catalog(kOne, {"a.=1"}));
  story.follows_one = false;
  story.decide(nullptr);
  CHECK(story.kept() == "");
  CHECK(story.forgotten() == "");
}

TEST_CASE("what the configuration names comes first, and keeps its state") {
  Story story;
  story.taken = {name("a.")};
  story.decide(catalog(kOne, {"a.=1", "b.=2"}));
  CHECK(story.kept() == "b.2@one");
  REQUIRE(story.decision.ignored.size() == 1);
  CHECK(story.decision.ignored[0].zone == name("a."));
  story.taken.insert(name("b."));
  story.decide(catalog(kOne, {"a.=1"}));
  CHECK(story.kept() == "");
  CHECK(story.forgotten() == "");
}

TEST_CASE("of two catalogs that name a zone, the first keeps it") {
  Story story;
  Catalog one = catalog(kOne, {"a.=1"}), two = catalog(kTwo, {"a.=1", "b.=2"});
  story.decide(one, two);
  CHECK(story.kept() == "a.1@one b.2@two");
  REQUIRE(story.decision.ignored.size() == 1);
  CHECK(story.decision.ignored[0].catalog == kTwo);
  // Nor is it the order of the configuration that decides, once one has it.
  Story late;
  late.decide(nullptr, &two);
  late.decide(one, two);
  CHECK(late.kept() == "a.1@two b.2@two");
}

TEST_CASE("a zone moves when the catalog that has it says so and the other one names it") {
  Story story;
  Catalog one = catalog(kOne, {"a.=1>two.invalid."});
  story.decide(one, catalog(kTwo, {}));
  CHECK(story.kept() == "a.1@one");
  story.decide(one, catalog(kTwo, {"a.=1"}));
  CHECK(story.kept() == "a.1@two");
  CHECK(story.forgotten() == "");  // the same id: it takes its state along
  CHECK(story.decision.moved.size() == 1);
  // The old one may let it go now, which changes nothing.
  story.decide(catalog(kOne, {}), catalog(kTwo, {"a.=1"}));
  CHECK(story.kept() == "a.1@two");
  CHECK(story.forgotten() == "");
}

TEST_CASE("a zone that moves with another id begins anew") {
  Story story;
  Catalog one = catalog(kOne, {"a.=1>two.invalid."});
  story.decide(one, catalog(kTwo, {}));
  story.decide(one, catalog(kTwo, {"a.=2"}));
  CHECK(story.kept() == "a.2@two");
  CHECK(story.forgotten() == "a.");
}

TEST_CASE("a zone does not move to a catalog that another one was meant for") {
  Story story;
  story.decide(catalog(kOne, {"a.=1>three.invalid."}), catalog(kTwo, {"a.=1"}));
  CHECK(story.kept() == "a.1@one");
}

TEST_CASE("two catalogs that point at one another for a zone leave it where it is") {
  Story story;
  Catalog one = catalog(kOne, {"a.=1>two.invalid."}), two = catalog(kTwo, {"a.=2>one.invalid."});
  story.decide(one, catalog(kTwo, {}));
  story.decide(one, two);
  CHECK(story.kept() == "a.1@one");
  CHECK(story.decision.ignored.size() == 1);
  CHECK(story.forgotten() == "");
}

TEST_CASE("a zone that is new to both goes where it moves, and there is no state to lose") {
  Story story;
  story.decide(catalog(kOne, {"a.=1>two.invalid."}), catalog(kTwo, {"a.=2"}));
  CHECK(story.kept() == "a.2@two");
  CHECK(story.forgotten() == "");
}

TEST_CASE("a zone that one catalog removes and another adds at once begins anew") {
  Story story;
  story.decide(catalog(kOne, {"a.=1"}), catalog(kTwo, {}));
  story.decide(catalog(kOne, {}), catalog(kTwo, {"a.=1"}));
  CHECK(story.kept() == "a.1@two");
  CHECK(story.forgotten() == "a.");
}

TEST_CASE("a version that removes or resets too many is held back until it may") {
  Catalog many = catalog(kOne, {"a.=1", "b.=1", "c.=1", "d.=1", "e.=1", "f.=1", "g.=1", "h.=1"});
  Catalog half = catalog(kOne, {"a.=1", "b.=1", "c.=1", "d.=1", "i.=1"});
  Catalog fewer = catalog(kOne, {"a.=1", "b.=1", "c.=1", "d.=2"});
  Story story;
  story.decide(many);
  story.decide(half);
  CHECK(story.decision.held.empty());  // 4 of 8 are not more than 50 percent
  CHECK(story.members.size() == 5);
  story.decide(many);
  story.decide(fewer);
  REQUIRE(story.decision.held.size() == 1);
  CHECK(story.decision.held[0].what.find("removes or resets 5 of 8 members") != std::string::npos);
  CHECK(story.members.size() == 8);
  CHECK(story.forgotten() == "");
  std::vector<FollowedCatalog> followed = {{kOne, &fewer, 100}};
  CHECK(decide_members(story.members, followed, {}).members.size() == 4);
}

TEST_CASE("few members are never too many to be removed") {
  Story story;
  story.decide(catalog(kOne, {"a.=1", "b.=1", "c.=1"}));
  story.decide(catalog(kOne, {}));
  CHECK(story.kept() == "");
}

TEST_CASE("new groups are taken over without a new beginning") {
  Story story;
  Catalog one = catalog(kOne, {"a.=1"});
  story.decide(one);
  one.members[0].groups = {"g"};
  story.decide(one);
  CHECK(story.members[0].groups == std::vector<std::string>{"g"});
  CHECK(story.forgotten() == "");
}

TEST_CASE("members are stored and come back as they were") {
  std::vector<Membership> members = {{name("a."), kOne, "\x01\xff", {"g", "h\n"}},
                                     {name("b.a."), kTwo, "x", {}}};
  std::set<Name> forgotten = {name("c."), name("d.")};
  std::string text = print_memberships(members, forgotten);
  auto back = parse_memberships(text);
  REQUIRE(back);
  CHECK(back->members == members);
  CHECK(back->forgotten == forgotten);
  for (std::size_t size = 0; size + 2 < text.size(); ++size)
    CHECK_FALSE(parse_memberships(text.substr(0, size)));
  std::swap(members[0], members[1]);
  CHECK_FALSE(parse_memberships(print_memberships(members, {})));
}

TEST_CASE("whatever two catalogs say, each zone has one owner that names it, and state never goes unasked") {
  Splitmix random(9432);
  Story story;
  for (int step = 0; step < 2000; ++step) {
    Catalog content[2] = {{kOne, Serial(1), {}}, {kTwo, Serial(1), {}}};
    for (Catalog& one : content)
      for (std::string_view zone : {"a.", "b.", "c.", "d."})
        if (random.below(4))
          one.members.push_back(
              {name(zone),
               random.below(5) ? "1" : "2",
               {},
               random.below(2) ? std::optional(one.origin == kOne ? kTwo : kOne) : std::nullopt});
    story.taken.clear();
    if (random.below(3) == 0) story.taken.insert(name("b."));
    std::vector<Membership> before = story.members;
    const Catalog* first = random.below(5) ? &content[0] : nullptr;
    const Catalog* second = random.below(5) ? &content[1] : nullptr;
    story.decide(first, second);
    CHECK(std::is_sorted(story.members.begin(), story.members.end(),
                         [](const auto& a, const auto& b) { return a.zone < b.zone; }));
    for (const Membership& one : story.members) {
      CHECK_FALSE(story.taken.contains(one.zone));
      bool is_held = std::ranges::any_of(story.decision.held,
                                         [&](const auto& note) { return note.catalog == one.catalog; });
      const Catalog* owner = one.catalog == kOne ? first : second;
      if (!owner || is_held) continue;
      const CatalogMember* there = owner->find(one.zone);
      CHECK((there && there->id == one.id));
    }
    for (const Name& zone : story.decision.forgotten) {
      auto had = std::ranges::find_if(before, [&](const auto& one) { return one.zone == zone; });
      auto has = std::ranges::find_if(story.members, [&](const auto& one) { return one.zone == zone; });
      REQUIRE(had != before.end());
      CHECK((has == story.members.end() || has->id != had->id || !(has->catalog == had->catalog)));
      CHECK_FALSE(story.taken.contains(zone));
    }
  }
}
