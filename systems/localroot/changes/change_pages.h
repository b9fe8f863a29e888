// The feeds on the web: /changes/ZONE.jsonl and /changes/ZONE.atom (docs/formats/change-feed.md), where ZONE
// is the name without its final dot, and `root` the root. Pages are bounded, may be kept by caches for a
// minute, and are asked for again by their ETag.
#pragma once

#include "localroot/changes/change_feed.h"
#include "web/site/router.h"

namespace zw::localroot {

struct ChangePagesSettings {
  std::string base;  // public URL of the site, as `https://zones.example.net`; empty: links are paths
  std::size_t most = 1 << 20;  // octets of JSON lines on a page
  /// Who may read; absent: everybody, without an account. What it keeps from others is kept by no shared
  /// cache.
  std::function<bool(const WebRequest&)> may_read;
};

/// Null if the zone has none. Called on the server's threads, several at a time.
using FindChangeFeed = std::function<std::shared_ptr<const ChangeFeed>(NameView zone)>;

void add_change_pages(WebRouter& router, FindChangeFeed find, ChangePagesSettings settings = {});

/// `/changes/root.jsonl`. `suffix`: `jsonl` or `atom`.
std::string change_path(NameView zone, std::string_view suffix);

}  // namespace zw::localroot
