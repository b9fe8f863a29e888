// Messages and their EDNS: whatever is read can be written, and reads back the same.
#include <cstdlib>
#include <memory>
#include <vector>

#include "dns/edns.h"
#include "dns/message.h"
#include "dns/message_writer.h"

using namespace zw;

namespace {

constexpr Section kSections[] = {Section::answer, Section::authority, Section::additional};

void expect(bool holds) {
  if (!holds) std::abort();
}

struct Record {
  Section section;
  Name owner;
  RrType type;
  RrClass rr_class;
  std::uint32_t ttl;
  Buffer rdata;
  bool operator==(const Record& other) const {
    return section == other.section && same_bytes(owner.wire(), other.owner.wire()) && type == other.type &&
           rr_class == other.rr_class && ttl == other.ttl && rdata == other.rdata;
  }
};

// The records whose names and RDATA are whole.
std::vector<Record> records_of(const MessageView& view) {
  std::vector<Record> out;
  for (Section section : kSections) {
    std::size_t at = view.section_at(section);
    for (const RecordView& record : view.records(section)) {
      expect(record.owner_at == at && record.end() <= view.end());
      at = record.end();
      Record one{section, {}, record.type, record.rr_class, record.ttl, {}};
      if (record.expand_owner(one.owner) && record.read_rdata(one.rdata)) out.push_back(std::move(one));
    }
  }
  return out;
}

bool write(MessageWriter& writer, const Record& record) {
  return writer.record(record.section, record.owner, record.type, record.rr_class, record.ttl, record.rdata);
}

void check_edns(const MessageView& view, MessageWriter& writer) {
  EdnsView edns;
  MessageFault fault;
  if (EdnsView::read(view, edns, fault) != EdnsStatus::good) return;
  Buffer options;
  edns.each([&](OptionView option) {
    append16(options, static_cast<std::uint16_t>(option.code));
    append16(options, static_cast<std::uint16_t>(option.data.size()));
    append(options, option.data);
    expect(edns.has(option.code));
  });
  if (edns.version() == 0) expect(same_bytes(options, view.opt()->raw_rdata()));
  expect(edns.cookie().has_value() == edns.has(OptionCode::COOKIE));
  expect(edns.extended_error().has_value() == edns.has(OptionCode::EDE));
  expect(edns.report_channel().has_value() == edns.has(OptionCode::REPORT_CHANNEL));
  expect(!edns.expire() || edns.has(OptionCode::EXPIRE));
  expect(!edns.keepalive() || edns.has(OptionCode::TCP_KEEPALIVE));

  Buffer out(kHeaderOctets + kOptOctets + options.size());
  writer.start(out, view.id(), 0);
  OptFields fields{static_cast<std::uint16_t>(edns.payload_octets()), edns.rcode(view.header()),
                   edns.dnssec_ok(), edns.version()};
  if (!write_opt(writer, fields, options)) std::abort();
  auto again = MessageView::parse(writer.finish());
  EdnsView read;
  expect(again && EdnsView::read(*again, read, fault) == EdnsStatus::good);
  expect(read.payload_octets() == edns.payload_octets() && read.dnssec_ok() == edns.dnssec_ok());
  expect(read.rcode(again->header()) == fields.rcode && read.version() == edns.version());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto writer = std::make_unique<MessageWriter>();
  MessageFault fault;
  auto view = MessageView::read(Bytes(data, size), fault);
  if (!view) {
    expect(fault.at <= size && fault.what[0] != 0);
    return 0;
  }
  auto records = records_of(*view);
  check_edns(*view, *writer);

  // What fits is read back as it was given; what does not fit leaves no trace.
  Buffer out(kHeaderOctets + (size % 3 ? 65000u : view->id() % 1024u));
  writer->start(out, view->id(), view->header().bits);
  if (auto question = view->question())
    static_cast<void>(writer->question(question->name, question->type, question->rr_class));
  std::vector<Record> given;
  for (Record& record : records) {
    auto before = writer->mark();
    bool fits = write(*writer, record);
    if (!fits) expect(writer->size() == before.size);
    if (fits && record.ttl % 8 == 7)
      writer->rollback(before);
    else if (fits)
      given.push_back(std::move(record));
  }
  auto read = MessageView::parse(writer->finish());
  expect(read && read->header().bits == view->header().bits && read->end() <= out.size());
  expect(records_of(*read) == given);

  Buffer again(out.size());
  writer->start(again, read->id(), read->header().bits);
  if (auto question = read->question())
    expect(writer->question(question->name, question->type, question->rr_class));
  for (const Record& record : given) expect(write(*writer, record));
  expect(same_bytes(writer->finish(), read->octets()));
  return 0;
}
