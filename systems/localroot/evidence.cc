#include "localroot/evidence.h"

#include "format/json.h"

namespace zw::localroot {

void add_proof(JsonWriter& json, const Evidence& evidence) {
  json.member("serial", evidence.serial.value())
      .member("digest", evidence.digest)
      .member("digest_kind", evidence.digest_kind)
      .member("has_zonemd", evidence.has_zonemd)
      .member("source", evidence.source)
      .member("method", evidence.method)
      .member("records", evidence.records)
      .member("signatures", evidence.signatures)
      .member("verified_at", print_time(evidence.verified_at));
  json.key("agreed").begin_array();
  for (const std::string& primary : evidence.agreed) json.value(primary);
  json.end_array();
}

void add_evidence(JsonWriter& json, const Evidence& evidence) {
  add_proof(json, evidence);
  json.member("confirmed_at", print_time(evidence.confirmed_at))
      .member("expires_at", print_time(evidence.expires_at))
      .member("signed_until",
              evidence.signed_until ? std::optional(print_time(*evidence.signed_until)) : std::nullopt);
}

std::string print_evidence(const Evidence& evidence) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("origin", print(evidence.origin));
  add_evidence(json, evidence);
  json.end_object();
  out += '\n';
  return out;
}

Result<Evidence> parse_evidence(std::string_view text) {
  ZW_TRY(Json json, parse_json(text));
  bool whole = true;
  auto find = [&](std::string_view key) -> const Json& {
    static const Json nothing;
    const Json* value = json.find(key);
    whole = whole && value;
    return value ? *value : nothing;
  };
  auto text_of = [&](std::string_view key) {
    auto value = find(key).text();
    whole = whole && value;
    return std::string(value.value_or(""));
  };
  auto number_of = [&](std::string_view key) {
    auto value = find(key).natural();
    whole = whole && value;
    return value.value_or(0);
  };
  auto time_of = [&](std::string_view key) {
    auto value = parse_time(find(key).text().value_or(""));
    whole = whole && value;
    return value.value_or(WallTime{});
  };
  Evidence out;
  auto origin = Name::parse(text_of("origin"));
  whole = whole && origin;
  if (origin) out.origin = *origin;
  out.serial = Serial(static_cast<std::uint32_t>(number_of("serial")));
  out.digest = text_of("digest");
  out.digest_kind = text_of("digest_kind");
  out.has_zonemd = find("has_zonemd").boolean().value_or(false);
  out.source = text_of("source");
  out.method = text_of("method");
  if (const Json* agreed = json.find("agreed"))  // who wrote it before there was such a thing left it out
    for (const Json& primary : agreed->items()) out.agreed.emplace_back(primary.text().value_or(""));
  out.records = number_of("records");
  out.signatures = number_of("signatures");
  out.verified_at = time_of("verified_at");
  out.confirmed_at = time_of("confirmed_at");
  out.expires_at = time_of("expires_at");
  if (!find("signed_until").is_null()) out.signed_until = time_of("signed_until");
  if (!whole) return fail(ErrorKind::malformed, "the evidence lacks a member or has one of another kind");
  return out;
}

}  // namespace zw::localroot
