#include <fmt/format.h>

#include <map>
#include <set>

#include "base/encoding.h"
#include "crypto/secret.h"
#include "dnssec/key_pair.h"
#include "dnssec/serial_policy.h"
#include "dnssec/sign.h"
#include "dnssec/verify.h"
#include "format/json.h"
#include "os/clock.h"
#include "os/files.h"
#include "os/workers.h"
#include "zonetools/output.h"
#include "zonetools/verbs.h"

namespace zw::app {
namespace {

constexpr std::size_t kMostKeyOctets = 64 << 10;
constexpr std::string_view kPrivate = ".private";

Result<KeyPair> read_pair(const std::string& stem) {
  std::string public_file = stem + ".key", private_file = stem + std::string(kPrivate);
  ZW_TRY(Buffer public_text, read_file(public_file, kMostKeyOctets));
  ZW_TRY(Buffer private_text, read_file(private_file, kMostKeyOctets));
  auto pair = parse_key_pair(as_text(public_text), public_file, as_text(private_text), private_file);
  wipe(private_text);
  return pair;
}

/// The keys of this zone that are in the folder, in order of their file names.
Result<std::vector<KeyPair>> read_keys(const std::string& folder, NameView zone) {
  ZW_TRY(std::vector<std::string> names, list_folder(folder));
  std::vector<KeyPair> out;
  const std::string start = "K" + print(lower(zone)) + "+";  // other files are of other zones, or TSIG
  for (const std::string& name : names) {
    if (!name.starts_with(start) || !name.ends_with(kPrivate)) continue;
    ZW_TRY(KeyPair pair, read_pair(folder + "/" + name.substr(0, name.size() - kPrivate.size())));
    if (pair.owner.view() == zone) out.push_back(std::move(pair));
  }
  if (out.empty())
    return fail(ErrorKind::not_found, "{}: there is no key of {}: no {}*.private beside its .key", folder,
                print(zone), start);
  return out;
}

/// Keys with the SEP flag sign the keys, the others the data; where all of an algorithm are of one kind, each
/// signs all.
std::vector<ZoneSigningKey> signing_keys(std::vector<KeyPair> pairs) {
  std::map<DnssecAlgorithm, std::set<bool>> kinds;
  for (const KeyPair& pair : pairs) kinds[pair.record().algorithm()].insert(pair.record().is_sep());
  std::vector<ZoneSigningKey> out;
  for (KeyPair& pair : pairs) {
    bool mixed = kinds[pair.record().algorithm()].size() > 1, is_sep = pair.record().is_sep();
    KeyUse use = !mixed ? KeyUse::both : is_sep ? KeyUse::keys : KeyUse::data;
    auto key = std::make_shared<const PrivateKey>(std::move(pair.key));
    out.push_back({std::move(pair.dnskey), use, [key] { return key->make_signer(); }});
  }
  return out;
}

std::optional<SerialPolicy> policy_of(std::string_view text) {
  if (text == "increment") return SerialPolicy::increment;
  if (text == "unixtime") return SerialPolicy::unixtime;
  if (text == "date") return SerialPolicy::date;
  return std::nullopt;  // keep
}

struct Outcome {
  const Zone& zone;
  std::size_t keys;
  std::size_t signatures = 0, nsec = 0, nsec3 = 0;
  double read_seconds, sign_seconds;
};

void count(Outcome& outcome) {
  outcome.zone.visit_rrsets([&](NameView, RrSetView set) {
    if (set.type() == RrType::RRSIG) outcome.signatures += set.size();
    outcome.nsec += set.type() == RrType::NSEC;
    outcome.nsec3 += set.type() == RrType::NSEC3;
  });
}

// The zone itself may go to standard output, so that this goes to where it does not disturb.
void tell(const Outcome& outcome, Format format, bool zone_on_stdout) {
  std::string text;
  if (format == Format::json) {
    JsonWriter(text)
        .begin_object()
        .member("origin", print(outcome.zone.origin()))
        .member("serial", outcome.zone.serial().value())
        .member("keys", outcome.keys)
        .member("records", outcome.zone.record_count())
        .member("signatures", outcome.signatures)
        .member("nsec_records", outcome.nsec)
        .member("nsec3_records", outcome.nsec3)
        .member("read_seconds", outcome.read_seconds)
        .member("sign_seconds", outcome.sign_seconds)
        .end_object();
    text += "\n";
  } else {
    text = fmt::format(
        "zone {} serial {}: {} signatures by {} keys, {} NSEC, {} NSEC3; read {:.3f} s, signed {:.3f} s\n",
        print(outcome.zone.origin()), outcome.zone.serial().value(), outcome.signatures, outcome.keys,
        outcome.nsec, outcome.nsec3, outcome.read_seconds, outcome.sign_seconds);
  }
  if (zone_on_stdout)
    fmt::print(stderr, "{}", text);
  else
    put(text);
}

}  // namespace

Result<SigningPlan> SignVerb::plan_for(const Zone& zone, WallTime now) const {
  SigningPlan plan;
  ZW_TRY(std::vector<KeyPair> pairs, read_keys(keys, zone.origin()));
  plan.dnskey_ttl = pairs.front().ttl ? pairs.front().ttl : zone.soa().ttl();
  plan.keys = signing_keys(std::move(pairs));
  plan.inception = now - Seconds(inception_offset);
  plan.expiration = now + Seconds(validity);
  plan.jitter = Seconds(jitter);
  plan.zonemd_ttl = zone.soa().ttl();
  if (denial != "nsec") {
    Nsec3Plan how{static_cast<std::uint16_t>(iterations), {}, denial == "optout"};
    if (!salt.empty() && (!decode_base16(salt, how.salt) || how.salt.size() > 255))
      return fail(ErrorKind::malformed, "--salt: expected at most 255 octets in hex digits");
    plan.nsec3 = how;
  }
  for (const std::string& hash : zonemd)
    plan.zonemd.push_back(hash == "sha512" ? ZonemdHash::SHA512 : ZonemdHash::SHA384);
  if (auto policy = policy_of(serial)) plan.serial = next_serial(zone.serial(), *policy, now);
  return plan;
}

int SignVerb::run() const {
  std::optional<WallTime> now = at.empty() ? SystemClock().wall() : parse_time(at);
  if (!now) {
    complain("--at: expected a time such as 2026-08-05T00:00:00Z, found " + at);
    return wrong_use;
  }
  auto loaded = load(input);
  if (!loaded) return unknown;
  if (!loaded->zone) {
    for (const ReadIssue& issue : loaded->report.issues) fmt::print(stderr, "{}\n", zw::print(issue));
    return no;
  }
  auto plan = plan_for(*loaded->zone, *now);
  if (!plan) {
    complain(plan.error().what);
    return plan.error().kind == ErrorKind::malformed ? no : unknown;
  }
  ThreadWorkers workers(threads);
  double start = seconds_now();
  auto zone = sign_zone(*loaded->zone, *plan, workers);
  if (!zone) {
    complain(zone.error().what);
    return no;
  }
  Outcome outcome{**zone, plan->keys.size(), 0, 0, 0, loaded->seconds, seconds_now() - start};
  auto write = to == "wire" ? write_wire : to == "text" ? write_text : write_canonical;
  if (auto done = write_to(output, [&](const BlockSink& sink) { return write(**zone, sink); }); !done) {
    complain(done.error().what);
    return unknown;
  }
  count(outcome);
  tell(outcome, format, output.empty());
  return yes;
}

}  // namespace zw::app
