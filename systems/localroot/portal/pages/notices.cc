#include "localroot/portal/pages/notices.h"

#include <algorithm>
#include <utility>

namespace zw::localroot::portal {
namespace {

constexpr std::pair<std::string_view, std::string_view> kNotices[] = {
    {"key-renamed", "The key has its new label."},
    {"key-rotation-ended", "The older secret is no longer good."},
    {"key-deleted", "The key is gone."},
    {"server-added",
     "The server is registered. It is told of new versions as soon as it has fetched the zone."},
    {"server-edited", "The server is registered as you say."},
    {"server-enabled", "The server is enabled."},
    {"server-disabled", "The server is disabled, and is told of nothing."},
    {"server-deleted", "The server is gone."},
    {"download-ended", "The URL for downloads is good no more."},
    {"account-gone", "Your account is gone, and all that it had here."},
    {"role-set", "The role is another one now."},
    {"account-paused", "The servers of this account are paused."},
    {"account-resumed", "The owner of this account can enable his servers again."},
    {"zone-set", "The zone is offered as you say."},
    {"invited", "The account may subscribe to the zone."},
    {"uninvited", "The account may no longer subscribe to the zone."},
};

}  // namespace

std::string_view notice(std::string_view word) {
  auto at = std::ranges::find(kNotices, word, &std::pair<std::string_view, std::string_view>::first);
  return at == std::end(kNotices) ? std::string_view() : at->second;
}

}  // namespace zw::localroot::portal
