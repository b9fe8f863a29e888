#include "transfer/notifier.h"

#include <sys/socket.h>

#include "net/socket.h"
#include "transfer/testing.h"

using namespace zw;
using namespace zw::testing;

namespace {

/// A secondary that answers as told, on the loop of the test.
struct Listener final : Watcher {
  explicit Listener(Loop& of) : loop(of) {
    fd = std::move(*open_udp_server({*IpAddress::parse("127.0.0.1"), 0}));
    address = *local_address(fd.get());
    REQUIRE(loop.watch(fd.get(), EPOLLIN, *this));
  }
  ~Listener() { loop.unwatch(fd.get(), *this); }
  void ready(std::uint32_t) override {
    Buffer message(2000);
    SocketAddress from;
    from.size = sizeof from.v6;
    ssize_t got = recvfrom(fd.get(), message.data(), message.size(), 0, &from.any, &from.size);
    if (got < 0) return;
    message.resize(static_cast<std::size_t>(got));
    received.push_back(message);
    ports.push_back(from.address().port);
    if (received.size() <= silent_for) return;
    Buffer answer = reply ? reply(message) : answer_to(message, Rcode::NOERROR);
    sendto(fd.get(), answer.data(), answer.size(), 0, &from.any, from.size);
  }
  Buffer answer_to(Bytes message, Rcode rcode) const {
    MessageWriter writer;
    Buffer out(1000);
    auto view = MessageView::parse(message);
    writer.start_response(out, *view, rcode, Header::kAa);
    std::size_t size = writer.finish().size();
    if (keys) {
      auto signer = TsigStreamSigner::make(verify_request(*view, *keys, kNow));
      REQUIRE(signer);
      size = signer->sign(out, size, kNow);
    }
    out.resize(size);
    return out;
  }

  Loop& loop;
  Descriptor fd;
  Address address;
  std::size_t silent_for = 0;
  std::function<Buffer(Bytes)> reply;
  const TsigKeyring* keys = nullptr;
  std::vector<Buffer> received;
  std::vector<std::uint16_t> ports;
};

struct Story {
  Story() : loop(*Loop::make()), listener(*loop) {}
  Notifier& start(const TsigKey* key = nullptr, NotifySettings settings = {.first_wait = Milliseconds(50)}) {
    notifier.emplace(*loop, clock, random,
                     std::vector<NotifyTarget>{{.address = listener.address, .key = key}}, settings,
                     NotifyCounters(metrics, name("example.")), [this](const Notifier::Event& event) {
                       ended += std::string(event.answered ? "answered " : "given-up ") +
                                std::to_string(event.state.serial) + "; ";
                       log_event(logger, rate, name("example."), event);
                     });
    return *notifier;
  }
  void run(const std::function<bool()>& until) {
    for (int i = 0; i < 500 && !until(); ++i) loop->run_once(Milliseconds(10));
    CHECK(until());
  }
  void announce(std::uint32_t serial) { notifier->announce(NotifyTopic::of(*small_zone(serial))); }
  const NotifyTargetState& state() const { return notifier->state(0); }

  StoppedClock clock;
  Splitmix random{2};
  Metrics metrics;
  LogRate rate{100, Milliseconds(10)};
  std::string lines, ended;
  Logger logger{clock, {.least = LogLevel::debug}, [this](std::string_view line) { lines += line; }};
  std::unique_ptr<Loop> loop;
  Listener listener;
  std::optional<Notifier> notifier;
};

}  // namespace

TEST_CASE("NOTIFY has the opcode, AA, the question for the SOA, and the SOA as a hint") {
  Buffer message = compose_notify(NotifyTopic::of(*small_zone(5)));
  auto view = MessageView::parse(message);
  CHECK(view->header().bits == Header::pack(Opcode::NOTIFY, Rcode::NOERROR, Header::kAa));
  CHECK(view->question()->name == name("example.").view());
  CHECK(view->question()->type == RrType::SOA);
  REQUIRE(view->records(Section::answer).size() == 1);
  CHECK(view->records(Section::answer).begin()->type == RrType::SOA);
}

TEST_CASE("NOTIFY of another type has no hint") {
  Buffer message = compose_notify({name("child.example."), RrType::CDS, RrClass::IN, Serial(1)});
  auto view = MessageView::parse(message);
  CHECK(view->question()->type == RrType::CDS);
  CHECK(view->records(Section::answer).empty());
}

TEST_CASE("only an answer to our NOTIFY is an answer") {
  NotifyTopic topic = NotifyTopic::of(*small_zone(5));
  Buffer notify = compose_notify(topic);
  auto read = [&](Bytes octets) { return read_notify_answer(octets, topic, nullptr, kNow).rcode; };
  Buffer answer = notify;
  answer[2] |= 0x80;
  CHECK(read(answer) == Rcode::NOERROR);
  CHECK_FALSE(read(notify));
  Buffer other = answer;
  other[2] &= 0x87;  // opcode QUERY
  CHECK_FALSE(read(other));
  other = answer;
  other[13] ^= 1;  // another zone
  CHECK_FALSE(read(other));
  Buffer header(answer.begin(), answer.begin() + 12);
  std::fill(header.begin() + 4, header.end(), std::uint8_t{0});
  header[3] = 1;
  CHECK(read(header) == Rcode::FORMERR);
  header.pop_back();
  CHECK_FALSE(read(header));
}

TEST_CASE("a secondary is told, and its answer is heard whatever it says") {
  for (Rcode rcode : {Rcode::NOERROR, Rcode::REFUSED, Rcode::NOTIMP}) {
    Story story;
    story.listener.reply = [&](Bytes message) { return story.listener.answer_to(message, rcode); };
    story.start();
    story.announce(5);
    story.run([&] { return !story.ended.empty(); });
    CHECK(story.ended == "answered 5; ");
    CHECK(story.state().rcode == static_cast<int>(rcode));
    CHECK(story.listener.received.size() == 1);
  }
}

TEST_CASE("a silent secondary is told again, from another port and with another ID") {
  Story story;
  story.listener.silent_for = 2;
  story.start();
  story.announce(5);
  story.run([&] { return !story.ended.empty(); });
  CHECK(story.ended == "answered 5; ");
  REQUIRE(story.listener.received.size() == 3);
  CHECK(get16(story.listener.received[0].data()) != get16(story.listener.received[1].data()));
  CHECK(story.listener.ports[0] != story.listener.ports[1]);
  std::string text = story.metrics.exposition();
  CHECK(text.find("zonewright_transfer_notifies_sent_total{zone=\"example.\"} 3") != std::string::npos);
  CHECK(text.find("zonewright_transfer_notifies_unanswered_total{zone=\"example.\"} 2") != std::string::npos);
}

TEST_CASE("a secondary that stays silent is given up, and told of in the log") {
  Story story;
  story.listener.silent_for = 99;
  story.start(nullptr, {.first_wait = Milliseconds(10), .tries = 2});
  story.announce(5);
  story.run([&] { return !story.ended.empty(); });
  CHECK(story.ended == "given-up 5; ");
  CHECK(story.lines.find("level=warning msg=\"NOTIFY not answered\" zone=example. target=") !=
        std::string::npos);
}

TEST_CASE("signed NOTIFY asks for a signed answer, and takes no other") {
  TsigKey key = *TsigKey::make(name("k."), TsigAlgorithm::hmac_sha256, as_bytes("0123456789abcdef"));
  TsigKeyring keys;
  REQUIRE(keys.add(key));
  Story good;
  good.listener.keys = &keys;
  good.start(&key);
  good.announce(5);
  good.run([&] { return !good.ended.empty(); });
  CHECK(good.ended == "answered 5; ");

  Story unsigned_one;
  unsigned_one.start(&key, {.first_wait = Milliseconds(20), .tries = 2});
  unsigned_one.announce(5);
  unsigned_one.run([&] { return !unsigned_one.ended.empty(); });
  CHECK(unsigned_one.ended == "given-up 5; ");
  CHECK(unsigned_one.state().fault == NotifyFault::unsigned_);
}

TEST_CASE("a newer version is told at once, while the older one is still being told") {
  Story story;
  story.listener.silent_for = 1;
  story.start(nullptr, {.first_wait = Milliseconds(3000)});
  story.announce(5);
  story.run([&] { return story.listener.received.size() == 1; });
  story.announce(6);
  story.run([&] { return !story.ended.empty(); });
  CHECK(story.ended == "answered 6; ");
}

TEST_CASE("we never notify ourselves") {
  Splitmix random(1);
  auto address = [](std::string_view text) { return *Address::parse(text, 53); };
  CHECK(is_ourselves(address("192.0.2.1@53"), {address("192.0.2.1@53")}, random));
  CHECK_FALSE(is_ourselves(address("192.0.2.1@54"), {address("192.0.2.1@53")}, random));
  CHECK(is_ourselves(address("127.0.0.9@5353"), {address("0.0.0.0@5353")}, random));
  CHECK_FALSE(is_ourselves(address("127.0.0.9@5354"), {address("0.0.0.0@5353")}, random));
  CHECK_FALSE(is_ourselves(address("127.0.0.9@5353"), {}, random));
}
