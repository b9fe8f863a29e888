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
};

struct FoundChangeFeed {
  std::shared_ptr<const ChangeFeed> feed;  // null: the zone has none, or not for who asks
  bool is_open = true;                     // to everybody; else no shared cache may keep it
};
/// Called on the server's threads, several at a time. An error is that nobody can say now.
using FindChangeFeed = std::function<Result<FoundChangeFeed>(NameView zone, const WebRequest& request)>;

void add_change_pages(WebRouter& router, FindChangeFeed find, ChangePagesSettings settings = {});

/// `/changes/root.jsonl`. `suffix`: `jsonl` or `atom`.
std::string change_path(NameView zone, std::string_view suffix);

}  // namespace zw::localroot
