#include "localroot/portal/config.h"

#include <fmt/format.h>

#include <charconv>

namespace zw::localroot::portal {
namespace {

constexpr std::uint16_t kSitePort = 443;
constexpr unsigned kMostEngines = 1000;

SettingType<Name> zone_type() {
  return text_like<Name>(
      "the name of a zone", [](std::string_view text) { return Name::parse(text); },
      [](const Name& name) { return print(name); });
}

Result<FeedShare> parse_share(std::string_view text) {
  FeedShare share;
  auto slash = text.find('/');
  auto number = [&](std::string_view digits, unsigned& out) {
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return error == std::errc() && end == digits.data() + digits.size();
  };
  unsigned which = 0;
  if (slash == text.npos || !number(text.substr(0, slash), which) ||
      !number(text.substr(slash + 1), share.of) || which < 1 || which > share.of || share.of > kMostEngines)
    return fail(ErrorKind::malformed, "expected such as \"2/3\": the second of three engines");
  share.number = which - 1;
  return share;
}

SettingType<FeedShare> share_type() {
  return text_like<FeedShare>(
      "which of how many engines this is, such as \"1/2\"", parse_share,
      [](const FeedShare& share) { return fmt::format("{}/{}", share.number + 1, share.of); });
}

Result<std::string> parse_origin(std::string_view text) {
  std::string_view host = text;
  for (std::string_view scheme : {"https://", "http://"})
    if (host.starts_with(scheme)) host.remove_prefix(scheme.size());
  if (host.size() == text.size() || host.empty() ||
      host.find_first_of("/?#@ \t\"'<>\\") != std::string_view::npos)
    return fail(ErrorKind::malformed, "expected such as \"https://portal.example\", without a path");
  return std::string(text);
}

Settings<PortalMailConfig> mail_settings() {
  using Mail = PortalMailConfig;
  Settings<Mail> table;
  table.row("sender", &Mail::sender, maybe(text_type("an address of mail", 254)), "From whom mails come.");
  table.row("host", &Mail::host, text_type("a name or an address", 253), "The server that takes our mail.");
  table.row("port", &Mail::port, number_type<std::uint16_t>(1, 65535), "Its port.");
  table.row("security", &Mail::security,
            one_of<SmtpSecurity>({{"tls", SmtpSecurity::tls},
                                  {"starttls", SmtpSecurity::starttls},
                                  {"starttls-if-offered", SmtpSecurity::starttls_if_offered},
                                  {"none", SmtpSecurity::none}}),
            "How the way there is protected; \"none\" is for a server on this machine.");
  table.row("user", &Mail::user, maybe(text_type("a name", 255)), "Who we are there.");
  table.row("password-file", &Mail::password_file, maybe(path_type()), "A file that holds the password.");
  table.row("authorities", &Mail::authorities, maybe(path_type()),
            "A file of who vouches for the server's certificate; left out, those of the system.");
  table.row("hello", &Mail::hello, maybe(text_type("a name", 253)), "The name that we greet with.");
  table.check([](const Mail& mail, const Toml& from, Complaints& complaints) {
    if (mail.user.has_value() != mail.password_file.has_value())
      complaints.add(from.at(), "user and password-file belong together");
  });
  return table;
}

void check_portal(const PortalConfig& portal, const Toml& from, Complaints& complaints) {
  if (portal.downloads && !portal.downloads->starts_with("https://"))
    complaints.add(place_of(from, "downloads"), "it begins with https://");
  if (!portal.enabled || portal.listen.empty()) return;
  if (!portal.origin)
    complaints.add(from.at(),
                   "pages need origin, where people find them, such as \"https://portal.example\"");
  if (!portal.mail.sender)
    complaints.add(from.at(), "pages need [portal.mail] with sender: accounts are made by mail");
  if (portal.tls && portal.origin && !portal.origin->starts_with("https://"))
    complaints.add(place_of(from, "origin"), "with tls = true it begins with https://");
  // Behind a proxy on this machine, or for trials.
  for (const Address& at : portal.listen)
    if (!portal.tls && !at.ip.is_loopback())
      complaints.add(place_of(from, "listen"),
                     fmt::format("{}: passwords go there, so it needs tls = true", at.print()));
}

}  // namespace

Settings<PortalConfig> portal_settings() {
  using Portal = PortalConfig;
  Settings<Portal> table;
  table.row("enabled", &Portal::enabled, flag_type(),
            "Whether there is a portal, or this engine takes its subscribers from one.");
  table.row("listen", &Portal::listen, list_of(address_type(kSitePort), 100),
            "Where its pages are; none: this is an engine that shares the database of others.");
  table.row(
      "tls", &Portal::tls, flag_type(),
      "Whether the pages come over TLS, with the certificate of [tls]; without, on loopback only, for a "
      "proxy there.");
  table.row(
      "origin", &Portal::origin,
      maybe(text_like<std::string>("an origin", parse_origin, [](const std::string& text) { return text; })),
      "Where people find the pages, such as \"https://portal.example\".");
  table.row("name", &Portal::name, text_type("a text", 60), "What it is called.");
  table.row("contact", &Portal::contact, maybe(text_type("a text", 254)),
            "Whom people ask; shown on the pages.");
  table.row(
      "key-file", &Portal::key_file, maybe(path_type()),
      "A file of 32 octets that seal secrets; left out, portal.key in the state folder, made when it is "
      "not there. All who share a database have the same.");
  table.row("share", &Portal::share, share_type(),
            "Which of the engines that share a database this is: each tells its part of the subscribers.");
  table.row("offer", &Portal::offer, list_of(zone_type(), 10'000),
            "Zones that everybody may subscribe to from the beginning; others are offered on the pages.");
  table.row("servers", &Portal::servers, list_of(address_type(kDnsPort), 100),
            "Where subscribers reach us; left out, where we listen.");
  table.row("tls-servers", &Portal::tls_servers, list_of(address_type(853), 100), "The same over TLS.");
  table.row("tls-name", &Portal::tls_name, maybe(text_type("a DNS name", 253)),
            "The name in our certificate, for configurations of subscribers.");
  table.row("public-fall-backs", &Portal::public_fall_backs, flag_type(),
            "Whether configurations of the root name its public sources behind us, for when we are away.");
  table.row(
      "downloads", &Portal::downloads,
      maybe(text_like<std::string>("an origin", parse_origin, [](const std::string& text) { return text; })),
      "Where subscribers reach us at listen-https, such as \"https://192.0.2.1\": each server can have a "
      "secret URL there. Left out, none has.");
  table.row("key-domain", &Portal::key_domain, text_type("a domain name", 100),
            "Below it are the names of TSIG keys.");
  table.row("allow-loopback", &Portal::allow_loopback, flag_type(),
            "Whether a subscriber may be at a loopback address; for trials on one machine.");
  table.row("trusted-proxies", &Portal::trusted_proxies, list_of(network_type(), 100),
            "Proxies that may say whom they ask for, by Forwarded or X-Forwarded-For.");
  table.table("store", &Portal::store, store_settings(), "Where all is kept.");
  table.table("mail", &Portal::mail, mail_settings(), "How mail goes out.");
  table.check(check_portal);
  return table;
}

}  // namespace zw::localroot::portal
