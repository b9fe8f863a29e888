// `zonewright zone`: the command line.
#include <CLI/CLI.hpp>

#include "zonetools/verbs.h"

using namespace zw::app;

namespace {

const std::map<std::string, Format> kFormats = {{"text", Format::text}, {"json", Format::json}};

void add_format(CLI::App* verb, Format& format) {
  verb->add_option("--format", format, "Output: text or json")
      ->transform(CLI::CheckedTransformer(kFormats))
      ->type_name("FORMAT");
}

void add_input(CLI::App* verb, Input& input, Format& format) {
  verb->add_option("FILE", input.file, "Zone file, text or wire form; - for standard input")->required();
  verb->add_option("--origin", input.origin, "Completes relative names (default: the owner of the SOA)")
      ->type_name("NAME");
  add_format(verb, format);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Tools on zone files.", "zonewright zone");
  app.require_subcommand(1);
  app.set_version_flag("--version", "zonewright " ZW_VERSION);
  app.footer(
      "Exit status: 0 yes, 1 the answer is no, 2 wrong use, 3 could not find out.\n\nExamples:\n"
      "  zonewright zone check example.zone\n"
      "  zonewright zone verify root.zone --anchor /usr/share/dns/root.key --require-zonemd\n"
      "  zonewright zone diff yesterday.zone today.zone\n"
      "  zonewright zone make tld --size 450000 --seed 7 --output tld.zone");
  int status = 0;

  CheckVerb check;
  auto* check_app = app.add_subcommand("check", "Read a zone file and list what is wrong with it");
  add_input(check_app, check.input, check.format);
  check_app->footer(
      "Exit status 1 when there is an error; warnings alone leave it at 0.\nExample: zonewright zone check "
      "example.zone");
  check_app->callback([&] { status = check.run(); });

  VerifyVerb verify;
  auto* verify_app = app.add_subcommand("verify", "Check every signature, the denial chain and the digest");
  add_input(verify_app, verify.input, verify.format);
  verify_app
      ->add_option("--anchor", verify.anchors, "Trust anchors: DS and DNSKEY records (may be given again)")
      ->type_name("FILE");
  verify_app
      ->add_option("--at", verify.at, "Judge as of this moment, such as 2026-08-05T00:00:00Z (default: now)")
      ->type_name("TIME");
  verify_app->add_flag("--require-zonemd", verify.require_zonemd,
                       "A zone without a valid ZONEMD record is refused");
  verify_app->add_flag("--accept-rsasha1", verify.accept_rsasha1,
                       "Believe algorithms 5 and 7, with a warning");
  verify_app->add_option("--threads", verify.threads, "Threads (default: one for each core)")->type_name("N");
  verify_app->footer(
      "Without --anchor the zone is judged by its own keys: that it is consistent, not whose it is.\n"
      "Example: zonewright zone verify root.zone --anchor /usr/share/dns/root.key --at 2026-08-05T00:00:00Z");
  verify_app->callback([&] { status = verify.run(); });

  SignVerb sign;
  auto* sign_app = app.add_subcommand("sign", "Sign a zone with the keys of a folder");
  add_input(sign_app, sign.input, sign.format);
  sign_app->add_option("--keys", sign.keys, "Folder with K*.key and K*.private, as BIND and ldns write them")
      ->required()
      ->type_name("FOLDER");
  sign_app
      ->add_option("--denial", sign.denial,
                   "nsec, nsec3 or optout (NSEC3 that leaves out insecure delegations)")
      ->check(CLI::IsMember({"nsec", "nsec3", "optout"}));
  sign_app->add_option("--iterations", sign.iterations, "Of NSEC3; 0 unless you must (RFC 9276)")
      ->check(CLI::Range(0, 65535))
      ->type_name("N");
  sign_app->add_option("--salt", sign.salt, "Of NSEC3, in hex digits; none unless you must")
      ->type_name("HEX");
  sign_app->add_option("--at", sign.at, "Sign as of this moment, such as 2026-08-05T00:00:00Z (default: now)")
      ->type_name("TIME");
  sign_app
      ->add_option("--inception-offset", sign.inception_offset,
                   "Seconds by which signatures begin earlier (3600)")
      ->check(CLI::Range(0, 30 * 86'400))
      ->type_name("N");
  sign_app->add_option("--validity", sign.validity, "Seconds until they end (1209600: two weeks)")
      ->check(CLI::Range(60, 10 * 366 * 86'400))
      ->type_name("N");
  sign_app
      ->add_option("--jitter", sign.jitter, "Seconds by which those below the apex end apart, earlier (0)")
      ->check(CLI::Range(0, 366 * 86'400))
      ->type_name("N");
  sign_app
      ->add_option("--serial", sign.serial,
                   "keep, increment, unixtime or date; but for keep always a newer one")
      ->check(CLI::IsMember({"keep", "increment", "unixtime", "date"}));
  sign_app
      ->add_option("--zonemd", sign.zonemd, "Add a digest of the zone: sha384, sha512 (may be given again)")
      ->check(CLI::IsMember({"sha384", "sha512"}));
  sign_app->add_option("--to", sign.to, "canonical (one record a line), text or wire")
      ->check(CLI::IsMember({"canonical", "text", "wire"}));
  sign_app->add_option("--output,-o,--out", sign.output, "File to write (default: standard output)")
      ->type_name("FILE");
  sign_app->add_option("--threads", sign.threads, "Threads (default: one for each core)")->type_name("N");
  sign_app->footer(
      "All keys of the zone in the folder sign, whatever times stand in their files: those with the SEP flag "
      "the\nkeys, others the data; where all of an algorithm are of one kind, each signs all. The same zone, "
      "keys and\ntime give the same octets. What was signed before is signed anew.\n"
      "Example: zonewright zone sign example.zone --keys keys --denial nsec3 --zonemd sha384 -o signed.zone");
  sign_app->callback([&] { status = sign.run(); });

  DigestVerb digest;
  auto* digest_app = app.add_subcommand("digest", "Compute the ZONEMD digest (RFC 8976)");
  add_input(digest_app, digest.input, digest.format);
  digest_app->add_option("--hash", digest.hash, "sha384 or sha512")
      ->check(CLI::IsMember({"sha384", "sha512"}));
  digest_app->footer(
      "Exit status 1 when the zone has a ZONEMD record that does not fit.\nExample: zonewright zone digest "
      "root.zone");
  digest_app->callback([&] { status = digest.run(); });

  DiffVerb diff;
  auto* diff_app = app.add_subcommand("diff", "Say what changed from one zone to another");
  diff_app->add_option("A", diff.before.file, "The zone before")->required();
  diff_app->add_option("B", diff.after.file, "The zone after")->required();
  diff_app->add_option("--origin", diff.before.origin, "Completes relative names")->type_name("NAME");
  add_format(diff_app, diff.format);
  diff_app->footer(
      "Exit status 0 when the zones hold the same records, 1 when they differ.\nExample: zonewright zone "
      "diff old.zone new.zone");
  diff_app->callback([&] {
    diff.after.origin = diff.before.origin;
    status = diff.run();
  });

  InfoVerb info;
  auto* info_app = app.add_subcommand("info", "Counts, sizes and dates at a glance");
  add_input(info_app, info.input, info.format);
  info_app->footer("Example: zonewright zone info root.zone --format json");
  info_app->callback([&] { status = info.run(); });

  ConvertVerb convert;
  auto* convert_app = app.add_subcommand("convert", "Write the zone in another form");
  add_input(convert_app, convert.input, convert.format);
  convert_app->add_option("--to", convert.to, "canonical (one record a line, RFC 4034 order), text or wire")
      ->check(CLI::IsMember({"canonical", "text", "wire"}));
  convert_app->add_option("--output,-o", convert.output, "File to write (default: standard output)")
      ->type_name("FILE");
  convert_app->footer("Example: zonewright zone convert example.zone --to wire -o example.wire");
  convert_app->callback([&] { status = convert.run(); });

  MakeVerb make;
  auto* make_app = app.add_subcommand("make", "Make a zone to test with: the same seed gives the same zone");
  make_app->add_option("KIND", make.kind, "root or tld")->required()->check(CLI::IsMember({"root", "tld"}));
  make_app->add_option("--seed", make.seed, "Chooses the zone")->type_name("N");
  make_app->add_option("--size", make.size, "Delegations (default: root 1440, tld 10000)")->type_name("N");
  make_app->add_option("--origin", make.origin, "Name of a tld zone")->type_name("NAME");
  make_app->add_option("--names", make.names, "Public suffix list, for the names of a root zone")
      ->type_name("FILE");
  make_app->add_option("--output,-o", make.output, "File to write (default: standard output)")
      ->type_name("FILE");
  make_app
      ->add_option("--changes", make.changes, "Also make the zone's next version, with N changed delegations")
      ->type_name("N");
  make_app->add_option("--to-seed", make.to_seed, "Chooses the changes")->type_name("N");
  make_app
      ->add_option("--changed-output", make.changed_output,
                   "File for the next version (default: print the changes)")
      ->type_name("FILE");
  add_format(make_app, make.format);
  make_app->footer(
      "Examples:\n  zonewright zone make root --seed 1 -o root.zone\n"
      "  zonewright zone make tld --size 450000 --changes 1000 -o a.zone --changed-output b.zone");
  make_app->callback([&] { status = make.run(); });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? yes : wrong_use;
  }
  return status;
}
