// Random zones are signed and asked random questions. What must be proven is worked out here again, by brute
// force from the list of records and the text of the RFCs, and looked for in the response.
#include <map>
#include <set>

#include "authority/testing.h"
#include "base/random.h"
#include "dnssec/test_signer.h"

using namespace zw;

namespace {

constexpr std::string_view kLabels[] = {"a", "b", "c", "*", "aa", "d"};

std::string random_owner(Random& random, std::uint64_t most) {
  std::string owner(kLabels[random.below(std::size(kLabels))]);
  for (std::uint64_t i = random.below(most); i > 0; --i)
    owner += "." + std::string(kLabels[random.below(std::size(kLabels))]);
  return owner;
}

test::Records random_zone(Random& random) {
  test::Records records("example.");
  records.add("@ 60 SOA ns.test. h.test. 1 2 3 4 60\n@ 60 NS ns.test.\n");
  for (std::uint64_t i = 2 + random.below(14); i > 0; --i) {
    std::string owner = random_owner(random, 4);
    Name name = records.name(owner);
    bool is_free = std::none_of(records.all().begin(), records.all().end(),
                                [&](const test::Record& record) { return record.owner == name; });
    if (!is_free) continue;
    switch (random.below(8)) {
      case 0:
      case 1: records.add(owner + " 60 A 192.0.2.1\n" + owner + " 60 TXT x"); break;
      case 2: records.add(owner + " 60 TXT x"); break;
      case 3: records.add(owner + " 60 CNAME " + random_owner(random, 3)); break;
      case 4:
        if (!owner.starts_with("*")) records.add(owner + " 60 DNAME " + random_owner(random, 2));
        break;
      case 5:
        if (!owner.starts_with("*")) records.add(owner + " 60 NS ns.test.\n" + owner + " 60 DS 1 13 2 00");
        break;
      default:
        if (!owner.starts_with("*")) records.add(owner + " 60 NS ns." + owner);
    }
  }
  return records;
}

enum class Ending { answer, alias, dname, referral, nodata, nxdomain };

// One name of a chain as the RFCs see it.
struct Step {
  Ending ending;
  Name owner;                          // of what was found: the cut, the DNAME, the wildcard or the name
  std::optional<Name> encloser, next;  // when the name is not there
  bool by_wildcard = false;
};

class Model {
 public:
  explicit Model(const test::Records& records) : origin_(records.origin()) {
    for (const test::Record& record : records.all()) {
      types_[record.owner].insert(record.type);
      data_[{record.owner, record.type}] = record.rdata;
    }
  }
  const Name& origin() const { return origin_; }
  bool has(const Name& name, RrType type) const {
    return types_.contains(name) && types_.at(name).contains(type);
  }
  bool exists(NameView name) const {
    return std::any_of(types_.begin(), types_.end(),
                       [&](const auto& entry) { return entry.first.view().is_at_or_below(name); });
  }
  NameView target(const Name& owner, RrType type) const { return *NameView::read(data_.at({owner, type})); }

  Step step(const Name& name, RrType type) const {
    for (const Name& above : ancestors(name)) {
      bool is_itself = above == name;
      if (above != origin_ && has(above, RrType::NS) && !(is_itself && type == RrType::DS))
        return {Ending::referral, above, {}, {}};
      if (!is_itself && has(above, RrType::DNAME)) return {Ending::dname, above, {}, {}};
    }
    if (exists(name)) return {by_type(name, type), name, {}, {}};
    Name encloser = origin_, next;
    for (const Name& above : ancestors(name)) {
      if (!exists(above)) {
        next = above;
        break;
      }
      encloser = above;
    }
    Name wildcard = *Name::prepend(as_bytes("*"), encloser);
    if (!exists(wildcard)) return {Ending::nxdomain, wildcard, encloser, next};
    return {by_type(wildcard, type), wildcard, encloser, next, true};
  }

 private:
  // From the apex down to the name itself.
  std::vector<Name> ancestors(const Name& name) const {
    std::vector<Name> out;
    for (std::size_t labels = origin_.view().label_count(); labels <= name.view().label_count(); ++labels)
      out.emplace_back(name.view().suffix(labels));
    return out;
  }
  Ending by_type(const Name& name, RrType type) const {
    if (has(name, type)) return Ending::answer;
    return has(name, RrType::CNAME) ? Ending::alias : Ending::nodata;
  }

  Name origin_;
  std::map<Name, std::set<RrType>> types_;
  std::map<std::pair<Name, RrType>, Buffer> data_;
};

// The denial records of a response, and how many of them something needed.
class Denials {
 public:
  explicit Denials(const Model& model) : model_(model) {}
  virtual ~Denials() = default;

  void need(const Step& step, RrType type) {
    if (step.ending == Ending::dname) return;
    if (step.ending == Ending::referral) {
      if (!model_.has(step.owner, RrType::DS)) deny_ds(step.owner);
    } else if (step.ending == Ending::nxdomain) {
      name_error(step);
    } else if (step.by_wildcard) {
      step.ending == Ending::nodata ? wildcard_no_data(step, type) : wildcard_answer(step);
    } else if (step.ending == Ending::nodata) {
      type == RrType::DS&& model_.has(step.owner, RrType::NS) && step.owner != model_.origin()
          ? deny_ds(step.owner)
          : no_data(step.owner, type);
    }
  }
  bool all_proven() const { return proven_; }
  /// Nothing is there that no proof uses.
  bool all_used() const { return used_.size() == count_; }

 protected:
  virtual void name_error(const Step& step) = 0;
  virtual void no_data(const Name& name, RrType type) = 0;
  virtual void wildcard_answer(const Step& step) = 0;
  virtual void wildcard_no_data(const Step& step, RrType type) = 0;
  virtual void deny_ds(const Name& name) = 0;
  // Each of the records that serve would do; all of them count as used.
  void require(const std::vector<std::size_t>& serving) {
    proven_ = proven_ && !serving.empty();
    used_.insert(serving.begin(), serving.end());
  }
  static bool denies(TypeBitmap types, RrType type) {
    return !types.contains(type) && !types.contains(RrType::CNAME);
  }

  const Model& model_;
  std::size_t count_ = 0;
  std::set<std::size_t> used_;
  bool proven_ = true;
};

class NsecDenials final : public Denials {
 public:
  NsecDenials(const Model& model, const test::Records& authority) : Denials(model) {
    for (const test::Record& record : authority.all())
      if (record.type == RrType::NSEC) records_.push_back(record);
    count_ = records_.size();
  }

 private:
  template <typename Predicate>
  void require_one(Predicate predicate) {
    std::vector<std::size_t> serving;
    for (std::size_t i = 0; i < records_.size(); ++i)
      if (predicate(records_[i].owner, *NsecView::parse(records_[i].rdata))) serving.push_back(i);
    require(serving);
  }
  // RFC 4034 §4.1.1: the last NSEC leads back to the apex.
  bool covers(const Name& owner, const NsecView& nsec, const Name& name) const {
    return owner < name && (name < Name(nsec.next()) || Name(nsec.next()) == model_.origin());
  }
  // RFC 6840 §4.1: an NSEC of a cut or a DNAME proves nothing of what is below it.
  bool may_cover(const Name& owner, const NsecView& nsec, const Name& name) const {
    bool is_cut = nsec.types().contains(RrType::NS) && !nsec.types().contains(RrType::SOA);
    return covers(owner, nsec, name) &&
           !(name.view().is_at_or_below(owner) && (is_cut || nsec.types().contains(RrType::DNAME)));
  }
  void deny_name(const Name& name) {
    require_one([&](const Name& owner, const NsecView& nsec) {
      return may_cover(owner, nsec, name) && !nsec.next().is_at_or_below(name);
    });
  }
  void name_error(const Step& step) override {
    deny_name(*step.next);
    deny_name(step.owner);
  }
  void no_data(const Name& name, RrType type) override {
    require_one([&](const Name& owner, const NsecView& nsec) {
      return owner == name ? denies(nsec.types(), type)
                           : covers(owner, nsec, name) && nsec.next().is_at_or_below(name);  // RFC 4592: ENT
    });
  }
  void wildcard_answer(const Step& step) override { deny_name(*step.next); }
  void wildcard_no_data(const Step& step, RrType type) override {
    deny_name(*step.next);
    no_data(step.owner, type);
  }
  void deny_ds(const Name& name) override {
    require_one([&](const Name& owner, const NsecView& nsec) {
      return owner == name && nsec.types().contains(RrType::NS) && !nsec.types().contains(RrType::DS) &&
             !nsec.types().contains(RrType::SOA);
    });
  }

  std::vector<test::Record> records_;
};

class Nsec3Denials final : public Denials {
 public:
  Nsec3Denials(const Model& model, const test::Records& authority, Nsec3Parameters parameters)
      : Denials(model), parameters_(parameters) {
    for (const test::Record& record : authority.all())
      if (record.type == RrType::NSEC3) records_.push_back(record);
    count_ = records_.size();
  }

 private:
  template <typename Predicate>
  bool find(std::vector<std::size_t>& serving, Predicate predicate) const {
    for (std::size_t i = 0; i < records_.size(); ++i) {
      Nsec3Hash owner =
          *parse_nsec3_label(*Name::prepend(records_[i].owner.view().first_label(), NameView{}));
      if (predicate(owner, *Nsec3View::parse(records_[i].rdata))) serving.push_back(i);
    }
    return !serving.empty();
  }
  template <typename Predicate>
  void require_one(Predicate predicate) {
    std::vector<std::size_t> serving;
    find(serving, predicate);
    require(serving);
  }
  auto matching(NameView name) const {
    return [hash = nsec3_hash(name, parameters_)](const Nsec3Hash& owner, const Nsec3View&) {
      return owner == hash;
    };
  }
  // RFC 5155 §1.3.
  auto covering(NameView name) const {
    return [hash = nsec3_hash(name, parameters_)](const Nsec3Hash& owner, const Nsec3View& record) {
      Nsec3Hash next;
      std::copy(record.next().begin(), record.next().end(), next.begin());
      return owner < next ? owner < hash && hash < next : hash > owner || hash < next;
    };
  }
  // RFC 5155 §8.3: the closest encloser that a record proves, and the cover of the next closer name. Where
  // the encloser has no record of its own, as below unsigned delegations, only a span of opt-out may cover.
  Name closest_encloser(NameView encloser, NameView next) {
    for (bool is_closest = true;; is_closest = false) {
      std::vector<std::size_t> matches;
      if (find(matches, matching(encloser))) {
        require(matches);
        require_one([&, covers = covering(next)](const Nsec3Hash& owner, const Nsec3View& record) {
          return covers(owner, record) && (is_closest || record.is_opt_out());
        });
        return encloser;
      }
      if (encloser == model_.origin().view()) return require({}), encloser;
      next = encloser;
      encloser = encloser.parent();
    }
  }
  void name_error(const Step& step) override {
    Name encloser = closest_encloser(*step.encloser, *step.next);
    Name wildcard = *Name::prepend(as_bytes("*"), encloser);
    // Where the closest encloser stands in a span of opt-out, a wildcard may exist below the name above it
    // that can be proven; it may also stand in a span of opt-out.
    std::vector<std::size_t> serving;
    find(serving, covering(wildcard));
    if (!serving.empty() || encloser == *step.encloser || !model_.exists(wildcard)) require(serving);
  }
  void no_data(const Name& name, RrType type) override {
    std::vector<std::size_t> matches;
    if (find(matches, matching(name)))
      return require_one([&, match = matching(name)](const Nsec3Hash& owner, const Nsec3View& record) {
        return match(owner, record) && denies(record.types(), type);
      });
    // Only below unsigned delegations that opt out (RFC 5155 §7.1) may a name that is there have no record.
    opted_out(name);
  }
  void wildcard_answer(const Step& step) override { require_one(covering(*step.next)); }
  void wildcard_no_data(const Step& step, RrType type) override {
    closest_encloser(*step.encloser, *step.next);
    no_data(step.owner, type);
  }
  void deny_ds(const Name& name) override {
    std::vector<std::size_t> matches;
    if (find(matches, matching(name)))
      return require_one([&, match = matching(name)](const Nsec3Hash& owner, const Nsec3View& record) {
        return match(owner, record) && record.types().contains(RrType::NS) &&
               !record.types().contains(RrType::DS) && !record.types().contains(RrType::SOA);
      });
    opted_out(name);
  }
  void opted_out(const Name& name) {
    NameView next = name, encloser = next.parent();
    std::vector<std::size_t> ignored;
    while (encloser.size() > model_.origin().size() && !find(ignored, matching(encloser)))
      next = encloser, encloser = encloser.parent();
    require_one(matching(encloser));
    require_one([covers = covering(next)](const Nsec3Hash& owner, const Nsec3View& record) {
      return covers(owner, record) && record.is_opt_out();
    });
  }

  Nsec3Parameters parameters_;
  std::vector<test::Record> records_;
};

// All records of a section; the test stops if an RRset of it should be signed and is not.
test::Records section_of(const MessageView& message, Section section) {
  test::Records out("example.");
  for (const RecordView& record : message.records(section)) {
    Name owner;
    Buffer rdata;
    REQUIRE(record.expand_owner(owner));
    REQUIRE(record.read_rdata(rdata));
    out.add({owner, record.type, record.ttl, rdata});
  }
  return out;
}
bool has_signature(const test::Records& section, const test::Record& record) {
  return std::any_of(section.all().begin(), section.all().end(), [&](const test::Record& other) {
    return other.owner == record.owner && other.covered() == record.type;
  });
}

class Trial {
 public:
  Trial(Random& random, const test::Signing& how)
      : how_(how),
        records_(random_zone(random)),
        model_(records_),
        served_(test::sign_zone(records_, how_).build()) {}

  void ask(const Name& name, RrType type) {
    Buffer space(65535);
    writer_.start(space, 1, Header::kQr);
    REQUIRE(writer_.question(name, type, RrClass::IN));
    auto filled = answer_.fill(writer_, served_, {name, type, RrClass::IN}, true);
    REQUIRE(filled.fill == Fill::whole);
    auto message = MessageView::parse(writer_.finish());
    REQUIRE(message);
    test::Records answer = section_of(*message, Section::answer);
    test::Records authority = section_of(*message, Section::authority);
    CAPTURE(print(name));
    CAPTURE(print(type));
    CAPTURE(print_section(*message, Section::answer));
    CAPTURE(print_section(*message, Section::authority));
    check_signatures(answer, authority);
    Nsec3Parameters parameters{kNsec3Sha1, how_.iterations, how_.salt};
    std::unique_ptr<Denials> denials;
    if (how_.has_nsec3())
      denials = std::make_unique<Nsec3Denials>(model_, authority, parameters);
    else
      denials = std::make_unique<NsecDenials>(model_, authority);
    Rcode rcode = follow(name, type, answer, *denials);
    CHECK(filled.rcode == rcode);
    CHECK(denials->all_proven());
    CHECK(denials->all_used());
  }
  const std::vector<test::Record>& records() const { return records_.all(); }

 private:
  // Walks the chain as a resolver does, needing a proof for each step; gives the RCODE that there should be.
  Rcode follow(Name name, RrType type, const test::Records& answer, Denials& denials) {
    std::set<Name> seen, dnames;
    std::size_t expected = 0;
    for (std::size_t link = 0;; ++link) {
      seen.insert(name);
      Step step = model_.step(name, type);
      denials.need(step, type);
      bool is_there = type == RrType::DNAME && !step.by_wildcard && dnames.contains(name);
      if (step.ending == Ending::answer && !is_there) expected += count(answer, name, type);
      if (step.ending == Ending::nxdomain) return check_count(answer, expected), Rcode::NXDOMAIN;
      if (step.ending != Ending::alias && step.ending != Ending::dname)
        return check_count(answer, expected), Rcode::NOERROR;
      std::optional<Name> next;
      if (step.ending == Ending::alias) {
        next = model_.target(step.owner, RrType::CNAME);
      } else {
        expected += dnames.insert(step.owner).second ? 1 : 0;
        std::size_t front = name.view().label_count() - step.owner.view().label_count();
        next = Name(model_.target(step.owner, RrType::DNAME));
        for (std::size_t i = front; i > 0 && next; --i)
          next = Name::prepend(
              name.view().suffix(step.owner.view().label_count() + front - i + 1).first_label(), *next);
        if (!next) return check_count(answer, expected), Rcode::YXDOMAIN;
      }
      expected += count(answer, name, RrType::CNAME);
      bool ends = link == ZoneAnswer::kMostLinks || !next->view().is_at_or_below(model_.origin()) ||
                  seen.contains(*next) || (step.ending == Ending::dname && type == RrType::CNAME);
      if (ends) return Rcode::NOERROR;
      name = *next;
    }
  }
  static std::size_t count(const test::Records& section, const Name& owner, RrType type) {
    auto n = std::count_if(section.all().begin(), section.all().end(), [&](const test::Record& record) {
      return record.owner == owner && record.type == type;
    });
    CHECK(n == 1);
    return static_cast<std::size_t>(n);
  }
  static void check_count(const test::Records& answer, std::size_t expected) {
    auto n = std::count_if(answer.all().begin(), answer.all().end(),
                           [](const test::Record& record) { return record.type != RrType::RRSIG; });
    CHECK(static_cast<std::size_t>(n) == expected);
  }
  void check_signatures(const test::Records& answer, const test::Records& authority) {
    for (const test::Record& record : authority.all())
      if (record.type != RrType::RRSIG && record.type != RrType::NS) CHECK(has_signature(authority, record));
    for (const test::Record& record : answer.all()) {
      bool is_made =
          record.type == RrType::CNAME && model_.step(record.owner, RrType::TXT).ending == Ending::dname;
      if (record.type != RrType::RRSIG) CHECK(has_signature(answer, record) != is_made);
    }
  }

  test::Signing how_;
  test::Records records_;
  Model model_;
  ServedZone served_;
  MessageWriter writer_;
  ZoneAnswer answer_;
};

void try_random_zones(std::uint64_t seed, const test::Signing& how) {
  Splitmix random(seed);
  constexpr RrType kTypes[] = {RrType::A,     RrType::TXT, RrType::MX,    RrType::DS,
                               RrType::CNAME, RrType::NS,  RrType::DNAME, RrType::AAAA};
  for (int round = 0; round < 60; ++round) {
    Trial trial(random, how);
    for (const test::Record& record : trial.records())
      trial.ask(record.owner, kTypes[random.below(std::size(kTypes))]);
    for (int i = 0; i < 150; ++i)
      trial.ask(*Name::parse(random_owner(random, 5) + ".example."), kTypes[random.below(std::size(kTypes))]);
  }
}

}  // namespace

TEST_CASE("each proof with NSEC proves what was found, and has nothing more") { try_random_zones(11, {}); }

TEST_CASE("each proof with NSEC3 proves what was found, and has nothing more") {
  test::Signing how;
  how.denial = test::Denial::nsec3;
  how.salt = {0xab};
  how.iterations = 1;
  try_random_zones(12, how);
}

TEST_CASE("each proof with NSEC3 and opt-out proves what was found, and has nothing more") {
  test::Signing how;
  how.denial = test::Denial::nsec3;
  how.opt_out = test::OptOut::yes;
  try_random_zones(13, how);
}
