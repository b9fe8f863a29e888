// `zonewright localroot`: the command line.
#include <CLI/CLI.hpp>
#include <memory>

#include "localroot/advice/commands.h"
#include "localroot/bench/commands.h"
#include "localroot/bench/crowd.h"
#include "localroot/changes/commands.h"
#include "localroot/commands.h"

using namespace zw::localroot;

namespace {

void add_common(CLI::App& app, BenchCommon& common) {
  app.add_option("--address-range", common.address_range,
                 "Addresses of the virtual clients, such as 127.1.0.0/16, in turn")
      ->type_name("NETWORK");
  app.add_option("--seconds", common.seconds, "End after this time")->type_name("NUMBER");
  app.add_option("--timeout", common.timeout, "Seconds to wait for something to come")
      ->type_name("NUMBER")
      ->capture_default_str();
  app.add_option("--seed", common.seed, "Of all chance")->type_name("NUMBER")->capture_default_str();
  app.add_option("--json", common.json, "Write the results for machines too; - instead")->type_name("FILE");
  app.add_flag("--allow-remote", common.allow_remote, "Also load what is not on loopback");
}

void add_target(CLI::App& app, BenchCommon& common) {
  app.add_option("server", common.target, "ADDRESS[@PORT] of the server to load")->required();
}

void add_key(CLI::App& app, BenchCommon& common) {
  app.add_option("--key", common.key, "Sign with this TSIG key; the file holds its secret in base 64")
      ->type_name("NAME:ALGORITHM:FILE");
}

void add_xfr(CLI::App& bench, int& status) {
  auto command = std::make_shared<BenchXfrCommand>();
  auto* app = bench.add_subcommand("xfr", "Fetch a zone as a crowd of secondaries");
  add_target(*app, command->common);
  app->add_option("zone", command->zone, "The zone")->capture_default_str();
  app->add_option("--serial", command->serial, "Ask by IXFR, as who has this version")->type_name("NUMBER");
  app->add_option("--total", command->total, "Transfers; 0: until --seconds are over")->capture_default_str();
  app->add_option("--clients", command->clients, "Transfers at once")->capture_default_str();
  app->add_option("--rate", command->rate, "New transfers in a second, at most");
  app->add_option("--slow", command->slow_kbit, "Take what comes at this pace")->type_name("KBIT");
  app->add_option("--slow-percent", command->slow_percent, "How many do")->capture_default_str();
  app->add_option("--reset-percent", command->reset_percent, "How many reset their connection in midst of it")
      ->capture_default_str();
  app->add_option("--verify-tsig", command->verify_percent, "Percent of the answers whose TSIG is verified")
      ->capture_default_str();
  app->add_option(
         "--check", command->check,
         "soa: messages, and the SOAs at begin and end; records: each record, and the same ones in all "
         "transfers of a version; digest: and the ZONEMD of each version")
      ->check(CLI::IsMember({"soa", "records", "digest"}))
      ->capture_default_str();
  app->add_flag("--no-edns", command->no_edns, "Ask without EDNS");
  add_key(*app, command->common);
  add_common(*app, command->common);
  app->footer(
      "Examples:\n"
      "  zonewright localroot bench xfr 127.0.0.1@5300 . --total 1000 --clients 20\n"
      "  zonewright localroot bench xfr 127.0.0.1@5300 . --total 10000 --clients 10000 --slow 64 --seconds "
      "60 \\\n"
      "    --address-range 127.1.0.0/16");
  app->callback([command, &status] { status = command->run(); });
}

void add_query(CLI::App& bench, int& status) {
  auto command = std::make_shared<BenchQueryCommand>();
  command->common.timeout = 2;
  auto* app = bench.add_subcommand("query", "Ask many questions over UDP or TCP");
  add_target(*app, command->common);
  app->add_option("--queries", command->queries, "Lines NAME TYPE, asked in turn and round again")
      ->type_name("FILE");
  app->add_option(
         "--zone", command->zone,
         "Or a zone file, for the mix that its servers see: of ten queries five for names that do not "
         "exist, three at and below delegations, one for DS, one at the apex")
      ->type_name("FILE");
  app->add_option("--total", command->total, "Queries; 0: for --seconds, or five");
  app->add_option("--clients", command->clients, "Sockets")->capture_default_str();
  app->add_option("--in-flight", command->in_flight, "Queries without an answer, of all clients together")
      ->capture_default_str();
  app->add_option("--rate", command->rate, "Queries in a second, at most");
  app->add_flag("--tcp", command->tcp, "Over TCP, many on one connection");
  app->add_flag("--do", command->dnssec_ok, "Ask for DNSSEC");
  app->add_flag("--no-edns", command->no_edns, "Ask without EDNS");
  add_common(*app, command->common);
  app->footer(
      "Examples:\n"
      "  zonewright localroot bench query 127.0.0.1@5300 --zone root.zone --do --seconds 10\n"
      "  zonewright localroot bench query 127.0.0.1@5300 --queries names --rate 1000 --tcp");
  app->callback([command, &status] { status = command->run(); });
}

void add_notify(CLI::App& bench, int& status) {
  auto command = std::make_shared<BenchNotifyCommand>();
  command->common.address_range = kCrowdAddresses;
  auto* app = bench.add_subcommand("notify", "Be told of new versions as a crowd of secondaries");
  app->add_option("--zone", command->zone, "The zone")->capture_default_str();
  app->add_option("--targets", command->targets, "Secondaries, each with an address of its own")
      ->capture_default_str();
  app->add_option("--port", command->port, "Where they are")->capture_default_str();
  app->add_option("--dead-port", command->dead_port, "Where those are that never answer; 0: the next port");
  app->add_option("--dead-percent", command->dead_percent, "How many never answer");
  app->add_option("--refusing-percent", command->refusing_percent, "How many answer REFUSED");
  app->add_option("--slow-percent", command->slow_percent, "How many answer late (over TCP at once)");
  app->add_option("--slow-ms", command->slow_ms, "So late, in milliseconds")->capture_default_str();
  app->add_option("--quiet", command->quiet,
                  "End when all who live were told and nothing came for so many seconds")
      ->capture_default_str();
  app->add_option("--serial", command->serial,
                  "Count only who is told of this version: a server may tell of the one before at its start")
      ->type_name("NUMBER");
  app->add_option("--print-config", command->print_config,
                  "Print the targets as configuration of this server instead: zonewright, bind, knot, nsd or "
                  "powerdns")
      ->type_name("SERVER");
  add_key(*app, command->common);
  add_common(*app, command->common);
  app->footer(
      "Examples:\n"
      "  zonewright localroot bench notify --targets 100000 --dead-percent 10 --print-config nsd > "
      "targets\n"
      "  zonewright localroot bench notify --targets 100000 --dead-percent 10 --seconds 60 --json -");
  app->callback([command, &status] { status = command->run(); });
}

void add_bench(CLI::App& app, int& status) {
  auto* bench = app.add_subcommand("bench", "Load a server, this or another, and measure");
  bench->require_subcommand(1);
  bench->footer(
      "Each run is bounded by a count or a time, and stays on loopback unless --allow-remote is said.\n"
      "Exit status: 0 only if all that was asked for was done, 1 if not, 2 wrong use, 3 could not find out.");
  add_xfr(*bench, status);
  add_query(*bench, status);
  add_notify(*bench, status);
}

struct ConfigOptions {
  AdviseCommand advise;
  AdviceCheckCommand check;
  bool list = false;
  int run() const {
    if (list) return AdviceListCommand().run();
    return check.files.empty() ? advise.run() : check.run();
  }
};

void add_offer(CLI::App& app, AdviseCommand& advise) {
  app.add_option("--config", advise.config, "Take what is not given here from our server's configuration")
      ->type_name("FILE");
  app.add_option("--zone", advise.zone, "The zone (default: the root)")->type_name("NAME");
  app.add_option("--server", advise.servers, "Our service (may be given again)")->type_name("ADDRESS[@PORT]");
  app.add_option("--tls-server", advise.tls_servers, "Our service over TLS (may be given again)")
      ->type_name("ADDRESS[@PORT]");
  app.add_option("--tls-name", advise.tls_name, "The name in its certificate")->type_name("NAME");
  app.add_option("--tls-ca", advise.tls_authorities,
                 "Who vouches for it, a file there (default: /etc/ssl/certs/ca-certificates.crt)")
      ->type_name("FILE");
  app.add_option("--url", advise.url, "Where the zone is downloaded over HTTPS")->type_name("URL");
  app.add_option("--key", advise.key, "TSIG key; the file holds its secret in base 64")
      ->type_name("NAME[:ALGORITHM[:FILE]]");
  app.add_flag("--with-secret", advise.with_secret,
               "Write the secret of the key too, instead of a placeholder");
  app.add_option("--subscriber", advise.subscriber, "Address of who will use it (once for each family)")
      ->type_name("ADDRESS");
  app.add_option("--fall-back", advise.fall_backs, "Another source, after ours (may be given again)")
      ->type_name("ADDRESS[@PORT]");
  app.add_flag("--no-public-fall-backs", advise.no_public_fall_backs,
               "Leave out the public sources of the root");
  app.add_option("--folder", advise.folder, "Where the copy is kept (default: where Debian keeps such)")
      ->type_name("FOLDER");
  app.add_option("--anchor", advise.anchor, "Trust anchors: DS or DNSKEY records of the zone")
      ->type_name("FILE");
  app.add_flag("--no-zonemd", advise.no_zonemd, "The zone has no ZONEMD record");
  app.add_option("--serial", advise.serial, "The serial that is served, for the header")->type_name("NUMBER");
  app.add_option("--label", advise.label, "Whose this is, for a comment")->type_name("TEXT");
}

void add_config(CLI::App& top, int& status) {
  auto options = std::make_shared<ConfigOptions>();
  auto* app =
      top.add_subcommand("config", "Write configurations for other software that keeps a copy of a zone");
  auto* target =
      app->add_option("--for", options->advise.target, "Which software; see --list")->type_name("TARGET");
  auto* list = app->add_flag("--list", options->list, "Tell for which software there are configurations");
  auto* check =
      app->add_option("--check", options->check.files,
                      "Look for stale addresses and missing switches in a configuration of any of them; "
                      "- is standard input")
          ->type_name("FILE");
  app->add_flag("--json", options->check.json, "With --check: for machines")->needs(check);
  app->add_option("--output,-o", options->advise.output,
                  "Write the files below this folder, as etc/... in it")
      ->type_name("FOLDER");
  app->add_option("--diff", options->advise.compared, "Only tell what is other now than in this file")
      ->type_name("FILE");
  app->add_option("--at", options->advise.at, "As of this moment (default: now)")->type_name("TIME");
  add_offer(*app, options->advise);
  app->require_option(1, 0);
  app->footer(
      "Our service comes first, then the public sources of the root, all by their addresses.\n"
      "Exit status: 0 done, nothing found, nothing other; 1 findings, changes, or it cannot be done; 2 wrong "
      "use.\n\n"
      "Examples:\n"
      "  zonewright localroot config --for bind-9.18 --server 192.0.2.1 --key home.:hmac-sha256:home.key "
      "--with-secret\n"
      "  zonewright localroot config --for unbound-tls --tls-server 192.0.2.1 --tls-name zones.example.net "
      "-o /\n"
      "  zonewright localroot config --check /etc/unbound/unbound.conf.d/localroot.conf");
  app->callback([=, &status] {
    if (!*target && !*list && !*check) throw CLI::RequiredError("one of --for, --list and --check");
    options->check.at = options->advise.at;
    status = options->run();
  });
}

void add_changes(CLI::App& top, int& status) {
  auto command = std::make_shared<ChangesCommand>();
  auto* app = top.add_subcommand("changes", "Tell what changed in a zone, version by version");
  app->add_option("--state", command->state, "The state folder of the service")
      ->required()
      ->type_name("FOLDER");
  app->add_option("--zone", command->zone, "The zone")->type_name("NAME")->capture_default_str();
  app->add_option("--since", command->since, "After the version with this serial (not for atom)")
      ->type_name("SERIAL");
  app->add_flag("--all", command->all, "Also what each signing changes, if it is kept (not for atom)");
  app->add_option("--format", command->format, "Output: text, jsonl, or atom for the newest versions")
      ->check(CLI::IsMember({"text", "jsonl", "atom"}))
      ->capture_default_str();
  app->footer(
      "Exit status 1 when nothing is kept, or not back to that serial.\nExample: zonewright localroot "
      "changes "
      "--state /var/lib/zonewright/localroot --zone . --since 2026073101");
  app->callback([command, &status] { status = command->run(); });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Takes signed zones from their primaries, verifies them whole, and serves them.",
               "zonewright localroot");
  app.require_subcommand(1);
  app.set_version_flag("--version", "zonewright " ZW_VERSION);
  app.footer(
      "Exit status: 0 yes, 1 the answer is no, 2 wrong use, 3 could not find out.\n\nExamples:\n"
      "  zonewright localroot serve --config localroot.toml\n"
      "  zonewright localroot status --config localroot.toml\n"
      "  zonewright localroot config --list\n"
      "  zonewright localroot bench xfr 127.0.0.1@5300 . --total 1000 --clients 20");
  int status = 0;

  ServeCommand serve;
  auto* serve_app = app.add_subcommand("serve", "Run the service in the foreground");
  serve_app->add_option("--config", serve.config, "Configuration, TOML")->required()->type_name("FILE");
  serve_app->add_flag(
      "--take-over", serve.take_over,
      "Take over from the process that serves from the same state folder, if there is one: no "
      "query or transfer is lost");
  serve_app->add_flag("--check-config", serve.check_only, "Only say whether the configuration is good");
  serve_app->add_option("--at", serve.at, "Begin at this moment instead of now, to try with old zones")
      ->type_name("TIME");
  serve_app->footer("SIGHUP reads the configuration again, SIGTERM ends.\n\nSettings:\n" + config_help());
  serve_app->callback([&] { status = serve.run(); });

  StatusCommand show;
  auto* show_app = app.add_subcommand("status", "Ask the running service what it serves, and why not more");
  show_app->add_option("--config", show.config, "The configuration of the service")
      ->required()
      ->type_name("FILE");
  std::string format = "text";
  show_app->add_option("--format", format, "Output: text or json")->check(CLI::IsMember({"text", "json"}));
  show_app->footer(
      "Exit status 1 when not every zone is served.\nExample: zonewright localroot status --config "
      "localroot.toml");
  show_app->callback([&] {
    show.json = format == "json";
    status = show.run();
  });

  LogVerifyCommand verify;
  auto* log_app = app.add_subcommand("log", "Look into the logs of what was published");
  log_app->require_subcommand(1);
  auto* verify_app =
      log_app->add_subcommand("verify", "Check that nobody changed the past: all links of a log");
  verify_app->add_option("FILE", verify.files, "Logs: NAME.log in the state folder of the service")
      ->required();
  verify_app->add_option("--head", verify.head, "A link that was noted before; it must be in the log")
      ->type_name("HEX");
  std::string log_format = "text";
  verify_app->add_option("--format", log_format, "Output: text or json")
      ->check(CLI::IsMember({"text", "json"}));
  verify_app->footer(
      "Exit status 1 when a log is broken.\nExample: zonewright localroot log verify "
      "/var/lib/zonewright/localroot/ROOT.log");
  verify_app->callback([&] {
    verify.json = log_format == "json";
    status = verify.run();
  });

  add_changes(app, status);
  PortalAdminCommand admin;
  auto* portal_app = app.add_subcommand("portal", "Look after the portal of a service");
  portal_app->require_subcommand(1);
  auto* admin_app = portal_app->add_subcommand(
      "admin", "Make an administrator of somebody who has an account; the service may be running");
  admin_app->add_option("EMAIL", admin.email, "The address of the account")->required();
  admin_app->add_option("--config", admin.config, "The configuration of the service")
      ->required()
      ->type_name("FILE");
  admin_app->add_flag("--revoke", admin.revoke, "No administrator any more");
  admin_app->footer(
      "Exit status 1 when nobody has the address.\nExample: zonewright localroot portal admin "
      "--config localroot.toml ada@example.net");
  admin_app->callback([&] { status = admin.run(); });

  add_config(app, status);
  add_bench(app, status);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return status;
}
