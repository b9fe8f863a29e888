#include "localroot/portal/pages/pages.h"

#include "localroot/portal/pages/visit.h"

namespace zw::localroot::portal {

std::span<const EmbeddedFile> portal_files() { return portal_page_files(); }

void add_portal_pages(WebRouter& router, const SiteFrame& frame, const PortalDesk& desk) {
  PageRoutes routes(router, frame, desk);
  for (auto* add : {add_home_pages, add_start_pages, add_key_pages, add_server_pages, add_server_forms,
                    add_configuration_pages, add_check_pages, add_help_pages, add_leaving_pages,
                    add_admin_user_pages, add_admin_zone_pages, add_admin_log_pages})
    add(routes);
}

FrameSettings portal_frame(std::string site, std::string origin) {
  return {.site = std::move(site),
          .origin = std::move(origin),
          .links = {{"/start", "Getting started"},
                    {"/keys", "Keys"},
                    {"/servers", "Servers"},
                    {"/configuration", "Configuration"},
                    {"/account", "Account"},
                    {"/admin", "Administration", true}},
          .open_links = {{"/faq", "Questions"}, {"/check", "Check a configuration"}},
          .footer = {{"/faq", "Questions and answers"},
                     {"/check", "Check a configuration"},
                     {"/researchers", "For researchers"},
                     {"/data", "Your data"}}};
}

}  // namespace zw::localroot::portal
