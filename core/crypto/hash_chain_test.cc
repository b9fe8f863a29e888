#include "crypto/hash_chain.h"

#include <doctest/doctest.h>

#include <vector>

using namespace zw;

namespace {

std::vector<std::string> lines_of(std::initializer_list<std::string_view> entries) {
  HashChain chain;
  std::vector<std::string> out;
  for (std::string_view entry : entries) {
    out.push_back(chain.append(entry));
    out.back().pop_back();
  }
  return out;
}

// How many lines are followed.
std::size_t followed(const std::vector<std::string>& lines) {
  HashChain chain;
  for (const std::string& line : lines)
    if (!chain.follow(line)) break;
  return chain.size();
}

}  // namespace

TEST_CASE("a link is the digest of the link before and the entry") {
  HashChain chain;
  CHECK(chain.hex() == std::string(64, '0'));
  // (head -c 32 /dev/zero; printf a) | sha256sum
  CHECK(chain.append("a") == "41a0370c3d9f42773a59e8e01651911cf43b1e3f66944cbb690029debc4eb647 a\n");
  CHECK(chain.size() == 1);
}

TEST_CASE("what was appended is followed, to the same link") {
  auto lines = lines_of({"one", "", "three {\"x\": 1}"});
  HashChain chain;
  CHECK(*chain.follow(lines[0]) == "one");
  CHECK(*chain.follow(lines[1]) == "");
  CHECK(*chain.follow(lines[2]) == "three {\"x\": 1}");
  CHECK(lines[2].starts_with(chain.hex()));
}

TEST_CASE("a line that is changed, missing, added or moved ends the chain there") {
  const auto good = lines_of({"one", "two", "three", "four"});
  CHECK(followed(good) == 4);
  for (std::size_t at = 0; at < good[1].size(); ++at) {
    auto lines = good;
    lines[1][at] ^= 1;
    CHECK(followed(lines) == 1);
  }
  auto missing = good, added = good, moved = good;
  missing.erase(missing.begin() + 1);
  added.insert(added.begin() + 1, good[0]);
  std::swap(moved[1], moved[2]);
  CHECK(followed(missing) == 1);
  CHECK(followed(added) == 1);
  CHECK(followed(moved) == 1);
  CHECK(followed({"short"}) == 0);
  CHECK(followed({""}) == 0);
}

TEST_CASE("what does not fit leaves the chain as it was") {
  auto lines = lines_of({"one", "two"});
  HashChain chain;
  REQUIRE(chain.follow(lines[0]));
  CHECK_FALSE(chain.follow(lines[0]));
  CHECK(chain.size() == 1);
  CHECK(chain.follow(lines[1]));
}

TEST_CASE("a chain goes on from a link that was kept") {
  auto lines = lines_of({"one", "two", "three"});
  HashChain whole;
  REQUIRE(whole.follow(lines[0]));
  HashChain kept(whole.link(), whole.size());
  CHECK(kept.follow(lines[1]) == "two");
  CHECK(kept.size() == 2);
  CHECK_FALSE(HashChain().follow(lines[1]));
}
