// `zonewright localroot`: the command line.
#include <CLI/CLI.hpp>

#include "bench.h"
#include "localroot/commands.h"

using namespace zw::localroot;

int main(int argc, char** argv) {
  CLI::App app("Takes signed zones from their primaries, verifies them whole, and serves them.",
               "zonewright localroot");
  app.require_subcommand(1);
  app.set_version_flag("--version", "zonewright " ZW_VERSION);
  app.footer(
      "Exit status: 0 yes, 1 the answer is no, 2 wrong use, 3 could not find out.\n\nExamples:\n"
      "  zonewright localroot serve --config localroot.toml\n"
      "  zonewright localroot status --config localroot.toml\n"
      "  zonewright localroot bench xfr 127.0.0.1@5300 . --total 1000 --clients 20");
  int status = 0;

  ServeCommand serve;
  auto* serve_app = app.add_subcommand("serve", "Run the service in the foreground");
  serve_app->add_option("--config", serve.config, "Configuration, TOML")->required()->type_name("FILE");
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
  verify_app->footer(
      "Exit status 1 when a log is broken.\nExample: zonewright localroot log verify "
      "/var/lib/zonewright/localroot/ROOT.log");
  verify_app->callback([&] { status = verify.run(); });

  add_bench(app, status);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return status;
}
