#include "web/factors/site_key.h"

#include <doctest/doctest.h>

#include <set>

#include "base/encoding.h"
#include "crypto/sealed.h"

using namespace zw;

TEST_CASE("each use of a site's key has a key of its own") {
  static_assert(kSiteKeyOctets == kSealKeyOctets);
  Buffer site_key(kSiteKeyOctets, 7);
  std::set<std::string> keys{base16(site_key)};
  for (SiteKeyUse use : kSiteKeyUses) {
    SecretBuffer key = key_for(site_key, use);
    CHECK(key.size() == kSealKeyOctets);
    CHECK_MESSAGE(keys.insert(base16(key)).second, static_cast<int>(use));
  }
  CHECK(keys.size() == 6);
}
