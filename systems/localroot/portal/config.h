// What an operator says of the portal: the table `[portal]` of localroot's configuration.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/settings.h"
#include "dns/address.h"
#include "dns/name.h"
#include "localroot/portal/feed_book.h"
#include "store/config.h"
#include "web/mail/smtp_client.h"

namespace zw::localroot::portal {

/// How mail goes out.
struct PortalMailConfig {
  std::optional<std::string> sender;  // name@domain, of mails; required where there are pages
  std::string host = "127.0.0.1";
  std::uint16_t port = 587;
  SmtpSecurity security = SmtpSecurity::starttls;
  std::optional<std::string> user, password_file, authorities;
  std::optional<std::string> hello;
};

struct PortalConfig {
  bool enabled = false;
  std::vector<Address> listen;  // of the pages; none: an engine alone, which shares the database of others
  bool tls = false;             // with the certificate of [tls]
  std::optional<std::string> origin;  // where people find the pages: https://portal.example
  std::string name = "LocalRoot";
  std::optional<std::string> contact;
  StoreConfig store;
  std::optional<std::string> key_file;  // the site's key; absent: in the state folder
  FeedShare share;
  std::vector<Name> offer;
  // Where subscribers reach us, if not where we listen.
  std::vector<Address> servers, tls_servers;
  std::optional<std::string> tls_name;
  bool public_fall_backs = true;
  std::optional<std::string> downloads;  // where they reach listen-https: https://192.0.2.1
  std::string key_domain = "localroot";
  bool allow_loopback = false;
  std::vector<Network> trusted_proxies;
  PortalMailConfig mail;
};

Settings<PortalConfig> portal_settings();

}  // namespace zw::localroot::portal
