#include "localroot/status.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "format/json.h"

namespace zw::localroot {
namespace {

std::optional<std::string> time_text(const std::optional<WallTime>& when) {
  return when ? std::optional(print_time(*when)) : std::nullopt;
}

std::optional<double> in_seconds(const std::optional<Milliseconds>& time) {
  return time ? std::optional(std::chrono::duration<double>(*time).count()) : std::nullopt;
}

void add_zone(JsonWriter& json, const ZoneStatus& zone) {
  json.begin_object().member("origin", print(zone.origin)).member("condition", print(zone.condition));
  if (zone.evidence) add_evidence(json, *zone.evidence);
  json.key("last_refusal");
  if (zone.last_refusal) {
    auto serial = zone.last_refusal->serial;
    json.begin_object()
        .member("at", print_time(zone.last_refusal->at))
        .member("serial", serial ? std::optional(serial->value()) : std::nullopt)
        .member("source", zone.last_refusal->source)
        .member("reason", zone.last_refusal->reason)
        .end_object();
  } else {
    json.null();
  }
  json.member("phase", zone.phase)
      .member("next_refresh", time_text(zone.next_refresh))
      .member("published", zone.published)
      .member("refused", zone.refused)
      .member("transfers_out", zone.transfers_out)
      .member("verify_seconds", zone.verify_seconds);
  json.key("log")
      .begin_object()
      .member("entries", zone.log.entries)
      .member("head", zone.log.head)
      .member("fault", zone.log.fault)
      .end_object();
  const ZoneStatus::Notify& notify = zone.notify;
  json.key("notify")
      .begin_object()
      .member("targets", notify.targets)
      .member("to_tell", notify.to_tell)
      .member("told", notify.told)
      .member("answered", notify.answered)
      .member("given_up", notify.given_up)
      .member("parked", notify.parked)
      .member("telling_seconds", notify.telling_seconds)
      .end_object();
  const SubscriberBook::Spread& spread = zone.spread;
  json.key("subscribers_hold")
      .begin_object()
      .member("current", spread.current)
      .member("behind", spread.behind)
      .member("unknown", spread.unknown)
      .member("lag_p50_seconds", in_seconds(spread.lag_median))
      .member("lag_p99_seconds", in_seconds(spread.lag_p99))
      .end_object();
  json.key("subscribers").begin_array();
  for (const SubscriberStatus& subscriber : zone.subscribers)
    json.begin_object()
        .member("address", subscriber.address)
        .member("sent", subscriber.sent)
        .member("answered", subscriber.answered)
        .member("unanswered", subscriber.unanswered)
        .member("told_serial", subscriber.told ? std::optional(subscriber.told->value()) : std::nullopt)
        .member("last_answer", subscriber.last_answer)
        .member("parked", subscriber.parked)
        .member("round_trip_ms",
                subscriber.round_trip ? std::optional(subscriber.round_trip->count()) : std::nullopt)
        .member("held_serial", subscriber.held ? std::optional(subscriber.held->value()) : std::nullopt)
        .member("lag_seconds", in_seconds(subscriber.lag))
        .member("fetches", subscriber.fetches)
        .member("refusals", subscriber.refusals)
        .member("last_refusal", subscriber.last_refusal)
        .end_object();
  json.end_array().end_object();
}

void add_catalog(JsonWriter& json, const CatalogStatus& catalog) {
  json.begin_object()
      .member("origin", print(catalog.origin))
      .member("followed", catalog.followed)
      .member("serial", catalog.serial ? std::optional(catalog.serial->value()) : std::nullopt)
      .member("members", catalog.members)
      .member("ignored", catalog.ignored)
      .member("fault", catalog.fault);
  json.key("notes").begin_array();
  for (const CatalogStatus::Note& note : catalog.notes)
    json.begin_object().member("zone", print(note.zone)).member("what", note.what).end_object();
  json.end_array().end_object();
}

std::string text_of(const Json& object, std::string_view key) {
  const Json* value = object.find(key);
  if (!value || value->is_null()) return "-";
  if (auto text = value->text()) return std::string(*text);
  if (auto number = value->natural()) return fmt::format("{}", *number);
  if (auto real = value->number()) return fmt::format("{:.3f}", *real);
  return "?";
}

void append_catalog(std::string& out, const Json& catalog) {
  auto to = std::back_inserter(out);
  const Json* followed = catalog.find("followed");
  fmt::format_to(to, "catalog {}: {}, serial {}\n", text_of(catalog, "origin"),
                 followed && followed->boolean().value_or(false) ? "followed" : "made here",
                 text_of(catalog, "serial"));
  fmt::format_to(to, "  members       {}, ignored {}\n", text_of(catalog, "members"),
                 text_of(catalog, "ignored"));
  if (std::string fault = text_of(catalog, "fault"); !fault.empty())
    fmt::format_to(to, "  fault         {}\n", fault);
  if (const Json* notes = catalog.find("notes"))
    for (const Json& note : notes->items())
      fmt::format_to(to, "  ignored       {}: {}\n", text_of(note, "zone"), text_of(note, "what"));
}

}  // namespace

std::string_view print(Condition condition) {
  switch (condition) {
    case Condition::waiting: return "waiting";
    case Condition::serving: return "serving";
    case Condition::expired: return "expired";
  }
  return "?";
}

bool is_healthy(const Status& status) {
  return status.is_known() &&
         std::all_of(status.zones.begin(), status.zones.end(),
                     [](const ZoneStatus& zone) { return zone.condition == Condition::serving; });
}

std::string print_status_json(const Status& status) {
  std::string out;
  JsonWriter json(out);
  json.begin_object()
      .member("healthy", is_healthy(status))
      .member("started", print_time(status.started))
      .member("now", print_time(status.now));
  json.key("zones").begin_array();
  for (const ZoneStatus& zone : status.zones) add_zone(json, zone);
  json.end_array().key("catalogs").begin_array();
  for (const CatalogStatus& catalog : status.catalogs) add_catalog(json, catalog);
  json.end_array().end_object();
  out += '\n';
  return out;
}

Result<std::string> print_status_text(std::string_view text) {
  ZW_TRY(Json json, parse_json(text, {std::size_t{64} << 20, 16}));
  const Json* zones = json.find("zones");
  if (!zones) return fail(ErrorKind::malformed, "the server's status has no zones");
  std::string out;
  auto to = std::back_inserter(out);
  for (const Json& zone : zones->items()) {
    fmt::format_to(to, "zone {}: {}\n", text_of(zone, "origin"), text_of(zone, "condition"));
    if (zone.find("serial")) {
      fmt::format_to(to, "  serial        {} by {} from {}\n", text_of(zone, "serial"),
                     text_of(zone, "method"), text_of(zone, "source"));
      fmt::format_to(to, "  verified      {}: {} signatures, {} records, in {} s\n",
                     text_of(zone, "verified_at"), text_of(zone, "signatures"), text_of(zone, "records"),
                     text_of(zone, "verify_seconds"));
      fmt::format_to(to, "  digest        {} {}\n", text_of(zone, "digest_kind"), text_of(zone, "digest"));
      if (const Json* agreed = zone.find("agreed"); agreed && !agreed->items().empty()) {
        std::vector<std::string_view> primaries;
        for (const Json& primary : agreed->items()) primaries.push_back(primary.text().value_or("?"));
        fmt::format_to(to, "  agreed        {}\n", fmt::join(primaries, ", "));
      }
      fmt::format_to(to, "  confirmed     {}, expires {}, signed until {}\n", text_of(zone, "confirmed_at"),
                     text_of(zone, "expires_at"), text_of(zone, "signed_until"));
    }
    fmt::format_to(to, "  refreshing    {}, next {}\n", text_of(zone, "phase"),
                   text_of(zone, "next_refresh"));
    fmt::format_to(to, "  counts        published {}, refused {}, transfers out {}\n",
                   text_of(zone, "published"), text_of(zone, "refused"), text_of(zone, "transfers_out"));
    if (const Json* log = zone.find("log"); log && log->is_object()) {
      const Json* fault = log->find("fault");
      bool broken = fault && !fault->text().value_or("").empty();
      fmt::format_to(to, "  log           {} entries, {} {}\n", text_of(*log, "entries"),
                     broken ? "broken:" : "head", text_of(*log, broken ? "fault" : "head"));
    }
    if (const Json* refusal = zone.find("last_refusal"); refusal && refusal->is_object())
      fmt::format_to(to, "  not published {} serial {} from {}: {}\n", text_of(*refusal, "at"),
                     text_of(*refusal, "serial"), text_of(*refusal, "source"), text_of(*refusal, "reason"));
    if (const Json* notify = zone.find("notify"); notify && notify->is_object())
      fmt::format_to(to,
                     "  subscribers   {}: {} to tell, {} told in {} s, {} answered, {} given up, {} parked\n",
                     text_of(*notify, "targets"), text_of(*notify, "to_tell"), text_of(*notify, "told"),
                     text_of(*notify, "telling_seconds"), text_of(*notify, "answered"),
                     text_of(*notify, "given_up"), text_of(*notify, "parked"));
    if (const Json* hold = zone.find("subscribers_hold"); hold && hold->is_object())
      fmt::format_to(
          to,
          "  they hold     {} the newest, {} an older one, of {} it is not known; lag p50 {} s, p99 {} s\n",
          text_of(*hold, "current"), text_of(*hold, "behind"), text_of(*hold, "unknown"),
          text_of(*hold, "lag_p50_seconds"), text_of(*hold, "lag_p99_seconds"));
    if (const Json* subscribers = zone.find("subscribers"))
      for (const Json& one : subscribers->items()) {
        fmt::format_to(
            to, "  subscriber    {}: told {}, answered {} of {}, last {} after {} ms; holds {}, lag {} s\n",
            text_of(one, "address"), text_of(one, "told_serial"), text_of(one, "answered"),
            text_of(one, "sent"), text_of(one, "last_answer"), text_of(one, "round_trip_ms"),
            text_of(one, "held_serial"), text_of(one, "lag_seconds"));
        if (text_of(one, "refusals") != "0")
          fmt::format_to(to, "                refused {} times, last: {}\n", text_of(one, "refusals"),
                         text_of(one, "last_refusal"));
      }
  }
  if (const Json* catalogs = json.find("catalogs"))
    for (const Json& catalog : catalogs->items()) append_catalog(out, catalog);
  return out;
}

}  // namespace zw::localroot
