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

using KeyPtr = std::shared_ptr<const TsigKey>;

KeyPtr make_key(std::string_view of, TsigAlgorithm algorithm = TsigAlgorithm::hmac_sha256) {
  return std::make_shared<const TsigKey>(*TsigKey::make(name(of), algorithm, as_bytes("0123456789abcdef")));
}

Address elsewhere(std::uint8_t last, std::uint16_t port = 9) {
  std::uint8_t octets[4] = {127, 0, 0, last};
  return {IpAddress::v4(octets), port};
}

// However slow the machine is, nobody is told again.
constexpr NotifySettings kPatient{.first_wait = Seconds(60), .longest_wait = Seconds(60)};

struct Story {
  Story() : loop(*Loop::make()), listener(*loop) {}
  Notifier& start(KeyPtr key = nullptr, NotifySettings settings = kPatient) {
    return start(std::vector<NotifyTarget>{{.address = listener.address, .key = std::move(key)}}, settings);
  }
  Notifier& start(const std::vector<NotifyTarget>& targets, NotifySettings settings) {
    notifier.emplace(*loop, clock, random, targets, settings, NotifyCounters(metrics, name("example.")),
                     [this](const Notifier::Event& event) {
                       signed_by = event.key;
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
  // To the port that a message came from.
  void answer_late(Listener& from, Bytes answer, std::uint16_t port) {
    SocketAddress to(Address{elsewhere(1).ip, port});
    REQUIRE(sendto(from.fd.get(), answer.data(), answer.size(), 0, &to.any, to.size) > 0);
    for (int i = 0; i < 5; ++i) loop->run_once(Milliseconds(5));
  }
  void announce(std::uint32_t serial) { notifier->announce(NotifyTopic::of(*small_zone(serial))); }
  const NotifyTargetState& state() const { return notifier->state(0); }

  StoppedClock clock;
  Splitmix random{2};
  Metrics metrics;
  LogRate rate{100, Milliseconds(10)};
  std::string lines, ended;
  const TsigKey* signed_by = nullptr;  // the last message of which there was an event
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
  story.start(nullptr, {.first_wait = Milliseconds(100)});
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
  KeyPtr key = make_key("k.");
  TsigKeyring keys;
  REQUIRE(keys.add(*key));
  Story good;
  good.listener.keys = &keys;
  good.start(key);
  good.announce(5);
  good.run([&] { return !good.ended.empty(); });
  CHECK(good.ended == "answered 5; ");
  CHECK(good.signed_by == key.get());

  Story unsigned_one;
  unsigned_one.start(key, {.first_wait = Milliseconds(150), .tries = 2});
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

TEST_CASE("who comes is told of the next version, and who goes of none") {
  Story story;
  story.start(std::vector<NotifyTarget>{}, kPatient);
  story.announce(5);
  NotifyTarget target{.address = story.listener.address};
  auto placed = story.notifier->set(target);
  REQUIRE(placed);
  CHECK((placed->number == 0 && placed->is_new));
  CHECK_FALSE(story.notifier->set(target)->is_new);
  CHECK(story.notifier->size() == 1);
  story.loop->run_once(Milliseconds(20));
  CHECK(story.listener.received.empty());
  story.announce(6);
  story.run([&] { return story.ended == "answered 6; "; });
  CHECK(story.notifier->remove(target.address) == 0);
  CHECK_FALSE(story.notifier->remove(target.address));
  CHECK(story.notifier->size() == 0);
  story.announce(7);
  for (int i = 0; i < 5; ++i) story.loop->run_once(Milliseconds(5));
  CHECK(story.listener.received.size() == 1);
}

TEST_CASE("targets of the beginning stay, several at one address and port too") {
  Story story;
  KeyPtr one = make_key("one."), two = make_key("two.");
  Address both = elsewhere(1);
  story.start(std::vector<NotifyTarget>{{.address = both, .key = one}, {.address = both, .key = two}}, {});
  CHECK_FALSE(story.notifier->set({.address = both}));
  CHECK_FALSE(story.notifier->remove(both));
  CHECK(story.notifier->set({.address = elsewhere(1, 10), .key = one})->number == 2);
  CHECK(story.notifier->at(both.ip).size() == 3);
  CHECK(story.notifier->at(elsewhere(2).ip).empty());
  CHECK(story.notifier->target(2).key == one);
  CHECK(story.notifier->remove(elsewhere(1, 10)) == 2);
  CHECK(story.notifier->size() == 2);
  CHECK(story.notifier->key(1) == two.get());
}

TEST_CASE("what answers the message to one that went is no answer of who has its place or its address now") {
  Story story;
  story.listener.silent_for = 99;
  story.start(std::vector<NotifyTarget>{}, kPatient);
  Listener other(*story.loop);
  other.silent_for = 99;
  story.notifier->set({.address = story.listener.address});
  story.announce(5);
  story.run([&] { return story.listener.received.size() == 1; });
  Buffer late = story.listener.answer_to(story.listener.received[0], Rcode::NOERROR);
  auto answer_late = [&](Listener& from) { story.answer_late(from, late, story.listener.ports.back()); };

  // Another address in the same place, also with a message of its own.
  story.notifier->remove(story.listener.address);
  CHECK(story.notifier->set({.address = other.address})->number == 0);
  answer_late(story.listener);
  answer_late(other);
  story.announce(6);
  story.run([&] { return other.received.size() == 1; });
  answer_late(story.listener);
  CHECK(story.ended.empty());

  // The same address again, in another place or in the same.
  CHECK(story.notifier->set({.address = story.listener.address})->number == 1);
  answer_late(story.listener);
  story.notifier->remove(story.listener.address);
  CHECK(story.notifier->set({.address = story.listener.address})->number == 1);
  answer_late(story.listener);
  CHECK(story.ended.empty());
  CHECK(story.state().answered == 0);
  CHECK(story.notifier->state(1).answered == 0);

  // That an answer of this kind would have been taken.
  story.announce(7);
  story.run([&] { return story.listener.received.size() == 2; });
  late = story.listener.answer_to(story.listener.received[1], Rcode::NOERROR);
  answer_late(story.listener);
  CHECK(story.ended == "answered 7; ");
}

TEST_CASE("a target that gets another key is told anew by that, and keeps its past") {
  Story story;
  KeyPtr old_key = make_key("old."), new_key = make_key("new.", TsigAlgorithm::hmac_sha512);
  TsigKeyring keys;
  REQUIRE(keys.add(*new_key));
  story.listener.silent_for = 1;
  story.listener.keys = &keys;
  story.start(std::vector<NotifyTarget>{}, kPatient);
  NotifyTarget target{.address = story.listener.address, .key = old_key};
  story.notifier->set(target);
  story.announce(5);
  story.run([&] { return story.listener.received.size() == 1; });
  target.key = new_key;
  CHECK_FALSE(story.notifier->set(target)->is_new);
  story.run([&] { return !story.ended.empty(); });
  CHECK(story.ended == "answered 5; ");
  CHECK(story.signed_by == new_key.get());
  CHECK(story.state().sent == 2);
  CHECK(story.notifier->progress().answered == 1);
}

TEST_CASE("a key that no target uses any more is released, and one in its memory is not taken for it") {
  Story story;
  KeyPtr kept = make_key("kept.", TsigAlgorithm::hmac_sha512);
  story.start(std::vector<NotifyTarget>{{.address = elsewhere(1), .key = kept}}, kPatient);
  KeyPtr key = make_key("k.");
  std::weak_ptr<const TsigKey> watched = key;
  for (std::uint8_t i = 2; i < 4; ++i) story.notifier->set({.address = elsewhere(i), .key = key});
  key.reset();
  story.notifier->remove(elsewhere(2));
  CHECK_FALSE(watched.expired());
  story.notifier->set({.address = elsewhere(3)});  // unsigned from now on
  CHECK(watched.expired());
  CHECK(kept.use_count() == 2);

  // The same memory, another key, in use at once.
  alignas(TsigKey) std::byte memory[sizeof(TsigKey)];
  auto in_memory = [&](std::string_view secret) {
    auto made = TsigKey::make(name("k."), TsigAlgorithm::hmac_sha256, as_bytes(secret));
    return KeyPtr(new (memory) TsigKey(std::move(*made)), [](const TsigKey* gone) { gone->~TsigKey(); });
  };
  TsigKeyring keys;
  REQUIRE(keys.add(*TsigKey::make(name("k."), TsigAlgorithm::hmac_sha256, as_bytes("another-secret!!"))));
  story.listener.keys = &keys;
  story.listener.silent_for = 1;
  story.notifier->set({.address = story.listener.address, .key = in_memory("0123456789abcdef")});
  story.announce(5);
  story.run([&] { return story.listener.received.size() == 1; });
  story.notifier->remove(story.listener.address);
  story.notifier->set({.address = story.listener.address, .key = in_memory("another-secret!!")});
  story.announce(6);
  story.run([&] { return story.ended == "answered 6; "; });
  story.notifier.reset();  // before the memory goes
}

TEST_CASE(
    "who comes with a longer key, or needs more room, does not disturb the answers that are waited for") {
  Story story;
  KeyPtr key = make_key("k.");
  TsigKeyring keys;
  REQUIRE(keys.add(*key));
  story.listener.silent_for = 1;
  story.listener.keys = &keys;
  story.start(
      std::vector<NotifyTarget>{{.address = elsewhere(1)}, {.address = story.listener.address, .key = key}},
      kPatient);
  story.announce(5);
  story.run([&] { return story.listener.received.size() == 1; });
  Buffer answer = story.listener.answer_to(story.listener.received[0], Rcode::NOERROR);
  for (std::uint8_t i = 2; i < 100; ++i)
    story.notifier->set({.address = elsewhere(i), .key = make_key("long.", TsigAlgorithm::hmac_sha512)});
  story.answer_late(story.listener, answer, story.listener.ports[0]);
  CHECK(story.ended == "answered 5; ");
}
