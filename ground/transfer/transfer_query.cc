#include "transfer/transfer_query.h"

#include <memory>

#include "dns/edns.h"
#include "dns/message_writer.h"
#include "transfer/soa_rdata.h"

namespace zw {

namespace {

// RFC 1995 §3: the authority section holds the SOA of the client's version.
std::optional<Serial> read_client_serial(const MessageView& message, NameView zone) {
  auto authority = message.records(Section::authority);
  return authority.size() == 1 ? serial_of_soa(*authority.begin(), zone) : std::nullopt;
}

}  // namespace

std::optional<TransferQuery> read_transfer_query(const Request& request, Transport transport) {
  const QuestionView& question = *request.question();
  Header header = request.message()->header();
  TransferQuery query{question.name, question.type, question.rr_class, header.id, header.rd()};
  query.edns = request.edns().has_value();
  query.asks_expire = query.edns && request.edns()->has(OptionCode::EXPIRE);
  query.asks_padding = query.edns && transport == Transport::tls && request.edns()->has(OptionCode::PADDING);
  if (query.type == RrType::IXFR) {
    query.client = read_client_serial(*request.message(), query.zone);
    if (!query.client) return std::nullopt;
  }
  return query;
}

Buffer compose_transfer_query(const TransferAsking& asking) {
  auto writer = std::make_unique<MessageWriter>();
  Buffer out(1500);  // a question, an SOA and an OPT record are at most 12 + 259 + 797 + 15 octets
  writer->start(out, asking.id, Header::pack(Opcode::QUERY, Rcode::NOERROR, 0));
  bool fits = writer->question(asking.zone, asking.type, asking.rr_class);
  if (asking.type == RrType::IXFR) {
    RrSetView soa = asking.current->soa();
    fits = fits && writer->record(Section::authority, kQuestionName, RrType::SOA, asking.rr_class, soa.ttl(),
                                  soa.rdatas().front());
  }
  EdnsOptions options;
  options.ask_expire();
  if (asking.padded) options.pad(*writer, kQueryPadding);
  if (asking.edns) fits = fits && write_opt(*writer, {}, options.octets());
  ZW_ASSERT(fits);
  out.resize(writer->finish().size());
  return out;
}

}  // namespace zw
