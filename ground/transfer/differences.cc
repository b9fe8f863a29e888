#include "transfer/differences.h"

#include <algorithm>

namespace zw {
namespace {

class Renderer {
 public:
  explicit Renderer(RrClass rr_class) : class_(rr_class) { start(); }

  /// A message with this question and one record.
  bool put_behind_question(NameView name, RrType type, Bytes rdata, std::uint32_t ttl) {
    if (!writer_->question(filler_for(name), RrType::IXFR, class_)) return false;
    front_ = writer_->size();
    return put(name, type, ttl, rdata);
  }
  bool put(NameView owner, RrType type, std::uint32_t ttl, Bytes rdata) {
    if (write(owner, type, ttl, rdata)) return true;
    if (writer_->count(Section::answer) > 0) {
      close();
      if (write(owner, type, ttl, rdata)) return true;
    }
    // As large a message as one may be, for this record alone.
    writer_->set_limit(front_ + MessageRun::kMostAnswers);
    if (!write(owner, type, ttl, rdata)) return false;
    close();
    return true;
  }
  MessageRunPtr finish() {
    if (writer_->count(Section::answer) > 0) close();
    return std::move(run_);
  }

 private:
  void start() {
    writer_->start(room_, 0, 0);
    writer_->set_limit(ZoneSource::kMessageOctets);
    front_ = kHeaderOctets;
  }
  bool write(NameView owner, RrType type, std::uint32_t ttl, Bytes rdata) {
    return writer_->record(Section::answer, owner, type, class_, ttl, rdata);
  }
  void close() {
    std::uint16_t records = writer_->count(Section::answer);
    run_->add(writer_->finish().subspan(front_), records);
    start();
  }

  RrClass class_;
  std::unique_ptr<MessageWriter> writer_ = std::make_unique<MessageWriter>();
  Buffer room_ = Buffer(kMaxMessageOctets);
  std::size_t front_ = 0;
  std::shared_ptr<MessageRun> run_ = std::make_shared<MessageRun>();
};

MessageRunPtr render_soa(const Zone& zone, bool behind_question) {
  Renderer renderer(zone.rr_class());
  RrSetView soa = zone.soa();
  Bytes rdata = soa.rdatas().front();
  bool fits = behind_question ? renderer.put_behind_question(zone.origin(), RrType::SOA, rdata, soa.ttl())
                              : renderer.put(zone.origin(), RrType::SOA, soa.ttl(), rdata);
  ZW_ASSERT(fits);
  return renderer.finish();
}

}  // namespace

MessageRunPtr render_differences(const Changeset& changes) {
  Renderer renderer(changes.rr_class);
  for (const RecordList* list : {&changes.removed, &changes.added})
    for (const ZoneRecord& record : *list)
      if (!renderer.put(*Name::join(record.owner, changes.origin), record.type, record.ttl, record.rdata))
        return nullptr;
  return renderer.finish();
}

Differences::Differences(const ZonePtr& newest, const Settings& settings)
    : zone_(newest),
      settings_(settings),
      lead_(render_soa(*newest, true)),
      closing_(render_soa(*newest, false)) {}

DifferencesPtr Differences::none(const ZonePtr& newest, const Settings& settings) {
  return std::shared_ptr<const Differences>(new Differences(newest, settings));
}

bool Differences::fits(const Step& step) const {
  return step.run && octets_ + step.run->stream_octets() + ends_octets() < settings_.whole &&
         steps_.size() < kMostVersions;
}

void Differences::push_front(Step step) {
  octets_ += step.run->stream_octets();
  steps_.push_front(std::move(step));
}

void Differences::forget_farthest() {
  while (too_far_.size() > kMostVersions) too_far_.pop_front();
}

// The way of `before`, and then `step`.
Differences::Step Differences::longer(const Step& before, const Changeset& step) {
  auto changes = condense(*before.changes, step);
  ZW_ASSERT(changes);
  return {before.from, render_differences(*changes), std::make_shared<const Changeset>(std::move(*changes))};
}

DifferencesPtr Differences::with(const Changeset& step, const ZonePtr& newest,
                                 const Settings& settings) const {
  ZW_ASSERT(step.from == zone_->serial() && step.to == newest->serial());
  std::shared_ptr<Differences> out(new Differences(newest, settings));
  out->too_far_ = too_far_;
  Step last{step.from, render_differences(step), nullptr};
  if (last.run) out->last_step_octets_ = last.run->stream_octets() + out->ends_octets();
  if (settings.condensed) last.changes = std::make_shared<const Changeset>(step);
  std::vector<Step> steps;  // the oldest first
  if (settings.condensed == settings_.condensed) steps.assign(steps_.begin(), steps_.end());
  steps.push_back(std::move(last));
  // From the newest to the oldest: where the room ends, all that are older are too far.
  std::size_t left = steps.size();
  for (; left > 0; --left) {
    Step& each = steps[left - 1];
    if (settings.condensed && left < steps.size()) each = longer(each, step);
    if (!out->fits(each)) break;
    out->push_front(each);
  }
  for (std::size_t i = 0; i < left; ++i) out->too_far_.push_back(steps[i].from);
  out->forget_farthest();
  return out;
}

DifferencesPtr Differences::behind(const Changeset& step) const {
  Step each{step.from, nullptr, nullptr};
  if (settings_.condensed) {
    auto changes = steps_.empty() ? Result<Changeset>(step) : condense(step, *steps_.front().changes);
    if (!changes) return nullptr;
    each.run = render_differences(*changes);
    each.changes = std::make_shared<const Changeset>(std::move(*changes));
  } else {
    each.run = render_differences(step);
  }
  if (!fits(each)) return nullptr;
  auto out = std::make_shared<Differences>(*this);
  if (steps_.empty()) out->last_step_octets_ = each.run->stream_octets() + ends_octets();
  out->push_front(std::move(each));
  return out;
}

DifferencesPtr Differences::without(const std::vector<Serial>& too_far) const {
  auto out = std::make_shared<Differences>(*this);
  out->too_far_.assign(too_far.begin(), too_far.end());
  out->forget_farthest();
  return out;
}

std::optional<Differences::Answer> Differences::from(Serial client) const {
  auto at =
      std::find_if(steps_.rbegin(), steps_.rend(), [&](const Step& step) { return step.from == client; });
  if (at == steps_.rend()) return std::nullopt;
  Answer out{{lead_}, ends_octets()};
  auto add = [&](const Step& step) {
    out.runs.push_back(step.run);
    out.octets += step.run->stream_octets();
  };
  if (settings_.condensed)
    add(*at);
  else
    std::for_each(std::prev(at.base()), steps_.end(), add);
  out.runs.push_back(closing_);
  return out;
}

bool Differences::is_too_far(Serial client) const {
  return std::find(too_far_.begin(), too_far_.end(), client) != too_far_.end();
}

std::optional<Serial> Differences::oldest() const {
  return steps_.empty() ? std::nullopt : std::optional(steps_.front().from);
}

}  // namespace zw
