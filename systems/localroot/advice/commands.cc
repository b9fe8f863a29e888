#include "localroot/advice/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "format/json.h"
#include "format/utf8.h"
#include "localroot/advice/advice.h"
#include "localroot/advice/changes.h"
#include "localroot/advice/check.h"
#include "localroot/advice/offer_of_config.h"
#include "os/clock.h"
#include "os/files.h"

namespace zw::localroot {
namespace {

constexpr std::size_t kMostOctets = 1 << 20;
enum Exit { yes = 0, no = 1, wrong_use = 2, unknown = 3 };

int complain(Exit exit, std::string_view what) {
  fmt::print(stderr, "zonewright: {}\n", what);
  return exit;
}

Result<WallTime> moment(const std::string& text) {
  if (text.empty()) return SystemClock().wall();
  if (auto when = parse_time(text)) return *when;
  return fail(ErrorKind::malformed, "--at: expected a time such as 2026-08-05T00:00:00Z, found {}", text);
}

Result<void> read_addresses(std::string_view option, const std::vector<std::string>& texts,
                            std::uint16_t port, std::vector<Address>& out) {
  if (!texts.empty()) out.clear();
  for (const std::string& text : texts) {
    auto address = Address::parse(text, port);
    if (!address) return fail(ErrorKind::malformed, "{}: expected ADDRESS[@PORT], found {}", option, text);
    out.push_back(*address);
  }
  return {};
}

Result<OfferedKey> read_key(const std::string& text) {
  std::size_t name_end = std::min(text.find(':'), text.size());
  std::string algorithm = text.substr(std::min(name_end + 1, text.size()));
  std::string file;
  if (std::size_t colon = algorithm.find(':'); colon != std::string::npos) {
    file = algorithm.substr(colon + 1);
    algorithm.resize(colon);
  }
  OfferedKey out;
  auto name = Name::parse(text.substr(0, name_end));
  if (!name) return fail(ErrorKind::malformed, "--key: {}", name.error().what);
  out.name = *name;
  if (!algorithm.empty()) {
    auto known = parse_tsig_algorithm(algorithm);
    if (!known)
      return fail(ErrorKind::malformed, "--key: there is no algorithm {}", quote_foreign(algorithm));
    out.algorithm = *known;
  }
  if (!file.empty()) {
    ZW_TRY(out.secret, read_secret(file));
  }
  return out;
}

Result<Serial> read_serial(const std::string& text) {
  std::uint32_t value = 0;
  const char* end = text.data() + text.size();
  if (auto read = std::from_chars(text.data(), end, value); read.ec == std::errc() && read.ptr == end)
    return Serial(value);
  return fail(ErrorKind::malformed, "--serial: expected a serial, found {}", text);
}

template <typename T>
void replace(const std::string& given, T& with) {
  if (!given.empty()) with = given;
}

Result<void> read_anchors(const std::string& file, Offer& offer) {
  if (file.empty()) return {};
  ZW_TRY(Buffer text, read_file(file, kMostOctets));
  ZW_TRY(auto anchors, parse_trust_anchors(as_text(text), file));
  offer.anchor_file = file;
  offer.anchors.clear();
  for (TrustAnchor& anchor : anchors)
    if (anchor.owner == offer.zone) offer.anchors.push_back(std::move(anchor));
  if (offer.anchors.empty())
    return fail(ErrorKind::not_found, "{} holds no trust anchor for {}", file, print(offer.zone));
  return {};
}

Result<void> read_subscriber(const std::vector<std::string>& texts, Offer& offer) {
  for (const std::string& text : texts) {
    auto ip = IpAddress::parse(text);
    if (!ip) return fail(ErrorKind::malformed, "--subscriber: expected an address, found {}", text);
    offer.subscriber.push_back(*ip);
  }
  return {};
}

Result<Offer> read_offer(const AdviseCommand& command) {
  Offer offer;
  if (!command.zone.empty()) {
    ZW_TRY(offer.zone, Name::parse(command.zone));
  }
  if (!command.config.empty()) {
    ZW_TRY(offer, offer_of_config(command.config, command.zone.empty() ? nullptr : &offer.zone));
  }
  ZW_CHECK(read_addresses("--server", command.servers, kDnsPort, offer.servers));
  ZW_CHECK(read_addresses("--tls-server", command.tls_servers, kTlsPort, offer.tls_servers));
  ZW_CHECK(read_addresses("--fall-back", command.fall_backs, kDnsPort, offer.fall_backs));
  replace(command.tls_name, offer.tls_name);
  replace(command.tls_authorities, offer.tls_authorities);
  replace(command.url, offer.url);
  replace(command.folder, offer.folder);
  replace(command.label, offer.label);
  ZW_CHECK(read_anchors(command.anchor, offer));
  ZW_CHECK(read_subscriber(command.subscriber, offer));
  if (!command.key.empty()) {
    ZW_TRY(offer.key, read_key(command.key));
  }
  if (offer.key && !command.with_secret) offer.key->secret.reset();
  if (command.no_zonemd) offer.zonemd = false;
  offer.public_fall_backs = !command.no_public_fall_backs;
  if (!command.serial.empty()) {
    ZW_TRY(offer.serial, read_serial(command.serial));
  }
  return offer;
}

Result<void> write_files(const Advice& advice, const std::string& folder) {
  ZW_CHECK(make_folder(folder));
  for (const AdviceFile& file : advice.files) {
    std::string path = folder + file.path;
    ZW_CHECK(make_folder(folder_of(path)));
    ZW_CHECK(write_file_atomically(path, as_bytes(file.text), advice.has_secret ? 0640 : 0644));
    fmt::print(stderr, "wrote {}\n", path);
  }
  fmt::print(stderr, "then, as root: {}\n", advice.activate);
  return {};
}

int show_changes(const Advice& advice, const std::string& file) {
  auto had = read_file(file, kMostOctets);
  if (!had) return complain(unknown, had.error().what);
  // Of two files, the one that is most like it.
  std::optional<std::string> least;
  for (const AdviceFile& each : advice.files) {
    auto changes = print_changes(as_text(*had), each.text);
    if (!changes) return complain(unknown, changes.error().what);
    if (!least || changes->size() < least->size()) least = *changes;
  }
  fmt::print("{}", *least);
  return least->empty() ? yes : no;
}

}  // namespace

int AdviceListCommand::run() const {
  for (const TargetInfo& info : targets()) fmt::print("{:<18} {}\n", info.word, info.what);
  for (const UnableInfo& info : unable_targets()) fmt::print("{:<18} cannot: {}\n", info.word, info.why);
  return yes;
}

int AdviseCommand::run() const {
  auto wanted = find_target(target);
  if (!wanted)
    return complain(wanted.error().kind == ErrorKind::unsupported ? no : wrong_use, wanted.error().what);
  auto when = moment(at);
  if (!when) return complain(wrong_use, when.error().what);
  auto offer = read_offer(*this);
  if (!offer) return complain(wrong_use, offer.error().what);
  auto advice = make_advice(*wanted, *offer, *when);
  if (!advice)
    return complain(advice.error().kind == ErrorKind::unsupported ? no : wrong_use, advice.error().what);
  if (!compared.empty()) return show_changes(*advice, compared);
  if (!output.empty()) {
    auto written = write_files(*advice, output);
    return written ? yes : complain(unknown, written.error().what);
  }
  for (const AdviceFile& file : advice->files)
    fmt::print("{}{}", &file == advice->files.data() ? "" : "\n", file.text);
  return yes;
}

int AdviceCheckCommand::run() const {
  auto when = moment(at);
  if (!when) return complain(wrong_use, when.error().what);
  Exit exit = yes;
  std::string out;
  JsonWriter writer(out);
  writer.begin_array();
  for (const std::string& file : files) {
    auto text = read_file(file == "-" ? "/dev/stdin" : file, kMostOctets);
    auto found = text ? check_advice(as_text(*text), *when) : std::unexpected(text.error());
    if (!found) return complain(unknown, found.error().what);
    if (found->dialect == Dialect::unknown)
      fmt::print(stderr, "zonewright: {}: not known what this is for; only addresses were looked at\n", file);
    for (const AdviceFinding& finding : found->all) {
      exit = no;
      writer.begin_object().member("file", file).member("line", finding.line).member("rule", finding.rule);
      writer.member("what", finding.what).end_object();
      if (!json) fmt::print("{}:{}: {}: {}\n", file, finding.line, finding.rule, finding.what);
    }
  }
  writer.end_array();
  if (json) fmt::print("{}\n", out);
  return exit;
}

}  // namespace zw::localroot
