#include "transfer/message_text.h"

#include <fmt/format.h>

namespace zw {

std::string print_refusal(Rcode rcode, const EdnsView& edns) {
  std::string out = fmt::format("the primary answers {}", print(rcode));
  auto error = edns.extended_error();
  if (!error) return out;
  std::string_view name = print(error->code);
  out += name.empty() ? fmt::format(": extended error {}", static_cast<unsigned>(error->code))
                      : fmt::format(": {}", name);
  if (!error->text.empty()) out += fmt::format(" ({})", error->text.substr(0, 200));
  return out;
}

std::string print_tsig_fault(TsigStatus status, Rcode server_error, Rcode rcode) {
  std::string out = fmt::format("TSIG: {}", print(status));
  if (server_error != Rcode::NOERROR)
    out += fmt::format(", the other side says {}", server_error == kBadSig ? "BADSIG" : print(server_error));
  return out + fmt::format(", RCODE {}", print(rcode));
}

}  // namespace zw
