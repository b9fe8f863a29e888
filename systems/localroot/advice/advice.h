// Configurations for the software that others run, so that it keeps a copy of a zone that we serve: our
// service first, then the public sources of the root, so that our death costs nothing but NOTIFY. Values in,
// text out; no socket, file or clock. Safe for many threads.
//
// Servers stand in the text as address literals, since no name may depend on the zone that is to be fetched.
// What a stranger may choose (zone, key, names, paths, URL) is refused if it holds anything that one of the
// languages could read as syntax; a label is quoted, and stands in a comment alone.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/serial.h"
#include "base/time.h"
#include "dns/address.h"
#include "dns/name.h"
#include "dns/tsig_key.h"
#include "dnssec/trust_anchor.h"

namespace zw::localroot {

/// The generator's version in the header of each file: it rises when the same offer gives another text.
constexpr unsigned kAdviceVersion = 2;
/// How long the addresses in a file are to be believed without looking again.
constexpr std::chrono::days kAdviceLife{90};

enum class Target : std::uint8_t {
  bind_9_16,
  bind_9_18,
  bind_9_20,
  bind_views,     // RFC 8806 appendix B.1: an authoritative view behind a recursive one
  unbound,        // clear text; our service knows it by its address
  unbound_tls,    // zone transfer over TLS (RFC 9103)
  unbound_https,  // download
  unbound_nsd,    // with a side-car on loopback that has the TSIG key, which Unbound cannot use
  unbound_knot,
  knot,
  nsd,
  knot_resolver_5,
  knot_resolver_6,
  pdns_recursor_4,  // 4.8, settings in Lua
  pdns_recursor_5,  // 5.1 and later, settings in YAML
  zonewright,
};

struct TargetInfo {
  Target target;
  std::string_view word;  // `bind-9.18`
  std::string_view what;  // for a list that people choose from
  /// Where our NOTIFY reaches it on the subscriber's host; 0: it hears none.
  std::uint16_t notify_port;
};
/// All, in the order in which they are shown.
std::span<const TargetInfo> targets();

/// The target of this word. `unsupported`, and why, for software that cannot keep a copy of a zone;
/// `not_found`, with the words that there are, for any other.
Result<Target> find_target(std::string_view word);

struct UnableInfo {
  std::string_view word, why;
};
/// Software that is asked about and cannot.
std::span<const UnableInfo> unable_targets();

/// A TSIG key as it is to be written down.
struct OfferedKey {
  Name name;
  TsigAlgorithm algorithm = TsigAlgorithm::hmac_sha256;
  /// Base 64. If absent, a placeholder stands where it belongs, which no program takes for a secret.
  std::optional<std::string> secret;
};

/// What our service offers to one subscriber, and what is known of him.
struct Offer {
  Name zone;                            // the root unless set
  std::vector<Address> servers;         // ours, to transfer from in clear text, in the order of preference
  std::vector<Address> tls_servers;     // ours, to transfer from over TLS
  std::optional<std::string> tls_name;  // in the certificate of tls_servers
  std::string tls_authorities = "/etc/ssl/certs/ca-certificates.crt";  // of tls_servers and url
  std::optional<std::string> url;                                      // where the zone is downloaded, https
  bool url_is_secret = true;  // it holds a token; not if it is open, or a placeholder stands there
  /// What to tell who needs a URL where there is none.
  std::string no_url = "our service offers no download over HTTPS: a URL is needed";
  std::optional<OfferedKey> key;
  std::vector<IpAddress> subscriber;       // where he asks from and listens, at most one of each family
  std::vector<Address> fall_backs;         // beside the public ones, which are there for the root alone
  bool public_fall_backs = true;           // also name the public sources of the root
  std::optional<std::string> folder;       // where the copy is kept; absent: where the software keeps such
  std::optional<std::string> anchor_file;  // what the zone is believed by; absent: the root's of Debian
  std::vector<TrustAnchor> anchors;        // the same as values, for who takes no file
  bool zonemd = true;                      // the zone has a ZONEMD record, so that none is no excuse
  std::optional<Serial> serial;            // that we serve now
  std::string label;                       // free text: whose this is; only in a comment
};

struct AdviceFile {
  std::string path;  // where it belongs on Debian
  std::string text;  // complete; a secret is in it only if the offer has it
};

struct Advice {
  std::vector<AdviceFile> files;  // one, or two with a side-car
  std::string activate;           // one command line for a root shell, after the files are in place
  bool has_secret = false;        // files are not for everybody to read
};

/// `now` is when it is made. Fails with `unsupported` if this software cannot do it (another zone than the
/// root, a key), `not_found` if the offer lacks what the target needs, `malformed` if something in the offer
/// must not stand in a configuration. The sentence says what would help.
Result<Advice> make_advice(Target target, const Offer& offer, WallTime now);

}  // namespace zw::localroot
