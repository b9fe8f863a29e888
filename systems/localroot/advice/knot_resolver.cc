// Knot Resolver: fills its cache with the root from one URL, at most once an hour; NOTIFY does not hasten it.
#include <fmt/format.h>

#include "localroot/advice/compose.h"

namespace zw::localroot {
namespace {

constexpr std::string_view kOneSource =
    "It takes one URL only, and hears no NOTIFY: it fetches each hour. If our service is gone it asks as it "
    "did before.\nThe URL is a secret if it has a token.";

Result<void> check(const Draft& draft) {
  if (!draft.is_root())
    return fail(ErrorKind::unsupported, "Knot Resolver fills its cache with the root alone, not with {}",
                draft.zone);
  return need_url(draft.offer);
}

}  // namespace

Result<Advice> compose_knot_resolver_5(const Draft& draft) {
  ZW_CHECK(check(draft));
  Advice out;
  out.activate = guard("/etc/knot-resolver/localroot.lua", "knot-resolver") +
                 "{ grep -qs localroot.lua /etc/knot-resolver/kresd.conf || echo "
                 "\"dofile('/etc/knot-resolver/localroot.lua')\" "
                 ">> /etc/knot-resolver/kresd.conf; } && systemctl restart 'kresd@*'";
  AdviceFile& file = out.files.emplace_back("/etc/knot-resolver/localroot.lua", "");
  file.text = head_of(draft, file.path,
                      fmt::format("Fills the cache of Knot Resolver with {}, if its signatures are "
                                  "well. Needs the package\nknot-resolver-module-http. {}",
                                  draft.zone_words, kOneSource),
                      out.activate, "--");
  file.text += fmt::format(
      "modules.load('prefill')\nprefill.config({{\n  ['.'] = {{\n    url = '{}',\n    interval = 3600,  -- "
      "seconds; "
      "less is refused\n    ca_file = '{}',\n  }}\n}})\n",
      *draft.offer.url, draft.offer.tls_authorities);
  return out;
}

Result<Advice> compose_knot_resolver_6(const Draft& draft) {
  ZW_CHECK(check(draft));
  Advice out;
  out.activate = guard("/etc/knot-resolver/config.yaml", "knot-resolver") +
                 "kresctl validate /etc/knot-resolver/config.yaml && systemctl reload knot-resolver";
  AdviceFile& file = out.files.emplace_back("/etc/knot-resolver/config.yaml", "");
  file.text =
      head_of(draft, file.path,
              fmt::format("Fills the cache of Knot Resolver with {}; put it into what the file has. {}",
                          draft.zone_words, kOneSource),
              out.activate);
  file.text += fmt::format(
      "cache:\n  prefill:\n    - origin: \".\"\n      url: \"{}\"\n      refresh-interval: 1h\n"
      "      ca-file: \"{}\"\n",
      *draft.offer.url, draft.offer.tls_authorities);
  return out;
}

}  // namespace zw::localroot
